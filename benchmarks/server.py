"""A server that is never what is measured: pages rendered before, in a process of its own.

`/{flavour}/{latency in ms}` is a base URL. Except for `plain`, each new call has an id of its own. The filter
`disconnectCause` of a listing says how many pages it has (default: 1), `pageSize` how many calls each has (default: 5).
The id of a recording says how many MiB its media have.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from benchmarks.answers import CREATED, CREATED_ID, TOKEN, page

_SMALL = 16 * 1024  # bytes of a body that is sent together with its head, so that both arrive at once
_MEDIA = bytes(range(256)) * 4096  # a MiB of media
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


_numbers = count(1)


def _created_anew() -> bytes:
    """Return an answer to a create-call with an id of its own, of the same length."""
    return CREATED.replace(CREATED_ID, b"c-%034x" % next(_numbers), 1)


class _Connection(asyncio.Protocol):
    _left, _is_paused = 0, False  # MiB of media that are still to be written, and whether they must wait

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._received = transport, b""
        self._port = transport.get_extra_info("sockname")[1]

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._received, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._received) < whole:
                return
            method, target, _ = self._received.split(b" ", 2)
            self._received = self._received[whole:]
            self._answer(method, target.decode("ascii"))

    def _answer(self, method: bytes, target: str) -> None:
        if target == "/token":
            self._write(b"200 OK", b"", TOKEN)
            return
        parts = urlsplit(target)
        if parts.path.endswith("/media"):
            self._write_media(int(parts.path.split("/")[-2]))
            return
        _, flavour, latency, _ = parts.path.split("/", 3)
        if method == b"POST":
            self._write(b"201 Created", b"", CREATED if flavour == "plain" else _created_anew())
            return
        query = parse_qs(parts.query)
        size, pages = int(query.get("pageSize", ["5"])[0]), int(query.get("disconnectCause", ["1"])[0])
        number = int(query.get("pageToken", ["1"])[0])
        link = (
            f"http://127.0.0.1:{self._port}{parts.path}?pageSize={size}&disconnectCause={pages}&pageToken={number + 1}"
        )
        header = f'Link: <{link}>; rel="next"\r\n'.encode() if number < pages else b""
        answer = (b"200 OK", header, page(size, flavour))
        if latency == "0":
            self._write(*answer)
        else:
            asyncio.get_running_loop().call_later(int(latency) / 1000, self._write, *answer)

    def _write_media(self, size: int) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: audio/vnd.wave\r\nContent-Length: %d\r\n\r\n"
        self._transport.write(head % (size * len(_MEDIA)))
        self._left = size
        self.resume_writing()

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        self._is_paused = False
        while self._left and not self._is_paused:
            self._left -= 1
            self._transport.write(_MEDIA)

    def _write(self, status: bytes, header: bytes, body: bytes) -> None:
        head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%b\r\n"
        if len(body) < _SMALL:
            self._transport.write(head % (status, len(body), header) + body)
        else:
            self._transport.write(head % (status, len(body), header))
            self._transport.write(body)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0)
    for size in (1_000, 10_000):
        page(size, "plain")
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def running() -> Iterator[str]:
    """Run the server in a process of its own, and yield its origin."""
    command = [sys.executable, "-m", "benchmarks.server"]
    root = Path(__file__).parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(_serve())
