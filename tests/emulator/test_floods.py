"""What floods the emulator, or leaves it in the middle: memory is bounded, and no traceback is printed."""

from __future__ import annotations

import asyncio
import gzip
import logging
from typing import TYPE_CHECKING

import pytest
from support.emulator_http import CALL, NOW, ask, calls_url, control_url
from support.moved_clock import turns

from bandwidth_calls.emulator import Emulator, FarEnd

if TYPE_CHECKING:
    from aiohttp import ClientSession

POST = b"POST /api/v2/accounts/9900000/calls HTTP/1.1\r\nHost: localhost\r\n"


async def test_the_requests_that_are_kept_are_bounded_in_bytes(http: ClientSession, anonymous: ClientSession) -> None:
    """Large bodies, also of requests without credentials, push older requests out, and the number of these is told."""
    async with Emulator(keep_request_bytes=300_000, clock=lambda: NOW) as emulator:
        for _ in range(20):
            await ask(anonymous, "POST", calls_url(emulator), data=b"x" * 65_536)
        told = await ask(http, "GET", control_url(emulator, "requests"))

    assert len(emulator.requests) == 4
    assert emulator.requests_dropped == 16
    assert (len(told.json()), told.headers["Emulator-Dropped"]) == (4, "16")


async def test_headers_count_as_memory(anonymous: ClientSession) -> None:
    """A request without a body may have large headers."""
    async with Emulator(keep_request_bytes=30_000, clock=lambda: NOW) as emulator:
        for _ in range(20):
            await ask(anonymous, "GET", calls_url(emulator), headers={"X-Large": "x" * 7_000})

    assert len(emulator.requests) == 3


async def test_the_newest_request_is_kept_whatever_it_takes(anonymous: ClientSession) -> None:
    """One request is larger than all that may be kept."""
    async with Emulator(keep_request_bytes=1, clock=lambda: NOW) as emulator:
        await ask(anonymous, "POST", calls_url(emulator), data=b"1")
        await ask(anonymous, "POST", calls_url(emulator), data=b"2")

    assert [request.body for request in emulator.requests] == ["2"]


async def test_many_small_requests_are_kept_by_default(http: ClientSession) -> None:
    """The bound in bytes does not touch what the bound in number keeps of ordinary requests."""
    async with Emulator(clock=lambda: NOW) as emulator:
        for _ in range(300):
            await ask(http, "POST", calls_url(emulator), json=CALL)
        kept = emulator.keep_request_bytes * 300 / 10_000

        assert emulator.requests_dropped == 0
        assert sum(len(str(request.as_json())) + len(request.body) for request in emulator.requests) < kept


@pytest.mark.parametrize(
    ("field", "value"), [("to", "sip:" + "x" * 900_000), ("to", "sip:" + "x" * 2_045), ("applicationId", "x" * 257)]
)
async def test_a_text_that_would_fill_the_memory_is_refused(
    field: str, value: str, emulator: Emulator, http: ClientSession
) -> None:
    """Each call keeps it, so it has a limit though none is documented."""
    reply = await ask(http, "POST", calls_url(emulator), json={**CALL, field: value})

    assert (reply.status, emulator.calls) == (400, [])
    assert reply.json()["description"].startswith(f"Invalid {field}: must be ")


@pytest.mark.parametrize(("field", "value"), [("to", "sip:" + "x" * 2_044), ("applicationId", "x" * 256)])
async def test_a_long_text_is_taken(field: str, value: str, emulator: Emulator, http: ClientSession) -> None:
    """The limits are no tighter than they say."""
    reply = await ask(http, "POST", calls_url(emulator), json={**CALL, field: value})

    assert reply.status == 201


async def test_a_pattern_of_numbers_has_a_limit(emulator: Emulator, http: ClientSession) -> None:
    """Each call is matched with every pattern, in time that grows with both."""
    long = {"number": "*" * 257, "far_end": {"outcome": "busy"}}

    reply = await ask(http, "POST", control_url(emulator, "far_ends"), json=long)

    assert (reply.status, reply.json()["description"]) == (400, "number: must be at most 256 characters")
    with pytest.raises(ValueError, match="number: must be at most 256 characters"):
        emulator.far_end("*" * 257, FarEnd())


@pytest.mark.parametrize(
    "begun",
    [
        POST + b"Content-Length: 1000\r\n\r\n{",
        POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"POST /_emulator/faults HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{",
        b"GET /_emulator/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=["body", "chunk", "control", "events"],
)
async def test_a_client_that_leaves_in_the_middle_is_no_error(
    begun: bytes, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is logged, and the next client is answered."""
    _, writer = await _connect(emulator, begun)
    await turns(50)
    writer.transport.abort()
    await turns(50)

    reader, writer = await _connect(emulator, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert _warnings(caplog) == []


@pytest.mark.parametrize(
    "sent",
    [
        POST + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        POST + b"Content-Encoding: gzip\r\nContent-Length: 10\r\n\r\n" + gzip.compress(b"{}")[:9] + b"x",
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["no gzip", "cut gzip", "no chunk"],
)
async def test_a_body_that_cannot_be_read_is_answered(
    sent: bytes, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer comes, and nothing is logged."""
    reader, writer = await _connect(emulator, sent)
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await turns(50)

    assert answer[9:12] in (b"400", b"401")
    assert _warnings(caplog) == []


async def _connect(emulator: Emulator, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = int(emulator.base_url.split(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    return reader, writer


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.WARNING]
