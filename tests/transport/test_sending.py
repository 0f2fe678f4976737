"""Sending again: what is, what never is, how long in between, and where it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from support.moved_clock import MovedClock, until
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import (
    AuthenticationError,
    BandwidthClient,
    BandwidthError,
    BasicCredentials,
    CallMayHaveBeenPlacedError,
    ConflictError,
    CreateCall,
    NoAnswerError,
    NotSentError,
    RateLimitedError,
    RetryPolicy,
    ServerError,
    Timeout,
    TokenError,
    UpdateCall,
)

PATH = "/accounts/9900000/calls"
HANG_UP = UpdateCall(state="completed")


@pytest.fixture
def client(make_client: MakeClient, basic: BasicCredentials) -> BandwidthClient:
    """A client that asks for no token."""
    return make_client(auth=basic)


def fail(api: ScriptedApi, *statuses: int, **headers: str) -> None:
    """Answer the next requests with these statuses."""
    api.answers.extend(web.Response(status=status, headers=headers) for status in statuses)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_read_is_sent_again_on_each_passing_fault(
    api: ScriptedApi, client: BandwidthClient, status: int
) -> None:
    """Reading changes nothing, so it is sent up to three times."""
    fail(api, status, status)

    answer = await client.request("GET", PATH)

    assert answer.attempts == len(api.requests) == 3


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 415, 418, 501])
async def test_what_will_not_pass_is_not_sent_again(api: ScriptedApi, client: BandwidthClient, status: int) -> None:
    """An answer that will be the same again is raised at once."""
    fail(api, status)

    with pytest.raises(BandwidthError) as caught:
        await client.request("GET", PATH)

    assert caught.value.attempts == len(api.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_an_update_is_sent_again_where_it_was_not_processed(
    api: ScriptedApi, client: BandwidthClient, status: int
) -> None:
    """Both updates are sent again on 429 and 503."""
    fail(api, status)
    await client.calls.update_call("c-1", HANG_UP)
    fail(api, status)
    await client.calls.update_call_bxml("c-1", "<Bxml/>")

    assert [seen.method for seen in api.requests] == ["POST", "POST", "PUT", "PUT"]


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_an_update_in_doubt_is_not_sent_again(api: ScriptedApi, client: BandwidthClient, status: int) -> None:
    """An update that may have taken effect is raised, and says that it may have."""
    fail(api, status)

    with pytest.raises(ServerError) as caught:
        await client.calls.update_call("c-1", HANG_UP)

    assert caught.value.may_have_taken_effect
    assert len(api.requests) == 1


async def test_a_refusal_after_a_503_may_follow_from_what_took_effect(
    api: ScriptedApi, client: BandwidthClient
) -> None:
    """A 409 to the second sending of an update may be the work of the first, and the error says so."""
    fail(api, 503, 409)

    with pytest.raises(ConflictError) as caught:
        await client.calls.update_call("c-1", HANG_UP)

    assert caught.value.may_have_taken_effect


async def test_a_plain_refusal_took_no_effect(api: ScriptedApi, client: BandwidthClient) -> None:
    """A 409 to the only sending of an update means that nothing happened."""
    fail(api, 409)

    with pytest.raises(ConflictError) as caught:
        await client.calls.update_call("c-1", HANG_UP)

    assert not caught.value.may_have_taken_effect


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_post_without_a_coroutine_may_dial_and_is_not_sent_again(
    api: ScriptedApi, client: BandwidthClient, status: int
) -> None:
    """`request("POST")` follows the rules of create_call, with the plain error."""
    fail(api, status)

    with pytest.raises(ServerError) as caught:
        await client.request("POST", PATH, json={})

    assert caught.value.attempts == len(api.requests) == 1


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


async def test_the_total_bounds_all_attempts(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """An attempt that hangs is cut at the total, also when it is the second."""
    client = make_client(auth=basic, timeout=Timeout(total=0.2, read=5), retry=RetryPolicy(base=0))
    fail(api, 503)
    api.otherwise = _never

    with pytest.raises(NoAnswerError, match=r"not answered within 0\.2 s") as caught:
        await client.request("GET", PATH)

    assert caught.value.attempts == len(api.requests) == 2


async def _never(_: web.Request) -> web.Response:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_total_that_ends_in_the_body_knows_the_status(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """What was read of an answer that was cut by the total is told."""
    client = make_client(auth=basic, timeout=Timeout(total=0.2, read=5))

    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=200, headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"[")
        await asyncio.Event().wait()
        return response

    api.otherwise = half

    with pytest.raises(NoAnswerError) as caught:
        await client.request("GET", PATH)

    assert caught.value.status == 200


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


@pytest.mark.parametrize(
    ("send", "error"),
    [
        pytest.param(lambda client: client.request("GET", PATH), ServerError, id="read"),
        pytest.param(lambda client: client.calls.update_call("c-1", HANG_UP), ServerError, id="update"),
    ],
)
async def test_what_was_said_is_told_when_the_next_attempt_is_not_sent(
    make_client: MakeClient, basic: BasicCredentials, send: Callable[[BandwidthClient], Any], error: type[Exception]
) -> None:
    """A 503 and then a refused connection is a 503: the request did leave, once."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        server.close()
        writer.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    with pytest.raises(error) as caught:
        await send(make_client(auth=basic, base_url=f"http://127.0.0.1:{port}"))

    assert isinstance(caught.value, BandwidthError)
    assert caught.value.attempts == 1


