"""Which function plays which verb; one that is not named here ends the call, and is told as not emulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.engine.verbs import (
    bridge,
    conference,
    digits,
    recording,
    speech,
    streaming,
    transfer,
)
from bandwidth_calls.emulator.engine.verbs import (
    handover as leaving,
)

if TYPE_CHECKING:
    from bandwidth_calls.emulator.engine.program import Verbs


VERBS: Verbs = {
    "Bridge": bridge.bridge,
    "Conference": conference.conference,
    "Forward": leaving.forward,
    "Gather": digits.gather,
    "Hangup": speech.hang_up,
    "Pause": speech.pause,
    "PauseRecording": recording.pause_recording,
    "PlayAudio": speech.play_audio,
    "Record": recording.record,
    "Redirect": speech.redirect,
    "Refer": leaving.refer,
    "ResumeRecording": recording.resume_recording,
    "Ring": speech.ring,
    "SendDtmf": speech.send_dtmf,
    "SpeakSentence": speech.speak_sentence,
    "StartGather": digits.start_gather,
    "StartRecording": recording.start_recording,
    "StartStream": streaming.start_stream,
    "StartTranscription": streaming.start_transcription,
    "StopGather": digits.stop_gather,
    "StopRecording": recording.stop_recording,
    "StopStream": streaming.stop_stream,
    "StopTranscription": streaming.stop_transcription,
    "Tag": speech.tag,
    "Transfer": transfer.transfer,
}
