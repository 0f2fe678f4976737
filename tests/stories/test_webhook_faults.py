"""Webhook faults: replies that are late, and events that are late, repeated or lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.application import Application

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Place = Callable[..., Awaitable[Call]]

GOOD = "<Response><SpeakSentence>All is well</SpeakSentence></Response>"


async def test_a_reply_that_comes_late_costs_its_time_on_the_clock(bandwidth: Emulator, place: Place) -> None:
    """The delay passes on the emulator's clock, not in real time."""
    bandwidth.webhook_fault("answer", delay=10)
    async with Application(answer=GOOD) as application:
        call = await place(application)
        await bandwidth.run_until(call.ended)

    assert call.end_time is not None
    assert (call.end_time - call.created) / 1000 == pytest.approx(2 + 10 + 11 / 15, abs=0.001)


async def test_a_reply_that_comes_too_late_does_not_count(bandwidth: Emulator, place: Place) -> None:
    """After callbackTimeout the fallback is asked."""
    bandwidth.webhook_fault("answer", delay=20)
    async with Application(answer=GOOD) as application:
        call = await place(application, callbackTimeout=20, answerFallbackUrl=f"{application.url}/fallback")
        await bandwidth.run_until_idle()

    assert [request.path for request in application.requests][:2] == ["/hook", "/hook/fallback"]
    assert "22.000  webhook answer: POST http://127.0.0.1:*/hook -> no reply within 20 s" in call.timeline()
    call.assert_heard("all is well")


async def test_a_person_who_does_not_wait_for_a_slow_reply(bandwidth: Emulator, place: Place) -> None:
    """The document comes after the call, and is dropped."""
    bandwidth.webhook_fault("answer", delay=10)
    bandwidth.far_end("*", FarEnd().hang_up(after=2))
    async with Application(answer=GOOD) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    assert (call.disconnect_cause, application.types) == ("hangup", ["answer", "disconnect"])
    assert "dropped: the reply to answer: the call went on without it" in call.timeline()
    call.assert_never_heard("all is well")


async def test_a_redirect_while_a_reply_is_awaited(
    bandwidth: Emulator, place: Place, update: Callable[..., Awaitable[int]]
) -> None:
    """The reply to the first event is dropped, since another was sent since."""
    bandwidth.webhook_fault("answer", delay=10)
    bandwidth.webhook_fault("redirect", delay=14)
    later = "<Response><SpeakSentence>All is better</SpeakSentence></Response>"
    async with Application(answer=GOOD, redirect=later) as application:
        call = await place(application)
        await bandwidth.advance(5)
        status = await update(call, redirectUrl=application.url)
        await bandwidth.run_until_idle()

    assert status == 200
    call.assert_never_heard("all is well")
    call.assert_heard("all is better")


@pytest.mark.parametrize("aim", [{"call_id": "c-1"}, {"url": "*/other"}, {"event": "gather"}])
async def test_faults_spare_what_they_are_not_aimed_at(bandwidth: Emulator, place: Place, aim: dict[str, Any]) -> None:
    """A fault for another call, URL or event has no effect."""
    bandwidth.webhook_fault(**{"event": "answer", **aim}, drop=True)
    async with Application(answer=GOOD) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    call.assert_heard("all is well")


async def test_faults_hit_what_they_are_aimed_at(bandwidth: Emulator, place: Place) -> None:
    """A fault hits the nth event of a type, as often as `times` says."""
    bandwidth.webhook_fault("disconnect", drop=True, nth=2, times=1)
    async with Application(answer=GOOD) as application:
        calls = [await place(application) for _ in range(3)]
        await bandwidth.run_until_idle()

    assert len(application.told("answer")) == 3
    broken = [call for call in calls if "the connection broke, as was asked for" in call.timeline()]
    assert broken == [calls[1]]


async def test_an_event_may_come_twice(bandwidth: Emulator, place: Place) -> None:
    """With `duplicate` the same event is sent twice."""
    bandwidth.webhook_fault("answer", duplicate=True)
    async with Application(answer=GOOD) as application:
        await place(application)
        await bandwidth.run_until_idle()

    first, second = application.told("answer")
    assert first == second


async def test_an_event_may_be_late(bandwidth: Emulator, place: Place) -> None:
    """It is sent after later events, with the time at which it happened."""
    bandwidth.webhook_fault("dtmf", late=60, times=2)
    bandwidth.far_end("*", FarEnd().silence().press("1", after=1).press("2", after=100))
    reply = '<Response><StartGather dtmfUrl="/hook"/><Pause duration="110"/></Response>'
    async with Application(answer=reply) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    assert application.types == ["answer", "dtmf", "disconnect", "dtmf"]
    assert application.events[3]["eventTime"] < application.events[2]["eventTime"]
    assert " 63.000  webhook dtmf" in call.timeline()
    assert "163.000  webhook dtmf" in call.timeline()


@pytest.mark.parametrize(
    ("fault", "match"),
    [
        ({"delay": -1}, "delay: must be"),
        ({"late": 1e9}, "late: must be"),
        ({"delay": 86_401}, "delay: must be"),
        ({"late": 86_401}, "late: must be"),
        ({"nth": 0}, "nth: must be"),
        ({"nth": 1_000_001}, "nth: must be"),
        ({"times": 0}, "times: must be"),
        ({"times": 1_000_001}, "times: must be"),
        ({"times": 1.5}, "times: must be"),
    ],
)
async def test_a_senseless_fault_is_refused(bandwidth: Emulator, fault: dict[str, Any], match: str) -> None:
    """The error names the wrong argument."""
    with pytest.raises(ValueError, match=match):
        bandwidth.webhook_fault("answer", **fault)


@pytest.mark.parametrize(
    ("name", "most"), [("nth", 1_000_000), ("times", 1_000_000), ("delay", 86_400), ("late", 86_400)]
)
async def test_the_largest_fault_is_taken(bandwidth: Emulator, name: str, most: float) -> None:
    """A million webhooks, and a day."""
    fault: dict[str, Any] = {name: most}

    bandwidth.webhook_fault("answer", **fault)
