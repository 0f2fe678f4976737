"""The database of a journal: SQLite in a file, or PostgreSQL. What is committed is on the disk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar, Unpack

from sqlalchemy import ColumnElement, Float, Index, MetaData, UpdateBase, event, exc, literal_column, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bandwidth_calls.campaigns.tables import metadata
from bandwidth_calls.errors import BandwidthError, ClientClosedError, RequestFacts

T = TypeVar("T")

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
_FORMS = "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE"
_UNUSABLE = "the journal could not be used"
_BUSY = 30.0  # seconds that a statement waits for its turn
_PATIENCE = 120.0  # seconds that a database may be away
_PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0)
_LOCK = 4_270_001  # of PostgreSQL's advisory locks: one process makes the tables
_SETTINGS = {
    "synchronous_commit": "on",  # a commit that is not on the disk could dial twice after a power cut
    "idle_in_transaction_session_timeout": "10s",  # of a frozen worker, which would hold up the others
    "lock_timeout": "30s",
}


class JournalError(BandwidthError):
    """Raised when the journal's database cannot be used. `away` tells that this may pass."""

    def __init__(self, message: str, away: bool = False, **request_facts: Unpack[RequestFacts]) -> None:
        super().__init__(message, away, **request_facts)
        self.away = away


class Database:
    """Connections to the database of a journal, its clock, and what differs between the two kinds.

    `now` is an expression: the database's time. `insert` makes an INSERT that can ignore rows that are there.
    `json_rows` is a SELECT of the results of requests, which are one parameter: a JSON array named `rows`.
    """

    def __init__(self, journal: str, tables: MetaData = metadata) -> None:
        url, self._tables = _parse(journal), tables
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.json_rows = _SQLITE_ROWS if self.is_sqlite else _POSTGRES_ROWS
        self.insert: Callable[..., Any] = sqlite.insert if self.is_sqlite else postgresql.insert
        self.now: ColumnElement[float] = literal_column(_SQLITE_NOW if self.is_sqlite else _POSTGRES_NOW, Float(53))
        self._engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        self._file = Path(str(url.database)) if self.is_sqlite else None
        self._closed, self._used = False, set[asyncio.Future[None]]()
        self._foreign = _FOREIGN if self.is_sqlite else (*_FOREIGN, *_asyncpg_errors())

    async def open(self, indexes: Sequence[Index] = ()) -> None:
        """Make the tables and indexes that are missing, and check that what is committed is on the disk."""
        if self._file is not None and not await asyncio.to_thread(self._file.parent.is_dir):
            raise JournalError(_UNUSABLE, reason=f"there is no folder {self._file.parent}")
        await self.keep_trying(lambda: self._open(indexes))

    async def require(self) -> None:
        """Check that there is a journal, and make none."""
        if self._file is not None and not await asyncio.to_thread(self._file.is_file):
            raise JournalError(_UNUSABLE, reason=f"there is no file {self._file}")

    async def close(self) -> None:
        """Close all connections, as soon as none is used."""
        self._closed = True
        while self._used:
            await asyncio.wait(self._used)
        await self._engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that writes. It is committed at the end, and on the disk then."""
        with self._using(), self._own_errors():
            async with self._engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that only reads, and waits for no writer."""
        with self._using(), self._own_errors():
            async with self._engine.connect() as connection:
                yield await connection.execution_options(reads_only=True)

    async def keep_trying(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do work that may be repeated, again while the database is away, for at most two minutes."""
        trouble = Trouble()
        while True:
            try:
                return await work()
            except JournalError as error:
                await trouble.pause(error)

    async def change(self, statement: UpdateBase) -> int:
        """Run one statement that may be repeated, again while the database is away; return how many rows it changed."""

        async def run() -> int:
            async with self.transaction() as connection:
                return (await connection.execute(statement)).rowcount

        return await self.keep_trying(run)

    async def _open(self, indexes: Sequence[Index]) -> None:
        async with self.transaction() as connection:
            if not self.is_sqlite:
                if await connection.scalar(text("SHOW fsync")) != "on":
                    raise ValueError("journal: the server has fsync = off, so a power cut could dial people twice")
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            await connection.run_sync(self._tables.create_all)
            for index in indexes:
                await connection.run_sync(index.create, checkfirst=True)

    @contextmanager
    def _using(self) -> Iterator[None]:
        """Note that a connection is used, which `close` waits for."""
        if self._closed:
            raise ClientClosedError("the journal is closed; what is in it stays")
        use = asyncio.get_running_loop().create_future()
        self._used.add(use)
        try:
            yield
        finally:
            self._used.discard(use)
            use.set_result(None)

    @contextmanager
    def _own_errors(self) -> Iterator[None]:
        try:
            yield
        except exc.IntegrityError:
            raise
        except self._foreign as error:
            away = _is_away(error)
            told = getattr(error, "orig", None) or error  # without the statement and its values
            raise JournalError(_UNUSABLE, away, reason=f"{type(told).__name__}: {told}") from None


class Trouble:
    """How long a database has been away, and the pause before it is tried again."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._pauses = list(_PAUSES)

    async def pause(self, error: JournalError) -> None:
        """Wait a little longer each time; raise the error where it will not pass, or has not in two minutes."""
        if not error.away or time.monotonic() - self._since > _PATIENCE:
            raise error
        await asyncio.sleep(self._pauses.pop(0) if len(self._pauses) > 1 else self._pauses[0])


_SQLITE_NOW = "((julianday('now') - 2440587.5) * 86400.0)"
_SQLITE_ROWS = """SELECT json_extract(value, '$.id') AS id, json_extract(value, '$.attempt') AS attempt,
    json_extract(value, '$.state') AS state, json_extract(value, '$.call_id') AS call_id,
    json_extract(value, '$.reason') AS reason FROM json_each(:rows)"""
_POSTGRES_ROWS = """SELECT * FROM json_to_recordset(CAST(:rows AS json))
    AS result(id bigint, attempt integer, state text, call_id text, reason text)"""
_POSTGRES_NOW = "(extract(epoch from clock_timestamp())::float8)"
Errors = tuple[type[Exception], ...]
_FOREIGN: Errors = (exc.SQLAlchemyError, OSError, asyncio.TimeoutError)
# Classes of PostgreSQL's error codes: connection, idle session, rolled back, resources, lock, operator, system.
_PASSING = ("08", "25", "40", "53", "55", "57", "58")
_AWAY = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)


