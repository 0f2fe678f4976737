"""A model of one key, explored whole, and held to the statements that really run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support.campaign import Rows, keys
from support.campaign_model import UNSETTLED, World, effects, explore

from bandwidth_calls import BandwidthClient
from bandwidth_calls.campaigns import Dialler, Pace
from bandwidth_calls.campaigns.database import Database
from bandwidth_calls.campaigns.journal import Journal
from bandwidth_calls.campaigns.reconcile import Reconciler
from bandwidth_calls.campaigns.settle import Settler
from bandwidth_calls.campaigns.turn import Result, Taken, Turn
from bandwidth_calls.campaigns.values import STATES
from bandwidth_calls.webhooks import parse_event

ATTEMPTS = 5
MODEL = explore(ATTEMPTS)


def test_nobody_is_dialled_twice() -> None:
    """In no world that two workers, kills, lost commits, sweeps, webhooks and listings lead to."""
    assert [world for world in MODEL if world.dials > 1] == []
    assert len(MODEL) > 500
    assert any(world.dials for world in MODEL)


def test_nothing_leads_back_from_doubt() -> None:
    """An unknown or absent key is never dialled again, whatever happens."""
    after_doubt = [after.state for world, nexts in MODEL.items() if world.state in UNSETTLED[1:] for _, after in nexts]

    assert set(after_doubt) == {"unknown", "absent", "placed"}


def test_nobody_is_forgotten() -> None:
    """From every world there is a way to one where the key has ended, without a worker that has something to say."""
    ends = {
        world
        for world in MODEL
        if world.state not in ("waiting", "sending") and all(worker.phase == "idle" for worker in world.workers)
    }
    before: dict[World, list[World]] = {}
    for world, nexts in MODEL.items():
        for _, after in nexts:
            before.setdefault(after, []).append(world)
    front = list(ends)
    while front:
        front = [world for after in front for world in before.get(after, []) if world not in ends]
        ends.update(front)

    assert set(MODEL) - ends == set()


def test_a_placed_key_was_dialled() -> None:
    """And a refused, cancelled or waiting one was not, unless its worker still knows better."""
    for world in MODEL:
        if world.state == "placed":
            assert world.dials == 1
        if world.state in ("refused", "cancelled"):
            assert world.dials == 0


Act = Callable[[Journal, Taken], Awaitable[Any]]


async def _take(journal: Journal, taken: Taken) -> None:
    async with journal.database.transaction() as connection:
        turn = Turn(journal, connection)
        await turn.take(await turn.places(Pace(per_second=None), 1, 0.0), None, None)


async def _sweep(journal: Journal, taken: Taken) -> None:
    async with journal.database.transaction() as connection:
        await Turn(journal, connection).sweep(100)


def _write(state: Any) -> Act:
    async def write(journal: Journal, taken: Taken) -> None:
        async with journal.database.transaction() as connection:
            call_id = "c-1" if state == "placed" else None
            await Turn(journal, connection).write([Result(taken, state, call_id)], one_by_one=False)

    return write


async def _webhook(journal: Journal, taken: Taken) -> None:
    settler = Settler(journal)
    settler.loop = asyncio.get_running_loop()
    await settler.settle(parse_event({"eventType": "answer", "callId": "c-1", "tag": "june/key-0"}))


async def _cancel(journal: Journal, taken: Taken) -> None:
    await journal.cancel(None)


STATEMENTS: dict[str, Act] = {
    "take": _take,
    "sweep": _sweep,
    **{f"write {state}": _write(state) for state in ("placed", "refused", "waiting", "unknown")},
    "webhook": _webhook,
    "cancel": _cancel,
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("statement", STATEMENTS)
async def test_the_statements_do_what_the_model_says(
    dialler: Dialler, journal: str, rows: Rows, statement: str, state: str
) -> None:
    """Each on a key in each state, by the attempt that it has and by an older one."""
    await dialler.add(keys(1))
    found = Journal(Database(journal), "9900000", "june")
    await found.open()
    try:
        for attempt in (5, 4):
            await rows(f"UPDATE bw_dial SET state = '{state}', attempt = 5, sent_at = 1000, call_id = NULL")
            ((row,),) = await rows("SELECT id FROM bw_dial")

            await STATEMENTS[statement](found, Taken(row, "key-0", attempt, "{}"))

            assert await rows.states() == {"key-0": effects(statement, state, attempt == 5)}
    finally:
        await found.database.close()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("statement", ["listed", "not listed"])
async def test_the_listing_does_what_the_model_says(
    dialler: Dialler, client: BandwidthClient, journal: str, rows: Rows, statement: str, state: str
) -> None:
    """On a key in each state, whose call is listed or not."""
    await dialler.add(keys(1))
    if statement == "listed":
        await client.calls.create_call(keys(1)[0][1])
    found = Journal(Database(journal), "9900000", "june")
    await found.open()
    try:
        await rows(f"UPDATE bw_dial SET state = '{state}', sent_at = {time.time()}")

        await Reconciler(found, client, absent_after=0).run()
    finally:
        await found.database.close()

    assert await rows.states() == {"key-0": effects(statement, state)}
