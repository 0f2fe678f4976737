"""Where a client lives: one event loop and one process, the tasks that end with it, and the end of all at `close`."""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from bandwidth_calls.errors import ClientClosedError, WrongLoopError
from bandwidth_calls.timeouts import TimeoutWatch

T = TypeVar("T")


class Borrowed(Protocol):
    """What is needed of a borrowed session here."""

    @property
    def closed(self) -> bool:
        """Whether its owner closed it."""
        ...

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop in which it was made."""
        ...


class Lifetime:
    """The event loop and process of a client, its tasks and the timeouts of its requests."""

    closed = False

    def __init__(self, borrowed: Borrowed | None) -> None:
        self.watch = TimeoutWatch()
        self.borrowed = borrowed
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = 0
        self._tasks: dict[asyncio.Task[Any], None] = {}  # in the order in which they began

    @property
    def gone(self) -> bool:
        """Whether nothing can be sent any more, because the client or the borrowed session was closed."""
        return self.closed or (self.borrowed is not None and self.borrowed.closed)

    def check(self) -> None:
        """Raise ClientClosedError after close, and WrongLoopError in another event loop or in a forked child."""
        if self.closed:
            raise ClientClosedError("the client is closed")
        if self.borrowed is not None and self.borrowed.closed:
            raise ClientClosedError("the client's borrowed session is closed")
        if self._loop is None:
            self._loop, self._process = self._home(), os.getpid()
        if self._loop is not asyncio.get_running_loop() or self._process != os.getpid():
            raise WrongLoopError("the client was opened in another event loop or process")

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task that ends with the client at the latest. All have the name `bandwidth_calls`."""
        task = asyncio.create_task(work, name="bandwidth_calls")
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)
        return task

    def end(self) -> bool:
        """End every request under way, at once, whatever it waits for. Return whether there is a loop to close in.

        A client whose loop has ended has nothing under way. In another loop that runs, it is a WrongLoopError.
        """
        if self._loop is None or self._loop.is_closed():
            self.closed = True
            return self._loop is None
        if self._loop is not asyncio.get_running_loop() or self._process != os.getpid():
            raise WrongLoopError("the client was opened in another event loop or process")
        self.closed = True
        self.watch.expire_all()
        for task in self._tasks:
            if not task.cancelling():  # its request has ended it already, and will say what became of it
                task.cancel()
        return True

    def _home(self) -> asyncio.AbstractEventLoop:
        if self.borrowed is None:
            return asyncio.get_running_loop()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of `loop`, the one public name for it
            return self.borrowed.loop
