"""Forward and Refer, which hand a call over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession
from support.application import Application
from support.emulator_http import BXML, BXML_TYPE, USER, ask, calls_url

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Ring = Callable[..., Awaitable[Call]]
    Place = Callable[..., Awaitable[Call]]

FRIEND = "+14155551234"
SIP_FRIEND = "sip:friend@sip.example"
LONG = '<Response><Pause duration="60"/></Response>'
FORWARD = f'<Response><Forward to="{FRIEND}"/></Response>'
SORRY = "<SpeakSentence>Sorry</SpeakSentence>"


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    """An application that forwards every caller."""
    async with Application(initiate=FORWARD) as application:
        yield application


@pytest.fixture
async def bandwidth(application: Application) -> AsyncIterator[Emulator]:
    """An emulator that sends events about inbound calls, also about their ends."""
    urls = {"inbound_url": application.url, "status_url": application.url}
    async with Emulator(moved_clock=True, inbound_url=urls["inbound_url"], status_url=urls["status_url"]) as emulator:
        yield emulator


@pytest.fixture
def ring(bandwidth: Emulator) -> Ring:
    """Return a function that starts an inbound call to the application."""

    async def ring(to: str = "+19195554321", far_end: FarEnd | None = None) -> Call:
        return await bandwidth.inbound(to=to, from_="+19195551234", far_end=far_end)

    return ring


def lasted(call: Call) -> float:
    """Return the seconds from the beginning of a call to its end."""
    assert call.end_time is not None
    return (call.end_time - call.created) / 1000


async def test_a_forwarded_call(bandwidth: Emulator, application: Application, ring: Ring) -> None:
    """It is answered when the callee answers. They hear each other, and the application gets only disconnect."""
    bandwidth.far_end(FRIEND, FarEnd().answer(after=4).silence().hear("it is me").say("Bye").hang_up(after=1))

    call = await ring(far_end=FarEnd().say("Hello, it is me", after=1))
    await bandwidth.run_until_idle()

    leg = bandwidth.assert_dialled_once(FRIEND)
    assert application.types == ["initiate", "disconnect"]
    assert (call.disconnect_cause, (call.answer_time or 0) - call.created) == ("hangup", 4_000)
    assert lasted(call) == pytest.approx(4 + 1 + 15 / 15 + 3 / 15 + 1, abs=0.01)
    assert (leg.from_, leg.parent_call_id, leg.end_time) == ("+19195554321", call.call_id, call.end_time)


async def test_the_caller_of_a_forwarded_call_hangs_up(
    bandwidth: Emulator, application: Application, ring: Ring
) -> None:
    """The other leg ends too."""
    call = await ring(far_end=FarEnd().hang_up(after=5))

    await bandwidth.run_until_idle()

    leg = bandwidth.assert_dialled_once(FRIEND)
    assert (call.disconnect_cause, leg.disconnect_cause, lasted(call)) == ("hangup", "hangup", 7)
    assert leg.end_time == call.end_time
    assert application.types == ["initiate", "disconnect"]


@pytest.mark.parametrize(
    ("far_end", "cause", "after"),
    [
        (FarEnd().busy(after=1), "busy", 1),
        (FarEnd().reject(after=3), "rejected", 3),
        (FarEnd().no_answer(), "timeout", 8),
        (FarEnd().not_reachable(), "cancel", 30),
        (FarEnd().fail(), "error", 0),
    ],
)
async def test_a_forwarded_call_that_is_not_answered(
    bandwidth: Emulator, application: Application, ring: Ring, far_end: FarEnd, cause: str, after: float
) -> None:
    """The call ends with the cause of the leg, and later verbs are not played."""
    application.replies["initiate"] = f'<Response><Forward to="{SIP_FRIEND}" callTimeout="8"/>{SORRY}</Response>'
    bandwidth.far_end(SIP_FRIEND, far_end)

    call = await ring()
    await bandwidth.run_until_idle()

    (disconnect,) = application.told("disconnect")
    assert (disconnect["cause"], bool(disconnect["errorMessage"]), "answerTime" in disconnect) == (cause, True, False)
    assert (lasted(call), call.transcript()) == (after, "")


async def test_a_forward_shows_another_number(bandwidth: Emulator, application: Application, ring: Ring) -> None:
    """The caller id is that of the verb."""
    application.replies["initiate"] = f'<Response><Forward to="{FRIEND}" from="+13035551234"/></Response>'

    await ring()
    await bandwidth.advance(1)

    assert bandwidth.assert_dialled_once(FRIEND).from_ == "+13035551234"


async def test_only_an_unanswered_call_is_forwarded(bandwidth: Emulator, application: Application, ring: Ring) -> None:
    """After an answer the call ends with an explanation, and there is no leg."""
    application.replies["initiate"] = f'<Response>{SORRY}<Forward to="{FRIEND}"/></Response>'

    call = await ring()
    await bandwidth.run_until_idle()

    (problem,) = bandwidth.expect_problems()
    assert "only for an inbound call that was not answered" in problem
    assert (call.disconnect_cause, len(bandwidth.calls)) == ("application-error", 1)
    assert "not answered" in application.told("disconnect")[0]["errorMessage"]


@pytest.mark.parametrize("which", [0, 1])
async def test_a_forwarded_call_is_out_of_reach(bandwidth: Emulator, ring: Ring, which: int) -> None:
    """The API refuses to change either leg with 409."""
    await ring()
    await bandwidth.advance(10)
    url = calls_url(bandwidth, bandwidth.calls[which].call_id)
    async with ClientSession(headers=USER) as http:
        ended = await ask(http, "POST", url, json={"state": "completed"})
        replaced = await ask(http, "PUT", f"{url}/bxml", data=BXML, headers=BXML_TYPE)

    assert (ended.status, replaced.status) == (409, 409)
    assert [call.state for call in bandwidth.calls] == ["answered", "answered"]


async def test_no_bridge_to_a_forwarded_call(bandwidth: Emulator, application: Application, ring: Ring) -> None:
    """The bridge is rejected, and the event says so."""
    forwarded = await ring()
    await bandwidth.advance(10)
    bridge = f'<Response><Bridge bridgeCompleteUrl="/hook">{forwarded.call_id}</Bridge></Response>'
    application.replies.update(initiate=bridge, bridgeComplete="<Response/>")

    await ring()
    await bandwidth.run_until_idle()

    (complete,) = application.told("bridgeComplete")
    assert (complete["cause"], forwarded.state) == ("rejected", "answered")


def refer(*after: str, url: bool = True) -> str:
    """Return a document that refers, with an event to `url`, and more verbs."""
    told = ' referCompleteUrl="/hook" tag="gone"' if url else ""
    return f"<Response><Refer{told}><SipUri>{SIP_FRIEND}</SipUri></Refer>{''.join(after)}</Response>"


async def test_a_refer_that_works(bandwidth: Emulator, application: Application, ring: Ring) -> None:
    """The call ends, and the document of the reply is not played."""
    application.replies.update(initiate=refer(SORRY), referComplete=LONG)

    call = await ring("sip:shop@sip.example")
    await bandwidth.run_until_idle()

    (complete,) = application.told("referComplete")
    result = {"referCallStatus": "success", "referSipResponseCode": 202, "notifySipResponseCode": 200}
    assert application.types == ["initiate", "referComplete", "disconnect"]
    assert {name: complete[name] for name in result} == result
    assert (complete["tag"], complete["answerTime"], complete["to"]) == (
        "gone",
        "2026-01-01T00:00:00.000Z",
        "sip:shop@sip.example",
    )
    assert (call.disconnect_cause, lasted(call), len(bandwidth.calls)) == ("hangup", 2, 1)
    assert call.transcript() == ""


@pytest.mark.parametrize(
    ("far_end", "response", "after"),
    [
        (FarEnd().busy(after=1), 486, 1),
        (FarEnd().reject(after=2), 603, 2),
        (FarEnd().fail(), 404, 0),
        (FarEnd().no_answer(), "absent", 30),
        (FarEnd().answer(after=31), "absent", 30),
    ],
)
async def test_a_refer_that_fails(
    bandwidth: Emulator, application: Application, ring: Ring, far_end: FarEnd, response: int | str, after: float
) -> None:
    """The call goes on with the document of the reply. Verbs that follow are ignored."""
    bandwidth.far_end(SIP_FRIEND, far_end)
    application.replies.update(initiate=refer("<Pause/>"), referComplete=f"<Response>{SORRY}</Response>")

    call = await ring("sips:shop@sip.example")
    await bandwidth.run_until_idle()

    (complete,) = application.told("referComplete")
    assert (complete["referCallStatus"], complete.get("notifySipResponseCode", "absent")) == ("failure", response)
    assert lasted(call) == pytest.approx(after + 5 / 15, abs=0.01)
    call.assert_heard("sorry")


@pytest.mark.parametrize(("far_end", "heard"), [(FarEnd(), ""), (FarEnd().busy(), "said: Sorry")])
async def test_a_refer_without_a_url(
    bandwidth: Emulator, application: Application, ring: Ring, far_end: FarEnd, heard: str
) -> None:
    """There is no event. After a failure the next verbs are played, after a success the call ends."""
    bandwidth.far_end(SIP_FRIEND, far_end)
    application.replies["initiate"] = refer(SORRY, url=False)

    call = await ring("sip:shop@sip.example")
    await bandwidth.run_until_idle()

    assert application.types == ["initiate", "disconnect"]
    assert (call.disconnect_cause, call.transcript()) == ("hangup", heard)


async def test_only_a_call_to_a_sip_uri_is_referred(bandwidth: Emulator, application: Application, ring: Ring) -> None:
    """Another call ends with an explanation."""
    application.replies["initiate"] = refer()

    call = await ring()
    await bandwidth.run_until_idle()

    (problem,) = bandwidth.expect_problems()
    assert "only for an inbound call to a SIP URI" in problem
    assert (call.disconnect_cause, application.types) == ("application-error", ["initiate", "disconnect"])


async def test_an_outbound_call_is_given_to_nobody(bandwidth: Emulator, application: Application, place: Place) -> None:
    """Both verbs are only for inbound calls."""
    application.replies["answer"] = lambda event: FORWARD if event["to"] == FRIEND else refer()

    calls = [await place(application, to=to) for to in (FRIEND, "sip:shop@sip.example")]
    await bandwidth.run_until_idle()

    assert [call.disconnect_cause for call in calls] == ["application-error"] * 2
    assert len(bandwidth.expect_problems()) == 2


@pytest.mark.parametrize("to", ["5554321", "mailto:shop@example.com"])
async def test_an_inbound_call_goes_to_a_number_or_a_sip_uri(ring: Ring, to: str) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match=r"^to: must be an E164 telephone number or a SIP URI"):
        await ring(to)
