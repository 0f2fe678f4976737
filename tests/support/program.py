"""The examples, run as a person runs them: as programs."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from support.served import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def _environ(base_url: str, more: dict[str, str]) -> dict[str, str]:
    service = {"BW_ACCOUNT_ID": "9900000", "BW_USERNAME": "user", "BW_PASSWORD": "password", "BW_VOICE_URL": base_url}
    # Not asyncio's debug mode: it complains of each step over 0.1 s, and a busy machine has those.
    python = {"PYTHONPATH": str(EXAMPLES.parent), "PYTHONUNBUFFERED": "1", "PYTHONASYNCIODEBUG": ""}
    return {**os.environ, **service, **python, **more}


def free_port() -> int:
    """Return a port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Program:
    """A running example: where it listens, and what it prints."""

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"

    async def rest(self) -> str:
        """Stop it as Ctrl-C does, and return what it printed since."""
        self.process.send_signal(2)
        return (await self.process.communicate())[0].decode()


async def start_example(example: str, *arguments: str, base_url: str, **environ: str) -> Process:
    """Start an example against a service."""
    return await start_python(str(EXAMPLES / example), *arguments, base_url=base_url, **environ)


async def start_python(*arguments: str, base_url: str, **environ: str) -> Process:
    """Start Python against a service, in the folder of the examples, and as the first of a group of processes."""
    command = sys.executable, "-W", "default", *arguments
    env = _environ(base_url, environ)
    return await asyncio.create_subprocess_exec(
        *command, env=env, cwd=EXAMPLES, start_new_session=True, stdout=PIPE, stderr=PIPE
    )


async def run_example(example: str, *arguments: str, base_url: str, **environ: str) -> tuple[int | None, str, str]:
    """Run an example to its end against a service. Return its exit code, and what it printed."""
    process = await start_example(example, *arguments, base_url=base_url, **environ)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


@asynccontextmanager
async def program(example: str, base_url: str, **environ: str) -> AsyncIterator[Program]:
    """Run an example on a free port against a service, until it listens; kill it at the end."""
    port = free_port()
    environ = _environ(base_url, {"PORT": str(port), **environ})
    arguments = sys.executable, str(EXAMPLES / example)
    process = await asyncio.create_subprocess_exec(*arguments, env=environ, stdout=PIPE, stderr=STDOUT)
    try:
        assert process.stdout is not None
        await process.stdout.readuntil(b"CTRL+C to quit)\n")
        yield Program(process, port)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
