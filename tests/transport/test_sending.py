"""Sending again: what is sent again, what never is, and what the error says."""

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
    NotSentError,
    RefusedError,
    ServerError,
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


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
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


@pytest.mark.parametrize("status", [408, 429, 503])
async def test_an_update_is_sent_again_where_it_was_not_processed(
    api: ScriptedApi, client: BandwidthClient, status: int
) -> None:
    """Both updates are sent again on 408, 429 and 503."""
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


async def test_a_408_to_a_post_is_a_refusal_in_doubt(api: ScriptedApi, client: BandwidthClient) -> None:
    """Balancers send 408 on idle connections just when a request leaves, so the request may have been processed."""
    fail(api, 408)

    with pytest.raises(RefusedError) as caught:
        await client.request("POST", PATH, json={})

    assert (caught.value.status, caught.value.may_have_taken_effect) == (408, True)
    assert caught.value.attempts == len(api.requests) == 1


async def test_a_408_to_a_call_leaves_it_in_doubt(
    api: ScriptedApi, client: BandwidthClient, a_call: CreateCall
) -> None:
    """A create-call that was answered with 408 is not sent again, and its cause is the 408."""
    fail(api, 408)

    with pytest.raises(CallMayHaveBeenPlacedError) as caught:
        await client.calls.create_call(a_call)

    assert type(caught.value.__cause__) is RefusedError
    assert caught.value.__cause__.status == 408
    assert caught.value.attempts == len(api.requests) == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_change_that_is_always_answered_with_408_may_have_taken_effect(
    api: ScriptedApi, client: BandwidthClient, method: str
) -> None:
    """After its last attempt the error says so."""
    fail(api, 408, 408, 408)

    with pytest.raises(RefusedError) as caught:
        await client.request(method, PATH)

    assert (caught.value.attempts, caught.value.may_have_taken_effect) == (3, True)


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
