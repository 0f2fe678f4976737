"""What was recorded, of a call or of a conference: its length, its format, and a sound made when it is asked for."""

from __future__ import annotations

import io
import math
import struct
import wave
from functools import lru_cache

import attrs

from bandwidth_calls.emulator.simulation.clock import DAY, MICROS, duration, utc_text

KEPT = 30 * DAY  # of recordings and transcriptions
_RATE = 8_000
_WIDTH = 2
_LOUDNESS = 1_000
# Whole numbers of waves go into a second, so that it can be repeated.
_TONES = (440, 330)
_LONGEST_MEDIA = 600


@attrs.define(kw_only=True, eq=False)
class Audio:
    """A recording that has ended. Times are microseconds since 1970; `stretches` are those when it was not paused."""

    recording_id: str
    file_format: str
    channels: int
    start: int
    end: int
    stretches: tuple[tuple[int, int], ...]
    status: str = "processing"

    @property
    def micros(self) -> int:
        """How long it is."""
        return self.position(self.end)

    @property
    def is_downloadable(self) -> bool:
        """Whether there is a sound to be had."""
        return self.status == "complete"

    def position(self, time: int) -> int:
        """Where in it a time is, in microseconds; the nearest place where it is in none."""
        return sum(max(0, min(time, end) - start) for start, end in self.stretches)

    def is_kept(self, now: int) -> bool:
        """Whether it can be read at this time, in milliseconds: for thirty days."""
        return self.end // 1000 > now - KEPT

    def facts(self) -> dict[str, object]:
        """What events and metadata tell alike."""
        return {
            "recordingId": self.recording_id,
            "duration": duration(self.micros / MICROS),
            "startTime": utc_text(self.start // 1000),
            "endTime": utc_text(self.end // 1000),
            "fileFormat": self.file_format,
        }

    def state(self, url: str) -> dict[str, object]:
        """What metadata tells of it beside its facts, where the recording is at this URL."""
        return {
            "channels": self.channels,
            "status": self.status,
            "mediaUrl": f"{url}/media" if self.is_downloadable else None,
        }

    def media(self) -> bytes:
        """A WAV file of this length and these channels, with a quiet tone on each, and of at most ten minutes."""
        file = io.BytesIO()
        samples = min(self.micros * _RATE // MICROS, _LONGEST_MEDIA * _RATE)
        with wave.open(file, "wb") as sound:
            sound.setnchannels(self.channels)
            sound.setsampwidth(_WIDTH)
            sound.setframerate(_RATE)
            second = _second(self.channels)
            seconds, rest = divmod(samples, _RATE)
            sound.writeframes(second * seconds + second[: rest * _WIDTH * self.channels])
        return file.getvalue()


@lru_cache(maxsize=len(_TONES))
def _second(channels: int) -> bytes:
    """A second of a tone on each channel."""
    waves = (
        round(_LOUDNESS * math.sin(2 * math.pi * tone * sample / _RATE))
        for sample in range(_RATE)
        for tone in _TONES[:channels]
    )
    return struct.pack(f"<{_RATE * channels}h", *waves)