async def test_a_call_is_sent_again_when_it_was_not_sent(
    make_client: MakeClient, basic: BasicCredentials, moved: MovedClock, a_call: CreateCall
) -> None:
    """Three connections that are refused are three attempts, none of which left."""
    client = make_client(auth=basic, base_url="http://127.0.0.1:1")

    with pytest.raises(NotSentError) as caught:
        await client.calls.create_call(a_call)

    assert (caught.value.attempts, len(moved.sleeps)) == (0, 2)


async def test_a_post_whose_renewed_token_is_refused_was_not_processed(
    api: ScriptedApi, make_client: MakeClient, a_call: CreateCall
) -> None:
    """A 401 twice is an AuthenticationError even for a call, for none was placed."""
    fail(api, 401, 401)

    with pytest.raises(AuthenticationError) as caught:
        await make_client().calls.create_call(a_call)

    assert caught.value.attempts == 2
    assert not caught.value.may_have_taken_effect


async def test_a_token_is_renewed_once_for_a_request(api: ScriptedApi, make_client: MakeClient) -> None:
    """Even with other faults between them, a second 401 is the end."""
    fail(api, 401, 503, 401)

    with pytest.raises(AuthenticationError) as caught:
        await make_client().request("GET", PATH)

    assert (caught.value.attempts, len(api.token_requests)) == (3, 2)


async def test_a_token_that_cannot_be_renewed_after_a_401(api: ScriptedApi, make_client: MakeClient) -> None:
    """When the renewal fails the TokenError counts the one request that left."""
    client = make_client()
    await client.request("GET", PATH)
    fail(api, 401)
    api.token_answers.append(web.json_response({"error": "invalid_client"}, status=400))

    with pytest.raises(TokenError) as caught:
        await client.request("GET", PATH)

    assert caught.value.attempts == 1


@pytest.mark.parametrize("body", [b"Bearer dXNlcjpwYXNzd29yZA==", b'{"description": "dXNlcjpwYXNzd29yZA=="}'])
async def test_credentials_that_are_echoed_are_not_kept(api: ScriptedApi, client: BandwidthClient, body: bytes) -> None:
    """A gateway that repeats the Authorization header in its error does not bring it into ours."""
    api.answers.append(web.Response(status=400, body=body))

    with pytest.raises(BandwidthError) as caught:
        await client.request("GET", PATH)

    assert "dXNlcjpwYXNzd29yZA==" not in f"{caught.value} {caught.value!r} {vars(caught.value)}"
    assert "*****" in str(caught.value)


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


async def test_credentials_go_to_the_configured_origin_only(api: ScriptedApi, client: BandwidthClient) -> None:
    """A redirect to another origin is told, and nothing goes there."""
    async with ScriptedApi() as thief:
        api.answers.append(web.Response(status=307, headers={"Location": f"{thief.base_url}/x"}))

        with pytest.raises(BandwidthError, match="redirects are never followed"):
            await client.request("GET", PATH)

        assert thief.requests == []


async def test_a_hundred_calls_at_once_are_each_placed_once(
    api: ScriptedApi, client: BandwidthClient, a_call: CreateCall, created: dict[str, Any]
) -> None:
    """Concurrent calls do not get in each other's way."""

    async def place(_: web.Request) -> web.Response:
        return web.json_response(created, status=201)

    api.otherwise = place

    await asyncio.gather(*(client.calls.create_call(a_call) for _ in range(100)))
    await until(lambda: len(api.requests) == 100)

    assert len(api.requests) == 100


async def test_a_call_in_doubt_tells_how_many_requests_left(
    api: ScriptedApi, client: BandwidthClient, a_call: CreateCall
) -> None:
    """A 429 and then a 500 are two requests, of which the second may have dialled."""
    fail(api, 429, 500)

    with pytest.raises(CallMayHaveBeenPlacedError) as caught:
        await client.calls.create_call(a_call)

    assert caught.value.attempts == len(api.requests) == 2
