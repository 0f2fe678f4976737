"""What can go wrong, row by row of docs/campaigns.md: nobody is dialled twice, and nobody is forgotten."""

from __future__ import annotations

import asyncio
import json
import pickle
import signal
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from support.campaign import Rows, dialled, keys, number, outcomes, until
from support.campaign_worker import FULL_DISK, STEPS
from support.fleet import Fleet
from support.postgres import PostgresServer

from bandwidth_calls import BandwidthClient
from bandwidth_calls.campaigns import Dialler, JournalError, Pace, Progress
from bandwidth_calls.campaigns.database import Database
from bandwidth_calls.emulator import Emulator

from .conftest import MakeDialler

NEVER = 3600  # seconds: an answer that does not come while a test lasts


@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_is_killed(dialler: Dialler, journal: str, bandwidth: Emulator, rows: Rows, step: str) -> None:
    """At each step: what was not committed waits, and what was taken is in doubt, until a listing settles it."""
    if step == STEPS[2]:
        bandwidth.fault("createCall", delay=NEVER)
    async with Fleet(journal, bandwidth, keys=1, step=step) as fleet:
        worker = await fleet.start()
        if step == STEPS[2]:
            await until(lambda: bool(bandwidth.requests))
            assert await rows.states() == {"key-0": "sending"}
            worker.kill()
        assert await worker.wait() == -signal.SIGKILL

    committed, placed = step != STEPS[0], step in STEPS[2:]
    assert await rows.states() == {"key-0": "sending" if committed else "waiting"}
    await rows.age(121)  # more than twice the total
    found = await outcomes(dialler)
    assert [outcome.state for outcome in found.values()] == ["unknown" if committed else "placed"]
    await dialler.reconcile(absent_after=0)
    assert await dialler.progress() == (Progress(absent=1) if committed and not placed else Progress(placed=1))
    assert dialled(bandwidth) == ({} if committed and not placed else {number(0): 1})


@pytest.mark.parametrize("turn", range(100, 700, 50))
async def test_a_worker_dies_between_two_awaits(
    dialler: Dialler, journal: str, bandwidth: Emulator, rows: Rows, turn: int
) -> None:
    """At any turn of its event loop: nobody is dialled twice, all keys end, and what is placed was dialled."""
    await dialler.add(keys(6))
    async with Fleet(journal, bandwidth, keys=6, at_once=2, dies_at=turn) as fleet:
        await (await fleet.start()).wait()
    await rows.age(121)

    await outcomes(dialler)
    await dialler.reconcile(absent_after=0)

    progress = await dialler.progress()
    assert progress.placed + progress.absent == 6
    assert progress.placed == len(bandwidth.calls) == len(dialled(bandwidth))


async def test_nobody_is_sent_that_was_taken_long_ago(journal: str, bandwidth: Emulator, rows: Rows) -> None:
    """A worker that was frozen past every limit sends nothing of what it took, and the rest goes on."""
    async with Fleet(journal, bandwidth, keys=4, total=1.0, per_second=2.0) as fleet:
        worker = await fleet.start()
        await until(lambda: bool(bandwidth.calls))
        fleet.freeze(worker)
        await rows.age(1000)
        fleet.thaw(worker)
        found = dict(await fleet.finish(worker))

    assert set(found) == {f"key-{index}" for index in range(4)}
    assert max(dialled(bandwidth).values()) == 1
    states = await rows.states()
    assert set(states.values()) <= {"placed", "unknown"}
    assert len(bandwidth.calls) >= sum(state == "placed" for state in states.values())


async def test_a_frozen_worker_writes_placed_over_unknown(
    make_dialler: MakeDialler, bandwidth: Emulator, rows: Rows
) -> None:
    """Another worker gave the key up meanwhile; the answer is believed all the same."""
    bandwidth.fault("createCall", delay=0.2)
    async with make_dialler() as frozen:
        running = asyncio.create_task(outcomes(frozen, keys(1)))
        await until(lambda: bool(bandwidth.requests))
        await rows("UPDATE bw_dial SET state = 'unknown'")

        found = await running

    assert found["key-0"].state == "placed"
    assert await rows.states() == {"key-0": "placed"}


async def test_a_key_that_another_attempt_has_is_not_written(
    make_dialler: MakeDialler, bandwidth: Emulator, rows: Rows
) -> None:
    """The number of the attempt is the fence: an answer of an older attempt changes nothing."""
    bandwidth.fault("createCall", status=400, delay=0.2)
    async with make_dialler() as dialler:
        running = asyncio.create_task(outcomes(dialler, keys(1)))
        await until(lambda: bool(bandwidth.requests))
        await rows("UPDATE bw_dial SET attempt = attempt + 1")
        await until(lambda: bandwidth.requests[0].status == 400)
        await rows("UPDATE bw_dial SET state = 'cancelled'")
        await running

    assert await rows.states() == {"key-0": "cancelled"}


