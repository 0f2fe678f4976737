"""The queue of outbound calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.application import Application
from support.emulator_http import ask, calls_url, list_pages, place, place_call

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from aiohttp import ClientSession


async def test_calls_leave_the_queue_by_priority_at_their_rate(http: ClientSession) -> None:
    """Priority 1 comes before 5, which is the default. Within a priority the first placed call is the first."""
    async with Application() as application, Emulator(moved_clock=True, dequeue_rate=2) as emulator:
        for priority in (5, None, 1, 3, 1):
            await place_call(http, emulator, answerUrl=application.url, priority=priority)
        await emulator.run_until_idle()
        started = [((call.start_time or 0) - call.created) / 1000 for call in emulator.calls]

    assert started == [1.5, 2, 0, 1, 0.5]


async def test_a_queue_that_ran_empty_begins_again(http: ClientSession) -> None:
    """A later call starts at once."""
    async with Application() as application, Emulator(moved_clock=True, dequeue_rate=0.1) as emulator:
        await place_call(http, emulator, answerUrl=application.url)
        await emulator.advance(60)
        await place_call(http, emulator, answerUrl=application.url)
        await emulator.run_until_idle()
        call = emulator.calls[1]

    assert call.start_time == call.created


async def test_a_queue_that_just_ran_empty_keeps_its_rate(http: ClientSession) -> None:
    """A call that is placed a moment after the last one left waits for the rest of the interval."""
    async with Application() as application, Emulator(moved_clock=True, dequeue_rate=0.1) as emulator:
        await place_call(http, emulator, answerUrl=application.url)
        await emulator.advance(4)
        await place_call(http, emulator, answerUrl=application.url)
        await emulator.run_until_idle()
        first, second = emulator.calls

    assert first.start_time == first.created
    assert second.start_time == first.created + 10_000


async def test_a_reset_empties_the_queue(http: ClientSession) -> None:
    """No call of before is dialled after it, and a call that is placed then starts at once."""
    async with Application() as application, Emulator(moved_clock=True, dequeue_rate=0.1) as emulator:
        urls = {"answerUrl": application.url, "disconnectUrl": application.url}
        for _ in range(3):
            await place_call(http, emulator, **urls)
        await emulator.advance(1)
        told = len(application.events)
        emulator.reset()
        await emulator.advance(60)
        quiet = len(application.events) == told
        await place_call(http, emulator, **urls, to="+12015550199")
        await emulator.run_until_idle()
        (call,) = emulator.calls

    assert quiet
    assert {event["to"] for event in application.events[told:]} == {"+12015550199"}
    assert call.start_time == call.created


async def test_a_queued_call_can_only_be_removed(http: ClientSession) -> None:
    """A redirect is 409. `completed` removes the call, and it is never dialled."""
    async with Application() as application, Emulator(moved_clock=True, dequeue_rate=0.1) as emulator:
        for _ in range(3):
            await place_call(http, emulator, answerUrl=application.url, disconnectUrl=application.url)
        await emulator.advance(1)
        _, queued, last = emulator.calls
        url = calls_url(emulator, queued.call_id)
        redirect = await ask(http, "POST", url, json={"redirectUrl": application.url})
        state = queued.state
        completed = await ask(http, "POST", url, json={"state": "completed"})
        await emulator.run_until_idle()

    assert (redirect.status, state, completed.status) == (409, "queued", 200)
    assert (queued.state, queued.start_time, queued.disconnect_cause) == ("disconnected", None, "cancel")
    assert last.start_time == last.created + 10_000


async def test_a_queued_call_is_listed_by_when_it_was_placed(http: ClientSession) -> None:
    """Once it has started, it is listed by the time when it started."""
    async with Application() as application, Emulator(moved_clock=True, dequeue_rate=0.1) as emulator:
        for _ in range(2):
            await place_call(http, emulator, answerUrl=application.url)
        early = {"maxStartTime": "2026-01-01T00:00:09.000Z"}
        await emulator.advance(1)
        (before,) = await list_pages(http, calls_url(emulator), **early)
        await emulator.run_until_idle()
        (after,) = await list_pages(http, calls_url(emulator), **early)

    assert [len(before), len(after)] == [2, 1]


async def test_a_full_queue_refuses(http: ClientSession) -> None:
    """The capacity is 300 seconds times the rate. The 429 tells when there is room."""
    async with Application() as application, Emulator(moved_clock=True, dequeue_rate=0.01) as emulator:
        statuses = [(await place(http, emulator, answerUrl=application.url)).status for _ in range(4)]
        refused = await place(http, emulator, answerUrl=application.url)
        await emulator.advance(0)
        taken = await place(http, emulator, answerUrl=application.url)

    assert statuses == [201, 201, 201, 429]
    assert refused.json()["description"] == "Account call creation rate limit exceeded"
    assert (refused.headers["Retry-After"], taken.status) == ("100", 201)
