"""A call that is up: what the application plays on it, and what its far end does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.far_end.listener import Ear, Speech
from bandwidth_calls.emulator.far_end.script import HangUp, Hear, Press, Say
from bandwidth_calls.emulator.simulation.clock import MICROS
from bandwidth_calls.emulator.simulation.process import Process, Wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from bandwidth_calls.emulator.calls.calls import Call
    from bandwidth_calls.emulator.delivery.courier import Webhook
    from bandwidth_calls.emulator.engine.engine import Engine
    from bandwidth_calls.emulator.engine.verbs.recording import CallTake
    from bandwidth_calls.emulator.engine.verbs.streaming import Feed
    from bandwidth_calls.emulator.far_end.script import FarEnd, Step
    from bandwidth_calls.emulator.simulation.process import Steps

_BETWEEN_KEYS = 0.25


class Line:
    """What only a live call has. `program` is its life as the service has it, `person` that of its far end,
    which does what is asked of it `besides`.

    `partners` hear what the far end says; `farewell` is the event for its end, and where that goes; `on_leave` is told
    the cause when the call leaves what it is doing, because it ends or the API sends it elsewhere; `feeds` are its
    streams and transcriptions, `takes` what is recorded; a call that is `given_away` by a Forward is out of the
    application's hands.
    """

    def __init__(self, engine: Engine, call: Call, far_end: FarEnd) -> None:
        self.engine = engine
        self.call = call
        self.far_end = far_end
        self.program: Process[None] | None = None
        self.person: Process[None] | None = None
        self.besides: list[Process[None]] = []
        self.partners: list[Line] = []
        self.farewell: tuple[str, Webhook] | None = None
        self.on_leave: Callable[[str], None] | None = None
        self.feeds: list[Feed] = []
        self.takes: list[CallTake] = []
        self.given_away = False
        self.ear = Ear()
        self.on_key: Callable[[str], None] | None = None
        self.gathering = False
        self.silent_since = 0

    def note(self, kind: str, text: str = "", detail: dict[str, object] | None = None) -> None:
        """Write down what happens now."""
        self.call.note(self.engine.clock.now(), kind, text, detail)

    def leave(self, cause: str) -> None:
        """Tell whom it concerns that the call leaves what it is doing."""
        told, self.on_leave = self.on_leave, None
        if told is not None:
            told(cause)

    def signal(self, kind: str, value: object = None) -> None:
        """Tell the program what happened; it is lost where that does not wait for it."""
        if self.program is not None:
            self.program.signal(kind, value)

    def stop(self) -> None:
        """Let nothing more happen on it."""
        for process in (self.program, self.person, *self.besides):
            if process is not None:
                process.stop()

    # What the application plays

    def play(self, kind: str, text: str, seconds: float, until: tuple[str, ...] = ()) -> Steps[str | None]:
        """Let the far end hear something; return the key that cut it short, if one did."""
        speech = Speech(text, self.engine.clock.micros(), seconds)
        self.hear(speech)
        try:
            signal = yield Wait(seconds, until)
            return None if signal is None else str(signal.value)
        finally:
            self.heard(kind, speech)

    def heard(self, kind: str, speech: Speech) -> None:
        """What the far end heard is over, or was cut off."""
        self.hear_no_more(self._note_speech(kind, speech))

    def _note_speech(self, kind: str, speech: Speech) -> str:
        """Write down as much as has been said by now, and return it."""
        said = speech.said_by(self.engine.clock.micros())
        self.note(kind, said if said == speech.text else f"{said}... (cut off)")
        return said

    def hear(self, speech: Speech) -> None:
        """Let the far end begin to hear something."""
        self.ear.begin(speech)
        self._prick_up()

    def hear_no_more(self, heard: str) -> None:
        """What the far end was hearing is over, and so much of it was heard."""
        self.ear.end(heard)
        self._prick_up()

    def _prick_up(self) -> None:
        if self.person is not None:
            self.person.signal("speech")

    # What the far end does

    def begin(self) -> None:
        """The far end is on the line: let it do what it does."""
        self.silent_since = self.engine.clock.micros()
        self.person = Process(self.engine.scheduler, self._follow(), lambda _: None)
        self.person.start()

    def act(self, step: Step) -> None:
        """Let the far end do something besides what it does by itself."""
        self.besides = [process for process in self.besides if process.alive]
        process: Process[None] = Process(self.engine.scheduler, self._do(step), lambda _: None)
        self.besides.append(process)
        process.start()

    def press(self, keys: str) -> Steps[None]:
        """Press keys, one after the other."""
        for number, key in enumerate(keys):
            if number:
                yield Wait(_BETWEEN_KEYS)
            self.press_key(key)

    def press_key(self, key: str) -> None:
        """Press one key; what becomes of it depends on who listens."""
        self.note("pressed", key)
        if self.on_key is not None and not self.gathering:
            self.on_key(key)
        self.signal("key", key)

    def say(self, words: str) -> Steps[None]:
        """Speak; who is joined to this call hears it."""
        yield from self._speak(words, len(words) / self.engine.settings.characters_per_second)

    def _speak(self, words: str, seconds: float) -> Steps[None]:
        speech = Speech(words, self.engine.clock.micros(), seconds)
        self.silent_since = speech.start + round(seconds * MICROS)
        self.signal("far end")
        for partner in self.partners:
            partner.hear(speech)
        try:
            yield Wait(seconds)
        finally:
            self.silent_since = self.engine.clock.micros()
            said = self._note_speech("far end said", speech)
            for partner in self.partners:
                partner.hear_no_more(said)

    def _follow(self) -> Steps[None]:
        far_end = self.far_end
        if self.call.direction == "outbound" and far_end.greeting:
            yield Wait(far_end.greeting_after)
            yield from self._speak(
                "Hello?" if far_end.greeting <= 1 else "(the greeting of a machine)", far_end.greeting
            )
        for step in far_end.steps:
            yield from self._do(step)

    def _do(self, step: Step) -> Steps[None]:
        if not isinstance(step, Hear) and step.after:
            yield Wait(step.after)
        match step:
            case Press():
                yield from self.press(step.keys)
            case Say():
                yield from self.say(step.words)
            case HangUp():
                self.engine.far_end_hangs_up(self)
            case Hear():
                if not (yield from self._listen(step)):
                    self.note("far end", f"waited {step.patience:g} s for {step.phrase!r}, heard {self.ear.past!r}")
                    self.engine.far_end_hangs_up(self)

    def _listen(self, step: Hear) -> Steps[bool]:
        """Wait until the phrase was said; false where it did not come in time."""
        clock = self.engine.clock
        end = None if step.patience is None else clock.micros() + round(step.patience * MICROS)
        while True:
            left = None if end is None else (end - clock.micros()) / MICROS
            wait = self.ear.seconds_until(step.phrase, clock.micros())
            if wait == 0:
                self.ear.forget(clock.micros())
                return True
            in_time = wait is not None and (left is None or wait <= left)
            signal = yield Wait(wait if in_time else left, ("speech",))
            if signal is None and in_time:
                self.ear.forget(clock.micros())
                return True
            if signal is None:
                return False
