"""Clocks that a test moves: that of a client, and that of the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

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


class LoopTime:
    """The time of the running event loop, which stands still until a test moves it; `clock` tells the same time."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self.seconds = loop.time()
        patch.setattr(loop, "time", lambda: self.seconds)
        self.clock = Clock(monotonic=lambda: self.seconds, sleep=self.advance)

    async def advance(self, seconds: float) -> None:
        """Move the time, and let happen what is due by then."""
        self.seconds += seconds
        await turns()


def pass_time(seconds: float) -> None:
    """Move the event loop's clock ahead, so that a limit is reached and no test waits for it."""
    loop = asyncio.get_running_loop()
    before = loop.time
    loop.time = lambda: before() + seconds  # type: ignore[method-assign]  # the loop lives as long as the test


async def turns(count: int = 20) -> None:
    """Let the loop turn, so that the other end, in the same loop, reads what was written."""
    for _ in range(count):
        await asyncio.sleep(0)


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until a condition holds."""
    give_up = time.monotonic() + PATIENCE  # not by the loop's time, which a test may have stopped
    while not condition():
        if time.monotonic() > give_up:
            raise TimeoutError
        await asyncio.sleep(0)
