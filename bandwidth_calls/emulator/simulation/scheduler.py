"""What happens when: timers, and work that is under way outside (webhooks); both on the emulator's clock.

On a moved clock nothing happens but while somebody awaits `play`: one thing at a time, in order, and
never while work is under way, so that the same story gives the same order whatever the machine does. On a clock that
runs by itself, timers fire when they are due, and work starts at once.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.simulation.clock import MICROS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bandwidth_calls.emulator.simulation.clock import Clock

# Two things that set each other off without end must not hang a test.
_MOST_EVENTS = 10_000_000
# More webhooks than this do not go out together: nobody has so many connections.
MOST_TOGETHER = 1_000


class ClockHeldError(TimeoutError):
    """The moved clock could not go on, since something outside did not come to its end in real time."""


class ClockBusyError(RuntimeError):
    """The clock is being moved already."""


@attrs.define(eq=False)
class Timer:
    """Something to be done at a time, unless it is cancelled."""

    due: int
    action: Callable[[], None] | None

    def cancel(self) -> None:
        """Let it not be done."""
        self.action = None


@attrs.frozen(eq=False)
class _Work:
    """Something outside to wait for; `run` returns what is to be done with its result."""

    name: str
    run: Callable[[], Awaitable[Callable[[], None]]]


class Scheduler:
    """Does what is due. `patience` is how many real seconds work may hold the moved clock."""

    def __init__(self, clock: Clock, *, moved: bool, barrier: bool = False, patience: float = 5.0) -> None:
        self._clock = clock
        self._moved = moved
        self._barrier = barrier
        self._patience = patience
        self._heap: list[tuple[int, int, Timer]] = []
        self._sequence = count()
        self._waiting: list[_Work] = []
        self._running: dict[asyncio.Task[None], str] = {}
        self._holds: dict[int, str] = {}
        self._wakeup: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._playing = False
        self._failure: BaseException | None = None

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Do something so many seconds from now."""
        timer = Timer(self._clock.micros() + round(seconds * MICROS), action)
        heappush(self._heap, (timer.due, next(self._sequence), timer))
        self._arm()
        return timer

    def work(self, name: str, run: Callable[[], Awaitable[Callable[[], None]]]) -> None:
        """Do something outside; what it returns is called when it is done."""
        work = _Work(name, run)
        if self._moved:
            self._waiting.append(work)
        else:
            self._start([work])

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[None]:
        """Let the moved clock stand still while this is open."""
        key = next(self._sequence)
        self._holds[key] = name
        try:
            yield
        finally:
            del self._holds[key]
            self._changed.set()

    async def play(self, until: int | None, enough: Callable[[], bool]) -> bool:
        """Let everything up to a time (in microseconds) happen, in order, or less if it is `enough` before; and settle.

        Return whether it was enough. Without a time, play on until nothing more is to come. The clock stands at the
        last thing that happened.
        """
        if self._playing:
            raise ClockBusyError("the clock is being moved already: await one advance() or run_until() at a time")
        self._playing = True
        try:
            for _ in range(_MOST_EVENTS):
                await self._settle()
                if enough():
                    return True
                due = self._next_due()
                if due is None or (until is not None and due > until):
                    return False
                self._fire()
            raise RuntimeError(f"{_MOST_EVENTS} things happened, and there is no end to it")
        finally:
            self._playing = False
            self._arm()

    @property
    def is_idle(self) -> bool:
        """Whether nothing more is to happen."""
        return self._next_due() is None

    def clear(self) -> None:
        """Forget every timer and all work that has not begun, and break off what has."""
        self._heap.clear()
        self._waiting.clear()
        for task in self._running:
            task.cancel()

    async def close(self) -> None:
        """Break off everything, and wait until no task is left over."""
        self.clear()
        if self._wakeup is not None:
            self._wakeup.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _next_due(self) -> int | None:
        while self._heap and self._heap[0][2].action is None:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def _fire(self) -> None:
        """Do what is next, and move the clock there; with a barrier, all of that moment."""
        due = self._next_due()
        self._clock.move_to(due or 0)
        while due is not None and self._next_due() == due:
            action = heappop(self._heap)[2].action
            if action is not None:  # never: those that were cancelled are not next
                action()
            if not self._barrier:
                return

    async def _settle(self) -> None:
        """Wait until nothing is under way, starting what waits: one at a time, or with a barrier all that do."""
        while True:
            if self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
            if self._waiting and not self._running:
                batch = self._waiting[: MOST_TOGETHER if self._barrier else 1]
                del self._waiting[: len(batch)]
                self._start(batch)
            if not self._running and not self._holds:
                return
            await self._wait_for_change()

    async def _wait_for_change(self) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout(self._patience if self._moved else None):
                await self._changed.wait()
        except TimeoutError:
            names = ", ".join([*self._running.values(), *self._holds.values()])
            for task in self._running:
                task.cancel()
            raise ClockHeldError(f"the clock was held for {self._patience:g} real seconds by {names}") from None

    def _start(self, batch: list[_Work]) -> None:
        task = asyncio.get_running_loop().create_task(_run_all([work.run for work in batch]))
        self._running[task] = ", ".join(work.name for work in batch)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._changed.set()
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and self._playing:
            self._failure = error
        elif error is not None:
            context = {"message": "the emulator failed", "exception": error, "task": task}
            asyncio.get_running_loop().call_exception_handler(context)

    def _arm(self) -> None:
        """On a clock that runs: have the loop wake us when the next thing is due."""
        if self._wakeup is not None:
            self._wakeup.cancel()
            self._wakeup = None
        due = None if self._moved or self._playing else self._next_due()
        if due is not None:
            seconds = max(0, due - self._clock.micros()) / MICROS / self._clock.speed
            self._wakeup = asyncio.get_running_loop().call_later(seconds, self._wake)

    def _wake(self) -> None:
        now = self._clock.micros()
        while not self._playing and (due := self._next_due()) is not None and due <= now:
            self._fire()
        self._arm()


async def _run_all(runs: list[Callable[[], Awaitable[Callable[[], None]]]]) -> None:
    """Run side by side, and then do what each returned, in the order in which they began."""
    for finish in await asyncio.gather(*(run() for run in runs)):
        finish()
