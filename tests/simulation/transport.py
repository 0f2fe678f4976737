"""The client's end of a connection in memory, as asyncio's socket transport behaves."""

from __future__ import annotations

import asyncio
import math
import ssl
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from .loop import VirtualLoop

_HIGH_WATER = 64 * 1024  # bytes in the buffer that make asyncio pause the writer


class Outlet(Protocol):
    """Where the bytes of a transport go."""

    def written(self, data: bytes) -> None:
        """Learn what the client wrote."""
        ...

    def taken(self, data: bytes) -> None:
        """Send what the peer takes."""
        ...

    def closed(self, how: str) -> None:
        """Learn that the client ended the connection."""
        ...


class MemoryTransport(asyncio.Transport):
    """A transport. Bytes beyond the peer's window wait in a buffer, and `close` waits for them as asyncio's does."""

    def __init__(
        self, loop: VirtualLoop, protocol: asyncio.Protocol, outlet: Outlet, tls: ssl.SSLContext | None
    ) -> None:
        super().__init__({"peername": ("192.0.2.1", 443), "sslcontext": tls})
        self._loop, self._protocol, self._outlet = loop, protocol, outlet
        self._window, self._buffer = math.inf, b""
        self._closing = self._lost = self._paused = False
        self._held: deque[Callable[[], None]] = deque()

    def stop_taking(self, window: int, seconds: float) -> None:
        """Let the peer take so many bytes only, until it reads on."""
        self._window = window
        if seconds < math.inf:
            self._loop.call_later(seconds, self._take_on)

    def _take_on(self) -> None:
        self._window, waiting, self._buffer = math.inf, self._buffer, b""
        if self._lost or not waiting:
            return
        self._outlet.taken(waiting)
        if len(waiting) > _HIGH_WATER:
            self._protocol.resume_writing()
        if self._closing:
            self._lose(None, "closed")

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send bytes."""
        if self._lost or self._closing or not data:
            return
        self._outlet.written(bytes(data))
        taken = int(min(len(data), self._window))
        self._window -= taken
        if taken:
            self._outlet.taken(bytes(data[:taken]))
        before, self._buffer = len(self._buffer), self._buffer + bytes(data[taken:])
        if before <= _HIGH_WATER < len(self._buffer):
            self._protocol.pause_writing()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview[Any]]) -> None:
        """Send several pieces as one."""
        self.write(b"".join(list_of_data))

    def close(self) -> None:
        """Close after the buffer is empty."""
        if not self._closing:
            self._closing = True
            if not self._buffer:
                self._lose(None, "closed")

    def abort(self) -> None:
        """Close at once."""
        self._closing = True
        self._lose(None, "aborted")

    def ended(self) -> None:
        """Take the end of what the peer sends."""
        self._in_turn(self._end)

    def reset(self) -> None:
        """Take a reset by the peer."""
        self._in_turn(lambda: self._lose(ConnectionResetError(104, "Connection reset by peer"), "was reset"))

    def arrived(self, data: bytes, heard: Callable[[], None] | None) -> None:
        """Take bytes of the peer."""
        self._in_turn(lambda: self._receive(data, heard))

    def _in_turn(self, event: Callable[[], None]) -> None:
        if self._paused or self._held:
            self._held.append(event)
        else:
            event()

    def _receive(self, data: bytes, heard: Callable[[], None] | None) -> None:
        if not self._closing:
            if heard is not None:
                heard()
            self._protocol.data_received(data)

    def _end(self) -> None:
        if not self._closing and not self._protocol.eof_received():
            self.close()

    def _lose(self, error: Exception | None, how: str) -> None:
        if not self._lost:
            self._lost = self._closing = True
            self._buffer = b""
            self._outlet.closed(how)
            self._loop.call_soon(self._protocol.connection_lost, error)

    def is_closing(self) -> bool:
        """Whether it was closed, or is about to be."""
        return self._closing

    @property
    def open(self) -> bool:
        """Whether the connection is still there."""
        return not self._lost

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait."""
        return len(self._buffer)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol."""
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Refuse another protocol: aiohttp never sets one here."""
        raise NotImplementedError

    def pause_reading(self) -> None:
        """Hold what arrives."""
        self._paused = True

    def resume_reading(self) -> None:
        """Hand out what was held."""
        self._paused = False
        self._loop.call_soon(self._hand_out)

    def _hand_out(self) -> None:
        while self._held and not self._paused:
            self._held.popleft()()

    def is_reading(self) -> bool:
        """Whether bytes are handed out."""
        return not self._paused and not self._closing
