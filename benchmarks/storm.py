"""A storm over a campaign: workers are killed and frozen at random, and the emulator counts whom it dialled.

    python -m benchmarks.storm [--keys 5000] [--workers 4] [--kills 120] [--restart COMMAND] [JOURNAL]

JOURNAL is a file of SQLite by default. COMMAND restarts the server of the journal, and is run twice. The promise: every
key is dialled at most once, and every key ends.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, Process
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import attrs

from bandwidth_calls import BandwidthClient, BasicCredentials, CreateCall, Timeout
from bandwidth_calls.campaigns import Dialler, Pace, Progress
from bandwidth_calls.emulator import Emulator

ACCOUNT, TOTAL = "9900000", 2.0
_CALM, _FROZEN = 0.15, 2 * TOTAL + 1  # seconds between two kills, and of a freeze
Restart = Callable[[], Awaitable[object]]


@attrs.frozen
class Storm:
    """What is to happen: so many keys, workers at a time, kills, and freezes past every limit."""

    keys: int = 5_000
    workers: int = 4
    kills: int = 120
    freezes: int = 3
    seed: int = 1

    @property
    def pace(self) -> float:
        """Calls a second, so that the campaign lasts as long as the storm."""
        return self.keys / (self.kills * _CALM + self.freezes * _FROZEN)


@attrs.frozen
class Toll:
    """What came of a storm: what the emulator dialled, the journal's progress, and how often it was tried."""

    dials: int
    most_dials: int
    progress: Progress
    kills: int
    restarts: int
    seconds: float


def call_of(index: int) -> CreateCall:
    """Return a call to a number of its own."""
    to, from_ = f"+1919{5_000_000 + index}", "+19195554321"
    return CreateCall(to=to, from_=from_, application_id="a", answer_url="https://app.example/a")


def client_of(base_url: str) -> BandwidthClient:
    """Return a client with a short total, so that what a kill left is in doubt soon."""
    login = BasicCredentials("user", "password")
    return BandwidthClient(ACCOUNT, login, base_url=base_url, timeout=Timeout(total=TOTAL))


async def work(journal: str, base_url: str, per_second: float) -> None:
    """Be a worker, until the campaign has ended."""
    async with client_of(base_url) as client, _dialler(client, journal, per_second) as dialler:
        async for _ in dialler.run():
            pass


async def rage(journal: str, storm: Storm, restart: Restart | None = None) -> Toll:
    """Let a storm rage over a campaign, then let one worker end it, and count."""
    chance, started, restarts = random.Random(storm.seed), time.monotonic(), 0
    async with Emulator(no_webhooks=True) as bandwidth, client_of(bandwidth.base_url) as client:
        async with _dialler(client, journal) as dialler:
            await dialler.add((f"key-{index}", call_of(index)) for index in range(storm.keys))
        fleet = [await _start(journal, bandwidth.base_url, storm) for _ in range(storm.workers)]
        freezes = set(chance.sample(range(storm.kills), min(storm.freezes, storm.kills)))
        for kill in range(storm.kills):
            await asyncio.sleep(chance.expovariate(1 / _CALM))
            place = chance.randrange(storm.workers)
            if kill in freezes:
                await _freeze(fleet[place])
            with suppress(ProcessLookupError):  # it has ended
                fleet[place].kill()
            await fleet[place].wait()
            fleet[place] = await _start(journal, bandwidth.base_url, storm)
            if restart is not None and kill in (storm.kills // 3, storm.kills * 2 // 3):
                await restart()
                restarts += 1
        for worker in fleet:
            await worker.wait()
        async with _dialler(client, journal) as dialler:
            async for _ in dialler.run():
                pass
            await dialler.reconcile(absent_after=0)
            progress = await dialler.progress()
        dials = Counter(call.to for call in bandwidth.calls)
    most = max(dials.values(), default=0)
    return Toll(sum(dials.values()), most, progress, storm.kills, restarts, time.monotonic() - started)


def _dialler(client: BandwidthClient, journal: str, per_second: float | None = None) -> Dialler:
    return Dialler(client, journal, campaign="storm", pace=Pace(per_second=per_second), at_once=20)


async def _start(journal: str, base_url: str, storm: Storm) -> Process:
    command = sys.executable, "-m", "benchmarks.storm", "--work", base_url, "--pace", str(storm.pace), journal
    return await asyncio.create_subprocess_exec(*command, stderr=DEVNULL)


async def _freeze(worker: Process) -> None:
    """Stop a worker past every limit, and let it go on: it must send nothing of what it took."""
    with suppress(ProcessLookupError):
        worker.send_signal(signal.SIGSTOP)
        await asyncio.sleep(_FROZEN)
        worker.send_signal(signal.SIGCONT)
        await asyncio.sleep(0.2)


def main() -> None:
    """Run a storm, print a row of its table, and fail where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("keys", "workers", "kills", "freezes", "seed"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Storm(), name))
    parser.add_argument("--restart")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("--pace", type=float, help=argparse.SUPPRESS)
    parser.add_argument("journal", nargs="?")
    options = parser.parse_args()
    if options.work:
        return asyncio.run(work(options.journal, options.work, options.pace))
    storm = Storm(options.keys, options.workers, options.kills, options.freezes, options.seed)
    restart = partial(asyncio.create_subprocess_shell, options.restart) if options.restart else None
    with tempfile.TemporaryDirectory() as folder:
        toll = asyncio.run(rage(options.journal or f"sqlite:///{os.path.join(folder, 'storm.db')}", storm, restart))
    print(toll)
    ended = toll.progress.total == storm.keys and not toll.progress.waiting and not toll.progress.sending
    sys.exit(0 if toll.most_dials <= 1 and ended else "a promise is broken")


if __name__ == "__main__":
    main()