def _asyncpg_errors() -> Errors:
    import asyncpg  # while it connects, its own errors come

    return asyncpg.PostgresError, asyncpg.InterfaceError


def _is_away(error: Exception) -> bool:
    """Whether an error may pass: the database restarts, is busy or full, or does not answer."""
    told = error.orig if isinstance(error, exc.DBAPIError) else error
    if (code := getattr(told, "sqlstate", None)) is not None:
        return code[:2] in _PASSING
    if isinstance(error, exc.DBAPIError) and not isinstance(error, _AWAY):
        return error.connection_invalidated
    return "unable to open database file" not in str(told)


def _parse(journal: object) -> URL:
    if not isinstance(journal, str):
        raise ValueError(f"journal: must be text such as {_FORMS}, not {type(journal).__name__}")
    try:
        url = make_url(journal)
    except exc.ArgumentError:
        url = None
    if url is None or url.drivername not in _DRIVERS:  # never shown: it may hold a password
        raise ValueError(f"journal: must be {_FORMS}")
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise ValueError("journal: must be a file, since it has to outlive the process: sqlite:///PATH")
    if "sslmode" in url.query:  # libpq's name; asyncpg takes the same words
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": url.query["sslmode"]})
    return url.set(drivername=_DRIVERS[url.drivername])


def _postgres_engine(url: URL) -> AsyncEngine:
    options = {"server_settings": _SETTINGS, "command_timeout": 2 * _BUSY, "timeout": _BUSY}
    return create_async_engine(url, connect_args=options, pool_pre_ping=False)


def _sqlite_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(url, connect_args={"timeout": _BUSY})

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin by the statement below, and by no other
        cursor = connection.cursor()
        for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        reads_only = connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine
