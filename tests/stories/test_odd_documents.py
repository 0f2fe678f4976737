"""Documents that may fail at Bandwidth: they are played, and each problem is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.application import Application

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import ClientSession

    Place = Callable[..., Awaitable[Call]]

VOICE = "<SpeakSentence voice='nobody'>Good day</SpeakSentence>"
PROBLEM = "Response > SpeakSentence[0]: voice: 'nobody' is not among the documented voices"


async def test_an_unknown_voice_speaks_on(bandwidth: Emulator, place: Place) -> None:
    """The sentence is heard, and the problem names the URL, the place and the call."""
    async with Application(answer=f"<Response>{VOICE}</Response>") as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    call.assert_heard("good day")
    expected = f"the BXML of {application.url} may fail at Bandwidth: {PROBLEM} (call {call.call_id})"
    assert bandwidth.expect_problems() == [expected]


async def test_a_time_limit_of_a_transfer_is_ignored(bandwidth: Emulator, place: Place) -> None:
    """The transfer goes on beyond the limit that is not documented."""
    leg = "+14155550199"
    bandwidth.far_end(leg, FarEnd().answer(after=1).hang_up(after=100))
    transfer = f"<Transfer timeLimit='10'><PhoneNumber>{leg}</PhoneNumber></Transfer>"
    async with Application(answer=f"<Response>{transfer}</Response>") as application:
        await place(application)
        await bandwidth.run_until_idle()

    b_leg = bandwidth.assert_dialled_once(leg)
    assert (b_leg.answer_time, b_leg.end_time) != (None, None)
    assert (b_leg.end_time or 0) - (b_leg.answer_time or 0) > 90_000
    (problem,) = bandwidth.expect_problems()
    assert "Response > Transfer[0]: timeLimit: is not documented, and has no effect" in problem


@pytest.mark.parametrize("answer_call", ["True", "FALSE"])
async def test_a_boolean_in_capitals_is_a_problem(bandwidth: Emulator, answer_call: str) -> None:
    """It is read as it is meant."""
    ring = f"<Ring answerCall='{answer_call}' duration='3'/><Hangup/>"
    async with Application(initiate=f"<Response>{ring}</Response>") as application:
        call = await bandwidth.inbound(to="+19195554321", from_="+19195551234", url=application.url)
        await bandwidth.run_until_idle()

    assert (call.answer_time is not None) == (answer_call == "True")
    (problem,) = bandwidth.expect_problems()
    assert f"answerCall: should be {answer_call.lower()}, not {answer_call}" in problem


async def test_a_document_through_the_api_has_problems_too(
    bandwidth: Emulator, place: Place, update: Callable[..., Awaitable[int]]
) -> None:
    """The problem says that the document came through the API."""
    async with Application(answer="<Response><Pause duration='60'/></Response>") as application:
        call = await place(application)
        await bandwidth.advance(5)
        status = await update(call, bxml=f"<Response>{VOICE}</Response>")
        await bandwidth.run_until_idle()

    assert status == 204
    call.assert_heard("good day")
    expected = f"the BXML of the API request may fail at Bandwidth: {PROBLEM} (call {call.call_id})"
    assert bandwidth.expect_problems() == [expected]


async def test_a_document_of_a_conference_has_problems_too(
    bandwidth: Emulator, place: Place, http: ClientSession
) -> None:
    """Both ways to a conference tell the problem: the reply to its event, and the API."""
    room = "<Response><Conference conferenceEventUrl='/hook'>room</Conference></Response>"
    async with Application(answer=room, conferenceCreated=f"<Response>{VOICE}</Response>") as application:
        call = await place(application)
        await bandwidth.advance(5)
        (created,) = application.told("conferenceCreated")
        url = f"{bandwidth.base_url}/accounts/{bandwidth.account_id}/conferences/{created['conferenceId']}/bxml"
        headers = {"Content-Type": "application/xml"}
        async with http.put(url, data=f"<Response>{VOICE}</Response>", headers=headers) as answer:
            assert answer.status == 204

    problem = f"may fail at Bandwidth: {PROBLEM} (call {call.call_id})"
    expected = [f"the BXML of {source} {problem}" for source in (application.url, "the API request")]
    assert bandwidth.expect_problems() == expected
