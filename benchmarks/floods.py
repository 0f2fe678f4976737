"""`python -m benchmarks.floods`: what floods a server or a client, and how much memory that takes. For Linux.

Each flood is measured twice, the second time with four times as much. Memory is bounded where the second growth is
about the first one, or far below what was sent. The last line is a ratio of times.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import attrs
from aiohttp import web

from bandwidth_calls import BandwidthClient, BandwidthError, BasicCredentials, RetryPolicy
from bandwidth_calls.bxml.reader import read
from bandwidth_calls.webhooks import Webhooks

_BODY = b"x" * 65_536
_HUGE = json.dumps({"type": "validation", "description": "x" * 10_000_000}).encode()
_EMULATOR = ["-m", "bandwidth_calls.emulator", "--port", "0"]
_RECEIVER = ["-m", "benchmarks.floods", "--receiver"]


@attrs.frozen
class Flooded:
    """A server in a process of its own, and its URL."""

    pid: int
    url: str

    @property
    def resident(self) -> float:
        """The memory that it uses, in MiB."""
        found = re.search(r"VmRSS:\s*(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0


@contextmanager
def _served(command: list[str]) -> Iterator[Flooded]:
    """Run a server whose first line is its URL, or JSON that has it."""
    options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen([sys.executable, *command], **options) as process:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        try:
            yield Flooded(process.pid, json.loads(line)["base_url"] if line.startswith("{") else line)
        finally:
            process.kill()


async def _requests(count: int) -> float:
    """Send large requests without credentials to the emulator, which keeps the newest."""
    with _served(_EMULATOR) as server:
        async with aiohttp.ClientSession() as http:
            await http.post(f"{server.url}/accounts/9900000/calls", data=b"")
            before = server.resident
            for _ in range(count):
                async with http.post(f"{server.url}/accounts/9900000/calls", data=_BODY):
                    pass
        return server.resident - before


async def _replies(count: int) -> float:
    """Let the emulator's webhooks be answered by a mebibyte of HTML each."""

    async def page(_: web.BaseRequest) -> web.Response:
        return web.Response(text="<html>" + "x" * 2**20, content_type="text/html")

    with _served(_EMULATOR) as server:
        async with _listening(page) as url, aiohttp.ClientSession() as http:
            call = {"to": "+19195551234", "from": "+19195554321", "applicationId": "a", "answerUrl": url}
            auth = {"Authorization": aiohttp.encode_basic_auth("user", "password")}
            before = server.resident
            for _ in range(count):
                async with http.post(f"{server.url}/accounts/9900000/calls", json=call, headers=auth):
                    pass
            await _until_played(http, server.url.replace("/api/v2", "/_emulator/problems"), count)
        return server.resident - before


async def _until_played(http: aiohttp.ClientSession, url: str, count: int) -> None:
    while True:
        async with http.get(url) as answer:
            if len(await answer.json()) >= count:
                return
        await asyncio.sleep(0.05)


async def _senders(count: int) -> float:
    """Announce a mebibyte to a receiver of webhooks, without credentials, and send a part of it."""
    with _served(_RECEIVER) as server:
        port = int(server.url.rpartition(":")[2])
        before, writers = server.resident, []
        for _ in range(count):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048576\r\n\r\n" + _BODY * 8)
            await reader.readuntil(b"\r\n\r\n")
            writers.append(writer)
        grown = server.resident - before
        for writer in writers:
            writer.close()
        return grown


async def _errors(count: int) -> float:
    """Keep errors of a service that describes each in ten megabytes."""
    own = Flooded(os.getpid(), "")

    async def refuse(_: web.BaseRequest) -> web.Response:
        return web.Response(status=400, body=_HUGE)

    kept: list[BandwidthError] = []
    auth, retry = BasicCredentials("user", "password"), RetryPolicy(attempts=1)
    async with _listening(refuse) as url, BandwidthClient("1", auth, base_url=url, retry=retry) as client:
        for number in range(count + 2):
            if number == 2:  # what the first requests take stays
                before = own.resident
            try:
                await client.calls.get_call_state("c-1")
            except BandwidthError as error:
                kept.append(error)
        return own.resident - before


@asynccontextmanager
async def _listening(handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def _receive() -> None:
    """Serve webhooks until the process is killed, the URL being the first line printed."""
    app = web.Application(client_max_size=2**20)
    app.router.add_route("*", "/", Webhooks("user", "hush").aiohttp_handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


FLOODS: dict[str, tuple[Callable[[int], Coroutine[Any, Any, float]], int]] = {
    "requests of 64 KiB without credentials, to the emulator": (_requests, 500),
    "replies of 1 MiB of HTML, to the emulator": (_replies, 50),
    "senders of 1 MiB without credentials, to the receiver of webhooks": (_senders, 100),
    "descriptions of 10 MB, to the client, which keeps each error": (_errors, 10),
}
"""What each flood is, and how much of it is sent at first."""


def faulty_document(verbs: int) -> float:
    """Return the seconds that the check of a document takes, all of whose verbs are in a wrong place."""
    document = f"<Response>{'<Hangup/>' * verbs}</Response>"
    started = time.perf_counter()
    read(document, "conference")
    return time.perf_counter() - started


def main() -> None:
    """Run each flood, and print a line for it."""
    if "--receiver" in sys.argv:
        asyncio.run(_receive())
    print("| flood | sent | growth in MiB | four times as much | growth in MiB |\n|---|---|---|---|---|")
    for name, (flood, count) in FLOODS.items():
        first, second = (asyncio.run(flood(number)) for number in (count, 4 * count))
        print(f"| {name} | {count} | {first:.1f} | {4 * count} | {second:.1f} |", flush=True)
    ratio = min(faulty_document(7_000) for _ in range(5)) / min(faulty_document(1_750) for _ in range(5))
    print(f"\na document with 7,000 verbs in a wrong place / one with 1,750: {ratio:.1f} times the time")


if __name__ == "__main__":
    main()
