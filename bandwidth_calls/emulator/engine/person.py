"""What the person at the far end does, by its script or on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.engine.lines import Ended
from bandwidth_calls.emulator.far_end.listener import Speech
from bandwidth_calls.emulator.far_end.script import HangUp, Hear, HearAudio, Press, Say
from bandwidth_calls.emulator.simulation.clock import MICROS
from bandwidth_calls.emulator.simulation.process import Process, Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.far_end.script import Step
    from bandwidth_calls.emulator.simulation.process import Steps

# Seconds between two keys: a choice, since people press keys at about this pace.
_BETWEEN_KEYS = 0.25


def answer(line: Line) -> None:
    """Answer the call, and start the script of its far end."""
    line.call.answer(line.world.clock.now())
    line.note("answered")
    line.spoke_since = line.silent_since = line.world.clock.micros()
    line.person = Process(line.world.scheduler, _follow(line), lambda _: None)
    line.person.start()


def act(line: Line, step: Step) -> None:
    """Start a step beside the script."""
    line.side_tasks = [process for process in line.side_tasks if process.alive]
    process: Process[None] = Process(line.world.scheduler, _do(line, step), lambda _: None)
    line.side_tasks.append(process)
    process.start()


def give_up(line: Line) -> None:
    """Hang up, unless the call was answered or has ended."""
    if line.call.answer_time is None and not line.call.ended():
        _hang_up(line)


def _follow(line: Line) -> Steps[None]:
    """Run the script: the greeting of a callee, then each step."""
    far_end = line.far_end
    if line.call.direction == "outbound" and far_end.greeting:
        yield Wait(far_end.greeting_after)
        # A person's greeting lasts 1 second by default, a longer one is a machine's.
        words = "Hello?" if far_end.greeting <= 1 else "(the greeting of a machine)"
        yield from _speak(line, words, far_end.greeting)
    for step in far_end.steps:
        yield from _do(line, step)


def _do(line: Line, step: Step) -> Steps[None]:
    if not isinstance(step, Hear | HearAudio) and step.after:
        yield Wait(step.after)
    match step:
        case Press():
            yield from _press(line, step.keys)
        case Say():
            seconds = len(step.words) / line.world.settings.characters_per_second
            line.signal("speaks", step.words)
            yield from _speak(line, step.words, seconds)
            line.signal("said", step.words)
        case HangUp():
            _hang_up(line)
        case Hear() | HearAudio():
            if not (yield from _listen(line, step)):
                line.note("far end", f"waited {step.patience:g} s for {_missed(line, step)}")
                _hang_up(line)


def _press(line: Line, keys: str) -> Steps[None]:
    for number, key in enumerate(keys):
        if number:
            yield Wait(_BETWEEN_KEYS)
        line.note("pressed", key)
        # The keys of a Gather are not sent as dtmf events.
        if line.on_key is not None and not line.gathering:
            line.on_key(key)
        line.signal("key", key)


def _speak(line: Line, words: str, seconds: float) -> Steps[None]:
    """Say something to the application and to every bridged line."""
    speech = Speech(words, line.world.clock.micros(), seconds)
    line.spoke_since, line.silent_since = speech.start, speech.end
    for partner in line.bridged_with:
        partner.start_hearing(speech)
    try:
        yield Wait(seconds)
    finally:
        line.silent_since = line.world.clock.micros()
        said = line.note_speech("far end said", speech)
        for partner in line.bridged_with:
            partner.stop_hearing(said)


def _hang_up(line: Line) -> None:
    line.note("far end", "hung up")
    line.end(Ended("hangup" if line.call.answer_time is not None else "cancel"))


def _listen(line: Line, step: Hear | HearAudio) -> Steps[bool]:
    """Wait until the phrase or the audio was heard. Return False if that did not happen in time."""
    clock = line.world.clock
    end = None if step.patience is None else clock.micros() + round(step.patience * MICROS)
    while True:
        left = None if end is None else (end - clock.micros()) / MICROS
        wait = _seconds_until(line, step)
        if wait == 0:
            line.listener.forget(clock.micros())
            return True
        in_time = wait is not None and (left is None or wait <= left)
        # A speech that begins or stops changes when the phrase will have been said, and so does the sound of a stream.
        signal = yield Wait(wait if in_time else left, ("speech",))
        if signal is None and in_time:
            line.listener.forget(clock.micros())
            return True
        if signal is None:
            return False


def _seconds_until(line: Line, step: Hear | HearAudio) -> float | None:
    now = line.world.clock.micros()
    if isinstance(step, Hear):
        return line.listener.seconds_until(step.phrase, now)
    return line.listener.seconds_until_audio(step.at_least, now)


def _missed(line: Line, step: Hear | HearAudio) -> str:
    if isinstance(step, Hear):
        return f"{step.phrase!r}, heard {line.listener.past!r}"
    return f"{step.at_least:g} s of audio, heard {line.listener.audio_by(line.world.clock.micros()):g} s"
