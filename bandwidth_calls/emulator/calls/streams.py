"""The media streams of a call, as a test sees them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from bandwidth_calls.emulator.calls.pcmu import FRAME, SILENCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Six minutes of frames of 20 ms: a choice, so that a call of days stays in memory.
_MOST_KEPT = 20_000


class CallStream:
    """A media stream of a call. It stays readable after the stream and the call have ended.

    `tracks` are those that the application gets: `inbound`, `outbound` or both.
    """

    def __init__(self, stream_id: str, name: str, tracks: tuple[str, ...]) -> None:
        self.stream_id = stream_id
        self.name = name
        self.tracks = tracks
        self.ended = False
        self._received: deque[Mapping[str, object]] = deque(maxlen=_MOST_KEPT)
        self._waiting = bytearray()

    @property
    def received(self) -> list[Mapping[str, object]]:
        """The frames of the application in order, as dicts: the newest 20,000. What is no JSON object is left out."""
        return list(self._received)

    def send_audio(self, sound: bytes) -> None:
        """Put PCMU (8,000 bytes a second) onto the inbound track, from the next frame on, behind what still waits.

        Raises `TypeError` for anything but bytes, and `RuntimeError` if nobody can get it: the stream has ended, or it
        has no inbound track.
        """
        if not isinstance(sound, bytes | bytearray):
            raise TypeError(f"sound must be bytes of PCMU: {type(sound).__name__}")
        if self.ended or "inbound" not in self.tracks:
            reason = "has ended" if self.ended else "has no inbound track"
            raise RuntimeError(f"stream {self.name!r} {reason}")
        self._waiting += sound

    def receive(self, frame: Mapping[str, object]) -> None:
        """Note a frame of the application."""
        self._received.append(frame)

    def next_audio(self) -> bytes | None:
        """Return the sound of the next frame of the inbound track; None if a test sent none."""
        if not self._waiting:
            return None
        sound = bytes(self._waiting[:FRAME])
        del self._waiting[:FRAME]
        return sound.ljust(FRAME, SILENCE)


def find_stream(streams: Sequence[CallStream], name: str | None) -> CallStream:
    """Return the newest stream of a name; without a name the only one. Raise `LookupError` if there is none."""
    names = dict.fromkeys(stream.name for stream in streams)
    if name is None and len(names) > 1:
        raise LookupError(f"the call had several streams, name one of them: {', '.join(names)}")
    for stream in reversed(streams):
        if name in (None, stream.name):
            return stream
    started = f"the call had {', '.join(names)}" if names else "none has started on this call"
    raise LookupError(f"no stream: {started}" if name is None else f"no stream {name!r}: {started}")
