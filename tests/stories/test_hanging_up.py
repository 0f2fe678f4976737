"""The far end may hang up at any moment of any verb: the call ends, its legs too, and nothing is left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.application import Application

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Place = Callable[..., Awaitable[Call]]

DOCUMENTS = {
    "speech": "<SpeakSentence>Hello there</SpeakSentence><PlayAudio>a.wav</PlayAudio><Pause/><Ring/>"
    "<SendDtmf>123</SendDtmf><Tag>a</Tag>",
    "gather": '<StartGather dtmfUrl="/hook"/><Gather gatherUrl="/hook" repeatCount="2" firstDigitTimeout="2">'
    "<SpeakSentence>Press a key</SpeakSentence></Gather>",
    "transfer": '<Transfer transferCompleteUrl="/hook"><PhoneNumber transferAnswerUrl="/hook" '
    'transferDisconnectUrl="/hook">+14155551111</PhoneNumber><PhoneNumber>+14155552222</PhoneNumber></Transfer>',
    "conference": '<Conference conferenceEventUrl="/hook">room</Conference>',
    "record": '<Record recordCompleteUrl="/hook" recordingAvailableUrl="/hook" maxDuration="8" transcribe="true" '
    'transcriptionAvailableUrl="/hook"/>',
    "recording": '<StartRecording recordingAvailableUrl="/hook"/><Pause duration="2"/><PauseRecording/>'
    '<Pause duration="2"/><ResumeRecording/><Pause duration="2"/><StopRecording/><Pause/>',
    "stream": '<StartStream name="s" destination="wss://a.example/" streamEventUrl="/hook"/><Pause duration="5"/>'
    '<StopStream name="s"/><StartTranscription transcriptionEventUrl="/hook"/><StopStream name="t" wait="true"/>',
    "slow": '<Redirect redirectUrl="/hook"/>',
}
MORE = "<Response><SpeakSentence>And so on</SpeakSentence></Response>"


@pytest.mark.parametrize("after", [0, 0.05, 0.1, 0.5, 1, 2, 3.5, 5, 7.75, 9.5])
@pytest.mark.parametrize("document", DOCUMENTS)
async def test_hanging_up_in_the_middle(bandwidth: Emulator, place: Place, document: str, after: float) -> None:
    """At each of many moments; where the document was over before, the far end had nothing to hang up."""
    bandwidth.far_end("*", FarEnd().silence())
    bandwidth.far_end("+19195551234", FarEnd().silence().hang_up(after=after))
    bandwidth.far_end("+14155552222", FarEnd().answer(after=4).hang_up(after=30))
    bandwidth.webhook_fault("redirect", delay=8)
    reply = f"<Response>{DOCUMENTS[document]}</Response>"
    replies = dict.fromkeys(("gather", "transferAnswer", "transferComplete", "recordComplete", "redirect"), MORE)
    async with Application(answer=reply, **replies) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    assert [ended.disconnect_cause for ended in bandwidth.calls] == ["hangup"] * len(bandwidth.calls)
    assert application.types.count("disconnect") == 1
    assert call.end_time is not None
    assert call.end_time <= call.created + 2000 + after * 1000
    assert bandwidth._engine._lines == {}
    assert bandwidth._engine.rooms == {}
    assert bandwidth.problems == []


@pytest.mark.parametrize(("after", "cause"), [(0, "cancel"), (2.5, "cancel"), (11, "hangup")])
async def test_hanging_up_before_the_answer(bandwidth: Emulator, after: float, cause: str) -> None:
    """Who gives up while the application is asked has cancelled; once it is answered that is past."""
    bandwidth.webhook_fault("initiate", delay=10)
    far_end = FarEnd().give_up(after=after)
    async with Application(initiate=MORE) as application:
        call = await bandwidth.inbound(to="+19195554321", from_="+19195551234", url=application.url, far_end=far_end)
        await bandwidth.run_until_idle()

    assert call.disconnect_cause == cause
    if cause == "cancel":
        assert call.end_time == call.created + after * 1000
