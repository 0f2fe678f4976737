"""Answers that nobody asked for, and kept connections that end: they cost a connection, and no promise."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import trustme
from support.moved_clock import MovedClock, turns, until
from support.raw_server import Peer, RawServer

from bandwidth_calls import BandwidthClient, BasicCredentials, CreateCall, NotSentError, RetryPolicy

PATH = "/accounts/9900000/calls"
AUTH = BasicCredentials("user", "password")


def _client(server: RawServer, lent: aiohttp.ClientSession | None) -> BandwidthClient:
    return BandwidthClient("9900000", AUTH, base_url=server.base_url, http=lent, clock=MovedClock().clock)


def _placed(created: dict[str, Any], call_id: str) -> bytes:
    return json.dumps({**created, "callId": call_id}).encode()


@pytest.mark.parametrize("loop_turns", [0, 20], ids=["not read yet", "read"])
@pytest.mark.parametrize("status", ["201 Created", "408 Request Timeout"])
async def test_an_answer_that_nobody_asked_for_is_no_answer(
    status: str, loop_turns: int, lent: aiohttp.ClientSession | None, a_call: CreateCall, created: dict[str, Any]
) -> None:
    """A stray answer on an idle connection costs that connection: the next call is placed on a fresh one."""

    async def serve(peer: Peer) -> None:
        while True:
            await peer.take()
            peer.answer("201 Created", _placed(created, f"c-{server.taken}"))

    async with RawServer(serve) as server, _client(server, lent) as client:
        await client.calls.create_call(a_call)
        server.peers[0].answer(status, _placed(created, "c-stray"))
        await turns(loop_turns)

        placed = await client.calls.create_call(a_call)

    assert placed.call_id == "c-2"
    assert [peer.taken for peer in server.peers] == [1, 1]


async def test_a_408_that_closes_an_idle_connection_costs_nothing(
    lent: aiohttp.ClientSession | None, a_call: CreateCall, created: dict[str, Any]
) -> None:
    """A balancer says 408 to an idle connection and closes it, just when the next call leaves."""

    async def serve(peer: Peer) -> None:
        while True:
            await peer.take()
            peer.answer("201 Created", _placed(created, f"c-{server.taken}"))

    async with RawServer(serve) as server, _client(server, lent) as client:
        await client.calls.create_call(a_call)
        server.peers[0].answer("408 Request Timeout", b"", "Connection: close")
        server.peers[0].writer.close()

        placed = await client.calls.create_call(a_call)

    assert placed.call_id == "c-2"
    assert [peer.taken for peer in server.peers] == [1, 1]


async def test_a_service_that_answers_before_it_is_asked_is_sent_nothing(
    lent: aiohttp.ClientSession | None, a_call: CreateCall, created: dict[str, Any]
) -> None:
    """Where each new connection brings an answer at once, no call leaves, and none is taken for placed."""

    async def serve(peer: Peer) -> None:
        peer.answer("201 Created", _placed(created, "c-stray"))
        await peer.take()

    async with RawServer(serve) as server, _client(server, lent) as client:
        with pytest.raises(NotSentError, match="an answer came, before the request") as caught:
            await client.calls.create_call(a_call)

    assert (caught.value.attempts, caught.value.may_have_taken_effect, server.taken) == (0, False, 0)


@pytest.mark.skipif(
    sys.version_info >= (3, 12),
    reason="aiohttp writes there as soon as a connection is made, when nobody can see its end yet",
)
async def test_a_service_that_closes_each_new_connection_is_sent_nothing(
    lent: aiohttp.ClientSession | None, a_call: CreateCall
) -> None:
    """Where each new connection ends at once, no call leaves."""

    async def serve(peer: Peer) -> None:
        peer.writer.write_eof()  # unlike `close`, it ends the connection before the loop turns

    async with RawServer(serve) as server, _client(server, lent) as client:
        with pytest.raises(NotSentError) as caught:
            await client.calls.create_call(a_call)

    assert (caught.value.attempts, server.taken) == (0, 0)


async def _keep_three(client: BandwidthClient, server: RawServer, gate: asyncio.Event) -> None:
    """Have three connections that were used and are kept."""
    reads = [asyncio.create_task(client.request("GET", PATH)) for _ in range(3)]
    await until(lambda: server.taken == 3)
    gate.set()
    await asyncio.gather(*reads)


async def test_the_last_attempt_of_a_read_uses_a_new_connection() -> None:
    """Three kept connections end just as a request leaves on each: the third attempt goes round them."""
    gate = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.take()
        await gate.wait()
        peer.answer("200 OK")
        await peer.take()  # and the connection ends

    async with RawServer(serve) as server, _client(server, None) as client:
        await _keep_three(client, server, gate)

        answer = await client.request("GET", PATH)

    assert answer.attempts == 3
    assert sorted(peer.taken for peer in server.peers) == [1, 1, 2, 2]


@pytest.mark.parametrize("loop_turns", [0, 1, 2, 3, 20])
async def test_a_kept_connection_that_has_ended_is_not_used(
    loop_turns: int, lent: aiohttp.ClientSession | None
) -> None:
    """Kept connections that end a moment after their answers cost a read no attempt."""
    gate = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.take()
        await gate.wait()
        peer.answer("200 OK")
        await peer.take()

    async with RawServer(serve) as server, _client(server, lent) as client:
        await _keep_three(client, server, gate)
        for peer in server.peers:
            peer.writer.write_eof()  # unlike `close`, it ends the connection before the loop turns
        await turns(loop_turns)

        answer = await client.request("GET", PATH)

    assert (answer.attempts, server.taken, len(server.peers)) == (1, 4, 4)


async def test_a_kept_connection_that_has_ended_leaves_no_call_in_doubt(
    lent: aiohttp.ClientSession | None, a_call: CreateCall, created: dict[str, Any]
) -> None:
    """A create-call does not leave on a kept connection that the service has closed."""

    async def serve(peer: Peer) -> None:
        await peer.take()
        peer.answer("201 Created", _placed(created, f"c-{server.taken}"))

    policy = RetryPolicy(attempts=1)
    async with RawServer(serve) as server, _client(server, lent).with_options(retry=policy) as client:
        await client.calls.create_call(a_call)

        placed = await client.calls.create_call(a_call)

    assert (placed.call_id, server.taken) == ("c-2", 2)


@pytest.fixture
async def tls() -> AsyncIterator[tuple[ssl.SSLContext, aiohttp.ClientSession]]:
    """A server's context, and a session that trusts it."""
    authority = trustme.CA()
    context, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(trusting)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as lent:
        yield context, lent


async def test_over_tls_a_connection_is_kept_and_an_unasked_answer_seen(
    tls: tuple[ssl.SSLContext, aiohttp.ClientSession], a_call: CreateCall, created: dict[str, Any]
) -> None:
    """What TLS itself sends costs no connection, and an unasked answer costs one."""

    async def serve(peer: Peer) -> None:
        while True:
            await peer.take()
            peer.answer("201 Created", _placed(created, f"c-{server.taken}"))

    context, lent = tls
    async with RawServer(serve, context) as server, _client(server, lent) as client:
        for _ in range(3):
            await client.calls.create_call(a_call)
        server.peers[0].answer("201 Created", _placed(created, "c-stray"))

        placed = await client.calls.create_call(a_call)

    assert placed.call_id == "c-4"
    assert [peer.taken for peer in server.peers] == [3, 1]
