"""StartStream, StopStream, StartTranscription, StopTranscription: as events only, for no media is sent.

Nobody connects to a `destination`: whatever it is, it counts as connected after a tenth of a second, for which the verb
lasts, and nothing is refused on its side or closed from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.calls.transcriptions import LiveTranscription
from bandwidth_calls.emulator.simulation.clock import duration, utc_text
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.delivery.courier import Webhook
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Run
    from bandwidth_calls.emulator.simulation.process import Steps

_CONNECTING = 0.1
# How long a transcription takes to be written once it has ended: a choice, for nothing is documented.
_WRITING = 1.0
_MOST_TRACKS = 4


@attrs.frozen
class _Kind:
    """Streams or transcriptions: the letter of their ids, and their names in BXML and in events."""

    letter: str
    hook: str
    event: str
    original: str


_STREAM = _Kind("s", "streamEvent", "mediaStream", "originalMediaStream")
_TRANSCRIPTION = _Kind("t", "transcriptionEvent", "realTimeTranscription", "originalTranscription")


@attrs.frozen(eq=False)
class Feed:
    """A stream or a transcription; `facts` are those that only its kind has, `start` is in milliseconds since 1970."""

    kind: _Kind
    id: str
    name: str
    tracks: tuple[str, ...]
    facts: Mapping[str, object]
    hook: Webhook | None
    start: int

    @property
    def connects(self) -> bool:
        """Whether it has a destination; a transcription without one is only written."""
        return "destination" in self.facts

    def details(self, **more: object) -> dict[str, object]:
        """What every event tells of it, and more."""
        common = {"id": self.id, "name": self.name, "tracks": list(self.tracks), "startTime": utc_text(self.start)}
        return {**common, **self.facts, **more}

    def tell(self, line: Line, what: str, details: Mapping[str, object], **more: object) -> None:
        """Send one of its events, if there is a URL for them."""
        if self.hook is not None:
            body = {self.kind.event: details, **more}
            line.engine.post.deliver(line.call, f"{self.kind.event}{what}", body, self.hook)


def start_stream(run: Run, verb: Verb) -> Steps[None]:
    """Connect a stream, and go on with the next verb when that is done; the stream goes on by itself."""
    facts = {"destination": verb.word("destination"), "type": "WebSocket"}
    yield from _start(run.line, _make(run, verb, _STREAM, facts))


def start_transcription(run: Run, verb: Verb) -> Steps[None]:
    """The same for a transcription; one without a destination is just there, with no event before it is available."""
    facts: dict[str, object] = {}
    if verb.word("destination"):
        facts = {"destination": verb.word("destination"), "stabilized": verb.flag("stabilized")}
    yield from _start(run.line, _make(run, verb, _TRANSCRIPTION, facts))


def stop_stream(run: Run, verb: Verb) -> Steps[None]:
    """Stop a stream, if there is one of this name; or with `wait` let the other side close it.

    Since nothing is on the other side, that lasts until the call ends or is sent elsewhere through the API.
    """
    for feed in _named(run.line, _STREAM, verb.word("name")):
        if verb.flag("wait"):
            yield Wait(None)
        _stop(run.line, feed)


def stop_transcription(run: Run, verb: Verb) -> Steps[None]:
    """Stop a transcription, if there is one of this name; all of them without a name."""
    yield from ()
    for feed in _named(run.line, _TRANSCRIPTION, verb.word("name") or None):
        _stop(run.line, feed)


def stop_all(line: Line) -> None:
    """Stop what goes on, for the call is over; that is told before its end is: a choice."""
    for feed in list(line.feeds):
        _stop(line, feed)


def _make(run: Run, verb: Verb, kind: _Kind, facts: Mapping[str, object]) -> Feed:
    feed_id = run.engine.make_id(kind.letter)
    tracks = verb.word("tracks") or ""
    return Feed(
        kind=kind,
        id=feed_id,
        name=verb.word("name") or feed_id,
        tracks=("inbound", "outbound") if tracks == "both" else (tracks,),
        facts=facts,
        hook=run.hook(verb, kind.hook),
        start=run.engine.clock.now(),
    )


def _start(line: Line, feed: Feed) -> Steps[None]:
    same = _named(line, feed.kind, feed.name)
    running = [track for other in _named(line, feed.kind, None) for track in other.tracks]
    if same:
        original = {feed.kind.original: same[0].details()}
        return _reject(line, feed, "duplicate", f"{feed.name} goes on already on this call", **original)
    if len(running) + len(feed.tracks) > _MOST_TRACKS:
        return _reject(line, feed, "track-limit", f"At most {_MOST_TRACKS} tracks may go on at once on a call")
    if feed.connects:
        yield Wait(_CONNECTING)
    feed = attrs.evolve(feed, start=line.engine.clock.now())
    line.feeds.append(feed)
    line.note(f"{feed.kind.event} started", feed.name)
    if feed.connects:
        feed.tell(line, "Started", feed.details())
    return None


def _reject(line: Line, feed: Feed, cause: str, message: str, **more: object) -> None:
    line.note(f"{feed.kind.event} rejected", f"{feed.name}: {cause}")
    if feed.connects:
        feed.tell(line, "Rejected", feed.details(), cause=cause, errorMessage=message, **more)


def _stop(line: Line, feed: Feed) -> None:
    """Stop it; a transcription is available a little later, also when the call is over by then."""
    line.feeds.remove(feed)
    line.note(f"{feed.kind.event} stopped", feed.name)
    if feed.connects:
        seconds = (line.engine.clock.now() - feed.start) / 1000
        feed.tell(line, "Stopped", feed.details(duration=duration(seconds)), cause="closed")
    if feed.kind is _TRANSCRIPTION:
        written = LiveTranscription(
            id=feed.id,
            name=feed.name,
            call=line.call,
            tracks=feed.tracks,
            start=feed.start,
            end=line.engine.clock.now(),
        )
        line.engine.scheduler.after(_WRITING, lambda: _make_available(line, feed, written))


def _make_available(line: Line, feed: Feed, written: LiveTranscription) -> None:
    engine = line.engine
    engine.transcriptions[feed.id] = written
    url = f"{engine.post.calls_url}/{line.call.call_id}/transcriptions/{feed.id}"
    completed = utc_text(engine.clock.now())
    feed.tell(line, "Available", feed.details(status="available", url=url, completedTime=completed))


def _named(line: Line, kind: _Kind, name: str | None) -> list[Feed]:
    """Those of a kind that go on under a name, or all of them."""
    return [feed for feed in line.feeds if feed.kind is kind and name in (None, feed.name)]
