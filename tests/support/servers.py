"""Fixtures of servers, one of each for the tests of a process. Without their programs, tests skip with a reason."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.postgres import PostgresServer, binaries
from support.redis_server import RedisServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server."""
    _require("PostgreSQL", binaries() is not None)
    server = PostgresServer()
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    """A Redis server."""
    _require("Redis", shutil.which("redis-server") is not None)
    server = RedisServer()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty journal, in turn on both kinds of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'journal.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


def _require(name: str, is_there: bool) -> None:
    if not is_there:
        assert not os.environ.get("BANDWIDTH_NEEDS_SERVERS"), f"{name} is not installed"
        pytest.skip(f"{name} is not installed")
