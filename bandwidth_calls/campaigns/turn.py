"""The statements of one turn of a worker: write what ended, sweep, and take keys within the pace."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs
import msgspec
from sqlalchemy import BigInteger, Integer, String, case, column, exc, exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bandwidth_calls.campaigns.hours import Hours
from bandwidth_calls.campaigns.journal import OUTCOME, Journal, outcomes_of
from bandwidth_calls.campaigns.tables import campaigns, dials, is_open, is_state, pace
from bandwidth_calls.campaigns.values import Outcome, Pace, State

HORIZON = 0.1  # seconds: keys whose place in the pace is nearer are taken; so soon a 429 stops the fleet
_ROUNDS = 20  # so often more keys are taken where some may not be called at this hour
_RESULT = (
    column("id", BigInteger),
    column("attempt", Integer),
    column("state", String),
    column("call_id", String),
    column("reason", String),
)
_LOST = "nobody told what came of the request: its worker was killed, frozen or cut off"
_TWICE = "the call id in the answer is that of another key"


@attrs.frozen
class Taken:
    """A key that this worker alone may send now. It leaves `delay` seconds after it was taken."""

    id: int
    key: str
    attempt: int
    request: str
    delay: float = 0.0


@attrs.frozen
class Result:
    """What came of a request. `hold` pauses the fleet for seconds. `error` is one of the account, and ends the run."""

    taken: Taken
    state: State
    call_id: str | None = None
    reason: str | None = None
    hold: float | None = None
    error: Exception | None = None
    away: bool = False  # whether the network was


@attrs.frozen
class Glance:
    """What a campaign looks like: who waits, until when, and whether it is paused. Times are in seconds from now."""

    running: bool
    waiting: bool
    sending: bool
    next_key: float
    next_place: float


@attrs.frozen
class Places:
    """Where the next calls have their place in the pace: so many, from `first` seconds after `now` on."""

    now: float
    first: float
    count: int
    interval: float


class Turn:
    """One transaction of a worker."""

    def __init__(self, journal: Journal, connection: AsyncConnection) -> None:
        self._journal, self._connection, self._now = journal, connection, journal.database.now
        self._campaign = dials.c.campaign == journal.id
        self._is_account = pace.c.account == journal.account

    async def write(self, results: Sequence[Result], *, one_by_one: bool = False) -> list[Outcome]:
        """Write what came of requests, where nobody wrote something else since; return the keys that have ended."""
        if one_by_one:
            written = [row for result in results for row in await self._write_alone(result)]
        else:
            written = await self._write(results) if results else []
        if holds := [result.hold for result in results if result.hold is not None]:
            await self._hold(max(holds))
        ids = {row.id for row in written}
        fenced = [one.taken.id for one in results if one.state != "waiting" and one.taken.id not in ids]
        outcomes = outcomes_of(written)
        if fenced:  # a webhook may have placed them before
            outcomes += [outcome for outcome in await self.ended(fenced) if outcome.state == "placed"]
        return outcomes

    async def sweep(self, age: float) -> list[Outcome]:
        """Give up keys that were taken longer ago than `age` seconds: nobody can still be sending them."""
        old = (self._campaign, is_open("sending"), dials.c.sent_at < self._now - age)
        values = {"state": "unknown", "settled_at": self._now, "reason": _LOST}
        return outcomes_of(await self._connection.execute(update(dials).where(*old).values(values).returning(*OUTCOME)))

    async def places(self, limits: Pace, most: int, lead: float) -> Places:
        """Lock the account's pace, and count how many may leave within the horizon, from `lead` seconds on."""
        statement = self._account()
        if limits.per_second is not None:
            statement = statement.with_for_update(of=pace)
        row = (await self._connection.execute(statement)).one()
        if limits.concurrent is not None:
            most = min(most, limits.concurrent - await self._up(limits.longest_call))
        first = max(row.next_at if limits.per_second is not None else 0.0, row.paused_until, row.now + lead)
        ahead = row.now + lead + HORIZON - first
        if row.state != "running" or ahead <= 0 or most <= 0:
            return Places(row.now, first - row.now, 0, limits.interval)
        fitting = most if limits.interval == 0 else 1 + math.floor(ahead / limits.interval)
        return Places(row.now, first - row.now, min(most, fitting), limits.interval)

    async def take(
        self, places: Places, only: Collection[int] | None, hours: Hours | None
    ) -> Sequence[Taken | Outcome]:
        """Take keys for places, in the order of `not_before`, then of adding; keys that are too late are outcomes."""
        found: list[Taken | Outcome] = []
        taken = 0
        for _ in range(_ROUNDS):
            rows = await self._take(places.count - taken, places.now, only) if taken < places.count else []
            for row in rows:
                verdict = _verdict(row, places.now, hours)
                if verdict is None:
                    delay = places.first + taken * places.interval
                    found.append(Taken(row.id, row.key, row.attempt, row.request, delay))
                    taken += 1
                elif isinstance(verdict, float):
                    await self._put_back(row, verdict)
                else:
                    await self._close(row, verdict)
                    found.append(verdict)
            if not rows:
                break
        if taken and places.interval:
            next_at = places.now + places.first + taken * places.interval
            await self._connection.execute(update(pace).where(self._is_account).values(next_at=next_at))
        return found

    async def glance(self) -> Glance:
        """Look at the campaign, without a lock."""
        waiting = select(func.min(dials.c.not_before)).where(self._campaign, is_state("waiting")).scalar_subquery()
        sending = exists().where(self._campaign, is_open("sending"))
        statement = self._account(waiting.label("waiting"), sending.label("sending"))
        row = (await self._connection.execute(statement)).one()
        next_key = math.inf if row.waiting is None else max(0.0, row.waiting - row.now)
        next_place = max(0.0, row.next_at - row.now, row.paused_until - row.now)
        return Glance(row.state == "running", row.waiting is not None, row.sending, next_key, next_place)

    async def ended(self, ids: Collection[int]) -> list[Outcome]:
        """Return what came of those of some keys that have ended."""
        return outcomes_of(await self._connection.execute(select(*OUTCOME).where(dials.c.id.in_(ids))))

    def _account(self, *more: Any) -> Any:
        """Return a SELECT of the account's pace, the database's time, the campaign's state, and more."""
        state = select(campaigns.c.state).where(campaigns.c.id == self._journal.id).scalar_subquery()
        columns = pace.c.next_at, pace.c.paused_until, self._now.label("now"), state.label("state")
        return select(*columns, *more).where(self._is_account)

    async def _take(self, count: int, now: float, only: Collection[int] | None) -> list[Any]:
        chosen = select(dials.c.id).where(self._campaign, is_state("waiting"), dials.c.not_before <= now)
        if only is not None:
            chosen = chosen.where(dials.c.id.in_(only))
        chosen = chosen.order_by(dials.c.not_before, dials.c.id).limit(count).with_for_update(skip_locked=True)
        statement = (
            update(dials)
            .where(dials.c.id.in_(select(chosen.cte("chosen").c.id)))
            .values(state="sending", attempt=dials.c.attempt + 1, sent_at=self._now)
            .returning(dials)
        )
        rows = list(await self._connection.execute(statement))
        return sorted(rows, key=lambda row: (row.not_before, row.id))

    async def _up(self, longest: float) -> int:
        recent = (dials.c.ended_at.is_(None), dials.c.sent_at > self._now - longest)
        statement = select(func.count()).where(self._campaign, is_state("sending", "placed"), *recent)
        return int((await self._connection.execute(statement)).scalar_one())

    async def _put_back(self, row: Any, not_before: float) -> None:
        values = {"state": "waiting", "sent_at": None, "not_before": not_before}
        await self._connection.execute(update(dials).where(dials.c.id == row.id).values(values))

    async def _close(self, row: Any, outcome: Outcome) -> None:
        values = {"state": outcome.state, "reason": outcome.reason, "settled_at": self._now, "sent_at": None}
        await self._connection.execute(update(dials).where(dials.c.id == row.id).values(values))

    async def _write(self, results: Sequence[Result]) -> list[Any]:
        """Write results by one statement; return the rows that were written."""
        fresh = text(self._journal.database.json_rows).columns(*_RESULT).subquery("fresh")
        is_waiting, placed = fresh.c.state == "waiting", fresh.c.state == "placed"
        values = {
            "state": fresh.c.state,
            "call_id": func.coalesce(fresh.c.call_id, dials.c.call_id),
            "reason": fresh.c.reason,
            "settled_at": case((is_waiting, None), else_=self._now),
            "sent_at": case((is_waiting, None), else_=dials.c.sent_at),
        }
        same = dials.c.id == fresh.c.id, dials.c.attempt == fresh.c.attempt
        may_write = is_state("sending") | (placed & is_state("unknown", "absent"))
        statement = update(dials).where(*same, may_write).values(values).returning(*OUTCOME)
        return list(await self._connection.execute(statement, {"rows": _json(results)}))

    async def _write_alone(self, result: Result) -> list[Any]:
        """Write one result; where its call is that of another key, the key is unknown."""
        try:
            async with self._connection.begin_nested():
                return await self._write([result])
        except exc.IntegrityError:
            return await self._write([attrs.evolve(result, state="unknown", call_id=None, reason=_TWICE)])

    async def _hold(self, seconds: float) -> None:
        until = self._now + seconds
        later = case((pace.c.paused_until > until, pace.c.paused_until), else_=until)
        await self._connection.execute(update(pace).where(self._is_account).values(paused_until=later))


def _json(results: Sequence[Result]) -> str:
    rows = [
        {
            "id": result.taken.id,
            "attempt": result.taken.attempt,
            "state": result.state,
            "call_id": result.call_id,
            "reason": result.reason,
        }
        for result in results
    ]
    return msgspec.json.encode(rows).decode()


def _verdict(row: Any, now: float, hours: Hours | None) -> Outcome | float | None:
    """Decide on a key that was taken: end it, let it wait until a time, or send it (None)."""
    if row.not_after is not None and row.not_after <= now:
        return Outcome(row.key, "cancelled", None, "not_after has passed")
    if hours is not None:
        if row.zone is None:
            return Outcome(row.key, "refused", None, "zone: is missing, and the campaign has calling hours")
        opens = hours.next_opening(datetime.fromtimestamp(now, UTC), row.zone).timestamp()
        if opens > now:
            late = row.not_after is not None and row.not_after <= opens
            return Outcome(row.key, "cancelled", None, "not_after is before the next calling hours") if late else opens
    return None
