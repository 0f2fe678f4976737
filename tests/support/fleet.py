"""Workers of a campaign as processes that a test starts, kills and freezes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bandwidth_calls.emulator import Emulator

TESTS = Path(__file__).parents[1]


class Fleet:
    """Starts workers on one journal. Options are those of the worker."""

    def __init__(self, journal: str, bandwidth: Emulator, **options: Any) -> None:
        self._journal, self._bandwidth = journal, bandwidth
        self._options = {
            "keys": 10,
            "total": 60.0,
            "per_second": None,
            "at_once": 100,
            "step": "",
            "dies_at": 0,
            **options,
        }
        self.workers: list[Process] = []

    async def __aenter__(self) -> Fleet:
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self.workers:
            if worker.returncode is None:
                worker.kill()
            await worker.wait()

    async def start(self, **options: Any) -> Process:
        """Start a worker."""
        path = os.pathsep.join((str(TESTS), str(TESTS.parent)))
        arguments = self._journal, self._bandwidth.base_url, json.dumps({**self._options, **options})
        command = sys.executable, "-m", "support.campaign_worker", *arguments
        worker = await asyncio.create_subprocess_exec(
            *command, env={**os.environ, "PYTHONPATH": path}, stdout=PIPE, stderr=DEVNULL
        )
        self.workers.append(worker)
        return worker

    async def finish(self, worker: Process) -> list[tuple[str, str]]:
        """Wait for a worker's end, and return what it printed: keys and states."""
        out, _ = await worker.communicate()
        return [tuple(json.loads(line)[:2]) for line in out.decode().splitlines()]

    def freeze(self, worker: Process) -> None:
        """Stop a worker as a machine that is suspended; `thaw` wakes it."""
        worker.send_signal(signal.SIGSTOP)

    def thaw(self, worker: Process) -> None:
        """Let a frozen worker go on."""
        worker.send_signal(signal.SIGCONT)
