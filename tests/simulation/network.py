"""Connections in memory: bytes arrive after a latency, and are cut at a random byte, in either direction."""

from __future__ import annotations

import asyncio
import errno
import math
import socket
import ssl
from collections.abc import Callable
from random import Random
from typing import Protocol

from .loop import AddressInfo, VirtualLoop
from .messages import RequestReader, split
from .records import CURRENT, Trace, WireRequest
from .transport import MemoryTransport
from .troubles import Randoms, Troubles

Heard = Callable[[], None] | None
_KINDS = ("end", "reset", "silent")  # how a connection is cut: FIN, RST, or nothing comes any more
_SPREADS = (2_000, 200_000)  # a cut lies within so many bytes: in a head or a small body, or in a large page


class Conversation(Protocol):
    """The service's side of a connection."""

    def received(self, data: bytes) -> None:
        """Take bytes of the client."""
        ...

    def lost(self) -> None:
        """Learn that no more will come."""
        ...


class Pipe:
    """One direction of a connection. Each piece arrives after those before it, at an instant of its own."""

    def __init__(self, loop: VirtualLoop, random: Random, latency: float, fragmented: bool, room: float) -> None:
        self._loop, self._random, self._latency, self._fragmented = loop, random, latency, fragmented
        self._room = room  # bytes until the connection is cut
        self._arrives = 0.0
        self.ended = False
        self.pending = 0
        self.deliver: Callable[[bytes, Heard], None]
        self.cut: Callable[[], None]

    def write(self, data: bytes, heard: Heard = None, head: int = 0) -> None:
        """Send bytes; `heard` is called when the first `head` of them have arrived."""
        sent = 0
        for piece in split(data, self._random) if self._fragmented else [data]:
            if self.ended:
                return
            self.ended = len(piece) > self._room
            part = piece[: int(min(len(piece), self._room))]
            self._room -= len(part)
            self.at_next_instant(self.deliver, part, heard if sent < head <= sent + len(part) else None)
            sent += len(part)
            if self.ended:
                self.at_next_instant(self.cut)

    def end(self, then: Callable[[], None]) -> None:
        """Send nothing after this; `then` is called when all before it has arrived."""
        if not self.ended:
            self.ended = True
            self.at_next_instant(then)

    def at_next_instant(self, callback: Callable[..., None], *args: object) -> None:
        """Call back after all that is on its way."""
        self.pending += 1
        self._arrives = max(self._arrives, self._loop.time()) + 1e-6 + self._random.expovariate(1 / self._latency)
        self._loop.call_at(self._arrives, self._arrive, callback, args)

    def _arrive(self, callback: Callable[..., None], args: tuple[object, ...]) -> None:
        self.pending -= 1
        callback(*args)


