"""A server of media that answers with bytes as a test wrote them, and a client of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bandwidth_calls import BandwidthClient, BasicCredentials, Download, RetryPolicy
from support.raw_server import Peer, RawServer

WAVE = bytes(range(256)) * 40
PATH = "/accounts/9900000/calls/c-1/recordings/r-1/media"


def head(status: str = "200 OK", *headers: str, kind: str = "audio/vnd.wave") -> bytes:
    """Return the head of an answer of a type."""
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Type: {kind}", *headers, "", ""]).encode()


def whole(body: bytes = WAVE, *headers: str, **options: Any) -> bytes:
    """Return an answer with a body and its length."""
    return head("200 OK", f"Content-Length: {len(body)}", *headers, **options) + body


def cut(at: int, *headers: str, body: bytes = WAVE) -> bytes:
    """Return an answer that announces a body and ends before all of it came."""
    return head("200 OK", f"Content-Length: {len(body)}", *headers) + body[:at]


def part(first: int, *headers: str, body: bytes = WAVE, last: int | None = None) -> bytes:
    """Return an answer with the rest of a body from some byte on."""
    last = len(body) - 1 if last is None else last
    about = (f"Content-Range: bytes {first}-{last}/{len(body)}", f"Content-Length: {last + 1 - first}")
    return head("206 Partial Content", *about, *headers) + body[first : last + 1]


def chunked(body: bytes = WAVE, *, ends: bool = True) -> bytes:
    """Return an answer whose length is told by its last chunk only."""
    chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n"
    return head("200 OK", "Transfer-Encoding: chunked") + chunk + (b"0\r\n\r\n" if ends else b"")


def files(folder: Path) -> list[Path]:
    """Return what is in a folder, hidden files too."""
    return list(folder.iterdir())


class MediaServer(RawServer):
    """Answers each request with the next of some answers, and closes the connection; the last one is repeated.

    With `stays` the connection stays open behind the answer.
    """

    stays = False

    def __init__(self, *answers: bytes) -> None:
        super().__init__(self._answer)
        self.answers = list(answers)
        self.requests: list[str] = []

    async def _answer(self, peer: Peer) -> None:
        self.requests.append((await peer.reader.readuntil(b"\r\n\r\n")).decode())
        peer.writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        await peer.writer.drain()
        if self.stays:
            await asyncio.Event().wait()
        peer.writer.close()
        await peer.writer.wait_closed()

    @property
    def ranges(self) -> list[str | None]:
        """The `Range` of each request."""
        return [self.header(request, "range") for request in self.requests]

    def header(self, request: str, name: str) -> str | None:
        """Return a header of a request."""
        lines = [line.partition(": ") for line in request.split("\r\n")]
        return next((value for found, _, value in lines if found.lower() == name), None)


@asynccontextmanager
async def serving(*answers: bytes, **options: Any) -> AsyncIterator[tuple[MediaServer, Download]]:
    """Serve some answers, and yield the server and a download from it. Options go to the client."""
    options = {"retry": RetryPolicy(attempts=3, base=0), **options}
    async with (
        MediaServer(*answers) as server,
        BandwidthClient("9900000", BasicCredentials("user", "password"), base_url=server.base_url, **options) as client,
    ):
        yield server, client.recordings.download_call_recording("c-1", "r-1")
