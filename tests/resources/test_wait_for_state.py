"""`wait_for_state` ends within its own timeout, whatever the API does, and tells what was seen last."""

from __future__ import annotations

import asyncio
import pickle

import pytest
from aiohttp import web
from support.moved_clock import LoopTime, MovedClock, until
from support.raw_server import never
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import (
    BandwidthClient,
    BasicCredentials,
    CallState,
    ClientClosedError,
    Clock,
    NotFoundError,
    RateLimitedError,
    WaitTimeoutError,
)


def _waiting(client: BandwidthClient, timeout: float) -> asyncio.Task[CallState]:
    return asyncio.create_task(client.calls.wait_for_state("c-1", "answered", timeout=timeout))


@pytest.fixture
def timed(make_client: MakeClient, basic: BasicCredentials, loop_time: LoopTime) -> BandwidthClient:
    """A client whose clock is the event loop's."""
    return make_client(auth=basic, clock=loop_time.clock)


async def _timed_out(api: ScriptedApi, client: BandwidthClient, loop_time: LoopTime) -> WaitTimeoutError:
    """Wait for two seconds, the last answer of which never comes."""
    seen = len(api.answers)
    api.otherwise = never
    task = _waiting(client, 2)
    await until(lambda: len(api.requests) > seen)

    await loop_time.advance(2)
    await until(task.done)

    error = task.exception()
    assert isinstance(error, WaitTimeoutError)
    return error


async def test_a_wait_ends_in_time_while_the_api_hangs(
    api: ScriptedApi, timed: BandwidthClient, loop_time: LoopTime
) -> None:
    """The client's total of 60 s does not matter, and nothing was seen."""
    error = await _timed_out(api, timed, loop_time)

    assert error.last is None
    assert "not answered within 2 s" in str(error)


async def test_a_wait_does_not_end_before_its_time(
    api: ScriptedApi, timed: BandwidthClient, loop_time: LoopTime
) -> None:
    """An answer that comes shortly before the end counts."""
    gate = asyncio.Event()

    async def late(_: web.Request) -> web.Response:
        await gate.wait()
        return web.json_response({"callId": "c-1", "state": "answered"})

    api.answers.append(late)
    task = _waiting(timed, 2)
    await until(lambda: api.requests)
    await loop_time.advance(1.9)
    gate.set()

    call = await task

    assert call.state == "answered"


async def test_a_wait_tells_the_state_that_was_seen_last(
    api: ScriptedApi, timed: BandwidthClient, loop_time: LoopTime
) -> None:
    """`last` is the CallState, also after pickling."""
    api.answers.append(web.json_response({"callId": "c-1", "state": "initiated", "new": {"a": [1]}}))

    error = await _timed_out(api, timed, loop_time)

    assert isinstance(error.last, CallState)
    assert error.last.state == "initiated"
    assert pickle.loads(pickle.dumps(error)).last == error.last


async def test_a_wait_tells_that_the_call_could_not_be_read(
    api: ScriptedApi, timed: BandwidthClient, loop_time: LoopTime
) -> None:
    """`last` is the NotFoundError, also after pickling."""
    api.answers.append(web.Response(status=404))

    error = await _timed_out(api, timed, loop_time)

    assert type(error.last) is NotFoundError
    assert type(pickle.loads(pickle.dumps(error)).last) is NotFoundError


async def test_a_404_of_long_ago_is_not_what_ends_a_wait(
    api: ScriptedApi, timed: BandwidthClient, loop_time: LoopTime
) -> None:
    """A 404 within `unseen_for`, and then an API that hangs, is a WaitTimeoutError like any other."""
    api.answers.append(web.Response(status=404))
    api.otherwise = never
    task = asyncio.create_task(timed.calls.wait_for_state("c-1", "answered", timeout=2, unseen_for=1))
    await until(lambda: len(api.requests) == 2)

    await loop_time.advance(2)
    await until(task.done)

    error = task.exception()
    assert type(error) is WaitTimeoutError
    assert type(error.last) is NotFoundError


