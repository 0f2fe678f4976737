"""A clock that moves when somebody sleeps on it, or when a test moves it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bandwidth_calls import Clock

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


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until a condition holds."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event to wait on
            await asyncio.sleep(0)
