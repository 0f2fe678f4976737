"""Which function plays which verb; one that is not named here ends the call, and is told as not emulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.engine import bridge, digits, speech, transfer

if TYPE_CHECKING:
    from bandwidth_calls.emulator.engine.program import Verbs


VERBS: Verbs = {
    "Bridge": bridge.bridge,
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
    "Transfer": transfer.transfer,
}
