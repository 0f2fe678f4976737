"""The audio of a recording, of a call or of a conference. The sound is made when it is downloaded."""

from __future__ import annotations

import attrs

from bandwidth_calls.emulator.calls.media import RATE, Media, mp3, wav
from bandwidth_calls.emulator.simulation.clock import DAY, MICROS, duration, utc_text

# Documented: recordings and transcriptions are kept for 30 days.
KEPT = 30 * DAY


@attrs.define(kw_only=True, eq=False)
class Audio:
    """A recording that has ended. Times are microseconds since 1970.

    `stretches` are the times when it was not paused. `name` is what the application calls it, or empty.
    """

    recording_id: str
    name: str
    file_format: str
    channels: int
    start: int
    end: int
    stretches: tuple[tuple[int, int], ...]
    status: str = "processing"

    @property
    def micros(self) -> int:
        """The length in microseconds."""
        return self.position(self.end)

    @property
    def is_downloadable(self) -> bool:
        """Whether it can be downloaded."""
        return self.status == "complete"

    def position(self, time: int) -> int:
        """Return the position of a time in the recording, in microseconds. A time in a pause has that of the pause."""
        return sum(max(0, min(time, end) - start) for start, end in self.stretches)

    def is_kept(self, now: int) -> bool:
        """Whether it can be read at this time, in milliseconds since 1970."""
        return self.end // 1000 > now - KEPT

    def facts(self) -> dict[str, object]:
        """Return the properties that events and metadata share.

        The OpenAPI file declares `recordingName` for metadata only, and Bandwidth's SDK tells of it in an event. That
        it comes in each event of the recording is a choice.
        """
        return {
            "recordingId": self.recording_id,
            **({"recordingName": self.name} if self.name else {}),
            "duration": duration(self.micros / MICROS),
            "startTime": utc_text(self.start // 1000),
            "endTime": utc_text(self.end // 1000),
            "fileFormat": self.file_format,
        }

    def state(self, url: str) -> dict[str, object]:
        """Return the other properties of the metadata, for a recording at this URL."""
        return {
            "channels": self.channels,
            "status": self.status,
            "mediaUrl": f"{url}/media" if self.is_downloadable else None,
        }

    def media(self) -> Media:
        """Return the media, of the recording's length; NoEncoderError for mp3 without the extra `mp3`."""
        make = mp3 if self.file_format == "mp3" else wav
        return make(self.micros * RATE // MICROS, self.channels)
