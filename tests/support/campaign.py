"""What tests of campaigns need: calls, and a look at the rows of a journal from outside."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import asyncpg

from bandwidth_calls import CreateCall

if TYPE_CHECKING:
    from bandwidth_calls.campaigns import Dialler, Outcome
    from bandwidth_calls.emulator import Emulator

ACCOUNT = "9900000"


def number(index: int) -> str:
    """Return a telephone number of its own for each index."""
    return f"+1919{5_000_000 + index}"


def call(index: int = 0, **changes: Any) -> CreateCall:
    """Return a call to the number of an index."""
    fields = {
        "to": number(index),
        "from_": "+19195554321",
        "application_id": "a",
        "answer_url": "https://app.example/a",
    }
    return CreateCall(**{**fields, **changes})


def keys(count: int) -> list[tuple[str, CreateCall]]:
    """Return rows of a campaign."""
    return [(f"key-{index}", call(index)) for index in range(count)]


async def outcomes(dialler: Dialler, rows: Any = None) -> dict[str, Outcome]:
    """Run a campaign to its end, and return what came of each key. Only an unknown key may end again, as placed."""
    found: dict[str, Outcome] = {}
    async for outcome in dialler.run(rows):
        before = found.get(outcome.key)
        assert before is None or (before.state, outcome.state) == ("unknown", "placed")
        found[outcome.key] = outcome
    return found


def dialled(bandwidth: Emulator) -> Counter[str]:
    """Return how often each number was dialled."""
    return Counter(call.to for call in bandwidth.calls)


class Rows:
    """The table `bw_dial` of a journal, by a connection of its own."""

    def __init__(self, journal: str) -> None:
        self._journal = journal

    async def __call__(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement, and return its rows."""
        if self._journal.startswith("sqlite"):
            with closing(sqlite3.connect(self._journal.removeprefix("sqlite:///"), timeout=30)) as file, file:
                return file.execute(statement).fetchall()
        server = await asyncpg.connect(self._journal)
        try:
            while True:
                # A statement of the run may lock the same rows in another order; then one of both is rolled back.
                with suppress(asyncpg.DeadlockDetectedError):
                    return [tuple(row) for row in await server.fetch(statement)]
        finally:
            await server.close()

    async def states(self) -> dict[str, str]:
        """Return the state of each key."""
        return dict(await self("SELECT key, state FROM bw_dial"))

    async def are(self, *states: str) -> bool:
        """Whether these are the states of all keys, in any order."""
        return sorted((await self.states()).values()) == sorted(states)

    async def age(self, seconds: float) -> None:
        """Let all that was sent be sent so much longer ago."""
        await self(f"UPDATE bw_dial SET sent_at = sent_at - {seconds}")


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Let others run until a condition holds."""
    while True:
        holds = condition()
        if holds if isinstance(holds, bool) else await holds:
            return
        await asyncio.sleep(0)


def of(state: str, found: Iterable[Outcome]) -> list[str]:
    """Return the keys of outcomes in a state."""
    return [outcome.key for outcome in found if outcome.state == state]
