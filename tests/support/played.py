"""A story with all that Voice keeps: a recorded call with its texts, and a recorded conference that goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bandwidth_calls import BandwidthClient
from bandwidth_calls.emulator import Emulator, FarEnd
from support.application import Application

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bandwidth_calls.emulator import Call

    Place = Callable[..., Awaitable[Call]]

RECORDED = (
    "<Response><StartTranscription name='live' tracks='both'/><StartRecording transcribe='true' multiChannel='true' "
    "recordingName='mine'/><SpeakSentence>What do you want</SpeakSentence><Pause duration='5'/></Response>"
)
MEETING = "<Response><StartRecording/><Conference conferenceEventUrl='/hook' tag='c'>support</Conference></Response>"


class Played(NamedTuple):
    """The ids of what was played. The conference goes on, and the member is in it."""

    call_id: str
    recording_id: str
    transcription_id: str
    conference_id: str
    member_id: str
    conference_recording_id: str


async def play_all(bandwidth: Emulator, place: Place, application: Application, client: BandwidthClient) -> Played:
    """Play a call that is recorded and transcribed, and a recorded conference of two."""
    bandwidth.far_end("*", FarEnd().silence().hear("want").say("A pizza"))
    application.replies["answer"] = RECORDED
    call = await place(application)
    await bandwidth.run_until_idle()
    recording = await client.recordings.wait_for_recording(call.call_id)
    (live,) = [each async for each in client.transcriptions.list_real_time_transcriptions(call.call_id)]

    application.replies["answer"] = MEETING
    member, _ = [await place(application, to=number) for number in ("+14155551231", "+14155551232")]
    await bandwidth.advance(5)
    (created,) = application.told("conferenceCreated")
    conference_id = created["conferenceId"]
    for verb in ("StartRecording", "StopRecording"):
        await client.conferences.update_conference_bxml(conference_id, f"<Response><{verb}/></Response>")
        await bandwidth.advance(10)
    (of_conference,) = [each async for each in client.conferences.list_conference_recordings(conference_id)]
    ids = call.call_id, recording.recording_id, live.transcription_id
    return Played(*ids, conference_id, member.call_id, of_conference.recording_id)
