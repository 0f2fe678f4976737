"""A proxy in front of the emulator that injects faults into requests and answers."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Self
from urllib.parse import urlsplit

import attrs


@attrs.define
class Exchange:
    """The `number`-th request that arrived, and the connection to answer it on."""

    number: int
    head: bytes
    body: bytes
    upstream: tuple[str, int]
    writer: asyncio.StreamWriter

    async def forward(self) -> bytes:
        """Let the emulator process the request, and return its raw answer."""
        reader, writer = await asyncio.open_connection(*self.upstream)
        lines = [
            line for line in self.head.split(b"\r\n") if not line.lower().startswith((b"connection:", b"accept-e"))
        ]
        writer.write(b"\r\n".join([lines[0], b"Connection: close", *lines[1:]]) + b"\r\n\r\n" + self.body)
        try:
            return await reader.read()
        finally:
            writer.close()

    def send(self, raw: bytes) -> None:
        """Send raw bytes as the answer."""
        self.writer.write(raw)

    def answer(self, status: str, body: bytes = b"", *headers: str) -> None:
        """Send a well-formed answer."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        self.send("\r\n".join(lines).encode() + body)

    def close(self) -> None:
        """Close the connection properly."""
        self.writer.close()

    def reset(self) -> None:
        """Reset the connection."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Act = Callable[[Exchange], Awaitable[None]]


async def pass_on(exchange: Exchange) -> None:
    """Pass on the request and its answer unchanged."""
    exchange.send(await exchange.forward())
    exchange.close()


class FaultProxy:
    """Passes token requests on, and hands API requests to `act`; `seen` counts the API requests."""

    def __init__(self, base_url: str, act: Act = pass_on) -> None:
        parts = urlsplit(base_url)
        self._upstream = (parts.hostname or "", parts.port or 80)
        self._path = parts.path
        self.act = act
        self.seen = 0
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.origin = f"http://127.0.0.1:{port}"
        self.base_url = self.origin + self._path
        self.token_url = f"{self.origin}/api/v1/oauth2/token"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while (exchange := await self._read(reader, writer)) is not None:
                token = b"oauth2/token" in exchange.head.split(b"\r\n", 1)[0]
                await (pass_on if token else self.act)(exchange)
                if writer.is_closing():
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or the test is over: both are what is tested
        finally:
            self._connections.discard(task)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange | None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n"))[:-4]
        except asyncio.IncompleteReadError:
            return None
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
        if b"oauth2/token" not in head.split(b"\r\n", 1)[0]:
            self.seen += 1
        return Exchange(self.seen, head, body, self._upstream, writer)
