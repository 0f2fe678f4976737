"""Clock, sleep and random numbers, as one value that a test can replace."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

import attrs

_now = partial(datetime.now, UTC)


@attrs.frozen(kw_only=True)
class Clock:
    """The source of time and random numbers for a client.

    `monotonic` returns seconds that never go back. `now` returns the time of day (aware, in UTC). `sleep` waits for
    seconds. `chance` returns a random number from 0 to 1, without 1.
    """

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
