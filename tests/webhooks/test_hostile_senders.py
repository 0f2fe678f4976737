"""Senders that mean harm, or leave in the middle: one verdict behind aiohttp and ASGI, and no traceback."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import zlib
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from support.moved_clock import pass_time, turns, until
from support.webhook_servers import ANSWER, AUTH, REPLY, SERVERS

from bandwidth_calls.webhooks import AnswerEvent, Webhooks

EVENT = json.dumps(ANSWER).encode()
GOOD, BAD = AUTH["Authorization"], aiohttp.encode_basic_auth("user", "guess")


@pytest.fixture(params=["aiohttp", "uvicorn"])
async def url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Return the URL of the webhooks, on either kind of server."""
    async with SERVERS[request.param]() as where:
        yield where


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A sender of webhooks."""
    async with aiohttp.ClientSession() as session:
        yield session


async def _connect(url: str, *lines: str, body: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send a head and some of a body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.split(":")[2].partition("/")[0]))
    head = "\r\n".join(("POST /hooks HTTP/1.1", "Host: localhost", *lines, "", ""))
    writer.write(head.encode() + body)
    return reader, writer


async def _status(url: str, *lines: str, body: bytes = b"") -> int:
    reader, writer = await _connect(url, *lines, body=body)
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await turns(50)
    return int(answer.split()[1])


def _errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno > logging.WARNING or record.exc_info]


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
async def test_credentials_are_checked_before_the_body(url: str, framing: str) -> None:
    """Who has none is refused, though the body that was announced never comes."""
    assert await _status(url, framing) == 401


async def test_a_refused_sender_that_writes_on_sees_the_reply(url: str, http: aiohttp.ClientSession) -> None:
    """The rest of the body is read and forgotten for a while: a connection that is cut would show no 401."""
    async with http.post(url, data=BytesIO(b"x" * 3_000_000)) as response:
        assert response.status == 401


@pytest.mark.moves_loop_time
async def test_a_refused_sender_is_not_kept_for_ever() -> None:
    """The connection ends when the body does not come."""
    async with SERVERS["aiohttp"]() as url:
        reader, writer = await _connect(url, "Content-Length: 1000")
        await reader.readuntil(b"\r\n\r\n")
        pass_time(6)

        rest = await reader.read()
        writer.close()

    assert rest == b""


@pytest.mark.moves_loop_time
async def test_a_body_must_come_within_the_deadline(url: str) -> None:
    """The deadline begins with the request, not when its body is there."""
    reader, writer = await _connect(url, f"Authorization: {GOOD}", "Content-Length: 1000", body=b"{")
    await turns(50)
    pass_time(15)

    answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()

    assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.moves_loop_time
async def test_the_time_of_the_body_is_not_the_handlers() -> None:
    """A handler has what the body left of the deadline."""
    webhooks, sent = Webhooks(deadline=14.0), list[Any]()

    @webhooks.on(AnswerEvent)
    async def slow(event: AnswerEvent) -> None:
        pass_time(5)
        await asyncio.Event().wait()

    async def receive() -> Any:
        pass_time(10)
        return {"type": "http.request", "body": EVENT}

    async def send(message: Any) -> None:
        sent.append(message)

    began = asyncio.get_running_loop().time()
    await webhooks.asgi({"type": "http", "method": "POST", "headers": [], "query_string": b""}, receive, send)

    assert sent[0]["status"] == 503
    assert asyncio.get_running_loop().time() - began < 20  # 15 by the moved clock; with a deadline of its own it is 24


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("gzip", gzip.compress(EVENT), 200),
        ("deflate", zlib.compress(EVENT), 200),
        ("gzip", b"no gzip at all", 400),
        ("deflate", b"no deflate at all", 400),
        ("gzip", gzip.compress(EVENT)[:20], 400),
        ("gzip", gzip.compress(bytes(50_000_000)), 413),
    ],
    ids=["gzip", "deflate", "no gzip", "no deflate", "half a gzip", "bomb"],
)
async def test_compressed_bodies(
    url: str, encoding: str, body: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """What unpacks to an event is one, a bomb is too long, and the rest is refused without a traceback."""
    lines = (f"Authorization: {GOOD}", f"Content-Encoding: {encoding}", f"Content-Length: {len(body)}")

    assert await _status(url, *lines, body=body) == status
    assert _errors(caplog) == []


async def test_a_bad_body_without_credentials_is_a_401(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of the body is told to who has none."""
    assert await _status(url, "Content-Encoding: gzip", "Content-Length: 7", body=b"no gzip") == 401
    assert _errors(caplog) == []


@pytest.mark.parametrize("login", [[f"Authorization: {GOOD}"], []], ids=["with credentials", "without"])
async def test_a_sender_that_leaves_in_the_middle_is_silence(
    url: str, login: list[str], http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is logged, and the next webhook is answered."""
    _, writer = await _connect(url, *login, "Content-Length: 1000", body=b"{")
    await turns(50)
    writer.transport.abort()
    await turns(50)

    async with http.post(url, json=ANSWER, headers=AUTH) as response:
        assert await response.text() == REPLY
    assert _errors(caplog) == []


@pytest.mark.parametrize("pair", [(GOOD, BAD), (BAD, GOOD), (GOOD, GOOD)], ids=["good first", "bad first", "twice"])
async def test_two_authorization_headers_are_refused(url: str, pair: tuple[str, str]) -> None:
    """Which of them counts would depend on the server, and on any proxy before it."""
    lines = [f"Authorization: {one}" for one in pair]

    assert await _status(url, *lines, f"Content-Length: {len(EVENT)}", body=EVENT) == 401


async def test_a_body_that_is_announced_as_too_long_is_cut(url: str) -> None:
    """A sender with credentials fills no memory either."""
    lines = (f"Authorization: {GOOD}", "Content-Length: 1000000000")
    reader, writer = await _connect(url, *lines, body=bytes(100_000))
    answer: list[bytes] = []

    async def read() -> None:
        answer.append(await reader.readuntil(b"\r\n\r\n"))

    task = asyncio.create_task(read())
    await until(task.done)
    writer.close()

    assert answer[0].startswith(b"HTTP/1.1 413 ")