async def test_what_is_sent_is_seen_from_outside(dialler: Dialler, bandwidth: Emulator, rows: Rows) -> None:
    """While a request is out, its key is `sending` for everybody: the commit came first."""
    bandwidth.fault("createCall", delay=0.2)
    running = asyncio.create_task(outcomes(dialler, keys(1)))
    await until(lambda: bool(bandwidth.requests))

    assert await rows.states() == {"key-0": "sending"}
    await running


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restart", "crash"])
async def test_the_database_goes_away(
    postgres: PostgresServer, client: BandwidthClient, bandwidth: Emulator, how: signal.Signals
) -> None:
    """The run waits for it and goes on; nobody is dialled twice, and all keys end."""
    server = PostgresServer()
    try:
        await asyncio.to_thread(server.start)
        async with Dialler(client, server.url, campaign="june", pace=Pace(per_second=100)) as dialler:
            running = asyncio.create_task(outcomes(dialler, keys(60)))
            await until(lambda: len(bandwidth.calls) >= 10)
            await asyncio.to_thread(server.stop, how)
            await asyncio.to_thread(server.start)
            await Rows(server.url).age(121)

            await running

            progress = await dialler.progress()
        assert progress.total == progress.placed + progress.unknown == 60
        assert max(dialled(bandwidth).values()) == 1
    finally:
        server.close()


async def test_a_dropped_connection_costs_nobody(
    postgres: PostgresServer, client: BandwidthClient, bandwidth: Emulator
) -> None:
    """The server ends all sessions once and again; the turns are done again."""
    url = postgres.new_database()
    rows = Rows(url)
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    drop = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
    async with Dialler(client, url, campaign="june", pace=Pace(per_second=100)) as dialler:
        running = asyncio.create_task(outcomes(dialler, keys(50)))
        for count in (5, 20):
            await until(partial(_has_calls, bandwidth, count))
            await rows(drop)
            await rows.age(121)
        await running

        progress = await dialler.progress()
    assert progress.placed + progress.unknown == 50
    assert max(dialled(bandwidth).values()) == 1


async def test_a_server_that_does_not_flush_is_refused(client: BandwidthClient, postgres: PostgresServer) -> None:
    """With `fsync = off` a power cut could dial people twice."""
    server = PostgresServer("-c", "fsync=off")
    try:
        await asyncio.to_thread(server.start)
        with pytest.raises(ValueError, match=r"^journal: .*fsync"):
            await Dialler(client, server.url, campaign="june").__aenter__()
    finally:
        server.close()


async def test_each_session_flushes_its_commits(journal: str) -> None:
    """On SQLite and PostgreSQL alike, what is committed is on the disk, whatever the default is."""
    database = Database(journal)
    setting = "PRAGMA synchronous" if database.is_sqlite else "SHOW synchronous_commit"
    if not database.is_sqlite:
        await Rows(journal)("ALTER ROLE journal SET synchronous_commit = off")
    try:
        async with database.transaction() as connection:
            assert await connection.scalar(text(setting)) == (2 if database.is_sqlite else "on")
    finally:
        await database.close()
        if not database.is_sqlite:
            await Rows(journal)("ALTER ROLE journal RESET synchronous_commit")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_journal_that_cannot_be_opened(
    client: BandwidthClient, kind: str, request: pytest.FixtureRequest
) -> None:
    """It is a JournalError, at once where waiting does not help, and not the error of a driver."""
    journal = "sqlite:////proc/nothing/june.db"
    if kind == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        journal = server.url + "_nothing"

    with pytest.raises(JournalError, match="could not be used") as caught:
        await Dialler(client, journal, campaign="june").__aenter__()

    assert not caught.value.away
    assert pickle.loads(pickle.dumps(caught.value)).away is False


async def test_a_full_disk_dials_nobody(client: BandwidthClient, bandwidth: Emulator, tmp_path: Path) -> None:
    """The take fails before the request leaves, again and again; with room on the disk the key is dialled."""
    journal = f"sqlite:///{tmp_path / 'june.db'}"
    async with Dialler(client, journal, campaign="june", pace=Pace(per_second=None)) as dialler:
        await dialler.add(keys(1))
        async with Fleet(journal, bandwidth, keys=1, step=FULL_DISK) as fleet:
            worker = await fleet.start()
            assert worker.stdout is not None
            for _ in range(2):
                assert json.loads(await worker.stdout.readline()) == ["took", 1]
        assert bandwidth.requests == []

        assert len(await outcomes(dialler)) == 1


def _has_calls(bandwidth: Emulator, count: int) -> bool:
    return len(bandwidth.calls) >= count
