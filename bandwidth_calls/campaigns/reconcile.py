"""Unknown keys that are settled by the listing of calls, which has no tags: by numbers and time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import exc, select, update

from bandwidth_calls.campaigns.attempt import call_of
from bandwidth_calls.campaigns.journal import Journal
from bandwidth_calls.campaigns.tables import dials, is_open, is_state
from bandwidth_calls.models.calls import CallState

if TYPE_CHECKING:
    from bandwidth_calls.client import BandwidthClient

_EACH = 1_000  # unknown keys that are looked up one number after the other; more are one listing
_ABSENT = "not listed"
ABSENT_AFTER, SKEW = 3600.0, 60.0  # seconds: what may be listed late, and by how much clocks may differ

Numbers = tuple[str, str]


@attrs.frozen
class _Unknown:
    """A key of which nobody knows whether it was dialled, and when its call may have been queued."""

    id: int
    attempt: int
    application: str
    numbers: Numbers
    sent_at: float
    first: float
    last: float

    def may_be(self, call: CallState) -> bool:
        """Whether a listed call may be this key's."""
        time = _time(call)
        return call.application_id == self.application and (time is None or self.first <= time <= self.last)


class Reconciler:
    """One run over the unknown keys of a campaign."""

    def __init__(
        self, journal: Journal, client: BandwidthClient, *, absent_after: float = ABSENT_AFTER, skew: float = SKEW
    ) -> None:
        self._journal, self._client, self._absent_after, self._skew = journal, client, absent_after, skew

    async def run(self) -> int:
        """Settle what the listing settles, and return how many keys that is."""
        unknown, now = await self._journal.database.keep_trying(self._read)
        listed = await self._list_all(unknown) if len(unknown) > _EACH else None
        groups: dict[Numbers, list[_Unknown]] = defaultdict(list)
        for key in unknown:
            groups[key.numbers].append(key)
        settled = 0
        for numbers, keys in groups.items():
            calls = listed[numbers] if listed is not None else await self._list(numbers)
            for together in _overlapping(keys):
                settled += await self._settle(together, calls, now)
        return settled

    async def _read(self) -> tuple[list[_Unknown], float]:
        margin = 2 * self._client.timeout.total + self._skew
        columns = dials.c.id, dials.c.attempt, dials.c.sent_at, dials.c.request
        statement = select(*columns).where(dials.c.campaign == self._journal.id, is_open("unknown"))
        found = []
        async with self._journal.database.reading() as connection:
            now = float((await connection.execute(select(self._journal.database.now))).scalar_one())
            for row in await connection.execute(statement.order_by(dials.c.sent_at)):
                call = call_of(row.request)
                times = row.sent_at, row.sent_at - self._skew, row.sent_at + margin
                found.append(_Unknown(row.id, row.attempt, call.application_id, (call.to, call.from_), *times))
        return found, now

    async def _list(self, numbers: Numbers) -> list[CallState]:
        to, from_ = numbers  # without a time: the API's filter is of the start, which a queued call does not have
        return [call async for call in self._client.calls.list_calls(to=to, from_=from_) if _is_outbound(call)]

    async def _list_all(self, unknown: list[_Unknown]) -> dict[Numbers, list[CallState]]:
        """List the whole time of all keys at once; only the calls between their numbers are kept."""
        wanted = {key.numbers for key in unknown}
        first = datetime.fromtimestamp(min(key.first for key in unknown), UTC)
        listed: dict[Numbers, list[CallState]] = defaultdict(list)
        async for call in self._client.calls.list_calls(min_start_time=first - timedelta(seconds=1), page_size=10_000):
            numbers = call.to or "", call.from_ or ""
            if numbers in wanted and _is_outbound(call):
                listed[numbers].append(call)
        return listed

    async def _settle(self, keys: list[_Unknown], calls: list[CallState], now: float) -> int:
        """Settle keys whose times overlap. Where fewer calls than keys are listed, nobody can say whose they are."""
        possible = [call for call in calls if any(key.may_be(call) for key in keys)]
        free = await self._without_key(possible)
        timed = [call for call in free if _time(call) is not None]
        if not free:
            return sum([await self._write(key, None) for key in keys if now - key.sent_at >= self._absent_after])
        if len(timed) < len(keys):
            return 0
        settled = 0
        for key in keys:
            call = next((call for call in timed if key.may_be(call)), None)
            if call is not None and await self._write(key, call.call_id):
                timed.remove(call)
                settled += 1
        return settled

    async def _without_key(self, calls: Iterable[CallState]) -> list[CallState]:
        by_id = {call.call_id: call for call in sorted(calls, key=lambda call: _time(call) or 0.0)}
        statement = select(dials.c.call_id).where(dials.c.call_id.in_(by_id))
        async with self._journal.database.reading() as connection:
            for row in await connection.execute(statement):
                del by_id[row.call_id]
        return list(by_id.values())

    async def _write(self, key: _Unknown, call_id: str | None) -> bool:
        now = self._journal.database.now
        values: dict[str, Any] = {"state": "placed", "call_id": call_id, "reason": None}
        if call_id is None:
            values = {"state": "absent", "reason": _ABSENT}
        this = dials.c.id == key.id, dials.c.attempt == key.attempt, is_state("unknown")

        try:
            return bool(
                await self._journal.database.change(update(dials).where(*this).values(**values, settled_at=now))
            )
        except exc.IntegrityError:  # the call has got a key meanwhile
            return False


def _overlapping(keys: list[_Unknown]) -> Iterable[list[_Unknown]]:
    """Yield keys of the same numbers in groups whose times overlap; they come in the order of time."""
    group: list[_Unknown] = []
    for key in keys:
        if group and key.first > max(other.last for other in group):
            yield group
            group = []
        group.append(key)
    if group:
        yield group


def _is_outbound(call: CallState) -> bool:
    return call.direction == "outbound"


def _time(call: CallState) -> float | None:
    time = call.enqueued_time or call.start_time
    return None if time is None else time.timestamp()
