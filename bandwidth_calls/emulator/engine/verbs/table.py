"""The table of verbs: the name of each, and the function that plays it.

The engine adds Conference. A verb that is not in the table ends the call, with the problem that it is not emulated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.engine.verbs import bridge, digits, handover, recording, speech, streaming, transfer

if TYPE_CHECKING:
    from bandwidth_calls.emulator.engine.program import Verbs

VERBS: Verbs = {
    "Bridge": bridge.bridge,
    "Forward": handover.forward,
    "Gather": digits.gather,
    "Hangup": speech.hang_up,
    "Pause": speech.pause,
    "PauseRecording": recording.pause_recording,
    "PlayAudio": speech.play_audio,
    "Record": recording.record,
    "Redirect": speech.redirect,
    "Refer": handover.refer,
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
