"""The account's rate limits: calls per second, concurrent calls, and queued calls. Each refuses with 429."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

from bandwidth_calls.emulator.api.messages import ApiError
from bandwidth_calls.emulator.simulation.clock import SECOND

if TYPE_CHECKING:
    from bandwidth_calls.emulator.calls.calls import Calls
    from bandwidth_calls.emulator.engine.queue import Queue
    from bandwidth_calls.emulator.simulation.clock import Clock

# The end of a call cannot be foreseen, so `Retry-After` has its shortest value.
_CONCURRENT_RETRY_AFTER = 1


class Limits:
    """Refuses a call that exceeds a limit. None means no limit."""

    def __init__(self, clock: Clock, queue: Queue, calls_per_second: int | None, concurrent_calls: int | None) -> None:
        self._clock = clock
        self._queue = queue
        self._calls_per_second = calls_per_second
        self._concurrent_calls = concurrent_calls
        self._placed_at: deque[int] = deque()

    def admit(self, calls: Calls) -> None:
        """Raise 429, with `Retry-After` in whole seconds, unless one more call may be placed now."""
        if self._concurrent_calls is not None and calls.concurrent >= self._concurrent_calls:
            raise _too_many("Account concurrent call limit exceeded", _CONCURRENT_RETRY_AFTER)
        wait = self._queue.wait_if_full
        if wait is not None:
            raise _too_many("Account call creation rate limit exceeded", math.ceil(wait))
        if self._calls_per_second is not None:
            self._admit_rate(self._calls_per_second)

    def reset(self) -> None:
        """Forget when earlier calls were placed."""
        self._placed_at.clear()

    def _admit_rate(self, calls_per_second: int) -> None:
        now = self._clock.now()
        while self._placed_at and self._placed_at[0] <= now - SECOND:
            self._placed_at.popleft()
        if len(self._placed_at) >= calls_per_second:
            wait = self._placed_at[0] + SECOND - now
            raise _too_many("Account call creation rate limit exceeded", -(-wait // SECOND))
        self._placed_at.append(now)


def _too_many(description: str, retry_after: int) -> ApiError:
    return ApiError(429, description, headers={"Retry-After": str(retry_after)})
