"""A story that is told by a generator: it yields what it waits for, and is sent what came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from bandwidth_calls.emulator.simulation.scheduler import Scheduler, Timer

T = TypeVar("T")


@attrs.frozen
class Wait:
    """Wait for so many seconds, or without end, but no longer than until a signal of one of these kinds."""

    seconds: float | None
    kinds: tuple[str, ...] = ()


@attrs.frozen
class Signal:
    """What came: a key, a reply, something that was said."""

    kind: str
    value: object = None


if TYPE_CHECKING:
    # What a story is: sent None, the wait is over and no signal came.
    Steps = Generator[Wait, Signal | None, T]


class Process(Generic[T]):
    """Runs one story; `ended` is given what it returns, unless it is stopped before."""

    def __init__(self, scheduler: Scheduler, steps: Steps[T], ended: Callable[[T], None]) -> None:
        self._scheduler = scheduler
        self._steps = steps
        self._ended = ended
        self._wait = Wait(None)
        self._timer: Timer | None = None
        self._busy = False
        self._mailbox: list[Signal] = []
        self.alive = True

    def start(self) -> None:
        """Tell the story up to its first wait."""
        self._step(None)

    def signal(self, kind: str, value: object = None) -> bool:
        """Tell what happened; false where the story does not wait for it. It is not kept."""
        if not self.alive:
            return False
        if self._busy:
            self._mailbox.append(Signal(kind, value))
            return True
        if kind not in self._wait.kinds:
            return False
        self._step(Signal(kind, value))
        return True

    def stop(self) -> None:
        """Break the story off."""
        self.alive = False
        self._cancel_timer()
        if not self._busy:
            self._steps.close()

    def _step(self, signal: Signal | None) -> None:
        self._cancel_timer()
        while True:
            self._busy = True
            try:
                self._wait = self._steps.send(signal)
            except StopIteration as end:
                finished, self.alive = self.alive, False
                if finished:
                    self._ended(end.value)
                return
            finally:
                self._busy = False
            if not self.alive:  # it was stopped by what it did itself
                self._steps.close()
                return
            signal = self._take()
            if signal is None:
                break
        if self._wait.seconds is not None:
            self._timer = self._scheduler.after(self._wait.seconds, lambda: self._step(None))

    def _take(self) -> Signal | None:
        """What came meanwhile and is waited for; the rest is lost, as it would have been."""
        while self._mailbox:
            signal = self._mailbox.pop(0)
            if signal.kind in self._wait.kinds:
                return signal
        return None

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
