"""A media stream that is up: frames of 20 ms go to the application, and what it sends back is played.

The frames are documented at https://dev.bandwidth.com/docs/voice/programmable-voice/bxml/startStream. On a moved clock
the application gets the frames of one moment, and time goes on when it has answered a ping. What it sent before is
played in that moment.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from functools import lru_cache
from typing import TYPE_CHECKING

from bandwidth_calls.emulator.calls.pcmu import FRAME, RATE, SILENCE, read_sound, tone
from bandwidth_calls.emulator.engine.playback import Playback
from bandwidth_calls.emulator.simulation.clock import MICROS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bandwidth_calls.emulator.calls.streams import CallStream
    from bandwidth_calls.emulator.delivery.sockets import StreamSocket
    from bandwidth_calls.emulator.engine.lines import Line

_FRAME_MICROS = FRAME * MICROS // RATE
_SILENT_FRAME = SILENCE * FRAME
_FRAMES_A_SECOND = RATE // FRAME


class MediaStream:
    """Sends the frames of one stream. `closed` is called when the other side ended it: with why, if it broke."""

    def __init__(
        self,
        line: Line,
        seen: CallStream,
        socket: StreamSocket,
        *,
        to: str,
        bidirectional: bool,
        closed: Callable[[str | None], None],
    ) -> None:
        self._line = line
        self._world = line.world
        self._seen = seen
        self._socket = socket
        self._name = f"the stream {seen.name} to {to} (call {line.call.call_id})"
        self._bidirectional = bidirectional
        self._closed = closed
        self._playback = Playback()
        self._start = self._world.clock.micros()
        self._moments = 0
        self._sent = 0
        self._waiting: list[str] = []
        self._sending = False
        self._reported: set[str] = set()
        self._metadata = self._describe()

    def start(self, params: Mapping[str, str]) -> None:
        """Send the first message. The frames follow."""
        more = {"streamParams": params} if params else {}
        self._exchange([json.dumps({"metadata": self._metadata, **more, "eventType": "start"})])
        self._arm()

    def stop(self) -> None:
        """Send the frames that are due and the last message, and close the connection."""
        self._send_due()
        self.end()
        last = [*self._waiting, json.dumps({"metadata": self._metadata, "eventType": "stop"})]

        async def run() -> Callable[[], None]:
            await self._socket.send(last)
            await self._socket.close()
            return lambda: None

        self._world.scheduler.work(self._name, run)

    def end(self) -> None:
        """Send no more frames, and cut off what the application is playing."""
        self._seen.ended = True
        self._timer.cancel()
        self._clear()

    def _describe(self) -> dict[str, object]:
        call, form = self._line.call, {"encoding": "PCMU", "sampleRate": RATE}
        return {
            "accountId": call.account_id,
            "callId": call.call_id,
            "streamId": self._seen.stream_id,
            "streamName": self._seen.name,
            "tracks": [{"name": track, "mediaFormat": form} for track in self._seen.tracks],
        }

    # Frames to the application

    def _arm(self) -> None:
        """Set the timer to the next frame. Its time is counted from the start, so that frames do not drift."""
        due = self._start + (self._moments + 1) * _FRAME_MICROS
        self._timer = self._world.scheduler.after(max(0, due - self._world.clock.micros()) / MICROS, self._tick)

    def _tick(self) -> None:
        self._send_due()
        if not self._seen.ended:  # what the far end heard may have made it hang up
            self._arm()

    def _send_due(self) -> None:
        """Send the frames of each moment up to now."""
        now = self._world.clock.micros()
        while not self._seen.ended and self._start + (self._moments + 1) * _FRAME_MICROS <= now:
            self._moments += 1
            sound, ended = self._playback.next_frame()
            self._exchange([self._frame(track, sound) for track in self._seen.tracks])
            self._note_heard(sound, ended)

    def _frame(self, track: str, played: bytes | None) -> str:
        """Return the frame of the 20 ms that end now."""
        middle = self._start + self._moments * _FRAME_MICROS - _FRAME_MICROS // 2
        if track == "inbound":
            sound, is_loud = self._seen.next_audio(), self._line.speaks_at(middle)
        else:
            sound, is_loud = played, self._line.listener.hears_at(middle)
        if sound is None:
            sound = _tone_frame(track, self._moments % _FRAMES_A_SECOND) if is_loud else _SILENT_FRAME
        self._sent += 1
        # The numbers count over the stream, not within each track: a choice.
        frame = {"track": track, "payload": _payload(sound), "sequenceNumber": str(self._sent), "eventType": "media"}
        return json.dumps(frame)

    def _exchange(self, frames: list[str]) -> None:
        """Send frames, behind those that still wait. Then use what the application has sent."""
        self._waiting += frames
        if self._sending:
            return
        self._sending, batch = True, self._waiting
        self._waiting = []

        async def run() -> Callable[[], None]:
            await self._socket.send(batch)
            if not self._world.settings.timeouts_are_real:
                await self._socket.settle()
            return self._take

        self._world.scheduler.work(self._name, run)

    # Messages of the application

    def _take(self) -> None:
        self._sending = False
        messages, self._socket.inbox = self._socket.inbox, []
        for message in messages:
            if not self._seen.ended:
                self._use(message)
        if self._socket.ended and not self._seen.ended:
            self._closed(self._socket.ended_by)
        if self._waiting and not self._seen.ended:
            self._exchange([])

    def _use(self, message: str | bytes) -> None:
        """Do what a message asks for. One that makes no sense is a problem, once."""
        try:
            self._obey(message)
        except ValueError as error:
            text = f"{self._name} got {error}"
            if text not in self._reported:
                self._reported.add(text)
                self._world.outbox.problem(text, self._line.call)

    def _obey(self, message: str | bytes) -> None:
        frame = _read(message)
        self._seen.receive(frame)
        event = frame.get("eventType")
        if event not in ("playAudio", "clear"):
            raise ValueError(f"an unknown eventType {event!r}")
        if not self._bidirectional:
            raise ValueError(f'{event}, but it is not bidirectional: write StartStream mode="bidirectional"')
        if event == "clear":
            self._clear()
        else:
            self._playback.add(_read_media(frame.get("media")))

    def _clear(self) -> None:
        seconds = self._playback.clear()
        if seconds:
            self._note_played(seconds, " (cut off)")

    def _note_heard(self, sound: bytes | None, ended: list[float]) -> None:
        for seconds in ended:
            self._note_played(seconds)
        if sound is not None:
            self._line.hear_sound(_FRAME_MICROS)

    def _note_played(self, seconds: float, how: str = "") -> None:
        detail = {"stream": self._seen.name, "seconds": seconds}
        self._line.note("played", f"{seconds:g} s of sound from stream {self._seen.name}{how}", detail)


def _read(message: str | bytes) -> Mapping[str, object]:
    if isinstance(message, bytes):
        raise ValueError("a binary frame: send JSON as text")
    try:
        frame = json.loads(message)
    except (ValueError, RecursionError):
        raise ValueError("a frame that is no JSON") from None
    if not isinstance(frame, dict):
        raise ValueError("a frame that is no JSON object")
    return frame


def _read_media(media: object) -> bytes:
    if not isinstance(media, dict):
        raise ValueError("playAudio without media")
    try:
        payload = b64decode(media.get("payload", ""), validate=True)
    except (ValueError, TypeError):
        raise ValueError("playAudio whose payload is no base64") from None
    try:
        return read_sound(media.get("contentType"), payload)
    except ValueError as error:
        raise ValueError(f"playAudio with {error}") from None


# Most frames are silence or one of fifty frames of a tone.
@lru_cache(maxsize=256)
def _payload(sound: bytes) -> str:
    return b64encode(sound).decode()


def _tone_frame(track: str, number: int) -> bytes:
    return tone(track)[number * FRAME : (number + 1) * FRAME]
