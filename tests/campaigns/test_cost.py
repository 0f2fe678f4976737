"""What a turn costs does not depend on how many keys a campaign has: each statement uses an index of open keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Engine, event
from support.campaign import keys, outcomes

from bandwidth_calls.campaigns import Pace
from bandwidth_calls.emulator import Emulator

from .conftest import MakeDialler


@pytest.fixture
def statements() -> Iterator[dict[str, Any]]:
    """All statements that run, with some of their parameters."""
    seen: dict[str, Any] = {}

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        seen[statement] = parameters[0] if many else parameters

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("journal", ["sqlite"], indirect=True)
async def test_no_statement_of_a_run_reads_the_whole_campaign(
    make_dialler: MakeDialler, bandwidth: Emulator, journal: str, statements: dict[str, Any]
) -> None:
    """A search by the campaign alone would read all of its keys."""
    bandwidth.fault("createCall", drop="after")
    async with make_dialler(pace=Pace(per_second=None, concurrent=10)) as dialler:
        await dialler.add(keys(5))
        statements.clear()
        await outcomes(dialler)
        await dialler.reconcile()

    with closing(sqlite3.connect(journal.removeprefix("sqlite:///"))) as file:
        plans = {
            statement: [row[3] for row in file.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            for statement, parameters in statements.items()
            if "bw_dial" in statement
        }
    assert len(plans) >= 8
    for statement, plan in plans.items():
        whole = [step for step in plan if step.endswith("sqlite_autoindex_bw_dial_1 (campaign=?)") or "SCAN bw" in step]
        assert whole == [], statement
