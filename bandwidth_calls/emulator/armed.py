"""The faults that are armed, of requests to the API and of webhooks alike."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bandwidth_calls.emulator.calls.calls import Changes

# No test needs more; without a limit a typing mistake would go unnoticed.
MOST_TIMES = 1_000_000


class AnyFault(Protocol):
    """A fault that hits so many times."""

    @property
    def times(self) -> int:
        """How often it hits."""
        ...


F = TypeVar("F", bound=AnyFault)


@attrs.define(eq=False)
class Armed(Generic[F]):
    """A fault, how many that fit are spared before it hits, and how many it still hits."""

    id: int
    fault: F
    spared: int
    left: int


class ArmedFaults(Generic[F]):
    """Faults in the order in which they were armed. The page is told of each change."""

    def __init__(self, changes: Changes) -> None:
        self._armed: list[Armed[F]] = []
        self._ids = count()
        self._changes = changes

    def __iter__(self) -> Iterator[Armed[F]]:
        return iter(self._armed)

    def arm(self, fault: F, spared: int = 0) -> None:
        """Arm a fault, which spares the first that fit."""
        self._armed.append(Armed(next(self._ids), fault, spared, fault.times))
        self._changes.tell()

    def take(self, fits: Callable[[F], bool]) -> F | None:
        """Return the first fault that fits and hits, and count it as used; None if there is none.

        Only what fits is counted, so that what a fault spares does not depend on anything else.
        """
        for armed in self._armed:
            if not fits(armed.fault):
                continue
            if armed.spared:
                armed.spared -= 1
                continue
            armed.left -= 1
            if not armed.left:
                self._armed.remove(armed)
            return armed.fault
        return None

    def cancel(self, fault_id: int) -> None:
        """Forget a fault; one that is over already is forgotten too."""
        self._armed = [armed for armed in self._armed if armed.id != fault_id]
        self._changes.tell()

    def clear(self) -> None:
        """Forget all faults."""
        self._armed.clear()
        self._changes.tell()
