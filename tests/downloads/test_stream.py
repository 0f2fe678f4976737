"""A stream yields media while they arrive, holds the sender back, and ends with its block."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from support.media import WAVE, chunked, cut, head, part, serving, whole
from support.moved_clock import LoopTime, until
from support.raw_server import Peer, RawServer
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import (
    BandwidthClient,
    BasicCredentials,
    ClientClosedError,
    Download,
    NoAnswerError,
    NotFoundError,
    Timeout,
)

MANY = 64 * 2**20


async def test_a_stream_yields_all_pieces() -> None:
    """The pieces in order are the media, and what they are is known at once."""
    async with serving(whole()) as (_, download), download.stream() as media:
        assert (media.content_type, media.size) == ("audio/vnd.wave", len(WAVE))
        assert b"".join([piece async for piece in media]) == WAVE


async def test_a_size_that_is_not_told_is_none() -> None:
    """Of chunks nobody knows how many will come."""
    async with serving(chunked()) as (_, download), download.stream() as media:
        assert media.size is None
        assert b"".join([piece async for piece in media]) == WAVE


async def test_a_stream_is_resumed() -> None:
    """The reader sees one stream, though it came in two answers."""
    async with serving(cut(1000), part(1000)) as (_, download), download.stream() as media:
        assert b"".join([piece async for piece in media]) == WAVE


async def test_entering_raises_what_the_api_refuses() -> None:
    """Nothing of the block is run."""
    async with serving(head("404 Not Found", "Content-Length: 0")) as (_, download):
        with pytest.raises(NotFoundError):
            async with download.stream():
                raise AssertionError("entered")


async def test_pieces_before_an_error_are_yielded() -> None:
    """The error comes where the bytes end."""
    pieces = list[bytes]()

    async def read(download: Download) -> None:
        async with download.stream() as media:
            async for piece in media:
                pieces.append(piece)

    async with serving(cut(1000), head("404 Not Found", "Content-Length: 0")) as (_, download):
        with pytest.raises(NotFoundError):
            await read(download)

    assert b"".join(pieces) == WAVE[:1000]


async def test_a_slow_reader_holds_the_sender_back() -> None:
    """Of a long recording little is buffered, and what is read is counted by the reader."""
    sent = 0

    async def serve(peer: Peer) -> None:
        nonlocal sent
        await peer.take()
        peer.writer.write(head("200 OK", f"Content-Length: {MANY}"))
        while sent < MANY:
            peer.writer.write(bytes(2**16))
            await peer.writer.drain()
            sent += 2**16

    async with RawServer(serve) as server, _client(server.base_url) as client:
        download = client.recordings.download_call_recording("c-1", "r-1")
        async with download.stream() as media:
            first = await anext(aiter(media))
            for _ in range(200):
                await asyncio.sleep(0)

    assert first
    assert sent < MANY / 2


async def test_leaving_early_closes_the_connection() -> None:
    """The rest is not read."""
    closed = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.take()
        peer.writer.write(head("200 OK", f"Content-Length: {MANY}") + WAVE)
        assert await peer.reader.read() == b""
        closed.set()

    async with RawServer(serve) as server, _client(server.base_url) as client:
        async with client.recordings.download_call_recording("c-1", "r-1").stream() as media:
            assert await anext(aiter(media))
        await closed.wait()


async def test_closing_the_client_ends_a_stream() -> None:
    """Who waits for the next piece gets a ClientClosedError."""

    async def serve(peer: Peer) -> None:
        await peer.take()
        peer.writer.write(head("200 OK", f"Content-Length: {MANY}") + WAVE)
        await peer.reader.read()

    async with RawServer(serve) as server, _client(server.base_url) as client:
        task = asyncio.create_task(client.recordings.download_call_recording("c-1", "r-1").read(max_bytes=MANY))
        await until(lambda: server.taken)
        await client.close()

        with pytest.raises(ClientClosedError):
            await task


async def test_the_timeout_takes_the_place_of_the_total(
    api: ScriptedApi, make_client: MakeClient, loop_time: LoopTime, basic: BasicCredentials
) -> None:
    """A download goes on past the client's total, and ends at its own."""
    api.otherwise = _begin_only
    client = make_client(auth=basic, clock=loop_time.clock, timeout=Timeout(total=5, read=1000))
    task = asyncio.create_task(client.recordings.download_call_recording("c-1", "r-1").read(timeout=50))
    await until(lambda: api.requests)

    await loop_time.advance(40)
    was_done = task.done()
    await loop_time.advance(10)
    await until(task.done)

    assert not was_done
    with pytest.raises(NoAnswerError, match="not answered whole within 50 s"):
        await task


async def test_silence_is_bounded_by_the_read_timeout(
    api: ScriptedApi, make_client: MakeClient, loop_time: LoopTime, basic: BasicCredentials
) -> None:
    """A service that sends no more is left, and asked for the rest."""
    api.answers.append(_begin_only)
    api.otherwise = _rest
    client = make_client(auth=basic, clock=loop_time.clock, timeout=Timeout(read=3))
    async with client.recordings.download_call_recording("c-1", "r-1").stream() as media:
        pieces = aiter(media)
        first = await anext(pieces)
        await loop_time.advance(3)
        rest = [piece async for piece in pieces]

    assert first + b"".join(rest) == WAVE
    assert [seen.headers.get("Range") for seen in api.requests] == [None, f"bytes={len(first)}-"]


async def _begin_only(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "audio/wav", "Content-Length": str(len(WAVE))})
    await response.prepare(request)
    await response.write(WAVE[:1000])
    await asyncio.Event().wait()
    return response


async def _rest(request: web.Request) -> web.Response:
    first = int(request.headers["Range"].removeprefix("bytes=").removesuffix("-"))
    headers = {"Content-Type": "audio/wav", "Content-Range": f"bytes {first}-{len(WAVE) - 1}/{len(WAVE)}"}
    return web.Response(status=206, body=WAVE[first:], headers=headers)


def _client(base_url: str) -> BandwidthClient:
    return BandwidthClient("9900000", BasicCredentials("user", "password"), base_url=base_url)