class Connection:
    """Both directions of a connection, the client's transport, and the requests that were written to it."""

    def __init__(self, network: Network, number: int, protocol: asyncio.Protocol, tls: ssl.SSLContext | None) -> None:
        self.number, self.requests = number, list[WireRequest]()
        self._reader, self._loop, self._trace = RequestReader(), network.loop, network.trace
        self.random, troubles = network.randoms(f"connection {number}"), network.troubles
        self._name = f"connection {number}"
        latency = self.random.uniform(0.1, 5.0) if troubles.happens("slow_network", self.random) else 0.02
        self._out, self._in = (
            Pipe(
                network.loop,
                self.random,
                latency,
                troubles.happens("fragments", self.random),
                self._room(troubles, cut),
            )
            for cut in ("cut_request", "cut_answer")
        )
        self._kind = self.random.choice(_KINDS)
        self.transport = MemoryTransport(network.loop, protocol, self, tls)
        if troubles.happens("full_window", self.random):
            self.transport.stop_taking(self.random.choice((0, 40, 2_000)), self.random.choice((1.0, 30.0, math.inf)))
        self._out.deliver, self._out.cut = self._to_service, self._request_cut
        self._in.deliver, self._in.cut = self._to_client, self._answer_cut
        self._service = network.accept(self)

    def _room(self, troubles: Troubles, cut: str) -> float:
        place = self.random.randint(0, self.random.choice(_SPREADS))
        return place if troubles.happens(cut, self.random) else math.inf

    @property
    def quiet(self) -> bool:
        """Whether nothing is on its way to the client or was lost, and the client has not begun another request."""
        settled = not self._in.pending and not self._in.ended
        return settled and not self._reader.partial and not self.transport.is_closing()

    def written(self, data: bytes) -> None:
        """Take what the client hands to its connection, and write down each request that begins in it."""
        if not self._reader.partial:
            method, target, _ = data.decode("latin-1").split(" ", 2)
            self._note(WireRequest(self.number, self._loop.time(), method, target))
        for _ in self._reader.feed(data):
            pass
        self._trace(self._name, f"client writes {data!r}")

    def _note(self, request: WireRequest) -> None:
        self.requests.append(request)
        if (operation := CURRENT.get()) is not None:
            operation.sent.append(request)

    def taken(self, data: bytes) -> None:
        """Send what the peer's window has room for."""
        self._out.write(data)

    def closed(self, how: str) -> None:
        """Tell the service that the client ended the connection."""
        self._trace(self._name, f"client: {how}")
        self._out.end(self._service.lost)

    def send(self, data: bytes, heard: Heard = None, head: int = 0) -> None:
        """Send bytes of the service to the client; `heard` is called when the first `head` of them are there."""
        self._trace(self._name, f"service writes {data!r}")
        self._in.write(data, heard, head)

    def finish(self, kind: str) -> None:
        """End the connection for the service, after what it has sent."""
        self._trace(self._name, f"service: {kind}")
        self._in.end({"end": self.transport.ended, "reset": self.transport.reset, "silent": _nothing}[kind])

    def inject(self, data: bytes) -> None:
        """Hand bytes to the client at once, so that they cannot cross a request."""
        self._trace(self._name, f"unasked {data!r}")
        self._in.deliver(data, None)

    def _to_service(self, data: bytes, heard: Heard) -> None:
        self._trace(self._name, f"service reads {len(data)} bytes")
        self._service.received(data)

    def _to_client(self, data: bytes, heard: Heard) -> None:
        if self.requests:
            self.requests[-1].silent_since = self._loop.time()
        self._trace(self._name, f"client reads {data!r}")
        self.transport.arrived(data, heard)

    def _request_cut(self) -> None:
        self._trace(self._name, "cut: both ends are reset")
        self._service.lost()
        self._in.end(self.transport.reset)

    def _answer_cut(self) -> None:
        self._trace(self._name, f"cut: {self._kind}")
        if self._kind == "silent":
            return
        self._service.lost()
        if self._kind == "end":
            self.transport.ended()
        else:
            self.transport.reset()


class Network:
    """What the loop connects to: name look-ups, refusals, TLS, and connections to the service."""

    def __init__(
        self,
        loop: VirtualLoop,
        troubles: Troubles,
        randoms: Randoms,
        accept: Callable[[Connection], Conversation],
        trace: Trace,
    ) -> None:
        self.loop, self.troubles, self.randoms, self.accept, self.trace = loop, troubles, randoms, accept, trace
        self.connections: list[Connection] = []
        self._random = randoms("network")

    async def resolve(self, host: str, port: int) -> list[AddressInfo]:
        """Look up a host name: one address or two."""
        await asyncio.sleep(self._random.uniform(0.001, 0.02))
        if self.troubles.happens("no_such_host", self._random):
            await asyncio.sleep(self._random.choice((0.0, 1.0, 20.0)))
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        addresses = ("192.0.2.1", "192.0.2.2")[: self._random.randint(1, 2)]
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (one, port)) for one in addresses]

    async def reach(self, address: tuple[str, int]) -> None:
        """Connect to an address, or refuse, or never answer."""
        self.trace("network", f"connect to {address}")
        refused = self.troubles.happens("refused", self._random)
        unreachable = self.troubles.happens("unreachable", self._random)
        slow = self.troubles.happens("slow_network", self._random)
        await asyncio.sleep(self._random.uniform(0.1, 10.0) if slow else self._random.uniform(0.001, 0.05))
        if unreachable:
            await self.loop.create_future()
        if refused:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")

    async def open(self, protocol: asyncio.Protocol, tls: ssl.SSLContext | None) -> asyncio.Transport:
        """Open a connection, after a handshake where it is to be TLS. The bytes themselves stay plain."""
        if tls is not None:
            await self._shake_hands()
        connection = Connection(self, len(self.connections), protocol, tls)
        self.connections.append(connection)
        self.trace("network", f"connection {connection.number} is open")
        protocol.connection_made(connection.transport)
        return connection.transport

    async def _shake_hands(self) -> None:
        fails = self.troubles.happens("tls", self._random)
        how = self._random.choice(("hangs", "broken", "untrusted"))
        await asyncio.sleep(self._random.uniform(0.001, 0.05))
        if fails and how == "hangs":
            await self.loop.create_future()
        if fails:
            raise ssl.SSLError(1, "wrong version number") if how == "broken" else ssl.SSLCertVerificationError(1, "no")


def _nothing() -> None:
    """Fall silent: the client learns nothing."""
