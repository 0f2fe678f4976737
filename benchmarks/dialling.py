"""What a journal costs: a campaign against bare create_call, large against small, and adding against executemany.

    python -m benchmarks.dialling [JOURNAL]

Each figure is a ratio within one run. JOURNAL is an empty database of PostgreSQL, for the row of four processes, which
is left out without it. SQLite uses files in a temporary folder.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from statistics import median

from bandwidth_calls import BandwidthClient, BasicCredentials, CreateCall
from bandwidth_calls.campaigns import Dialler, Pace
from bandwidth_calls.campaigns.tables import dials
from benchmarks.server import running

CALLS, AT_ONCE, ROUNDS = 20_000, 100, 3
MANY, FEW = 1_000_000, 1_000
_CALL = CreateCall(
    to="+19195551234", from_="+19195554321", application_id="app-1", answer_url="https://app.example/answer"
)
_TO_ADD = 100_000
_INSERT = "INSERT INTO bw_dial (campaign, key, request) VALUES (1, ?, ?)"


def rows(count: int, name: str = "key") -> Iterator[tuple[str, CreateCall]]:
    """Yield rows of a campaign, made one by one."""
    return ((f"{name}-{index}", _CALL) for index in range(count))


def client_of(origin: str) -> BandwidthClient:
    """Return a client of the benchmarks' server."""
    return BandwidthClient("9900000", BasicCredentials("user", "password"), base_url=f"{origin}/campaign/0")


def dialler_of(client: BandwidthClient, journal: str, name: str = "benchmark") -> Dialler:
    """Return a dialler without a pace."""
    return Dialler(client, journal, campaign=name, pace=Pace(per_second=None), at_once=AT_ONCE)


async def place_bare(origin: str, count: int) -> None:
    """Be a process that places calls without a journal, so many at once."""
    async with client_of(origin) as client:
        _wait_for_go()
        left = iter(range(count))

        async def place() -> None:
            for _ in left:
                await client.calls.create_call(_CALL)

        await asyncio.gather(*(place() for _ in range(AT_ONCE)))


async def place_by(journal: str, origin: str) -> None:
    """Be a process of a campaign."""
    async with client_of(origin) as client, dialler_of(client, journal) as dialler:
        _wait_for_go()
        async for _ in dialler.run():
            pass


def _wait_for_go() -> None:
    gc.collect()
    gc.freeze()  # as a service does after its start: else the collector looks at every imported module again and again
    print("ready", flush=True)
    sys.stdin.readline()


async def add(journal: str, origin: str, count: int, name: str = "benchmark") -> float:
    """Add rows, and return the seconds that it took."""
    async with client_of(origin) as client, dialler_of(client, journal, name) as dialler:
        began = time.perf_counter()
        await dialler.add(rows(count))
        return time.perf_counter() - began


def rate(processes: int, *job: str) -> float:
    """Let processes begin at the same moment, and return the calls that they place a second, all together."""
    command = [sys.executable, "-m", "benchmarks.dialling", "--job", json.dumps(job)]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    began = time.perf_counter()
    for process in started:
        process.communicate("go\n")
    return CALLS / (time.perf_counter() - began)


def against_bare(origin: str, processes: int, new_journal: Callable[[], str]) -> float:
    """Return how many calls a campaign places for each that bare create_call places: the median of some rounds."""
    ratios = []
    for _ in range(ROUNDS):
        bare = rate(processes, "bare", origin, str(CALLS // processes))
        journal = new_journal()
        asyncio.run(add(journal, origin, CALLS))
        ratios.append(rate(processes, "campaign", journal, origin) / bare)
    return median(ratios)


def many_against_few(origin: str, folder: str) -> float:
    """Return what a key costs among a million for what it costs among a thousand: the median of some rounds."""
    seconds: dict[int, list[float]] = {MANY: [], FEW: []}
    for size in seconds:
        journal = f"sqlite:///{folder}/{size}.db"
        asyncio.run(add(journal, origin, size - FEW))
        asyncio.run(_cancel_all(journal, origin))
    for _ in range(ROUNDS):
        for size in seconds:
            journal = f"sqlite:///{folder}/{size}.db"
            seconds[size].append(asyncio.run(_place_some(journal, origin)))
    return median(many / few for many, few in zip(seconds[MANY], seconds[FEW], strict=True))


async def _cancel_all(journal: str, origin: str) -> None:
    async with client_of(origin) as client, dialler_of(client, journal) as dialler:
        await dialler.cancel()


async def _place_some(journal: str, origin: str) -> float:
    async with client_of(origin) as client, dialler_of(client, journal) as dialler:
        await dialler.add(rows(FEW, f"key-{time.time()}"))
        began = time.perf_counter()
        async for _ in dialler.run():
            pass
        return time.perf_counter() - began


def adding(origin: str, folder: str) -> float:
    """Return how long adding rows takes, for what a plain executemany of the same rows takes."""
    ratios = []
    for number in range(3):
        ours = asyncio.run(add(f"sqlite:///{folder}/add{number}.db", origin, _TO_ADD))
        with closing(sqlite3.connect(f"{folder}/add{number}.db")) as file, file:
            (request,) = file.execute("SELECT request FROM bw_dial LIMIT 1").fetchone()
            file.execute("DELETE FROM bw_dial")
        with closing(sqlite3.connect(f"{folder}/add{number}.db")) as file, file:
            began = time.perf_counter()
            file.executemany(_INSERT, ((f"key-{index}", request) for index in range(_TO_ADD)))
            file.commit()
            ratios.append(ours / (time.perf_counter() - began))
    return median(ratios)


def growth(origin: str, folder: str) -> float:
    """Return by how many MiB this process grows while a million rows are added from a generator."""
    asyncio.run(add(f"sqlite:///{folder}/warm.db", origin, 10_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    asyncio.run(add(f"sqlite:///{folder}/grow.db", origin, MANY))
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def main() -> None:
    """Print each row with its target."""
    if sys.argv[1:2] == ["--job"]:
        kind, first, second = json.loads(sys.argv[2])
        asyncio.run(place_bare(first, int(second)) if kind == "bare" else place_by(first, second))
        return
    postgres = sys.argv[1] if len(sys.argv) > 1 else None
    with running() as origin, tempfile.TemporaryDirectory() as folder:
        journals = (f"sqlite:///{folder}/j{number}.db" for number in range(100))
        _print(f"memory while {MANY:,} rows are added, MiB", growth(origin, folder), "flat")
        _print(f"add {_TO_ADD:,} rows / executemany", adding(origin, folder), "<= 3")
        _print("one process on SQLite / bare create_call", against_bare(origin, 1, lambda: next(journals)), ">= 0.5")
        if postgres is not None:
            _print("four on PostgreSQL / four bare", against_bare(origin, 4, _emptied(postgres)), ">= 0.7")
        _print(f"a key among {MANY:,} / among {FEW:,}", many_against_few(origin, folder), "<= 1.3")


def _print(row: str, figure: float, target: str) -> None:
    print(f"{row}: {figure:.2f} ({target})", flush=True)


def _emptied(journal: str) -> Callable[[], str]:
    def emptied() -> str:
        subprocess.run(["psql", "-q", "-c", f"TRUNCATE {dials.name}", journal], check=False, env=os.environ)
        return journal

    return emptied


if __name__ == "__main__":
    main()
