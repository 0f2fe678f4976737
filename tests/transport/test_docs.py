"""The tables of docs/reliability.md on closing, cancelling and changing connections: each cell is what happens."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.moved_clock import turns, until
from support.raw_server import Peer, RawServer

from bandwidth_calls import (
    BandwidthClient,
    BandwidthError,
    BasicCredentials,
    CallMayHaveBeenPlacedError,
    ClientCredentials,
    Clock,
    CreateCall,
    UpdateCall,
)

PATH = "/accounts/9900000/calls"
AUTH = BasicCredentials("user", "password")
CREATED = b'{"callId": "c-1"}'
Session = aiohttp.ClientSession | None
Send = Callable[[BandwidthClient], Any]
Moment = Callable[[Send, Session], AbstractAsyncContextManager[tuple[BandwidthClient, "asyncio.Task[Any]"]]]


def create(client: BandwidthClient) -> Any:
    """Place a call."""
    return client.calls.create_call(
        CreateCall(to="+19195551234", from_="+19195554321", application_id="a", answer_url="https://app.example/answer")
    )


def post(client: BandwidthClient) -> Any:
    """Send what may be a create-call."""
    return client.request("POST", PATH, json={})


def update(client: BandwidthClient) -> Any:
    """Change a call."""
    return client.calls.update_call("c-1", UpdateCall(state="completed"))


def put(client: BandwidthClient) -> Any:
    """Change something."""
    return client.request("PUT", PATH)


def get(client: BandwidthClient) -> Any:
    """Read something."""
    return client.request("GET", PATH)


async def _silent(peer: Peer) -> None:
    await peer.take()
    await asyncio.Event().wait()


async def _half_an_answer(peer: Peer) -> None:
    await peer.take()
    peer.writer.write(b'HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n{"callId": "c-1"')
    await asyncio.Event().wait()


async def _rate_limited(peer: Peer) -> None:
    await peer.take()
    peer.answer("429 Too Many Requests")
    await asyncio.Event().wait()


def _taken_by(serve: Callable[[Peer], Any]) -> Moment:
    """Make the moment in which a server has taken the request, and does as told."""

    @asynccontextmanager
    async def moment(send: Send, lent: Session) -> AsyncIterator[tuple[BandwidthClient, asyncio.Task[Any]]]:
        async with RawServer(serve) as server:
            client = BandwidthClient("9900000", AUTH, base_url=server.base_url, http=lent)
            task = asyncio.create_task(send(client))
            await until(lambda: server.taken)
            await turns()
            yield client, task
            await client.close()

    return moment


@asynccontextmanager
async def _waits_for_token(send: Send, lent: Session) -> AsyncIterator[tuple[BandwidthClient, asyncio.Task[Any]]]:
    async with RawServer(_silent) as server:
        auth = ClientCredentials("id", "secret", token_url=f"{server.base_url}/token")
        client = BandwidthClient("9900000", auth, base_url=server.base_url, http=lent)
        task = asyncio.create_task(send(client))
        await until(lambda: server.taken)
        yield client, task
        await client.close()


@asynccontextmanager
async def _waits_for_connection(send: Send, lent: Session) -> AsyncIterator[tuple[BandwidthClient, asyncio.Task[Any]]]:
    async with RawServer(_silent) as server, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        client = BandwidthClient(
            "9900000", AUTH, base_url=server.base_url, connections=1, http=session if lent else None
        )
        holding = asyncio.create_task(get(client))
        await until(lambda: server.taken)
        task = asyncio.create_task(send(client))
        await turns()
        yield client, task
        await client.close()
        await until(holding.done)
        holding.exception()


@asynccontextmanager
async def _waits_for_next_attempt(
    send: Send, lent: Session
) -> AsyncIterator[tuple[BandwidthClient, asyncio.Task[Any]]]:
    pausing = asyncio.Event()

    async def sleep(_: float) -> None:
        pausing.set()
        await asyncio.Event().wait()

    async with RawServer(_rate_limited) as server:
        client = BandwidthClient("9900000", AUTH, base_url=server.base_url, http=lent, clock=Clock(sleep=sleep))
        task = asyncio.create_task(send(client))
        await pausing.wait()
        yield client, task
        await client.close()


LEFT: list[Moment] = [_taken_by(_silent), _taken_by(_half_an_answer)]
NOT_LEFT: list[Moment] = [_waits_for_token, _waits_for_connection, _waits_for_next_attempt]
CLOSED: dict[str, list[Moment]] = {
    "it had left, and waited for the answer or read its body": LEFT,
    "it waited for a token, a connection or its next attempt": NOT_LEFT,
}
REQUESTS: dict[str, list[Send]] = {
    "`create_call`": [create],
    '`request("POST")`, a change': [post, update, put],
    "GET": [get],
}
CANCELLED: dict[str, tuple[list[Send], list[Moment]]] = {
    '`create_call` or `request("POST")` that had left': ([create, post], LEFT),
    "one that had not left": ([create, post], NOT_LEFT),
    "a GET or a change": ([get, update, put], [*LEFT, *NOT_LEFT]),
}


def _table(head: str) -> list[list[str]]:
    """Return the rows of the table whose head begins so, its head first."""
    page = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text()
    lines = page[page.index(head) :].split("\n\n")[0].splitlines()
    rows = [re.split(r" +\| +", line.strip("| ")) for line in lines]
    return [rows[0], *rows[2:]]


async def _outcome(send: Send, moment: Moment, lent: Session) -> str:
    """Close the client in that moment, and return what the page calls the outcome."""
    async with moment(send, lent) as (client, task):
        await client.close()
        await until(task.done)
    error = task.exception()
    assert isinstance(error, BandwidthError)
    doubt = error.may_have_taken_effect and not isinstance(error, CallMayHaveBeenPlacedError)
    return f"`{type(error).__name__}`" + (", may have taken effect" if doubt else "")


async def test_the_table_of_closing_is_true(lent: Session) -> None:
    """Each kind of request ends as the page says, in each moment that it names."""
    head, *rows = _table("| what the request was doing |")

    outcomes = [
        [
            {await _outcome(send, moment, lent) for moment in CLOSED[row[0]] for send in REQUESTS[kind]}
            for kind in head[1:]
        ]
        for row in rows
    ]

    assert outcomes == [[{cell} for cell in row[1:]] for row in rows]
    assert [row[0] for row in rows] == list(CLOSED)


async def _trace(send: Send, moment: Moment, lent: Session, caplog: pytest.LogCaptureFixture) -> str:
    """Cancel the request in that moment, and return what the page calls the trace."""
    caplog.clear()
    async with moment(send, lent) as (_, task):
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    notes = getattr(caught.value, "__notes__", [])
    warnings = [one for one in caplog.records if one.levelno == logging.WARNING and "cancelled" in one.message]
    if not notes and not warnings:
        return "none"
    assert re.search(r" at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", notes[0])
    return "a WARNING line, and a note on the error with the time" if len(warnings) == 1 else ""


async def test_the_table_of_cancelling_is_true(lent: Session, caplog: pytest.LogCaptureFixture) -> None:
    """Each cancelled request leaves the trace that the page names, or none."""
    _, *rows = _table("| a cancelled request |")

    traces = [
        {await _trace(send, moment, lent, caplog) for moment in CANCELLED[row[0]][1] for send in CANCELLED[row[0]][0]}
        for row in rows
    ]

    assert traces == [{row[2].partition(":")[0]} for row in rows]
    assert [row[:2] for row in rows] == [[name, "`CancelledError`"] for name in CANCELLED]


async def _answers_then(peer: Peer, happens: Callable[[Peer], None]) -> None:
    await peer.take()
    peer.answer("201 Created", CREATED)
    await peer.writer.drain()
    happens(peer)
    await peer.take()
    peer.answer("201 Created", CREATED)  # only a client that did not look at its connection comes here
    await asyncio.Event().wait()


async def _stray(peer: Peer) -> None:
    await _answers_then(peer, lambda peer: peer.answer("201 Created", b'{"callId": "c-stray"}'))


async def _ended(peer: Peer) -> None:
    await _answers_then(peer, lambda peer: peer.writer.close())


async def _ends_when_used(peer: Peer) -> None:
    await peer.take()
    peer.answer("201 Created", CREATED)
    await peer.take()


CHANGES = {
    "an answer comes unasked on an idle connection, such as a 201 or a 408": _stray,
    "a kept connection has ended": _ended,
    "each kept connection ends just as it is used again": _ends_when_used,
}


async def _second(send: Send, serve: Callable[[Peer], Any], lent: Session) -> str:
    """Send a second request to that server, and return what the page calls its outcome."""
    async with RawServer(serve) as server:
        client = BandwidthClient(
            "9900000", AUTH, base_url=server.base_url, http=lent, clock=Clock(sleep=lambda _: asyncio.sleep(0))
        )
        await get(client)
        await turns()
        try:
            answer = await send(client)
        except BandwidthError as error:
            return f"`{type(error).__name__}`"
        finally:
            await client.close()
        assert "stray" not in str(answer)
        fresh = len(server.peers) == 2 and server.peers[1].taken == 1
        return "sent again" if server.peers[0].taken == 2 else "on a fresh connection" if fresh else ""


async def test_the_table_of_changing_connections_is_true(lent: Session) -> None:
    """A request that meets each kind of connection comes to what the page says."""
    _, *rows = _table("| event | `create_call` |")

    found = []
    for row in rows:
        placed, read, changed = [await _second(send, CHANGES[row[0]], lent) for send in (create, get, put)]
        placed = placed if placed.startswith("`") else f"placed, {placed}"
        other = f"answered, {read}" if read == changed else f"a GET is {read}; a change is a {changed}"
        found.append([row[0], placed, other])

    assert found == rows
    assert len(rows) == len(CHANGES)