@pytest.mark.parametrize(("seconds", "looks"), [(0, 0), (0.25, 1), (0.75, 2)])
async def test_a_wait_may_be_shorter_than_a_second(
    api: ScriptedApi, client: BandwidthClient, seconds: float, looks: int
) -> None:
    """The state is requested as often as the time allows: after 0 and 0.5 seconds, and then less often."""
    api.otherwise = _ringing

    with pytest.raises(WaitTimeoutError):
        await client.calls.wait_for_state("c-1", "answered", timeout=seconds)

    assert len(api.requests) == looks


async def test_a_wait_takes_five_minutes_by_default(
    api: ScriptedApi, client: BandwidthClient, moved: MovedClock
) -> None:
    """The last look is at most one of the longest pauses before the end."""
    api.otherwise = _ringing

    with pytest.raises(WaitTimeoutError, match="not answered within 300 s"):
        await client.calls.wait_for_state("c-1", "answered")

    assert 290 <= moved.seconds <= 300


async def test_a_call_may_be_unseen_for_five_minutes_by_default(
    api: ScriptedApi, client: BandwidthClient, moved: MovedClock
) -> None:
    """A 404 after 299.9 s is not the end; the next one, after 300.65 s, is."""

    async def unseen(_: web.Request) -> web.Response:
        moved.seconds = max(moved.seconds, 299.4)
        return web.Response(status=404)

    api.otherwise = unseen

    with pytest.raises(NotFoundError):
        await client.calls.wait_for_state("c-1", "answered", timeout=1000)

    assert len(api.requests) == 3


async def _ringing(_: web.Request) -> web.Response:
    return web.json_response({"callId": "c-1", "state": "initiated"})


async def test_a_call_that_stays_unseen_for_half_a_second_ends_a_wait(
    api: ScriptedApi, client: BandwidthClient
) -> None:
    """`unseen_for` is in seconds, and may be a part of one."""
    api.answers += [web.Response(status=404), web.Response(status=404)]

    with pytest.raises(NotFoundError):
        await client.calls.wait_for_state("c-1", "answered", timeout=10, unseen_for=0.5)

    assert len(api.requests) == 2


async def test_a_pause_that_is_longer_than_what_is_left_ends_a_wait(
    api: ScriptedApi, client: BandwidthClient, moved: MovedClock
) -> None:
    """A 429 that asks for 30 s ends a wait of 10 s at once."""
    api.answers.append(web.Response(status=429, headers={"Retry-After": "30"}))

    with pytest.raises((RateLimitedError, WaitTimeoutError)):
        await client.calls.wait_for_state("c-1", "answered", timeout=10)

    assert moved.sleeps == []
    assert len(api.requests) == 1


async def test_closing_ends_a_wait_whose_request_is_under_way(api: ScriptedApi, client: BandwidthClient) -> None:
    """The wait ends at once, as every request does."""
    api.otherwise = never
    task = _waiting(client, 300)
    await until(lambda: api.requests)

    await client.close()
    await until(task.done)

    assert type(task.exception()) is ClientClosedError


async def test_closing_ends_a_wait_that_pauses(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """The pause between two reads ends at once too."""
    pausing = asyncio.Event()

    async def sleep(_: float) -> None:
        pausing.set()
        await asyncio.Event().wait()

    api.answers.append(web.Response(status=404))
    client = make_client(auth=basic, clock=Clock(sleep=sleep))
    task = _waiting(client, 300)
    await until(pausing.is_set)

    await client.close()
    await until(task.done)

    assert type(task.exception()) is ClientClosedError


async def test_a_cancelled_wait_is_cancelled(api: ScriptedApi, client: BandwidthClient) -> None:
    """The caller's own cancellation passes unchanged."""
    api.otherwise = never
    task = _waiting(client, 300)
    await until(lambda: api.requests)

    task.cancel("mine")

    with pytest.raises(asyncio.CancelledError, match="mine"):
        await task
