"""The scheduler: timers on the emulator's clock, and work outside, such as webhooks.

On a moved clock things happen only while `play` is awaited. They happen one at a time, in order, and never while work
is under way. So the same test gives the same order on every machine. On a running clock timers fire when they are due,
and work starts at once.
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

# Two timers that start each other without end must not hang a test. No test comes near ten million events.
_MOST_EVENTS = 10_000_000
# Most webhooks that are sent together: a choice, above what a test has at one moment.
MOST_TOGETHER = 1_000


class ClockHeldError(TimeoutError):
    """Raised when work outside holds the moved clock for longer than `patience` real seconds."""


class ClockBusyError(RuntimeError):
    """Raised when the clock is moved while it is being moved already."""


@attrs.define(eq=False)
class Timer:
    """An action that is due at a time, in microseconds since 1970."""

    due: int
    action: Callable[[], None] | None

    def cancel(self) -> None:
        """Cancel the timer."""
        self.action = None


@attrs.frozen(eq=False)
class _Work:
    """Work outside to wait for. `run` returns a function that uses its result."""

    name: str
    run: Callable[[], Awaitable[Callable[[], None]]]


class Scheduler:
    """Runs timers and work. `patience` is the number of real seconds for which work may hold the moved clock.

    With `barrier` the webhooks of one moment are sent together.
    """

    def __init__(self, clock: Clock, *, moved: bool, barrier: bool = False, patience: float = 5.0) -> None:
        self._clock = clock
        self._moved = moved
        self._barrier = barrier
        self._patience = patience
        self._heap: list[tuple[int, int, Timer]] = []
        self._sequence = count()  # timers of one moment keep their order
        self._waiting: list[_Work] = []
        self._running: dict[asyncio.Task[None], str] = {}
        self._holds: dict[int, str] = {}
        self._wakeup: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._playing = False
        self._failure: BaseException | None = None

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Start a timer that is due so many seconds from now."""
        timer = Timer(self._clock.micros() + round(seconds * MICROS), action)
        heappush(self._heap, (timer.due, next(self._sequence), timer))
        self._arm()
        return timer

    def work(self, name: str, run: Callable[[], Awaitable[Callable[[], None]]]) -> None:
        """Run work outside. The function that it returns is called when it is done."""
        work = _Work(name, run)
        if self._moved:
            self._waiting.append(work)
        else:
            self._start([work])

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[None]:
        """Hold the moved clock while this context is open."""
        key = next(self._sequence)
        self._holds[key] = name
        try:
            yield
        finally:
            del self._holds[key]
            self._changed.set()

    async def play(self, until: int | None, enough: Callable[[], bool]) -> bool:
        """Run timers in order up to a time (microseconds since 1970), or until `enough` is true. Wait for all work.

        Return whether it was enough. Without a time, run until no timer is left. Then the clock shows the time of the
        last timer.
        """
        if self._playing:
            raise ClockBusyError("the clock is being moved already: await one advance() or run_until() at a time")
        self._playing = True
        try:
            for _ in range(_MOST_EVENTS):
                await self._settle()
                if enough():
                    return True
                due = self.next_due
                if due is None or (until is not None and due > until):
                    return False
                self._fire()
            raise RuntimeError(f"{_MOST_EVENTS} things happened, and there is no end to it")
        finally:
            self._playing = False
            self._arm()

    @property
    def next_due(self) -> int | None:
        """The time of the next timer, in microseconds since 1970; None if no timer is left."""
        while self._heap and self._heap[0][2].action is None:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def clear(self) -> None:
        """Remove every timer and all work that has not begun, and cancel the work that has."""
        self._heap.clear()
        self._waiting.clear()
        for task in self._running:  # each takes itself off when it has ended
            task.cancel()

    async def close(self) -> None:
        """Cancel everything, and wait until every task has ended."""
        self.clear()
        if self._wakeup is not None:
            self._wakeup.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _fire(self) -> None:
        """Move the clock to the next timer, and run it; with a barrier all timers of that moment."""
        due = self.next_due
        self._clock.move_to(due or 0)
        while due is not None and self.next_due == due:
            action = heappop(self._heap)[2].action
            if action is not None:  # for the type checker: `next_due` has removed cancelled timers
                action()
            if not self._barrier:
                return

    async def _settle(self) -> None:
        """Start the waiting work, one at a time or with a barrier together, until none is left or under way."""
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
        elif error is not None:  # nobody awaits `play`, so the event loop reports it
            context = {"message": "the emulator failed", "exception": error, "task": task}
            asyncio.get_running_loop().call_exception_handler(context)

    def _arm(self) -> None:
        """On a running clock, set the event loop's timer to the next timer that is due."""
        if self._wakeup is not None:
            self._wakeup.cancel()
            self._wakeup = None
        due = None if self._moved or self._playing else self.next_due
        if due is not None:
            seconds = max(0, due - self._clock.micros()) / MICROS / self._clock.speed
            self._wakeup = asyncio.get_running_loop().call_later(seconds, self._wake)

    def _wake(self) -> None:
        now = self._clock.micros()
        while not self._playing and (due := self.next_due) is not None and due <= now:
            self._fire()
        self._arm()


async def _run_all(runs: list[Callable[[], Awaitable[Callable[[], None]]]]) -> None:
    """Run work concurrently. Then call what each returned, in the order in which they began."""
    for finish in await asyncio.gather(*(run() for run in runs)):
        finish()
