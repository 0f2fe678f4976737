"""The application's replies: they are read whole however they arrive, and the emulator never calls itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, web
from support.emulator_http import place_call
from support.moved_clock import turns
from support.raw_server import listen

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from bandwidth_calls.emulator import Call

DOCUMENT = b'<?xml version="1.0" encoding="UTF-8"?><Response><SpeakSentence>Hello</SpeakSentence><Hangup/></Response>'
XML = b"Content-Type: application/xml\r\n"
Send = Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]


async def _whole(writer: asyncio.StreamWriter, body: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n" + XML + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)


async def _two_segments(writer: asyncio.StreamWriter, body: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n" + XML + f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:60])
    await turns()
    writer.write(body[60:])


async def _chunks(writer: asyncio.StreamWriter, body: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n" + XML + b"Transfer-Encoding: chunked\r\n\r\n")
    for start in range(0, len(body), 50):
        piece = body[start : start + 50]
        writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        await turns()
    writer.write(b"0\r\n\r\n")


async def _to_the_end(writer: asyncio.StreamWriter, body: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n" + XML + b"\r\n" + body[:60])
    await turns()
    writer.write(body[60:])
    writer.close()


async def _cut(writer: asyncio.StreamWriter, body: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n" + XML + b"Content-Length: 1000\r\n\r\n" + body)
    writer.close()


@asynccontextmanager
async def application(send: Send, body: bytes) -> AsyncIterator[str]:
    """Run an application that sends its first reply so, and no content to every other webhook; yield its URL."""
    replies = iter([send])

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if (first := next(replies, None)) is not None:
            await first(writer, body)
        else:
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await reader.read()  # the rest of the request, until the emulator closes
        writer.close()

    server, port = await listen(answer)
    async with server:
        yield f"http://127.0.0.1:{port}/hook"


async def _play(http: ClientSession, emulator: Emulator, url: str) -> Call:
    await place_call(http, emulator, answerUrl=url)
    await emulator.run_until_idle()
    return emulator.calls[0]


@pytest.mark.parametrize("send", [_whole, _two_segments, _chunks, _to_the_end])
async def test_a_reply_is_read_to_its_end(send: Send, bandwidth: Emulator, http: ClientSession) -> None:
    """Segments, chunks with pauses, and a body that ends with its connection are one document."""
    async with application(send, DOCUMENT) as url:
        call = await _play(http, bandwidth, url)

    call.assert_heard("Hello")
    assert bandwidth.problems == []


async def test_a_reply_that_is_cut_is_not_asked_for_again(bandwidth: Emulator, http: ClientSession) -> None:
    """One more try is for applications to which no connection came about."""
    async with application(_cut, DOCUMENT) as url:
        await _play(http, bandwidth, url)

    assert len(bandwidth.problems) == 1
    assert "the reply cannot be read" in bandwidth.problems[0]


async def test_a_reply_without_end_is_read_to_the_most_that_bxml_may_have(
    bandwidth: Emulator, http: ClientSession
) -> None:
    """The rest is not read, and the problem names the limit."""

    async def endless(writer: asyncio.StreamWriter, body: bytes) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + XML + b"\r\n")
        while not writer.is_closing():
            writer.write(body)
            await writer.drain()

    async with application(endless, b"<Response>" + b" " * 10_000) as url:
        call = await _play(http, bandwidth, url)

    assert (call.disconnect_cause, call.error_message) == ("invalid-bxml", "must be at most 65536 bytes")


@pytest.mark.parametrize(("body", "kept"), [(b"<html>" + b"x" * 60_000, 2_003), (DOCUMENT + b" " * 60_000, None)])
async def test_of_what_is_no_bxml_little_is_kept(
    body: bytes, kept: int | None, bandwidth: Emulator, http: ClientSession
) -> None:
    """A timeline keeps documents whole, and of a page of HTML the beginning."""
    async with application(_whole, body) as url:
        call = await _play(http, bandwidth, url)

    detail = next(entry.detail for entry in call.entries if entry.kind == "webhook answer")
    assert detail is not None
    assert len(str(detail["reply"])) == (kept or len(body))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "LocalHost"])
@pytest.mark.parametrize("path", ["/_emulator/reset", "/api/v1/oauth2/token", "/"])
async def test_the_emulator_does_not_call_itself(
    host: str, path: str, bandwidth: Emulator, http: ClientSession
) -> None:
    """A page that placed a call could reach the control endpoints so."""
    port = bandwidth.page_url.split(":")[2].strip("/")

    call = await _play(http, bandwidth, f"http://{host}:{port}{path}")

    assert bandwidth.problems
    assert all("the URL leads to the emulator itself, which is not called" in one for one in bandwidth.problems)
    assert call in bandwidth.calls  # nothing was reset
    assert len(bandwidth.requests) == 1


@pytest.mark.parametrize("local", ["127.0.0.2", "127.1", "0.0.0.0", "localhost.", "[::ffff:127.0.0.1]", "a.localhost"])
async def test_a_map_does_not_lead_to_the_emulator_either(local: str, http: ClientSession) -> None:
    """Every spelling of this machine is known."""
    async with Emulator() as probe:
        port = int(probe.page_url.split(":")[2].strip("/"))
    mapped = f"https://app.example=http://{local}:{port}"
    async with Emulator(moved_clock=True, port=port, map=[mapped]) as emulator:
        await _play(http, emulator, "https://app.example/_emulator/reset")

        assert "the URL leads to the emulator itself" in emulator.problems[0]


async def test_another_port_of_this_machine_is_called(bandwidth: Emulator, http: ClientSession) -> None:
    """The application beside the emulator is no part of it."""

    async def reply(_: web.BaseRequest) -> web.Response:
        return web.Response(text=DOCUMENT.decode(), content_type="application/xml")

    runner = web.ServerRunner(web.Server(reply))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()

    call = await _play(http, bandwidth, f"http://localhost:{runner.addresses[0][1]}/")
    await runner.cleanup()

    call.assert_heard("Hello")
