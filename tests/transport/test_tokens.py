"""Tokens: one fetch at a time, renewed ahead of expiry, and again when one is refused."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web
from support.moved_clock import MovedClock, pass_time, until
from support.scripted_api import REFUSED, MakeClient, ScriptedApi, refuse
from support.tasks import client_tasks

from bandwidth_calls import (
    AuthenticationError,
    BandwidthClient,
    ClientClosedError,
    ClientCredentials,
    CreateCall,
    MemoryTokenStore,
    RetryPolicy,
    Timeout,
    Token,
    TokenError,
)

PATH = "/accounts/9900000/calls"


def hold(api: ScriptedApi) -> asyncio.Event:
    """Hold the next token answer back until the event is set."""
    released = asyncio.Event()

    async def answer(_: web.Request) -> web.Response:
        await released.wait()
        return web.json_response({"access_token": "held", "expires_in": 3600})

    api.token_answers.append(answer)
    return released


async def test_a_hundred_first_requests_fetch_one_token(api: ScriptedApi, make_client: MakeClient) -> None:
    """However many requests come first, one token is fetched."""
    client = make_client()

    await asyncio.gather(*(client.request("GET", PATH) for _ in range(100)))

    assert len(api.token_requests) == 1
    assert api.authorizations == ["Bearer token-1"] * 100


async def test_a_token_request_is_that_of_client_credentials(api: ScriptedApi, make_client: MakeClient) -> None:
    """A token is asked for by a form, with the client's credentials in HTTP Basic."""
    client = make_client()

    await client.request("GET", PATH)

    (seen,) = api.token_requests
    assert seen.body == b"grant_type=client_credentials"
    assert seen.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert seen.headers["Authorization"] == "Basic Y2xpZW50LWlkOmNsaWVudC1zZWNyZXQ="


async def test_a_hundred_requests_refused_at_once_fetch_one_more_token(
    api: ScriptedApi, make_client: MakeClient
) -> None:
    """When a token is refused under a hundred requests, it is renewed once for all of them."""
    client = make_client()
    await client.request("GET", PATH)
    api.otherwise = refuse("token-1")

    answers = await asyncio.gather(*(client.request("GET", PATH) for _ in range(100)))

    assert len(api.token_requests) == 2
    assert {answer.attempts for answer in answers} == {2}


async def test_a_token_refused_twice_is_an_authentication_error(api: ScriptedApi, make_client: MakeClient) -> None:
    """A 401 renews the token once; a second one is the caller's to see, with both requests counted."""
    client = make_client()
    api.otherwise = refuse("token-1", "token-2", "token-3")

    with pytest.raises(AuthenticationError) as caught:
        await client.request("GET", PATH)

    assert caught.value.attempts == 2
    assert len(api.requests) == 2
    assert len(api.token_requests) == 2


async def test_the_resend_after_a_renewal_is_not_counted_against_the_policy(
    api: ScriptedApi, make_client: MakeClient, once: RetryPolicy
) -> None:
    """Even a policy of one attempt sends again after a token was renewed."""
    client = make_client(retry=once)
    api.otherwise = refuse("token-1")

    answer = await client.request("POST", PATH, json={})

    assert (answer.status, answer.attempts) == (200, 2)


async def test_a_waiter_can_be_cancelled_alone(api: ScriptedApi, make_client: MakeClient) -> None:
    """Cancelling one of those who wait for a token leaves the fetch to the others."""
    client = make_client()
    released = hold(api)
    first, second = (asyncio.create_task(client.request("GET", PATH)) for _ in range(2))
    await until(lambda: api.token_requests)

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    released.set()

    assert (await second).status == 200
    assert len(api.token_requests) == 1


async def test_a_failed_fetch_fails_for_all_who_waited(api: ScriptedApi, make_client: MakeClient) -> None:
    """One refused fetch is the answer to everybody who waited for it, each with an error of their own."""
    client = make_client()
    api.token_answers.extend(web.json_response({"error": "invalid_client"}, status=401) for _ in range(3))

    errors = await asyncio.gather(*(client.request("GET", PATH) for _ in range(20)), return_exceptions=True)

    assert {type(error) for error in errors} == {TokenError}
    assert len({id(error) for error in errors}) == 20
    assert len(api.token_requests) == 1
    assert api.requests == []


