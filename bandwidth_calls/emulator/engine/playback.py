"""What an application plays over a stream: sounds in a queue, which `clear` cuts off."""

from __future__ import annotations

from collections import deque

import attrs

from bandwidth_calls.emulator.calls.pcmu import FRAME, RATE, SILENCE


@attrs.define(eq=False)
class _Sound:
    """A sound of PCMU, and how many bytes of it were played."""

    data: bytes
    played: int = 0

    def seconds(self) -> float:
        """Return how much of it was played."""
        return self.played / RATE


class Playback:
    """Plays sounds one after the other, in frames of 20 ms."""

    def __init__(self) -> None:
        self._queue: deque[_Sound] = deque()

    def add(self, data: bytes) -> None:
        """Add a sound to the queue."""
        if data:
            self._queue.append(_Sound(data))

    def next_frame(self) -> tuple[bytes | None, list[float]]:
        """Return the next frame, and the seconds of each sound that ends in it. The frame is None if none plays."""
        if not self._queue:
            return None, []
        frame, ended = b"", []
        while self._queue and len(frame) < FRAME:
            sound = self._queue[0]
            piece = sound.data[sound.played : sound.played + FRAME - len(frame)]
            sound.played += len(piece)
            frame += piece
            if sound.played == len(sound.data):
                ended.append(self._queue.popleft().seconds())
        return frame.ljust(FRAME, SILENCE), ended

    def clear(self) -> float:
        """Empty the queue. Return how many seconds of the sound that was being played were heard."""
        seconds = self._queue[0].seconds() if self._queue else 0.0
        self._queue.clear()
        return seconds
