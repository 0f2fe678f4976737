"""Clocks that a test moves: that of a client, and that of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bandwidth_calls import Clock

PATIENCE = 60.0  # seconds for what takes some milliseconds: a busy machine may need seconds
START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class MovedClock:
    """`sleeps` lists the pauses that were asked for, in seconds; `chance` is what the random source gives."""

    def __init__(self, chance: float = 0.5) -> None:
        self.seconds = 0.0
        self.sleeps: list[float] = []
        self.clock = Clock(
            monotonic=lambda: self.seconds,
            now=lambda: START + timedelta(seconds=self.seconds),
            sleep=self._sleep,
            chance=lambda: chance,
        )

    async def _sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


def pass_time(seconds: float) -> None:
    """Move the event loop's clock ahead, so that a limit is reached and no test waits for it."""
    loop = asyncio.get_running_loop()
    before = loop.time
    loop.time = lambda: before() + seconds  # type: ignore[method-assign]  # the loop lives as long as the test


async def arrived() -> None:
    """Let the other end read what was written: both ends are in one event loop, which needs a few turns."""
    for _ in range(10):
        await asyncio.sleep(0)


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until a condition holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event to wait on
            await asyncio.sleep(0)
