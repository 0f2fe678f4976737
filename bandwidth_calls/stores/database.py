"""A token and first replies that processes share in a database: the journal's, or any SQLite file or PostgreSQL."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import attrs
from sqlalchemy import Column, Float, Index, MetaData, String, Table, Text, delete, select

from bandwidth_calls.campaigns.database import Database
from bandwidth_calls.stores.shared import SharedReplies, SharedTokens

_METADATA = MetaData()


def _table(name: str) -> Table:
    table = Table(
        name,
        _METADATA,
        Column("key", String, primary_key=True),
        Column("value", Text),
        Column("expires_at", Float(53), nullable=False, server_default="0"),
        Column("claimed_until", Float(53), nullable=False, server_default="0"),
    )
    Index(f"{name}_expires", table.c.expires_at)
    return table


class DatabaseStore:
    """What processes share in a database: `async with DatabaseStore(url) as store`. It needs the extra `campaigns`.

    `store.tokens` is a `TokenStore` for `ClientCredentials`, `store.dedupe` a `Dedupe` for `Webhooks`. The URL is that
    of a journal. A token gives access to the account, so protect the database. It belongs to one event loop.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url, _METADATA)
        self.tokens = SharedTokens(_TableShelf(self._database, _TOKENS))
        self.dedupe = SharedReplies(_TableShelf(self._database, _REPLIES))

    async def __aenter__(self) -> Self:
        await self._database.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._database.close()


@attrs.frozen
class _TableShelf:
    """Texts in a table. What has expired is deleted when something is written."""

    _database: Database
    _table: Table

    async def read(self, key: str) -> str | None:
        """Return the text of a key."""
        row, now = self._table.c, self._database.now
        async with self._database.reading() as connection:
            found = select(row.value).where(row.key == key, row.expires_at > now)
            value: str | None = await connection.scalar(found)
            return value

    async def write(self, key: str, value: str, seconds: float) -> None:
        """Store a text, and end the claim of the key."""
        row, now = self._table.c, self._database.now
        values = {"value": value, "expires_at": now + seconds, "claimed_until": 0.0}
        insert = self._database.insert(self._table).values(key=key, **values)
        async with self._database.transaction() as connection:
            await connection.execute(delete(self._table).where(row.expires_at < now, row.claimed_until < now))
            await connection.execute(insert.on_conflict_do_update(index_elements=[row.key], set_=values))

    async def claim(self, key: str, seconds: float) -> bool:
        """Claim a key, unless somebody else has it."""
        row, now = self._table.c, self._database.now
        until = {"claimed_until": now + seconds}
        insert = self._database.insert(self._table).values(key=key, **until)
        claim = insert.on_conflict_do_update(index_elements=[row.key], set_=until, where=row.claimed_until < now)
        async with self._database.transaction() as connection:
            return (await connection.execute(claim.returning(row.key))).first() is not None


_TOKENS, _REPLIES = _table("bw_token"), _table("bw_reply")
