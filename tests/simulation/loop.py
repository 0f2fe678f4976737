"""An asyncio event loop in virtual time: its clock jumps to the next timer, and it never waits."""

from __future__ import annotations

import asyncio
import contextvars
import selectors
import socket
import ssl
from collections.abc import Callable
from typing import Any, Protocol, TypeVarTuple

_START = 1000.0
_MOST_TURNS = 500_000  # a seed takes some 5,000 turns; a hundred times as many is a loop without an end

_Ts = TypeVarTuple("_Ts")
AddressInfo = tuple[int, int, int, str, tuple[str, int]]


class DeadlockError(Exception):
    """Raised when nothing is ready and no timer is set: somebody waits for what will never come."""


class EndlessError(Exception):
    """Raised when the loop turns far more often than any seed needs."""


class Endpoints(Protocol):
    """The network that a loop connects to."""

    async def resolve(self, host: str, port: int) -> list[AddressInfo]:
        """Look up a host name."""
        ...

    async def reach(self, address: tuple[str, int]) -> None:
        """Connect to an address, or raise OSError."""
        ...

    async def open(self, protocol: asyncio.Protocol, tls: ssl.SSLContext | None) -> asyncio.Transport:
        """Open a connection to an address that was reached."""
        ...


class _JumpingSelector(selectors.SelectSelector):
    """A selector that moves the clock instead of waiting. No file descriptor is ever ready."""

    def __init__(self) -> None:
        super().__init__()
        self.now = _START
        self.turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Move the clock to the next timer."""
        self.turns += 1
        if timeout is None:
            raise DeadlockError
        if self.turns > _MOST_TURNS:
            raise EndlessError
        self.now += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """The event loop of one seed. Its name look-ups and connections go to `network`."""

    network: Endpoints

    def __init__(self, trace: Callable[[str, str], None]) -> None:
        self._jumping = _JumpingSelector()
        self._trace = trace
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._jumping.now

    def call_at(
        self,
        when: float,
        callback: Callable[[*_Ts], object],
        *args: *_Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """Set a timer, as any loop does, and note it in the trace."""
        self._trace("timer", f"{_name(callback)} at {when:.6f}")
        return super().call_at(when, callback, *args, context=context)

    async def getaddrinfo(self, host: Any, port: Any, **_: Any) -> Any:
        """Look up a host name in the simulated network."""
        return await self.network.resolve(host, port)

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        """Reach an address in the simulated network; the real socket stays unconnected."""
        await self.network.reach(address)

    async def create_connection(  # type: ignore[override] # the one form that aiohttp uses
        self, protocol_factory: Callable[[], asyncio.Protocol], *, sock: socket.socket, ssl: Any = None, **_: Any
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """Open a connection in memory in the place of a connected socket."""
        sock.close()
        protocol = protocol_factory()
        return await self.network.open(protocol, ssl), protocol


def _name(callback: Callable[..., object]) -> str:
    return str(getattr(callback, "__qualname__", type(callback).__name__))
