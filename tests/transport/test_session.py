"""The life of a session: closing, event loops, forks, and cancellation."""

from __future__ import annotations

import asyncio
import gc
import os
import warnings

import aiohttp
import pytest
from support.moved_clock import until
from support.raw_server import never
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import (
    BandwidthClient,
    BasicCredentials,
    CallMayHaveBeenPlacedError,
    ClientClosedError,
    CreateCall,
    NotSentError,
    RetryPolicy,
    WrongLoopError,
)

PATH = "/accounts/9900000/calls"
AUTH = BasicCredentials("user", "password")


async def test_closing_leaves_a_call_under_way_in_doubt(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, a_call: CreateCall
) -> None:
    """A call that was sent when the client was closed may have been placed, and the error says why."""
    client = make_client(auth=basic)
    api.otherwise = never
    placing = asyncio.create_task(client.calls.create_call(a_call))
    await until(lambda: api.requests)

    await client.close()

    with pytest.raises(CallMayHaveBeenPlacedError, match="the client was closed") as caught:
        await placing
    assert caught.value.attempts == 1


async def test_closing_ends_a_read_under_way(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """A read under way when the client is closed is a ClientClosedError, and is not sent again."""
    client = make_client(auth=basic)
    api.otherwise = never
    reading = asyncio.create_task(client.request("GET", PATH))
    await until(lambda: api.requests)

    await client.close()

    with pytest.raises(ClientClosedError):
        await reading
    assert len(api.requests) == 1


async def test_closing_ends_the_wait_for_a_connection(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, a_call: CreateCall
) -> None:
    """A call that still waits for a connection when the client is closed was not sent, and says so."""
    client = make_client(auth=basic, connections=1)
    api.otherwise = never
    sent = asyncio.create_task(client.request("GET", PATH))
    await until(lambda: api.requests)
    waiting = asyncio.create_task(client.calls.create_call(a_call))
    await asyncio.sleep(0)

    await client.close()

    outcomes = await asyncio.gather(sent, waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ClientClosedError, ClientClosedError]
    assert len(api.requests) == 1


async def test_a_closed_client_says_so(make_client: MakeClient) -> None:
    """After close each use is a ClientClosedError, and closing again does nothing."""
    client = make_client()

    await client.close()
    await client.close()

    with pytest.raises(ClientClosedError, match="is closed"):
        await client.calls.get_call_state("c-1")
    with pytest.raises(ClientClosedError):
        async with client:
            pass


def test_another_event_loop_is_refused(basic: BasicCredentials, free_port: int) -> None:
    """A client that was opened in one loop tells so in another."""
    client = BandwidthClient("9900000", basic, base_url=f"http://127.0.0.1:{free_port}")

    async def use() -> None:
        with pytest.raises(NotSentError):
            await client.with_options(retry=RetryPolicy(attempts=1)).request("GET", PATH)

    async def use_again() -> None:
        with pytest.raises(WrongLoopError):
            await client.request("GET", PATH)
        with pytest.raises(WrongLoopError):
            await client.close()

    with asyncio.Runner() as first:
        first.run(use())
        asyncio.run(use_again())
        first.run(client.close())


def test_a_session_borrowed_from_another_loop_is_refused(basic: BasicCredentials) -> None:
    """A borrowed session of another loop is told at the first request."""

    async def lend() -> aiohttp.ClientSession:
        return aiohttp.ClientSession()

    async def use(lent: aiohttp.ClientSession) -> None:
        with pytest.raises(WrongLoopError):
            await BandwidthClient("9900000", basic, http=lent).request("GET", PATH)

    with asyncio.Runner() as other:
        lent = other.run(lend())
        asyncio.run(use(lent))
        other.run(lent.close())


async def test_a_forked_child_is_refused(
    api: ScriptedApi, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a child process the parent's connections must not be used."""
    client = make_client()
    await client.request("GET", PATH)

    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: 1)
        with pytest.raises(WrongLoopError, match="process"):
            await client.request("GET", PATH)

    assert len(api.requests) == 1


@pytest.mark.filterwarnings("ignore:(?i)unclosed")  # aiohttp and asyncio warn of what is theirs apart
async def test_a_forgotten_client_is_a_resource_warning(api: ScriptedApi, basic: BasicCredentials) -> None:
    """A client that was used and never closed is told when it is collected."""
    client = BandwidthClient("9900000", basic, base_url=api.base_url)
    await client.request("GET", PATH)

    with pytest.warns(ResourceWarning, match="BandwidthClient was never closed"):
        del client  # the last reference, so it is collected here


def test_an_unused_client_needs_no_closing(basic: BasicCredentials) -> None:
    """A client that never opened a connection can be dropped."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        BandwidthClient("9900000", basic)
        gc.collect()


async def test_a_cancelled_request_is_cancelled_at_once(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, a_call: CreateCall
) -> None:
    """The caller's own cancellation passes unchanged, and nothing is sent again."""
    client = make_client(auth=basic)
    api.otherwise = never
    placing = asyncio.create_task(client.calls.create_call(a_call))
    await until(lambda: api.requests)

    placing.cancel("mine")

    with pytest.raises(asyncio.CancelledError, match="mine"):
        await placing
    assert len(api.requests) == 1


async def test_the_callers_own_timeout_is_the_callers(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """A timeout around a request that is shorter than ours is a TimeoutError of the caller."""
    client = make_client(auth=basic)
    api.otherwise = never

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await client.request("GET", PATH)
