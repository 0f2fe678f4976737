"""The far end may hang up at any moment of any verb. The call and its legs end, and nothing is left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.application import Application
from support.emulator_http import ask, control_url
from support.stream_server import StreamServer

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import ClientSession

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
    "stream": '<StartStream name="s" destination="WS" streamEventUrl="/hook"/><Pause duration="5"/>'
    '<StopStream name="s"/><StartTranscription transcriptionEventUrl="/hook"/><StopStream name="t" wait="true"/>',
    "slow": '<Redirect redirectUrl="/hook"/>',
}
MORE = "<Response><SpeakSentence>And so on</SpeakSentence></Response>"


async def left_over(bandwidth: Emulator, http: ClientSession) -> list[str]:
    """Return the ids of the calls whose far end is still on the line, and of the conferences that go on."""
    calls = [call.call_id for call in bandwidth.calls]
    hung_up = {call_id: control_url(bandwidth, f"calls/{call_id}/hang_up") for call_id in calls}
    up = [call_id for call_id, url in hung_up.items() if (await ask(http, "POST", url, json={})).status != 409]
    listed = await ask(http, "GET", f"{bandwidth.base_url}/accounts/{bandwidth.account_id}/conferences")
    return up + [conference["id"] for conference in listed.json() if conference["completedTime"] is None]


@pytest.mark.parametrize("after", [0, 0.05, 0.1, 0.5, 1, 2, 3.5, 5, 7.75, 9.5])
@pytest.mark.parametrize("document", DOCUMENTS)
async def test_hanging_up_in_the_middle(
    bandwidth: Emulator, place: Place, http: ClientSession, document: str, after: float
) -> None:
    """The far end hangs up at each of many moments. If the document ended before, there is nothing to hang up."""
    bandwidth.far_end("*", FarEnd().silence())
    bandwidth.far_end("+19195551234", FarEnd().silence().hang_up(after=after))
    bandwidth.far_end("+14155552222", FarEnd().answer(after=4).hang_up(after=30))
    bandwidth.webhook_fault("redirect", delay=8)
    replies = dict.fromkeys(("gather", "transferAnswer", "transferComplete", "recordComplete", "redirect"), MORE)
    async with StreamServer() as streams, Application(**replies) as application:
        application.replies["answer"] = f"<Response>{DOCUMENTS[document]}</Response>".replace("WS", streams.url)
        call = await place(application)
        await bandwidth.run_until_idle()

    assert [ended.disconnect_cause for ended in bandwidth.calls] == ["hangup"] * len(bandwidth.calls)
    assert application.types.count("disconnect") == 1
    assert call.end_time is not None
    assert call.end_time <= call.created + 2000 + after * 1000
    assert await left_over(bandwidth, http) == []
    assert bandwidth.problems == []


@pytest.mark.parametrize(("after", "cause"), [(0, "cancel"), (2.5, "cancel"), (11, "hangup")])
async def test_hanging_up_before_the_answer(bandwidth: Emulator, after: float, cause: str) -> None:
    """A caller who gives up while the application is asked cancels the call. After the answer it has no effect."""
    bandwidth.webhook_fault("initiate", delay=10)
    far_end = FarEnd().give_up(after=after)
    async with Application(initiate=MORE) as application:
        call = await bandwidth.inbound(to="+19195554321", from_="+19195551234", url=application.url, far_end=far_end)
        await bandwidth.run_until_idle()

    assert call.disconnect_cause == cause
    if cause == "cancel":
        assert call.end_time == call.created + after * 1000
