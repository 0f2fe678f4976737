"""Waiting for a free connection: first come, first served, until too little of the total is left."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from support.moved_clock import LoopTime, MovedClock, turns, until
from support.raw_server import Peer, RawServer

from bandwidth_calls import (
    BandwidthClient,
    BasicCredentials,
    CallMayHaveBeenPlacedError,
    CreateCall,
    NotSentError,
    Timeout,
)

PATH = "/accounts/9900000/calls"
AUTH = BasicCredentials("user", "password")


@pytest.fixture(params=["own session", "borrowed session"])
async def options(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """A function that gives the options of a client with so many connections, on a session of its own or a lent one."""
    lent = list[aiohttp.ClientSession]()

    def make(connections: int) -> dict[str, Any]:
        if request.param == "own session":
            return {"connections": connections}
        lent.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections)))
        return {"http": lent[0]}

    yield make
    for session in lent:
        await session.close()


async def silent(peer: Peer) -> None:
    """Take a request and do not answer it."""
    await peer.take()
    await asyncio.Event().wait()


def _client(server: RawServer, total: float, options: dict[str, Any]) -> BandwidthClient:
    timeout = Timeout(total=total, read=1000)
    return BandwidthClient(
        "9900000", AUTH, base_url=server.base_url, timeout=timeout, clock=MovedClock().clock, **options
    )


async def test_connections_are_first_come_first_served(options: Any) -> None:
    """Four tasks on two connections, each asking without a pause, get their answers in turn."""
    answers = Counter[int]()

    async def serve(peer: Peer) -> None:
        while True:
            await peer.take()
            peer.answer("200 OK")

    async def ask(client: BandwidthClient, number: int) -> None:
        while answers.total() < 100:
            await client.request("GET", PATH)
            answers[number] += 1

    async with RawServer(serve) as server, _client(server, 60, options(2)) as client:
        # Both connections stand before the tasks begin, so that a slow one costs nobody a turn.
        await asyncio.gather(*(client.request("GET", PATH) for _ in range(2)))
        await asyncio.gather(*(ask(client, number) for number in range(4)))

    assert len(server.peers) == 2
    assert max(answers.values()) - min(answers[number] for number in range(4)) <= 2


async def test_waiting_for_a_free_connection_is_bounded_by_the_total(
    options: Any, loop_time: LoopTime, a_call: CreateCall
) -> None:
    """A call that got no connection within the total was not sent, while the one that holds it was."""
    async with RawServer(silent) as server, _client(server, 10, options(1)) as client:
        first = asyncio.create_task(client.calls.create_call(a_call))
        await until(lambda: server.taken)
        second = asyncio.create_task(client.calls.create_call(a_call))
        await loop_time.advance(0)

        await loop_time.advance(11)
        await until(lambda: first.done() and second.done())

    assert type(first.exception()) is CallMayHaveBeenPlacedError
    assert type(second.exception()) is NotSentError
    assert server.taken == 1


async def test_a_call_does_not_leave_in_its_last_moment(options: Any, loop_time: LoopTime, a_call: CreateCall) -> None:
    """Of 30 calls on 5 connections with a service that hangs, 5 leave. What they free comes too late for the others."""
    async with RawServer(silent) as server, _client(server, 20, options(5)) as client:
        first = [asyncio.create_task(client.calls.create_call(a_call)) for _ in range(5)]
        await until(lambda: server.taken == 5)
        await loop_time.advance(0.9)  # within the margin of one second
        others = [asyncio.create_task(client.calls.create_call(a_call)) for _ in range(25)]
        await loop_time.advance(0)

        await loop_time.advance(19.1)
        await until(lambda: all(call.done() for call in (*first, *others)))

    assert {type(call.exception()) for call in first} == {CallMayHaveBeenPlacedError}
    assert {type(call.exception()) for call in others} == {NotSentError}
    assert "too little time was left for an answer" in str(others[0].exception())
    assert server.taken == 5


@pytest.mark.parametrize(
    ("total", "left", "leaves"),
    [(5, 0.49, False), (5, 0.51, True), (100, 0.99, False), (100, 1.01, True)],
)
async def test_the_margin_is_a_tenth_of_the_total_and_at_most_a_second(
    options: Any, loop_time: LoopTime, a_call: CreateCall, total: float, left: float, leaves: bool
) -> None:
    """A call that gets its connection with less than the margin left does not leave; with more it does."""
    gate = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.take()
        await gate.wait()
        peer.answer("200 OK")
        await peer.take()
        await asyncio.Event().wait()

    async with RawServer(serve) as server, _client(server, total, options(1)) as client:
        holding = asyncio.create_task(client.request("GET", PATH))
        await until(lambda: server.taken)
        call = asyncio.create_task(client.calls.create_call(a_call))
        await loop_time.advance(0)
        loop_time.seconds += total - left
        gate.set()
        await until(lambda: holding.done() and (call.done() or server.taken == 2))
        await loop_time.advance(1000)
        await until(call.done)

    assert type(call.exception()) is (CallMayHaveBeenPlacedError if leaves else NotSentError)
    assert server.taken == (2 if leaves else 1)


async def test_a_listing_that_is_left_cuts_no_connection_that_another_request_uses(
    options: Any, a_call: CreateCall, created: dict[str, Any]
) -> None:
    """A page whose bytes have all come has given its connection back, though it still waits for its reader."""
    gate = asyncio.Event()
    page = json.dumps([{"callId": f"c-{number}", "tag": "x" * 560} for number in range(1000)]).encode()

    async def serve(peer: Peer) -> None:
        await peer.take()
        peer.answer("200 OK", b'[{"callId": "c-0"}]', 'Link: <?pageToken=2>; rel="next"')
        await peer.take()
        peer.answer("200 OK", page)  # more than is buffered ahead of the reader
        await peer.take()
        await gate.wait()
        peer.answer("201 Created", json.dumps(created).encode())
        await peer.take()

    async with RawServer(serve) as server, _client(server, 60, options(5)) as client:
        listing = aiter(client.calls.list_calls())
        await anext(listing)
        await turns(200)
        placing = asyncio.create_task(client.calls.create_call(a_call))
        await until(lambda: server.taken == 3)

        await listing.aclose()
        await turns()
        gate.set()
        placed = await placing

    assert placed.call_id == created["callId"]
    assert len(server.peers) == 1