async def test_a_token_error_tells_what_the_endpoint_said_and_no_secret(
    api: ScriptedApi, make_client: MakeClient
) -> None:
    """The words of RFC 6749 are told; a secret that the endpoint echoes is not."""
    client = make_client()
    said = {"error": "invalid_client", "error_description": "client-secret is wrong"}
    api.token_answers.append(web.json_response(said, status=401))

    with pytest.raises(TokenError) as caught:
        await client.request("GET", PATH)

    assert "invalid_client" in str(caught.value)
    assert "client-secret" not in f"{caught.value!s} {caught.value!r} {vars(caught.value)}"
    assert (caught.value.status, caught.value.attempts) == (401, 0)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_passing_fault_of_the_token_endpoint_is_sent_again(
    api: ScriptedApi, make_client: MakeClient, status: int
) -> None:
    """A token request changes nothing, so it is sent again on every passing fault."""
    client = make_client()
    api.token_answers.append(web.Response(status=status))

    answer = await client.request("GET", PATH)

    assert answer.attempts == 1
    assert api.authorizations == ["Bearer token-2"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(web.Response(text="<html>", content_type="text/html"), id="html"),
        pytest.param(web.Response(), id="empty"),
        pytest.param(web.json_response([]), id="list"),
        pytest.param(web.json_response({"expires_in": 3600}), id="no token"),
        pytest.param(web.json_response({"access_token": 7}), id="number"),
        pytest.param(web.json_response({"access_token": "a\r\nb"}), id="line break"),
        pytest.param(web.json_response({"access_token": "a", "token_type": "mac"}), id="other type"),
        pytest.param(web.Response(status=302, headers={"Location": "/elsewhere"}), id="redirect"),
        pytest.param(web.json_response({"error": "invalid_client"}, status=400), id="error"),
    ],
)
async def test_a_bad_answer_of_the_token_endpoint_is_a_token_error(
    api: ScriptedApi, make_client: MakeClient, answer: web.Response
) -> None:
    """Whatever the token endpoint answers, it is a token or a TokenError."""
    client = make_client()
    api.token_answers.append(web.Response(status=answer.status, body=answer.body, headers=answer.headers))

    with pytest.raises(TokenError):
        await client.request("GET", PATH)

    assert len(api.token_requests) == 1
    assert api.requests == []


@pytest.mark.parametrize("expires_in", [None, 0, -5, "soon", True, [], 1e300])
async def test_an_odd_lifetime_is_no_hot_loop(api: ScriptedApi, make_client: MakeClient, expires_in: object) -> None:
    """A lifetime that makes no sense counts as an hour, so the next requests use the same token."""
    client = make_client()
    api.expires_in = expires_in

    for _ in range(3):
        await client.request("GET", PATH)

    assert len(api.token_requests) == 1


async def test_a_token_near_its_expiry_serves_while_it_is_renewed(
    api: ScriptedApi, make_client: MakeClient, moved: MovedClock
) -> None:
    """Sixty seconds ahead of expiry the token is renewed in the background, and no request waits for that."""
    client = make_client()
    await client.request("GET", PATH)
    moved.seconds = 3600 - 59

    await client.request("GET", PATH)
    await until(lambda: len(api.token_requests) == 2)
    await until(lambda: not client_tasks())
    await client.request("GET", PATH)

    assert api.authorizations == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


async def test_a_short_lived_token_is_renewed_a_tenth_ahead(
    api: ScriptedApi, make_client: MakeClient, moved: MovedClock
) -> None:
    """A token of 100 seconds is not renewed at 89, but at 91."""
    client = make_client()
    api.expires_in = 100
    await client.request("GET", PATH)

    moved.seconds = 89
    await client.request("GET", PATH)
    before = len(api.token_requests)
    moved.seconds = 91
    await client.request("GET", PATH)
    await until(lambda: len(api.token_requests) == 2)

    assert before == 1


