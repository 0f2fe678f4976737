"""PCMU (G.711 mu-law), the sound of media streams: 8,000 bytes a second, one for each sample."""

from __future__ import annotations

import math
import sys
from array import array
from functools import cache

from bandwidth_calls.emulator.calls.tones import LOUDNESS, TONES

RATE = 8_000
# Documented: 20 ms of sound.
FRAME = 160
SILENCE = b"\xff"
_MOST = 32_635
_BIAS = 132
_LINEAR = {"channels": "1", "bit-depth": "16", "endian": "little", "encoding": "signed"}
_RATES = {"8000", "16000", "24000"}


def read_sound(content_type: object, payload: bytes) -> bytes:
    """Return the PCMU of a `playAudio`. Raise `ValueError` for a content type that is not documented."""
    kind, *parameters = str(content_type).lower().replace(" ", "").split(";")
    pairs = dict(parameter.partition("=")[::2] for parameter in parameters)
    if (kind, pairs) == ("audio/pcmu", {}):
        return payload
    rate = pairs.pop("rate", "")
    if (kind, pairs) != ("audio/pcm", _LINEAR) or rate not in _RATES:
        raise ValueError(f"unknown contentType {content_type!r}")
    if len(payload) % 2:
        raise ValueError("payload of 16 bits a sample has an odd number of bytes")
    samples = array("h", payload)
    if sys.byteorder == "big":
        samples.byteswap()
    return _encode(_at_8_khz(samples, int(rate) // RATE))


@cache
def tone(track: str) -> bytes:
    """Return one second of a quiet tone, another for each track. It can be repeated."""
    frequency = dict(zip(("inbound", "outbound"), TONES, strict=True))[track]
    return _encode(array("h", (round(LOUDNESS * math.sin(2 * math.pi * frequency * at / RATE)) for at in range(RATE))))


def _at_8_khz(samples: array[int], step: int) -> array[int]:
    """Return the mean of every `step` samples, and drop the rest at the end."""
    if step == 1:
        return samples
    parts = zip(*(samples[first::step] for first in range(step)), strict=False)
    return array("h", (sum(part) // step for part in parts))


def _encode(samples: array[int]) -> bytes:
    codes = _codes()
    # PCMU has 14 bits, so the two lowest are cut off.
    return bytes(codes[sample >> 2 & 0x3FFF] for sample in samples)


@cache
def _codes() -> bytes:
    """Return the code of each sample of 14 bits; the negative ones follow the positive ones."""
    return bytes(_code((value - 0x4000 if value & 0x2000 else value) << 2) for value in range(0x4000))


def _code(sample: int) -> int:
    """Return the code of a sample of 16 bits: sign, exponent and mantissa, all bits inverted."""
    sign = 0x80 if sample < 0 else 0
    biased = min(abs(sample), _MOST) + _BIAS
    exponent = biased.bit_length() - 8
    mantissa = biased >> exponent + 3 & 0x0F
    return ~(sign | exponent << 4 | mantissa) & 0xFF
