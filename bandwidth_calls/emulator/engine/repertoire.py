"""Which function plays which verb."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from bandwidth_calls.emulator.engine import digits, speech
from bandwidth_calls.emulator.engine.program import Ended

if TYPE_CHECKING:
    from bandwidth_calls.emulator.documents import Verb
    from bandwidth_calls.emulator.engine.process import Steps
    from bandwidth_calls.emulator.engine.program import Run, Verbs


def not_emulated(run: Run, verb: Verb) -> Steps[NoReturn]:
    """End the call and say so: a verb that did nothing would look as if it had worked."""
    yield from ()
    text = f"<{verb.name}> is not emulated yet"
    run.engine.problem(text, run.line.call)
    raise Ended("application-error", text)


VERBS: Verbs = {
    "Gather": digits.gather,
    "Hangup": speech.hang_up,
    "Pause": speech.pause,
    "PlayAudio": speech.play_audio,
    "Redirect": speech.redirect,
    "Ring": speech.ring,
    "SendDtmf": speech.send_dtmf,
    "SpeakSentence": speech.speak_sentence,
    "StartGather": digits.start_gather,
    "StopGather": digits.stop_gather,
    "Tag": speech.tag,
}
