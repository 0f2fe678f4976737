"""Reads the length of a WAV file from its beginning, whatever its encoding: telephony's is often mu-law."""

from __future__ import annotations

import struct

# Enough for the chunks before the sound of any usual file.
HEAD = 65_536


def wav_seconds(head: bytes, size: int) -> float | None:
    """Return the length of a file of `size` bytes that begins with `head`. Return None if it is no WAV file.

    Of a file that is cut off, and of one whose length was not known when it was written, what is there counts.
    """
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None
    at, rate = 12, 0
    while at + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, at)
        at += 8
        if name == b"fmt " and at + 12 <= len(head):
            (rate,) = struct.unpack_from("<I", head, at + 8)  # bytes a second
        if name == b"data":
            return min(length or size, size - at) / rate if rate else None
        at += length + length % 2  # chunks begin at even bytes
    return None
