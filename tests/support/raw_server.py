"""Servers that speak no proper HTTP, and handlers that never answer."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Self

import attrs
from aiohttp import web

from support.moved_clock import pass_time


async def listen(answer: Any, **options: Any) -> tuple[asyncio.Server, int]:
    """Start a server on loopback that handles each connection with a function of reader and writer."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0, **options)
    return server, server.sockets[0].getsockname()[1]


async def never_in_a_minute(_: web.Request) -> web.Response:
    """Take a request, let a minute pass, and do not answer it."""
    pass_time(60)
    await asyncio.Event().wait()
    raise AssertionError


async def never(_: web.Request) -> web.Response:
    """Take a request and do not answer it."""
    await asyncio.Event().wait()
    raise AssertionError


@attrs.define(eq=False)
class Peer:
    """The server's end of one connection; `taken` counts the requests that were read from it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    taken: int = 0

    async def take(self) -> None:
        """Read one request whole."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        if length := re.search(rb"(?i)\r\ncontent-length: *(\d+)", head):
            await self.reader.readexactly(int(length[1]))
        self.taken += 1

    def answer(self, status: str, body: bytes = b"{}", *headers: str) -> None:
        """Send a well-formed answer, asked or not."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        self.writer.write("\r\n".join(lines).encode() + body)


class RawServer:
    """Handles each connection with `serve`; `peers` are all connections, which are aborted at the end."""

    def __init__(self, serve: Callable[[Peer], Awaitable[None]], tls: ssl.SSLContext | None = None) -> None:
        self._serve, self._tls = serve, tls
        self._tasks: set[asyncio.Task[Any]] = set()
        self.peers: list[Peer] = []

    async def __aenter__(self) -> Self:
        self._server, port = await listen(self._connected, ssl=self._tls)
        self.base_url = f"{'https' if self._tls else 'http'}://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def taken(self) -> int:
        """How many requests arrived whole."""
        return sum(peer.taken for peer in self.peers)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task, peer = asyncio.current_task(), Peer(reader, writer)
        assert task is not None
        self._tasks.add(task)
        self.peers.append(peer)
        try:
            await self._serve(peer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or the test is over
        finally:
            self._tasks.discard(task)
            writer.transport.abort()
