"""A fleet shares its token and the replies to its webhooks, in SQLite, PostgreSQL and Redis."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.campaign import until
from support.postgres import PostgresServer
from support.redis_server import RedisServer
from support.scripted_api import ScriptedApi

from bandwidth_calls import BandwidthClient, ClientCredentials, Token
from bandwidth_calls.stores.database import DatabaseStore
from bandwidth_calls.stores.redis import RedisStore
from bandwidth_calls.webhooks import AnswerEvent, Reply, Webhooks

Store = DatabaseStore | RedisStore
Open = Callable[[], Store]
FLEET = 50
EVENT = json.dumps({"eventType": "answer", "eventTime": "2026-11-26T12:00:00Z", "callId": "c-1"}).encode()


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Return a function that opens one store, as many processes would, each with its own connections."""
    if request.param == "sqlite":
        return lambda: DatabaseStore(f"sqlite:///{tmp_path / 'shared.db'}")
    if request.param == "redis":
        redis: RedisServer = request.getfixturevalue("redis")
        return lambda: RedisStore(redis.url, prefix=f"{tmp_path}:")
    postgres: PostgresServer = request.getfixturevalue("postgres")
    url = postgres.new_database()
    return lambda: DatabaseStore(url)


@pytest.fixture
async def store(open_store: Open) -> AsyncIterator[Store]:
    """An open store."""
    async with open_store() as store:
        yield store


async def test_a_fleet_that_starts_at_once_fetches_one_token(open_store: Open, api: ScriptedApi) -> None:
    """One process claims the token and fetches it; the others wait for it."""
    async with AsyncExitStack() as stack:

        async def start() -> None:
            store: Store = open_store()
            await stack.enter_async_context(store)
            auth = ClientCredentials("id", "secret", token_url=api.token_url, store=store.tokens)
            client = BandwidthClient("9900000", auth, base_url=api.base_url)
            async with client:
                await client.request("GET", "/accounts/9900000/calls")

        await asyncio.gather(*(start() for _ in range(FLEET)))

    assert len(api.token_requests) == 1
    assert api.authorizations == ["Bearer token-1"] * FLEET


async def test_a_token_is_kept_until_it_expires(store: Store) -> None:
    """One that has expired is none."""
    token = Token("abc", datetime.now(UTC) + timedelta(hours=1))
    assert await store.tokens.get("k") is None
    await store.tokens.put("k", token)

    assert await store.tokens.get("k") == token
    assert await store.tokens.get("other") is None


async def test_a_token_is_renewed_by_one_process(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its last minute the first who asks gets the old one, to renew it; the next one waits for the new one."""
    later = time.time() + 3590
    old, new = (Token(name, datetime.now(UTC) + timedelta(hours=hours)) for name, hours in (("old", 1), ("new", 3)))
    await store.tokens.put("k", old)
    monkeypatch.setattr(time, "time", lambda: later)

    assert await store.tokens.get("k") == old
    waiting = asyncio.create_task(store.tokens.get("k"))
    await store.tokens.put("k", new)

    assert await waiting == new


async def test_a_webhook_that_two_machines_get_is_handled_once(open_store: Open) -> None:
    """The second one waits for the first, and repeats its reply."""
    handled: list[str] = []
    release = asyncio.Event()

    async def answer(machine: str) -> Reply:
        async with open_store() as store:
            webhooks = Webhooks(dedupe=store.dedupe)

            @webhooks.on(AnswerEvent)
            async def on_answer(event: AnswerEvent) -> str:
                handled.append(machine)
                await release.wait()
                return "<Response/>"

            return await webhooks.handle("POST", {}, {}, EVENT)

    async def let_go() -> None:
        await until(lambda: bool(handled))
        release.set()

    first, second, _ = await asyncio.gather(answer("a"), answer("b"), let_go())

    assert len(handled) == 1
    assert first.body == second.body == b"<Response/>"
    assert first.status == second.status == 200


async def test_a_reply_is_found_again(store: Store) -> None:
    """With its status, headers and bytes."""
    reply = Reply(200, {"Content-Type": "application/xml"}, bytes(range(256)))
    assert await store.dedupe.get("k") is None

    await store.dedupe.put("k", reply)

    assert await store.dedupe.get("k") == reply


async def test_what_has_expired_is_deleted(tmp_path: Path) -> None:
    """A table of replies does not grow for ever."""
    path = tmp_path / "shared.db"
    async with DatabaseStore(f"sqlite:///{path}") as store:
        await store.dedupe.put("old", Reply(204))
        with closing(sqlite3.connect(path)) as file, file:
            file.execute("UPDATE bw_reply SET expires_at = 1")
        await store.dedupe.put("new", Reply(204))

    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT key FROM bw_reply").fetchall() == [("new",)]
