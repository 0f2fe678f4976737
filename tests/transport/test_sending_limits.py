"""How often, how long and until when a request is sent again: policy, pauses, the total, the budget."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import web
from support.moved_clock import LoopTime, MovedClock, pass_time, turns, until
from support.raw_server import Peer, RawServer, never_in_a_minute
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import (
    BandwidthClient,
    BasicCredentials,
    NoAnswerError,
    PermissionDeniedError,
    RateLimitedError,
    RetryPolicy,
    ServerError,
    Timeout,
)

PATH = "/accounts/9900000/calls"


@pytest.fixture
def client(make_client: MakeClient, basic: BasicCredentials) -> BandwidthClient:
    """A client that asks for no token."""
    return make_client(auth=basic)


def fail(api: ScriptedApi, *statuses: int, **headers: str) -> None:
    """Answer the next requests with these statuses."""
    api.answers.extend(web.Response(status=status, headers=headers) for status in statuses)


async def test_the_policy_says_how_often(api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials) -> None:
    """`attempts` is how many requests leave at most, and the last error is raised."""
    client = make_client(auth=basic, retry=RetryPolicy(attempts=5))
    fail(api, 500, 500, 500, 500, 503)

    with pytest.raises(ServerError) as caught:
        await client.request("GET", PATH)

    assert (caught.value.status, caught.value.attempts) == (503, 5)


async def test_pauses_grow_and_are_random(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, moved: MovedClock
) -> None:
    """Each pause is half (the chance here) of a bound that doubles up to the cap."""
    client = make_client(auth=basic, retry=RetryPolicy(attempts=5, base=1, cap=3))
    fail(api, 500, 500, 500, 500)

    await client.request("GET", PATH)

    assert moved.sleeps == [0.5, 1.0, 1.5, 1.5]


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_obeyed(api: ScriptedApi, client: BandwidthClient, moved: MovedClock, status: int) -> None:
    """The pause is no shorter than the service asked for, with a little chance added."""
    fail(api, status, **{"Retry-After": "7"})

    await client.request("GET", PATH)

    assert moved.sleeps == [7.25]


async def test_retry_after_can_be_a_date(api: ScriptedApi, client: BandwidthClient, moved: MovedClock) -> None:
    """An HTTP date is read by the clock's time of day."""
    fail(api, 429, **{"Retry-After": "Tue, 24 Nov 2026 12:00:09 GMT"})

    await client.request("GET", PATH)

    assert moved.sleeps == [9.25]


@pytest.mark.parametrize(("header", "told"), [("61", 61.0), ("30", 30.0), ("soon", None)])
async def test_a_wait_that_is_too_long_is_raised_at_once(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, moved: MovedClock, header: str, told: float
) -> None:
    """Beyond `max_retry_after` or the total nobody waits: the error tells how long it would have been."""
    client = make_client(auth=basic, timeout=Timeout(total=20), retry=RetryPolicy(base=100, cap=100))
    fail(api, 429, **{"Retry-After": header})

    with pytest.raises(RateLimitedError) as caught:
        await client.request("GET", PATH)

    assert caught.value.retry_after == told
    assert moved.sleeps == []


async def test_the_total_is_measured_by_the_event_loop_alone(
    api: ScriptedApi, client: BandwidthClient, moved: MovedClock
) -> None:
    """A clock that jumps, as a test's may, takes nothing from the total."""

    async def jump(_: web.Request) -> web.Response:
        moved.seconds += 1000
        return web.Response(status=503)

    api.answers.append(jump)

    answer = await client.request("GET", PATH)

    assert answer.attempts == 2


