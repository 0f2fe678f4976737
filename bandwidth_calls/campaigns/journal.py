"""The journal of one campaign: which keys it has, and what came of each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from bandwidth_calls.campaigns.database import Database
from bandwidth_calls.campaigns.tables import campaigns, dials, is_state, pace, up_index
from bandwidth_calls.campaigns.values import ENDED, Job, Outcome, Progress, State
from bandwidth_calls.convert import dump

_AT_ONCE = 1_000  # rows of one statement
_COLUMNS = ("campaign", "key", "not_before", "not_after", "zone", "request")
_INSERT = f"INSERT INTO bw_dial ({', '.join(_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"  # noqa: S608 - constants


class Journal:
    """The rows of one campaign of an account in a database."""

    def __init__(self, database: Database, account: str, campaign: str, row: int = 0) -> None:
        self.database, self.account, self.campaign, self.id = database, account, campaign, row

    @classmethod
    async def all_in(cls, database: Database, account: str | None, campaign: str | None) -> list[Journal]:
        """Return the campaigns that a database has: all, or those of an account or a name."""
        statement = select(campaigns).order_by(campaigns.c.id)
        if account is not None:
            statement = statement.where(campaigns.c.account == account)
        if campaign is not None:
            statement = statement.where(campaigns.c.name == campaign)
        async with database.reading() as connection:
            return [cls(database, row.account, row.name, row.id) for row in await connection.execute(statement)]

    async def open(self, *, concurrent: bool = False) -> None:
        """Make what is missing: the tables, the campaign, and the account's pace; an index if calls are counted."""
        await self.database.open([up_index] if concurrent else [])
        self.id = await self.database.keep_trying(self._begin)

    async def add(self, jobs: Sequence[Job]) -> int:
        """Add keys, and return how many are new. A key that is there stays as it is."""
        if not jobs:
            return 0
        rows = [self._row(job) for job in jobs]

        async def insert() -> int:
            async with self.database.transaction() as connection:
                if self.database.is_sqlite:  # SQLAlchemy would take as long for the parameters as SQLite for the rows
                    return (await connection.exec_driver_sql(_INSERT, rows)).rowcount
                statement = self.database.insert(dials).on_conflict_do_nothing().returning(dials.c.id)
                named = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
                return len((await connection.execute(statement, named)).all())

        return await self.database.keep_trying(insert)

    async def find(self, key: str) -> tuple[int, Outcome | None] | None:
        """Return the row of a key and what came of it, None where nothing has yet; None where there is no such key."""
        statement = select(*OUTCOME).where(dials.c.campaign == self.id, dials.c.key == key)
        async with self.database.reading() as connection:
            row = (await connection.execute(statement)).one_or_none()
        return None if row is None else (row.id, outcome_of(row))

    async def outcomes(self, state: State | None = None) -> AsyncIterator[Outcome]:
        """Yield what came of the keys that have ended, in the order in which they were added."""
        after = 0
        condition = is_state(*ENDED) if state is None else is_state(state)
        while True:
            statement = select(*OUTCOME).where(dials.c.campaign == self.id, condition, dials.c.id > after)
            async with self.database.reading() as connection:
                rows = (await connection.execute(statement.order_by(dials.c.id).limit(_AT_ONCE))).all()
            for outcome in outcomes_of(rows):
                yield outcome
            if len(rows) < _AT_ONCE:
                return
            after = rows[-1].id

    async def progress(self) -> Progress:
        """Count the keys in each state."""
        counts = select(dials.c.state, func.count()).where(dials.c.campaign == self.id).group_by(dials.c.state)
        async with self.database.reading() as connection:
            return Progress(**{row[0]: row[1] for row in await connection.execute(counts)})

    async def set_state(self, state: str) -> None:
        """Let the whole fleet run, or pause."""
        await self.database.change(update(campaigns).where(campaigns.c.id == self.id).values(state=state))

    async def cancel(self, keys: Iterable[str] | None) -> int:
        """Cancel keys that wait, all of them by default, and return how many."""
        waiting = (dials.c.campaign == self.id, is_state("waiting"))
        cancelled = 0
        if keys is not None:
            listed = list(keys)
            for first in range(0, len(listed), _AT_ONCE):
                part = dials.c.key.in_(listed[first : first + _AT_ONCE])
                cancelled += await self._cancel(select(dials.c.id).where(*waiting, part))
            return cancelled
        while count := await self._cancel(select(dials.c.id).where(*waiting).limit(_AT_ONCE)):
            cancelled += count
        return cancelled

    async def _cancel(self, chosen: Any) -> int:
        rows = chosen.with_for_update(skip_locked=True)
        values = {"state": "cancelled", "settled_at": self.database.now, "reason": "cancelled"}
        return await self.database.change(update(dials).where(dials.c.id.in_(rows), is_state("waiting")).values(values))

    async def _begin(self) -> int:
        insert = self.database.insert
        async with self.database.transaction() as connection:
            campaign = insert(campaigns).values(account=self.account, name=self.campaign)
            await connection.execute(campaign.on_conflict_do_nothing())
            await connection.execute(insert(pace).values(account=self.account).on_conflict_do_nothing())
            statement = select(campaigns.c.id)
            found = statement.where(campaigns.c.account == self.account, campaigns.c.name == self.campaign)
            return int((await connection.execute(found)).scalar_one())

    def _row(self, job: Job) -> tuple[object, ...]:
        times = seconds(job.not_before) or 0.0, seconds(job.not_after)
        return self.id, job.key, *times, job.zone, dump(job.call).decode()


OUTCOME = (dials.c.id, dials.c.key, dials.c.state, dials.c.call_id, dials.c.reason)


def outcome_of(row: Any) -> Outcome | None:
    """Return what came of a key, None where nothing has yet."""
    return Outcome(row.key, row.state, row.call_id, row.reason) if row.state in ENDED else None


def outcomes_of(rows: Iterable[Any]) -> list[Outcome]:
    """Return what came of keys, without those of which nothing has come yet."""
    return [outcome for row in rows if (outcome := outcome_of(row)) is not None]


def seconds(time: datetime | None) -> float | None:
    """Return a time as seconds since 1970."""
    return None if time is None else time.timestamp()
