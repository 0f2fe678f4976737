"""One timer for the limits of all requests under way.

A timer for each limit of each request is most of what limits cost: requests end long before their limits, and their
timers are made and thrown away. Here a request is put into a set; one timer is set to the earliest limit, and looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

_NEVER = float("inf")


class Watched(Protocol):
    """What has a limit."""

    def due(self) -> float:
        """Tell when the limit is reached, in the event loop's time, as far as is known now; infinite where never."""
        ...

    def expire(self, now: float) -> None:
        """End what is watched; it is not due again."""
        ...


class Watch:
    """Ends what it watches when that is due; for one event loop."""

    def __init__(self) -> None:
        self._watched: set[Watched] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def now(self) -> float:
        """Tell the event loop's time."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop.time()

    def add(self, one: Watched) -> None:
        """Watch something; where its limit comes to lie ahead of what it was, say so by `look_by`."""
        self._watched.add(one)
        self.look_by(one.due())

    def discard(self, one: Watched) -> None:
        """Watch it no longer."""
        self._watched.discard(one)

    def look_by(self, when: float) -> None:
        """Look no later than then."""
        if when == _NEVER or (self._timer is not None and self._timer.when() <= when):
            return
        self.close()
        self._timer = asyncio.get_running_loop().call_at(when, self._look)

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        now = self.now()
        for one in tuple(self._watched):
            if one.due() <= now:
                one.expire(now)
        if self._watched:
            self.look_by(min(one.due() for one in self._watched))


class Total:
    """What `asyncio.timeout` does, on the one timer: it cancels the task that entered it, and raises TimeoutError."""

    def __init__(self, watch: Watch, seconds: float) -> None:
        self._watch, self._seconds = watch, seconds
        self._due = _NEVER
        self._expired = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._task, self._cancelling = task, task.cancelling()
        self._due = self._watch.now() + self._seconds
        self._watch.add(self)

    def due(self) -> float:
        """Tell when it ends."""
        return self._due

    def expire(self, now: float) -> None:
        """End it."""
        self._due, self._expired = _NEVER, True
        self._task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._watch.discard(self)
        # Where somebody else cancelled the task too, it is cancelled.
        if self._expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error


class Silence:
    """How long nothing has come on a connection; one that is silent too long is cut, and fails like any that breaks."""

    def __init__(self, watch: Watch, seconds: float) -> None:
        self.broken, self.seconds = False, seconds
        self._watch, self._since = watch, _NEVER
        self._cut: Callable[[], None] | None = None

    def begin(self, cut: Callable[[], None]) -> None:
        """Wait for something from now on."""
        self._cut, self._since = cut, self._watch.now()
        self._watch.add(self)

    def heard(self) -> None:
        """Wait for more from now on."""
        if self._cut is not None:
            self._since = self._watch.now()

    def pause(self) -> None:
        """Wait for nothing until something is `heard`."""
        self._since = _NEVER

    def end(self) -> None:
        """Wait no longer."""
        self._watch.discard(self)

    def due(self) -> float:
        """Tell when the silence has lasted too long."""
        return self._since + self.seconds

    def expire(self, now: float) -> None:
        """Cut the connection."""
        self._since, self.broken = _NEVER, True
        if self._cut is not None:
            self._cut()
