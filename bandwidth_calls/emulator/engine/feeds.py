"""What media streams and real-time transcriptions share: when they may start, and their events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.engine.media import MediaFeed
from bandwidth_calls.emulator.simulation.clock import duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.media import FeedKind
    from bandwidth_calls.emulator.engine.program import Frame

# Documented: at most 4 tracks on a call at once.
_MOST_TRACKS = 4


def make(frame: Frame, verb: Verb, kind: FeedKind, facts: Mapping[str, object]) -> MediaFeed:
    """Return the feed of a verb, which starts now."""
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


def may_start(line: Line, feed: MediaFeed) -> bool:
    """Whether a feed may start. If not, it is rejected."""
    same = named(line, feed.kind, feed.name)
    running = [track for other in named(line, feed.kind, None) for track in other.tracks]
    if same:
        original = {feed.kind.original: same[0].details()}
        reject(line, feed, "duplicate", f"{feed.name} goes on already on this call", **original)
        return False
    if len(running) + len(feed.tracks) > _MOST_TRACKS:
        reject(line, feed, "track-limit", f"At most {_MOST_TRACKS} tracks may go on at once on a call")
        return False
    return True


def named(line: Line, kind: FeedKind, name: str | None) -> list[MediaFeed]:
    """Return the feeds of a kind under a name; all of the kind if `name` is None."""
    return [feed for feed in line.feeds if feed.kind is kind and name in (None, feed.name)]


def note_start(line: Line, feed: MediaFeed) -> None:
    """Note that a feed has started."""
    line.note(f"{feed.kind.event} started", feed.name)
    if feed.connects:
        tell(line, feed, "Started", feed.details())


def reject(line: Line, feed: MediaFeed, cause: str, message: str, **more: object) -> None:
    """Note that a feed does not start."""
    line.note(f"{feed.kind.event} rejected", f"{feed.name}: {cause}")
    if feed.connects:
        tell(line, feed, "Rejected", feed.details(), cause=cause, errorMessage=message, **more)


def note_stop(line: Line, feed: MediaFeed, error: str | None = None) -> None:
    """Note that a feed has stopped; `error` says why its connection was lost."""
    line.note(f"{feed.kind.event} stopped", feed.name if error is None else f"{feed.name}: {error}")
    if feed.connects:
        seconds = (line.world.clock.now() - feed.start) / 1000
        why = {"cause": "closed"} if error is None else {"cause": "connection-error", "errorMessage": error}
        tell(line, feed, "Stopped", feed.details(duration=duration(seconds)), **why)


def tell(line: Line, feed: MediaFeed, what: str, details: Mapping[str, object], **more: object) -> None:
    """Send an event of a feed, if it has a URL."""
    if feed.hook is not None:
        body = {feed.kind.event: details, **more}
        line.world.outbox.deliver(line.call, f"{feed.kind.event}{what}", body, feed.hook)
