"""The examples of campaigns on existing engines, run against real servers."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.campaign import dialled, number
from support.postgres import PostgresServer
from support.program import run_example, start_python
from support.redis_server import RedisServer

from bandwidth_calls.emulator import Emulator

HOOK = {"HOOK_URL": "https://app.example/answer"}


@pytest.fixture
async def bandwidth() -> AsyncIterator[Emulator]:
    """An emulator that takes calls and dials nobody."""
    async with Emulator(no_webhooks=True) as running:
        yield running


async def test_a_fleet_of_processes(postgres: PostgresServer, bandwidth: Emulator, tmp_path: Path) -> None:
    """Three processes share the keys and one token, and dial everybody once."""
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("\n".join(number(index) for index in range(60)))
    environ = {
        "BW_CLIENT_ID": bandwidth.client_id,
        "BW_CLIENT_SECRET": bandwidth.client_secret,
        "BW_TOKEN_URL": bandwidth.token_url,
        "BW_NUMBER": "+19195554321",
        "CALLS_PER_SECOND": "100",
        **HOOK,
    }

    code, out, error = await run_example(
        "campaign_fleet.py",
        *(postgres.new_database(), "3", str(numbers)),
        base_url=bandwidth.base_url,
        **environ,
    )

    assert code == 0, error
    assert dialled(bandwidth) == {number(index): 1 for index in range(60)}
    assert sum(int(line.split()[3]) for line in out.splitlines()) == 60
    assert sum(request.operation == "token" for request in bandwidth.requests) == 1


async def test_jobs_of_a_task_queue_that_come_twice(
    postgres: PostgresServer, redis: RedisServer, bandwidth: Emulator
) -> None:
    """Two workers get each job twice; nobody is dialled twice, and both jobs tell the same."""
    numbers = [number(index) for index in range(5)]
    environ = {"REDIS_URL": redis.url, "JOURNAL": postgres.new_database(), **HOOK}
    worker = await start_python(
        *("-m", "taskiq", "worker", "campaign_taskiq:broker", "--workers", "2", "--no-configure-logging"),
        base_url=bandwidth.base_url,
        **environ,
    )
    try:
        code, out, error = await run_example("campaign_taskiq.py", *numbers, base_url=bandwidth.base_url, **environ)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)  # with its workers
        await worker.communicate()

    assert code == 0, error
    placed = [f"placed {call.to} {call.call_id}" for call in bandwidth.calls]
    assert sorted(out.splitlines()) == sorted(placed * 2)
    assert dialled(bandwidth) == dict.fromkeys(numbers, 1)