@pytest.mark.moves_loop_time
async def test_the_total_bounds_all_attempts(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """An attempt that hangs is cut at the total, also when it is the second."""
    client = make_client(auth=basic, timeout=Timeout(total=60, read=600), retry=RetryPolicy(base=0))
    fail(api, 503)
    api.otherwise = never_in_a_minute

    with pytest.raises(NoAnswerError, match=r"not answered within 60 s") as caught:
        await client.request("GET", PATH)

    assert caught.value.attempts == len(api.requests) == 2


@pytest.mark.moves_loop_time
async def test_a_total_that_ends_in_the_body_knows_the_status(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """What was read of an answer that was cut by the total is told."""
    client = make_client(auth=basic, timeout=Timeout(total=60, read=600))

    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=200, headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"[")
        await turns()
        pass_time(60)
        await asyncio.Event().wait()
        return response

    api.otherwise = half

    with pytest.raises(NoAnswerError) as caught:
        await client.request("GET", PATH)

    assert caught.value.status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
@pytest.mark.parametrize("seconds", [31, 61], ids=["read", "total"])
async def test_a_refusal_counts_without_the_end_of_its_body(
    api: ScriptedApi,
    make_client: MakeClient,
    basic: BasicCredentials,
    loop_time: LoopTime,
    seconds: float,
    method: str,
) -> None:
    """A 4xx whose body never ends is the refusal, whichever timeout ends it, and took no effect."""

    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=403, headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"{")
        await asyncio.Event().wait()
        return response

    api.otherwise = half
    client = make_client(auth=basic, timeout=Timeout(total=60, read=30 if seconds < 60 else 1000))
    task = asyncio.create_task(client.request(method, PATH))
    await until(lambda: api.requests)
    await turns()

    await loop_time.advance(seconds)
    await until(task.done)

    error = task.exception()
    assert type(error) is PermissionDeniedError
    assert (error.attempts, error.may_have_taken_effect) == (1, False)


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")  # it takes no time here
async def test_a_body_that_was_not_sent_whole_by_the_total_is_aborted(
    lent: aiohttp.ClientSession | None, basic: BasicCredentials, loop_time: LoopTime
) -> None:
    """The server sees the connection end: what it has not read by then is not sent to it later."""
    body, over, ended = bytes(10_000_000), asyncio.Event(), asyncio.Event()
    timeout, received = Timeout(total=60, read=1000), 0

    async def serve(peer: Peer) -> None:
        nonlocal received
        try:
            await over.wait()
            while piece := await peer.reader.read(2**20):
                received += len(piece)
        finally:
            ended.set()

    async with (
        RawServer(serve) as server,
        BandwidthClient("9900000", basic, base_url=server.base_url, http=lent, timeout=timeout) as client,
    ):
        task = asyncio.create_task(client.request("PUT", PATH, body=body, content_type="text/plain"))
        await until(lambda: server.peers)
        await turns()

        await loop_time.advance(61)
        await until(task.done)
        over.set()
        await until(ended.is_set)

    assert type(task.exception()) is NoAnswerError
    assert received < len(body)


async def test_an_outage_does_not_multiply_traffic(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """With nothing but failures, a thousand requests are a thousand sendings and a hundred more."""
    client = make_client(auth=basic)
    api.otherwise = _unavailable

    outcomes = await asyncio.gather(*(client.request("GET", PATH) for _ in range(1000)), return_exceptions=True)

    assert {type(outcome) for outcome in outcomes} == {ServerError}
    assert len(api.requests) == 1100


async def _unavailable(_: web.Request) -> web.Response:
    return web.Response(status=503)


async def test_success_refills_the_budget(api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials) -> None:
    """A service that fails now and then, but answers in the end, is never given up for the budget."""
    client = make_client(auth=basic)

    for _ in range(150):
        fail(api, 503)
        await client.request("GET", PATH)

    assert len(api.requests) == 300


async def test_views_share_the_budget(api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials) -> None:
    """`with_options` gives no second budget: what a view has used up is not there for the client."""
    client = make_client(auth=basic)
    view = client.with_options(retry=RetryPolicy(attempts=100, base=0))
    api.otherwise = _unavailable
    for _ in range(2):
        with pytest.raises(ServerError):
            await view.request("GET", PATH)

    with pytest.raises(ServerError) as caught:
        await client.request("GET", PATH)

    assert caught.value.attempts == 1


async def test_a_cancelled_pause_is_cancelled_at_once(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, moved: MovedClock
) -> None:
    """A caller that gives up during a pause is not kept waiting."""
    pausing = asyncio.Event()

    async def sleep(_: float) -> None:
        pausing.set()
        await asyncio.Event().wait()

    clock = type(moved.clock)(monotonic=moved.clock.monotonic, now=moved.clock.now, sleep=sleep)
    client = make_client(auth=basic, clock=clock)
    fail(api, 503)
    reading = asyncio.create_task(client.request("GET", PATH))
    await pausing.wait()

    reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading
    assert len(api.requests) == 1
