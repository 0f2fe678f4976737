"""The queue of outbound calls: by priority, then in the order of placing, so many a second."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.simulation.process import Steps
    from bandwidth_calls.emulator.simulation.scheduler import Scheduler

# "Outbound queue capacity = 300 s x CPS"; the account's default is 5 calls a second.
_SECONDS_OF_CAPACITY = 300
_DEFAULT_RATE = 5


class Queue:
    """Lets a call out every 1 / `rate` seconds; without a rate, each at once. `start` gets each with its program."""

    def __init__(self, scheduler: Scheduler, rate: float | None, start: Callable[[Line, Steps[None]], None]) -> None:
        self._scheduler = scheduler
        self._rate = rate
        self._start = start
        self._heap: list[tuple[int, int, Line, Steps[None]]] = []
        self._sequence = count()
        self._draining = False

    def __len__(self) -> int:
        return sum(not line.call.ended() for _, _, line, _ in self._heap)

    @property
    def capacity(self) -> int:
        """How many calls may wait."""
        return round(_SECONDS_OF_CAPACITY * (self._rate or _DEFAULT_RATE))

    @property
    def wait_if_full(self) -> float | None:
        """In how many seconds there is room, at the latest; None where there is room now."""
        return 1 / self._rate if self._rate is not None and len(self) >= self.capacity else None

    def put(self, line: Line, priority: int, program: Steps[None]) -> None:
        """Let a call wait for its turn, 1 being before 5."""
        heappush(self._heap, (priority, next(self._sequence), line, program))
        if self._rate is None:
            self._scheduler.after(0, self._let_out)
        elif not self._draining:
            self._draining = True
            self._scheduler.after(0, self._drain)

    def clear(self) -> None:
        """Forget what waits."""
        self._heap.clear()
        self._draining = False

    def _drain(self) -> None:
        """Let the next out, and the one after it in its time; an empty queue begins anew with the next call."""
        self._draining = len(self) > 0
        if self._draining:
            self._scheduler.after(1 / (self._rate or _DEFAULT_RATE), self._drain)
        self._let_out()

    def _let_out(self) -> None:
        """Start the first that has not been cancelled meanwhile."""
        while self._heap:
            _, _, line, program = heappop(self._heap)
            if not line.call.ended():
                self._start(line, program)
                return
