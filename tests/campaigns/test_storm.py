"""A short storm: workers are killed and frozen at random, and the database restarts twice; nobody is dialled twice."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from support.postgres import PostgresServer

from benchmarks.storm import Storm, Toll, rage

SHORT = Storm(keys=300, workers=3, kills=12, freezes=1)


def check(toll: Toll, storm: Storm) -> None:
    """Check both promises: at most once, and everybody ended."""
    progress = toll.progress
    assert toll.most_dials == 1
    assert (progress.waiting, progress.sending, progress.refused, progress.cancelled) == (0, 0, 0, 0)
    assert progress.total == storm.keys
    assert progress.placed == toll.dials  # what is absent was not dialled, and nothing is left unknown
    assert progress.placed > storm.keys / 2


async def test_a_storm_on_sqlite(tmp_path: Path) -> None:
    """Several processes of one machine."""
    check(await rage(f"sqlite:///{tmp_path / 'storm.db'}", SHORT), SHORT)


async def test_a_storm_on_postgresql(postgres: PostgresServer) -> None:
    """Its server crashes twice meanwhile."""
    server = PostgresServer()
    await asyncio.to_thread(server.start)

    async def crash() -> None:
        await asyncio.to_thread(server.stop, signal.SIGQUIT)
        await asyncio.to_thread(server.start)

    try:
        toll = await rage(server.url, SHORT, crash)
    finally:
        server.close()
    assert toll.restarts == 2
    check(toll, SHORT)