async def test_an_early_renewal_that_fails_leaves_the_old_token_serving(
    api: ScriptedApi, make_client: MakeClient, moved: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    """While a token is fresh, a renewal that fails is a warning, and is not tried again at every request."""
    client = make_client()
    await client.request("GET", PATH)
    moved.seconds = 3600 - 50
    api.token_answers.append(web.json_response({"error": "invalid_client"}, status=401))

    await client.request("GET", PATH)
    await until(lambda: not client_tasks())
    await client.request("GET", PATH)

    assert len(api.token_requests) == 2
    assert api.authorizations == ["Bearer token-1"] * 3
    assert "no token could be had: AuthenticationError" in caplog.text


async def test_an_expired_token_is_not_sent(api: ScriptedApi, make_client: MakeClient, moved: MovedClock) -> None:
    """A token that expired is replaced before anything is sent with it."""
    client = make_client()
    await client.request("GET", PATH)
    moved.seconds = 3600

    await client.request("GET", PATH)

    assert api.authorizations == ["Bearer token-1", "Bearer token-2"]


async def test_no_lock_is_held_while_the_api_is_asked(api: ScriptedApi, make_client: MakeClient) -> None:
    """Requests are in flight side by side."""
    client = make_client()
    arrived, all_in = [], asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        arrived.append(request)
        if len(arrived) == 20:
            all_in.set()
        await all_in.wait()
        return web.json_response([])

    api.otherwise = answer

    answers = await asyncio.gather(*(client.request("GET", PATH) for _ in range(20)))

    assert len(answers) == 20


@pytest.mark.moves_loop_time
async def test_the_total_bounds_the_wait_for_a_token(api: ScriptedApi, make_client: MakeClient) -> None:
    """A token endpoint that hangs is a TokenError after the total, with nothing sent to the API."""
    client = make_client(timeout=Timeout(total=60))
    hold(api)
    asked = asyncio.create_task(client.request("POST", PATH, json={}))
    await until(lambda: api.token_requests)

    pass_time(60)

    with pytest.raises(TokenError, match="within") as caught:
        await asked

    assert caught.value.attempts == 0
    assert api.requests == []


async def test_closing_ends_the_wait_for_a_token(api: ScriptedApi, make_client: MakeClient) -> None:
    """Those who wait for a token when the client is closed get a ClientClosedError, not a cancellation."""
    client = make_client()
    hold(api)
    waiting = asyncio.create_task(client.request("GET", PATH))
    await until(lambda: api.token_requests)

    await client.close()

    with pytest.raises(ClientClosedError):
        await waiting


@pytest.mark.parametrize("operation", ["read", "dial"])
@pytest.mark.parametrize("attempts", [1, 3])
async def test_a_borrowed_session_that_is_closed_ends_the_wait_for_a_token(
    api: ScriptedApi, make_client: MakeClient, a_call: CreateCall, attempts: int, operation: str
) -> None:
    """Nothing was sent to the API, so it is a ClientClosedError, whatever the policy and whatever was asked for."""
    http = aiohttp.ClientSession()
    client = make_client(http=http, retry=RetryPolicy(attempts=attempts))
    hold(api)
    wanted = client.calls.create_call(a_call) if operation == "dial" else client.request("GET", PATH)
    waiting = asyncio.create_task(wanted)
    await until(lambda: api.token_requests)

    await http.close()

    with pytest.raises(ClientClosedError) as caught:
        await waiting
    assert (caught.value.attempts, caught.value.may_have_taken_effect, api.requests) == (0, False, [])


async def test_no_secret_is_in_a_log_or_a_repr(
    api: ScriptedApi, make_client: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither secret nor token shows in the log at DEBUG, nor in the repr of anything that holds them."""
    caplog.set_level(logging.DEBUG)
    auth = ClientCredentials("client-id", "client-secret", token_url=api.token_url, store=MemoryTokenStore())
    client = make_client(auth=auth)

    await client.request("GET", PATH)

    shown = f"{caplog.text} {auth!r} {client!r} {vars(client)!r} {auth.store!r} {Token('token-1', NOW)!r}"
    assert "client-secret" not in shown
    assert "token-1" not in shown


NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_client_of_basic_credentials_asks_for_no_token(
    api: ScriptedApi, make_client: MakeClient, basic: object
) -> None:
    """Basic credentials go with each request, and a refusal of theirs is final."""
    client: BandwidthClient = make_client(auth=basic)
    api.otherwise = refuse("nothing")
    api.answers.append(web.json_response(REFUSED, status=401))

    with pytest.raises(AuthenticationError) as caught:
        await client.request("GET", PATH)

    assert caught.value.attempts == 1
    assert api.authorizations == ["Basic dXNlcjpwYXNzd29yZA=="]
    assert api.token_requests == []
