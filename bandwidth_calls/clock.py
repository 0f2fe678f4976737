"""Time and chance, as one value that a test can replace."""

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
    """What the package knows of time: seconds that never go back, the time of day in UTC, waiting, and chance."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
