"""What makes a seed play alike each time, and what is heard of Python while it plays."""

from __future__ import annotations

import gc
import logging
import random
import sys
import warnings
from collections.abc import Callable, Iterator, MutableSet
from contextlib import ExitStack, contextmanager
from typing import TypeVar
from unittest.mock import patch

T = TypeVar("T")


class OrderedSet(MutableSet[T]):
    """A set in the order of insertion. Python's own is ordered by address, which differs in each replay."""

    def __init__(self) -> None:
        self._items: dict[T, None] = {}

    def add(self, value: T) -> None:
        """Add an item."""
        self._items[value] = None

    def discard(self, value: T) -> None:
        """Remove an item where it is there."""
        self._items.pop(value, None)

    def __contains__(self, value: object) -> bool:
        return value in self._items

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


@contextmanager
def alike(seed: int) -> Iterator[None]:
    """Let chance, sets and the garbage collector of this process be those of the seed."""
    random.seed(seed)  # aiohttp chooses by it which of several hosts gets a free connection
    owners = ["aiohttp.connector", *(name for name in sys.modules if name.startswith("bandwidth_calls.transport."))]
    gc.disable()  # so that what is collected, and when, is the same in each replay
    gc.freeze()  # what was there before is looked through by no collection: that would be most of the time
    with ExitStack() as patches:
        for name in owners:
            patches.enter_context(patch(f"{name}.set", OrderedSet, create=True))
        patches.callback(gc.enable)
        patches.callback(gc.unfreeze)
        yield
        gc.collect()


@contextmanager
def heard(log: Callable[[str], None], complaints: list[str]) -> Iterator[None]:
    """Write down each log line, each warning, and each error that nobody could raise."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)

    def unraisable(raised: sys.UnraisableHookArgs) -> None:
        complaints.append(f"unraisable: {raised.exc_value!r}")

    with warnings.catch_warnings(record=True) as warned, patch.object(root, "handlers", [_Lines(log)]):
        warnings.simplefilter("always")
        try:
            with patch("sys.unraisablehook", unraisable):
                yield
        finally:
            root.setLevel(level)
    complaints += [f"a warning: {one.category.__name__}: {one.message}" for one in warned]


class _Lines(logging.Handler):
    def __init__(self, log: Callable[[str], None]) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log(f"{record.name} {record.levelname}: {self.format(record)}")
