"""The queue of outbound calls: ordered by priority, then by the time of placing."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.simulation.process import Steps
    from bandwidth_calls.emulator.simulation.scheduler import Scheduler

# "Outbound queue capacity = 300 s x CPS"; the default of an account is 5 calls per second (CPS).
_SECONDS_OF_CAPACITY = 300
_DEFAULT_RATE = 5


class Queue:
    """Starts one call every 1 / `rate` seconds. Without a rate every call starts at once."""

    def __init__(self, scheduler: Scheduler, rate: float | None) -> None:
        self._scheduler = scheduler
        self._rate = rate
        self._heap: list[tuple[int, int, Line, Steps[None]]] = []
        self._sequence = count()  # calls of one priority keep their order, and lines are not compared
        self._draining = False

    def __len__(self) -> int:
        return sum(not line.call.ended() for _, _, line, _ in self._heap)

    @property
    def capacity(self) -> int:
        """The number of calls that may wait."""
        return round(_SECONDS_OF_CAPACITY * (self._rate or _DEFAULT_RATE))

    @property
    def wait_if_full(self) -> float | None:
        """The seconds after which there is room in a full queue, at the latest; None if there is room now."""
        return 1 / self._rate if self._rate is not None and len(self) >= self.capacity else None

    def put(self, line: Line, priority: int, program: Steps[None]) -> None:
        """Add a call and the program that it starts with. Priority 1 is the highest, 5 the lowest."""
        heappush(self._heap, (priority, next(self._sequence), line, program))
        if self._rate is None:
            # By a timer, so that createCall is answered before its call begins.
            self._scheduler.after(0, self._start_next)
        elif not self._draining:
            self._draining = True
            self._scheduler.after(0, self._drain)

    def clear(self) -> None:
        """Remove all calls."""
        self._heap.clear()
        self._draining = False

    def _drain(self) -> None:
        """Start the first call, and schedule the next one. An empty queue stops until `put` starts it again."""
        self._draining = len(self) > 0
        if self._draining:
            self._scheduler.after(1 / (self._rate or _DEFAULT_RATE), self._drain)
        self._start_next()

    def _start_next(self) -> None:
        """Start the first call that has not been cancelled meanwhile."""
        while self._heap:
            _, _, line, program = heappop(self._heap)
            if not line.call.ended():
                line.begin(program)
                return
