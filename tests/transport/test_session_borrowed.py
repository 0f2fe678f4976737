"""Borrowed sessions: they are never closed, and what they are set to changes nothing of ours."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from support.raw_server import listen
from support.scripted_api import ScriptedApi

from bandwidth_calls import (
    BandwidthClient,
    BasicCredentials,
    CallMayHaveBeenPlacedError,
    ClientClosedError,
    CreateCall,
    NoAnswerError,
    NotFoundError,
    RetryPolicy,
)

PATH = "/accounts/9900000/calls"
AUTH = BasicCredentials("user", "password")


async def test_a_borrowed_session_is_never_closed(api: ScriptedApi, basic: BasicCredentials) -> None:
    """The caller's session stays open after the client is closed."""
    async with aiohttp.ClientSession() as lent:
        async with BandwidthClient("9900000", basic, base_url=api.base_url, http=lent) as client:
            await client.request("GET", PATH)

        assert not lent.closed


async def test_a_borrowed_session_that_its_owner_closed_says_so(api: ScriptedApi, basic: BasicCredentials) -> None:
    """A client whose borrowed session is gone tells that, not a RuntimeError."""
    lent = aiohttp.ClientSession()
    client = BandwidthClient("9900000", basic, base_url=api.base_url, http=lent)
    await lent.close()

    with pytest.raises(ClientClosedError, match="borrowed session"):
        await client.request("GET", PATH)


async def test_a_borrowed_session_with_credentials_is_refused() -> None:
    """Credentials on a borrowed session would go out beside ours, so they are refused when it is lent."""
    async with aiohttp.ClientSession(headers={"authorization": "Basic Zm9v"}) as lent:
        with pytest.raises(ValueError, match="http: "):
            BandwidthClient("9900000", AUTH, http=lent)


@pytest.mark.filterwarnings("ignore:.*BasicAuth:DeprecationWarning", "ignore:The 'auth':DeprecationWarning")
async def test_a_borrowed_session_with_auth_is_refused() -> None:
    """So is a session with `auth=`, which aiohttp deprecates but still takes."""
    async with aiohttp.ClientSession(auth=aiohttp.BasicAuth("a", "b")) as lent:
        with pytest.raises(ValueError, match="http: "):
            BandwidthClient("9900000", AUTH, http=lent)


@pytest.mark.parametrize(
    "options",
    [
        {"raise_for_status": True},
        {"auto_decompress": False},
        {"timeout": aiohttp.ClientTimeout(total=0.000001)},
        {"base_url": "http://127.0.0.1:1/elsewhere/"},
        {"skip_auto_headers": ["User-Agent"]},
    ],
    ids=lambda options: next(iter(options)),
)
async def test_what_a_borrowed_session_is_set_to_does_not_change_ours(
    api: ScriptedApi, basic: BasicCredentials, options: dict[str, Any]
) -> None:
    """Errors, decompression, limits and addresses are the client's, however the owner set up the session."""
    api.answers.append(web.Response(status=404))
    api.answers.append(web.Response(body=gzip.compress(b"[]"), headers={"Content-Encoding": "gzip"}))

    async with aiohttp.ClientSession(**options) as lent:
        client = BandwidthClient("9900000", basic, base_url=api.base_url, http=lent)
        with pytest.raises(NotFoundError):
            await client.request("GET", PATH)
        answer = await client.request("GET", PATH)

    assert answer.json() == []


async def test_hooks_and_middlewares_of_a_borrowed_session_are_kept(api: ScriptedApi, basic: BasicCredentials) -> None:
    """What the owner of a session hung on it sees our requests too."""
    seen = []
    trace = aiohttp.TraceConfig()

    async def started(*_: Any) -> None:
        seen.append("trace")

    async def middleware(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        seen.append("middleware")
        return await handler(request)

    trace.on_request_start.append(started)
    async with aiohttp.ClientSession(trace_configs=[trace], middlewares=(middleware,)) as lent:
        await BandwidthClient("9900000", basic, base_url=api.base_url, http=lent).request("GET", PATH)

    assert seen == ["trace", "middleware"]


async def test_a_middleware_that_sends_again_is_stopped(
    api: ScriptedApi, basic: BasicCredentials, a_call: CreateCall
) -> None:
    """Not even a retrying middleware of a borrowed session can dial twice: a body leaves once only."""

    async def twice(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        (await handler(request)).close()
        return await handler(request)

    async with aiohttp.ClientSession(middlewares=(twice,)) as lent:
        client = BandwidthClient("9900000", basic, base_url=api.base_url, http=lent)
        with pytest.raises(CallMayHaveBeenPlacedError) as caught:
            await client.calls.create_call(a_call)

    assert caught.value.attempts == len(api.requests) == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_aiohttp_sends_nothing_again_by_itself(method: str, lent: aiohttp.ClientSession | None) -> None:
    """The silent second send of idempotent methods is off, on a borrowed session too."""
    connections = []

    async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server, port = await listen(drop)
    policy = RetryPolicy(attempts=1)
    async with (
        server,
        BandwidthClient("9900000", AUTH, base_url=f"http://127.0.0.1:{port}", http=lent, retry=policy) as client,
    ):
        with pytest.raises(NoAnswerError) as caught:
            await client.request(method, PATH)

    assert caught.value.attempts == len(connections) == 1
    assert "ServerDisconnectedError" in str(caught.value)
