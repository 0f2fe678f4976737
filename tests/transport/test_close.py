"""`close` ends all that is under way at once, whatever it waits for, on own and on borrowed sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from support.moved_clock import MovedClock, turns, until
from support.raw_server import Peer, RawServer, never
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import (
    BandwidthClient,
    BandwidthError,
    BasicCredentials,
    CallMayHaveBeenPlacedError,
    ClientClosedError,
    Clock,
    CreateCall,
    RefusedError,
    UpdateCall,
)

PATH = "/accounts/9900000/calls"
CALL = CreateCall(
    to="+19195551234", from_="+19195554321", application_id="1234-qwer", answer_url="https://app.example/answer"
)
AUTH = BasicCredentials("user", "password")
LARGE = bytes(10_000_000)  # more than the buffers of any socket hold
Send = Callable[[BandwidthClient], Any]

SENDS = [
    pytest.param(lambda client: client.calls.create_call(CALL), CallMayHaveBeenPlacedError, True, id="create"),
    pytest.param(lambda client: client.request("POST", PATH, json={}), ClientClosedError, True, id="post"),
    pytest.param(
        lambda client: client.calls.update_call("c-1", UpdateCall(state="completed")),
        ClientClosedError,
        True,
        id="update",
    ),
    pytest.param(lambda client: client.request("PUT", PATH), ClientClosedError, True, id="put"),
    pytest.param(lambda client: client.request("GET", PATH), ClientClosedError, False, id="get"),
]


async def silent(peer: Peer) -> None:
    """Take a request and do not answer it."""
    await peer.take()
    await asyncio.Event().wait()


async def half_an_answer(peer: Peer) -> None:
    """Send a head and half a body."""
    await peer.take()
    peer.writer.write(b'HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n{"callId": "c-1"')
    await asyncio.Event().wait()


async def reads_nothing(_: Peer) -> None:
    """Take no byte of a request."""
    await asyncio.Event().wait()


@pytest.mark.parametrize(("send", "expected", "may_have"), SENDS)
@pytest.mark.parametrize("serve", [silent, half_an_answer], ids=["before the answer", "in its body"])
async def test_closing_ends_what_had_left(
    serve: Any, send: Send, expected: type[BandwidthError], may_have: bool, lent: aiohttp.ClientSession | None
) -> None:
    """A request that had left ends at once, and its error says whether it may have taken effect."""
    async with RawServer(serve) as server:
        client = BandwidthClient("9900000", AUTH, base_url=server.base_url, http=lent)
        task = asyncio.create_task(send(client))
        await until(lambda: server.taken)
        await turns()

        await client.close()
        await until(task.done)

    error = task.exception()
    assert type(error) is expected
    assert (error.attempts, error.may_have_taken_effect) == (1, may_have)


@pytest.mark.parametrize("send", [param.values[0] for param in SENDS], ids=[str(param.id) for param in SENDS])
async def test_closing_ends_the_wait_for_a_token(api: ScriptedApi, make_client: MakeClient, send: Send) -> None:
    """A request that waits for a token was not sent, and ends at once."""
    api.token_answers.append(never)
    client = make_client()
    task = asyncio.create_task(send(client))
    await until(lambda: api.token_requests)

    await client.close()
    await until(task.done)

    error = task.exception()
    assert type(error) is ClientClosedError
    assert (error.attempts, error.may_have_taken_effect) == (0, False)
    assert api.requests == []


@pytest.mark.parametrize("send", [param.values[0] for param in SENDS], ids=[str(param.id) for param in SENDS])
async def test_closing_ends_a_pause(api: ScriptedApi, make_client: MakeClient, send: Send) -> None:
    """A request that waits to be sent again ends at once, and what was refused took no effect."""
    pausing = asyncio.Event()

    async def sleep(_: float) -> None:
        pausing.set()
        await asyncio.Event().wait()

    api.answers.append(web.Response(status=429))
    client = make_client(auth=AUTH, clock=Clock(sleep=sleep))
    task = asyncio.create_task(send(client))
    await until(pausing.is_set)

    await client.close()
    await until(task.done)

    error = task.exception()
    assert type(error) is ClientClosedError
    assert (error.attempts, error.may_have_taken_effect) == (1, False)


@pytest.mark.parametrize("send", [param.values[0] for param in SENDS], ids=[str(param.id) for param in SENDS])
@pytest.mark.parametrize("borrowed", [False, True], ids=["own session", "borrowed session"])
async def test_closing_ends_the_wait_for_a_free_connection(borrowed: bool, send: Send) -> None:
    """A request that waits for a connection was not sent, and ends at once."""
    async with RawServer(silent) as server, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        client = BandwidthClient(
            "9900000", AUTH, base_url=server.base_url, connections=1, http=session if borrowed else None
        )
        first = asyncio.create_task(client.request("GET", PATH))
        await until(lambda: server.taken)
        waiting = asyncio.create_task(send(client))
        await turns()

        await client.close()
        await until(lambda: first.done() and waiting.done())

    error = waiting.exception()
    assert type(error) is ClientClosedError
    assert type(first.exception()) is ClientClosedError
    assert (error.attempts, error.may_have_taken_effect, server.taken) == (0, False, 1)


@pytest.mark.parametrize(("method", "may_have"), [("GET", False), ("PUT", True)])
async def test_closing_ends_a_further_attempt_that_waits_for_a_connection(method: str, may_have: bool) -> None:
    """It is closed, whatever the attempt before was answered, and says whether that one may have taken effect."""

    async def serve(peer: Peer) -> None:
        await peer.take()
        peer.answer("503 Service Unavailable")
        await silent(peer)

    async with RawServer(serve) as server:
        clock = MovedClock().clock
        client = BandwidthClient("9900000", AUTH, base_url=server.base_url, connections=1, clock=clock)
        task = asyncio.create_task(client.request(method, PATH))
        await turns(1)
        holding = asyncio.create_task(client.request("GET", PATH))  # gets the connection before the second attempt
        await until(lambda: server.taken == 2)
        await turns()

        await client.close()
        await until(lambda: task.done() and holding.done())

    error = task.exception()
    assert type(error) is ClientClosedError
    assert (error.attempts, error.may_have_taken_effect, server.taken) == (1, may_have, 2)


async def test_closing_ends_the_wait_for_a_connection_to_be_made(
    full_port: int, lent: aiohttp.ClientSession | None
) -> None:
    """A create-call whose connection is still being made was not sent, and ends at once."""
    client = BandwidthClient("9900000", AUTH, base_url=f"http://127.0.0.1:{full_port}", http=lent)
    task = asyncio.create_task(client.calls.create_call(CALL))
    await turns()

    await client.close()
    await until(task.done)

    error = task.exception()
    assert type(error) is ClientClosedError
    assert (error.attempts, error.may_have_taken_effect) == (0, False)


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")  # it takes no time here
async def test_closing_waits_for_no_peer(lent: aiohttp.ClientSession | None) -> None:
    """A body that the peer does not take is aborted, not flushed, and its connection ends."""
    async with RawServer(reads_nothing) as server:
        client = BandwidthClient("9900000", AUTH, base_url=server.base_url, http=lent)
        task = asyncio.create_task(client.request("PUT", PATH, body=LARGE, content_type="text/plain"))
        await until(lambda: server.peers)
        await turns()

        closing = asyncio.create_task(client.close())
        await until(lambda: closing.done() and task.done())
        received = await _rest(server.peers[0])

    assert type(task.exception()) is ClientClosedError
    assert received < len(LARGE)


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")  # it takes no time here
@pytest.mark.parametrize("headers", [(), ("Connection: close",)], ids=["kept", "closed"])
async def test_an_early_answer_ends_the_connection(
    lent: aiohttp.ClientSession | None, headers: tuple[str, ...]
) -> None:
    """A peer that answers before it read all may never read on, so nothing waits until it does."""

    async def serve(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        peer.answer("413 Content Too Large", b"{}", *headers)
        await asyncio.Event().wait()

    async with (
        RawServer(serve) as server,
        BandwidthClient("9900000", AUTH, base_url=server.base_url, http=lent) as client,
    ):
        with pytest.raises(RefusedError):
            await client.request("PUT", PATH, body=LARGE, content_type="text/plain")
        received = await _rest(server.peers[0])

    assert received < len(LARGE)


async def _rest(peer: Peer) -> int:
    """Return how many bytes come until the connection ends."""
    size = 0
    try:
        async with asyncio.timeout(5):
            while piece := await peer.reader.read(2**20):
                size += len(piece)
    except ConnectionError:
        pass  # a connection that was aborted ends so
    return size


def test_closing_after_the_loop_has_ended_raises_nothing() -> None:
    """A client whose loop was closed is closed in any other loop, and is closed then."""
    client = BandwidthClient("9900000", AUTH, base_url="http://127.0.0.1:1")

    async def used() -> None:
        async with RawServer(_answering) as server:
            nonlocal client
            client = BandwidthClient("9900000", AUTH, base_url=server.base_url)
            await client.request("GET", PATH)

    async def closed() -> None:
        await client.close()
        with pytest.raises(ClientClosedError):
            await client.request("GET", PATH)

    asyncio.run(used())
    asyncio.run(closed())


async def _answering(peer: Peer) -> None:
    while True:
        await peer.take()
        peer.answer("200 OK")
