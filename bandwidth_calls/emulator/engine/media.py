"""What goes on beside a call's program: recordings, media streams and real-time transcriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.calls.audio import Audio
from bandwidth_calls.emulator.simulation.clock import utc_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.emulator.delivery.courier import Webhook


# Recordings and feeds are compared by identity, since they are the keys of what is active on a line.
@attrs.define(kw_only=True, eq=False)
class ActiveRecording:
    """A recording that has not ended. Times are microseconds since 1970. `name` is what the application calls it.

    `since` is the time of the last start or resumption, and None while the recording is paused. `stretches` are the
    earlier times when it was not paused.
    """

    id: str
    name: str
    file_format: str
    start: int
    since: int | None
    available: Webhook | None
    channels: int = 1
    stretches: list[tuple[int, int]] = attrs.field(factory=list)

    def pause(self, now: int) -> None:
        """Record nothing from now on."""
        if self.since is not None:
            self.stretches.append((self.since, now))
            self.since = None

    def resume(self, now: int) -> None:
        """Record again."""
        if self.since is None:
            self.since = now

    def micros_before(self) -> int:
        """Return the length of what was recorded before `since`."""
        return sum(end - start for start, end in self.stretches)

    def end(self, now: int) -> Audio:
        """Return what was recorded until now."""
        self.pause(now)
        return Audio(
            recording_id=self.id,
            name=self.name,
            file_format=self.file_format,
            channels=self.channels,
            start=self.start,
            end=now,
            stretches=tuple(self.stretches),
        )


@attrs.define(kw_only=True, eq=False)
class ActiveCallRecording(ActiveRecording):
    """A recording of a call that has not ended; `tracks` are those of its later `Recording`."""

    tracks: tuple[tuple[str, ...], ...]
    transcribes: bool
    transcribed: Webhook | None


@attrs.frozen
class FeedKind:
    """Streams or transcriptions: the letter of their ids, and their names in BXML and in events."""

    letter: str
    hook: str
    event: str
    original: str


STREAM = FeedKind("s", "streamEvent", "mediaStream", "originalMediaStream")
TRANSCRIPTION = FeedKind("t", "transcriptionEvent", "realTimeTranscription", "originalTranscription")


@attrs.frozen(eq=False)
class MediaFeed:
    """A media stream or a real-time transcription. `start` is in milliseconds since 1970.

    `facts` are the properties that only its kind has in events.
    """

    kind: FeedKind
    id: str
    name: str
    tracks: tuple[str, ...]
    facts: Mapping[str, object]
    hook: Webhook | None
    start: int

    @property
    def connects(self) -> bool:
        """Whether it has a destination. A transcription without one is only written."""
        return "destination" in self.facts

    def details(self, **more: object) -> dict[str, object]:
        """Return what every event tells of it, and more."""
        common = {"id": self.id, "name": self.name, "tracks": list(self.tracks), "startTime": utc_text(self.start)}
        return {**common, **self.facts, **more}
