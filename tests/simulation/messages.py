"""HTTP/1.1 as the service speaks it: requests read from bytes, answers written to bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import attrs


@attrs.frozen
class Message:
    """A request that arrived whole."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class RequestReader:
    """Requests out of a stream of bytes. `partial` holds the bytes of one that has only begun."""

    def __init__(self) -> None:
        self.partial = b""

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take bytes, and yield the requests that they complete."""
        self.partial += data
        while b"\r\n\r\n" in self.partial:
            head, _, rest = self.partial.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            length = int(headers.get("content-length", "0"))
            if len(rest) < length:
                return
            self.partial = rest[length:]
            method, target, _ = first.split(" ")
            yield Message(method, target, headers, rest[:length])


@attrs.frozen
class Reply:
    """An answer before it is written."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, status: int, value: Any, *headers: tuple[str, str]) -> Reply:
        """Make an answer of JSON."""
        body = json.dumps(value, separators=(",", ":")).encode()  # compact, as the service writes it
        return cls(status, body, (("Content-Type", "application/json"), *headers))

    def with_header(self, name: str, value: str) -> Reply:
        """Copy it with another header."""
        return attrs.evolve(self, headers=(*self.headers, (name, value)))

    def written(self, random: Random) -> tuple[bytes, bytes]:
        """Write head and body, the body with its length or in chunks."""
        if self.status == 204:
            return _head(self.status, *self.headers), b""
        if self.body and random.random() < 0.3:
            return _head(self.status, *self.headers, ("Transfer-Encoding", "chunked")), _chunked(self.body, random)
        return _head(self.status, *self.headers, ("Content-Length", str(len(self.body)))), self.body


def _head(status: int, *headers: tuple[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode()


def _chunked(body: bytes, random: Random) -> bytes:
    chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in split(body, random)]
    return b"".join(chunks) + b"0\r\n\r\n"


def split(data: bytes, random: Random) -> list[bytes]:
    """Split bytes at up to five random places."""
    places = sorted(random.randint(0, len(data)) for _ in range(random.randint(1, 5)))
    pieces = [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]
    return [piece for piece in pieces if piece]
