"""StartTranscription, StopTranscription: as events only, for no words are sent.

No `destination` is connected to, since what is sent there is not documented. Each counts as connected after 0.1
seconds, for which the verb lasts. It refuses nothing, and it never closes the connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.calls.transcriptions import LiveTranscription
from bandwidth_calls.emulator.engine import feeds
from bandwidth_calls.emulator.engine.media import TRANSCRIPTION
from bandwidth_calls.emulator.simulation.clock import utc_text
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.media import MediaFeed
    from bandwidth_calls.emulator.engine.program import Frame, Verbs
    from bandwidth_calls.emulator.simulation.process import Steps

# Seconds until a destination counts as connected: a choice.
_CONNECTING = 0.1
# Seconds from the end of a transcription until it can be read: a choice, for nothing is documented.
_WRITING = 1.0


def start_transcription(frame: Frame, verb: Verb) -> Steps[None]:
    """Start a transcription. One without a destination has no event before it is available."""
    line = frame.line
    facts: dict[str, object] = {}
    if verb.word("destination"):
        facts = {"destination": verb.word("destination"), "stabilized": verb.flag("stabilized")}
    feed = feeds.make(frame, verb, TRANSCRIPTION, facts)
    if not feeds.may_start(line, feed):
        return
    if feed.connects:
        yield Wait(_CONNECTING)
    feed = attrs.evolve(feed, start=line.world.clock.now())
    line.feeds[feed] = lambda: _stop(line, feed)
    feeds.note_start(line, feed)


def stop_transcription(frame: Frame, verb: Verb) -> Steps[None]:
    """Stop the transcription of this name, if there is one. Without a name stop all."""
    yield from ()
    for feed in feeds.named(frame.line, TRANSCRIPTION, verb.word("name") or None):
        _stop(frame.line, feed)


def _stop(line: Line, feed: MediaFeed) -> None:
    """Stop a transcription. It is available a little later, also if the call has ended by then."""
    del line.feeds[feed]
    feeds.note_stop(line, feed)
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
    feeds.tell(line, feed, "Available", feed.details(status="available", url=url, completedTime=completed))


PLAYERS: Verbs = {"StartTranscription": start_transcription, "StopTranscription": stop_transcription}
