"""The media of a recording, made when they are sent: a quiet tone of the recording's length on each channel."""

from __future__ import annotations

import math
import struct
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs

from bandwidth_calls.emulator.calls.tones import LOUDNESS, TONES

if TYPE_CHECKING:
    from collections.abc import Iterator

# The rate and the width of telephony: 8 kHz, 16 bits.
RATE = 8_000
_WIDTH = 2
_MP3_BITS = 16  # kbit a second for each channel


class NoEncoderError(Exception):
    """Raised where mp3 is wanted, and the encoder is not installed."""


@attrs.frozen(eq=False)
class Media:
    """Media of some bytes: a head, and behind it one unit over and over. So a day of sound takes no memory."""

    content_type: str
    size: int
    _head: bytes
    _unit: bytes

    def pieces(self, first: int, last: int) -> Iterator[bytes]:
        """Yield the bytes from the first to the last, both included."""
        while first <= last:
            start = first - len(self._head)
            source, at = (self._head, first) if start < 0 else (self._unit, start % len(self._unit))
            piece = source[at : at + last + 1 - first]
            first += len(piece)
            yield piece


def wav(samples: int, channels: int) -> Media:
    """Return a WAV file of so many samples on each channel."""
    size = samples * _WIDTH * channels
    head = _wav_head(size, channels)
    return Media("audio/vnd.wave", len(head) + size, head, _second(channels))


def mp3(samples: int, channels: int) -> Media:
    """Return an mp3 file of so many samples on each channel; NoEncoderError without the extra `mp3`."""
    encoded = _encode(samples, channels)
    return Media("audio/mpeg", len(encoded), encoded, b"")


def _wav_head(size: int, channels: int) -> bytes:
    """Return the head of a WAV file with so many bytes of samples. Its fields have 32 bits, enough for 37 hours."""
    frame = _WIDTH * channels
    most = 2**32 - 1
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        min(36 + size, most),
        b"WAVE",
        b"fmt ",
        16,
        1,  # PCM
        channels,
        RATE,
        RATE * frame,
        frame,
        _WIDTH * 8,
        b"data",
        min(size, most),
    )


@lru_cache(maxsize=8)  # a download in parts asks for the same sound again; an hour takes a second
def _encode(samples: int, channels: int) -> bytes:
    try:
        lame: Any = import_module("lameenc")
    except ImportError:
        raise NoEncoderError from None
    encoder = lame.Encoder()
    encoder.silence()
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(channels)
    encoder.set_bit_rate(_MP3_BITS * channels)
    encoder.set_quality(7)  # the fastest but two
    seconds, rest = divmod(samples, RATE)
    second = _second(channels)
    encoded = b"".join(bytes(encoder.encode(second)) for _ in range(seconds))
    encoded += bytes(encoder.encode(second[: rest * _WIDTH * channels])) if rest else b""
    return encoded + bytes(encoder.flush())


@lru_cache(maxsize=len(TONES))
def _second(channels: int) -> bytes:
    """Return the samples of one second."""
    waves = (
        round(LOUDNESS * math.sin(2 * math.pi * tone * sample / RATE))
        for sample in range(RATE)
        for tone in TONES[:channels]
    )
    return struct.pack(f"<{RATE * channels}h", *waves)
