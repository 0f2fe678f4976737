"""StartStream, StopStream, StartTranscription, StopTranscription: as events only, for no media is sent.

No `destination` is connected to. Each counts as connected after 0.1 seconds, for which the verb lasts. It refuses
nothing, and it never closes the connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.calls.transcriptions import LiveTranscription
from bandwidth_calls.emulator.engine.media import STREAM, TRANSCRIPTION, FeedKind, MediaFeed
from bandwidth_calls.emulator.simulation.clock import duration, utc_text
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Frame, Verbs
    from bandwidth_calls.emulator.simulation.process import Steps

# Seconds until a destination counts as connected: a choice.
_CONNECTING = 0.1
# Seconds from the end of a transcription until it can be read: a choice, for nothing is documented.
_WRITING = 1.0
# Documented: at most 4 tracks on a call at once.
_MOST_TRACKS = 4


def start_stream(frame: Frame, verb: Verb) -> Steps[None]:
    """Start a stream, and go on with the next verb once it is connected."""
    facts = {"destination": verb.word("destination"), "type": "WebSocket"}
    yield from _start(frame.line, _make(frame, verb, STREAM, facts))


def start_transcription(frame: Frame, verb: Verb) -> Steps[None]:
    """Start a transcription. One without a destination has no event before it is available."""
    facts: dict[str, object] = {}
    if verb.word("destination"):
        facts = {"destination": verb.word("destination"), "stabilized": verb.flag("stabilized")}
    yield from _start(frame.line, _make(frame, verb, TRANSCRIPTION, facts))


def stop_stream(frame: Frame, verb: Verb) -> Steps[None]:
    """Stop the stream of this name, if there is one. With `wait`, wait until the other side closes it.

    There is no other side here. So the verb then lasts until the call ends or the API redirects it.
    """
    for feed in _named(frame.line, STREAM, verb.word("name")):
        if verb.flag("wait"):
            yield Wait(None)
        _stop(frame.line, feed)


def stop_transcription(frame: Frame, verb: Verb) -> Steps[None]:
    """Stop the transcription of this name, if there is one. Without a name stop all."""
    yield from ()
    for feed in _named(frame.line, TRANSCRIPTION, verb.word("name") or None):
        _stop(frame.line, feed)


def _make(frame: Frame, verb: Verb, kind: FeedKind, facts: Mapping[str, object]) -> MediaFeed:
    feed_id = frame.world.make_id(kind.letter)
    tracks = verb.word("tracks") or ""
    return MediaFeed(
        kind=kind,
        id=feed_id,
        name=verb.word("name") or feed_id,
        tracks=("inbound", "outbound") if tracks == "both" else (tracks,),
        facts=facts,
        hook=frame.hook(verb, kind.hook),
        start=frame.world.clock.now(),
    )


def _start(line: Line, feed: MediaFeed) -> Steps[None]:
    same = _named(line, feed.kind, feed.name)
    running = [track for other in _named(line, feed.kind, None) for track in other.tracks]
    if same:
        original = {feed.kind.original: same[0].details()}
        return _reject(line, feed, "duplicate", f"{feed.name} goes on already on this call", **original)
    if len(running) + len(feed.tracks) > _MOST_TRACKS:
        return _reject(line, feed, "track-limit", f"At most {_MOST_TRACKS} tracks may go on at once on a call")
    if feed.connects:
        yield Wait(_CONNECTING)
    feed = attrs.evolve(feed, start=line.world.clock.now())
    line.feeds[feed] = lambda: _stop(line, feed)
    line.note(f"{feed.kind.event} started", feed.name)
    if feed.connects:
        _tell(line, feed, "Started", feed.details())
    return None


def _reject(line: Line, feed: MediaFeed, cause: str, message: str, **more: object) -> None:
    line.note(f"{feed.kind.event} rejected", f"{feed.name}: {cause}")
    if feed.connects:
        _tell(line, feed, "Rejected", feed.details(), cause=cause, errorMessage=message, **more)


def _stop(line: Line, feed: MediaFeed) -> None:
    """Stop a feed. A transcription is available a little later, also if the call has ended by then."""
    del line.feeds[feed]
    line.note(f"{feed.kind.event} stopped", feed.name)
    if feed.connects:
        seconds = (line.world.clock.now() - feed.start) / 1000
        _tell(line, feed, "Stopped", feed.details(duration=duration(seconds)), cause="closed")
    if feed.kind is TRANSCRIPTION:
        written = LiveTranscription(
            id=feed.id,
            name=feed.name,
            call=line.call,
            tracks=feed.tracks,
            start=feed.start,
            end=line.world.clock.now(),
        )
        line.world.scheduler.after(_WRITING, lambda: _make_available(line, feed, written))


def _make_available(line: Line, feed: MediaFeed, written: LiveTranscription) -> None:
    world = line.world
    world.transcriptions[feed.id] = written
    url = f"{world.outbox.calls_url}/{line.call.call_id}/transcriptions/{feed.id}"
    completed = utc_text(world.clock.now())
    _tell(line, feed, "Available", feed.details(status="available", url=url, completedTime=completed))


def _tell(line: Line, feed: MediaFeed, what: str, details: Mapping[str, object], **more: object) -> None:
    """Send an event of a feed, if it has a URL."""
    if feed.hook is not None:
        body = {feed.kind.event: details, **more}
        line.world.outbox.deliver(line.call, f"{feed.kind.event}{what}", body, feed.hook)


def _named(line: Line, kind: FeedKind, name: str | None) -> list[MediaFeed]:
    """Return the feeds of a kind under a name; all of the kind if `name` is None."""
    return [feed for feed in line.feeds if feed.kind is kind and name in (None, feed.name)]


PLAYERS: Verbs = {
    "StartStream": start_stream,
    "StartTranscription": start_transcription,
    "StopStream": stop_stream,
    "StopTranscription": stop_transcription,
}
