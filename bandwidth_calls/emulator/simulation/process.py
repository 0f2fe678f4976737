"""A process: a generator that yields what it waits for, and is sent the signal that came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from bandwidth_calls.emulator.simulation.scheduler import Scheduler, Timer

T = TypeVar("T")


@attrs.frozen(eq=False)
class Wait:
    """Wait for a signal of one of these kinds, at most so many seconds; None waits without a limit."""

    seconds: float | None
    kinds: tuple[str, ...] = ()


@attrs.frozen(eq=False)
class Signal:
    """Something that happened, such as a key, a reply, or speech."""

    kind: str
    value: object = None


if TYPE_CHECKING:
    # The generator of a process. It is sent None when the seconds are over and no signal came.
    Steps = Generator[Wait, Signal | None, T]


class Process(Generic[T]):
    """Runs one generator. `ended` gets its return value, unless the process is stopped before."""

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
        """Run the generator to its first wait."""
        self._step(None)

    def signal(self, kind: str, value: object = None) -> bool:
        """Send a signal. Return False if the process does not wait for it: the signal is lost then."""
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
        """Stop the process."""
        self.alive = False
        self._cancel_timer()
        if not self._busy:  # a generator that is running cannot be closed; `_step` does it afterwards
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
            if not self.alive:  # the generator did something that stopped its own process
                self._steps.close()
                return
            signal = self._take()
            if signal is None:
                break
        if self._wait.seconds is not None:
            self._timer = self._scheduler.after(self._wait.seconds, lambda: self._step(None))

    def _take(self) -> Signal | None:
        """Return the first signal that came while the generator ran and that it now waits for. The others are lost."""
        while self._mailbox:
            signal = self._mailbox.pop(0)
            if signal.kind in self._wait.kinds:
                return signal
        return None

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
