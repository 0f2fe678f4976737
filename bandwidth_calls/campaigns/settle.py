"""Keys that are settled by webhooks: a call that sends events was placed."""

from __future__ import annotations

import asyncio

from sqlalchemy import exc, or_, select, update

from bandwidth_calls.campaigns.attempt import tag_of
from bandwidth_calls.campaigns.journal import Journal
from bandwidth_calls.campaigns.tables import dials, is_state
from bandwidth_calls.webhooks import DisconnectEvent, Event

_OPEN = ("sending", "unknown", "absent")  # what a webhook settles


class Settler:
    """Settles keys of one campaign by the tag of an event, and notes the end of their calls. It belongs to `loop`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._prefix = tag_of(journal.campaign, "")
        self.loop: asyncio.AbstractEventLoop | None = None

    async def observe(self, event: Event) -> None:
        """Settle the key of an event; `Webhooks` logs what fails."""
        await self.settle(event)

    async def settle(self, event: Event) -> bool:
        """Settle the key of an event, also from another event loop; return whether that changed something."""
        if self.loop is None:
            raise ValueError("settle: the Dialler is not open; use `async with`")
        if asyncio.get_running_loop() is self.loop:
            return await self._settle(event)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._settle(event), self.loop))

    async def _settle(self, event: Event) -> bool:
        call_id, tag = getattr(event, "call_id", None), getattr(event, "tag", None)
        if not call_id or getattr(event, "parent_call_id", None):  # the leg of a transfer is no call of the campaign
            return False
        key = tag.removeprefix(self._prefix) if isinstance(tag, str) and tag.startswith(self._prefix) else None
        return await self._journal.database.keep_trying(
            lambda: self._write(call_id, key, ends=isinstance(event, DisconnectEvent))
        )

    async def _write(self, call_id: str, key: str | None, *, ends: bool) -> bool:
        of_key = dials.c.call_id == call_id if key is None else or_(dials.c.call_id == call_id, dials.c.key == key)
        columns = dials.c.id, dials.c.state, dials.c.call_id, dials.c.ended_at
        async with self._journal.database.reading() as connection:
            rows = (
                await connection.execute(select(*columns).where(dials.c.campaign == self._journal.id, of_key))
            ).all()
        known = [row for row in rows if row.call_id == call_id]
        for row in known or rows:
            places = row.state in _OPEN
            if places or (ends and row.ended_at is None and row.call_id == call_id):
                return await self._update(row.id, call_id, places=places, ends=ends)
        return False

    async def _update(self, row: int, call_id: str, *, places: bool, ends: bool) -> bool:
        now = self._journal.database.now
        values: dict[str, object] = {"ended_at": now} if ends else {}
        if places:
            values |= {"state": "placed", "call_id": call_id, "settled_at": now, "reason": None}
        states = is_state(*_OPEN) if places else dials.c.call_id == call_id
        try:
            async with self._journal.database.transaction() as connection:
                statement = update(dials).where(dials.c.id == row, states).values(values)
                return bool((await connection.execute(statement)).rowcount)
        except exc.IntegrityError:  # the call is that of another key
            return False
