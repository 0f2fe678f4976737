"""The timeouts of all requests under way, kept by one timer.

A timer for each timeout of each request would be most of what timeouts cost. Requests end long before their timeouts,
so these timers would be made and thrown away. Here a timeout is an entry in a table, and one timer is set to the
earliest of them. Those that are due together expire in the order in which they began.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

import attrs

from bandwidth_calls import checks

_NEVER = float("inf")
_EARLY = 1e-6  # seconds: an event loop fires a timer early by up to its clock's resolution


@attrs.frozen
class Timeout:
    """The timeouts of a request, in seconds.

    `total` is for one coroutine, or for one page of a listing, with all its attempts, waits and token fetches.
    `connect` is for one connection, TLS included. `read` is for the time between two pieces of an answer. The wait for
    a free connection is bounded by `total` alone. Each is at least 0.001; another value is a ValueError that names it.
    """

    total: float = 60.0
    connect: float = 10.0
    read: float = 30.0

    def __attrs_post_init__(self) -> None:
        for field in ("total", "connect", "read"):
            checks.number(field, getattr(self, field), 0.001)


class Watched(Protocol):
    """A timeout that a `TimeoutWatch` keeps: `due` is when it expires, in the event loop's time; infinite for never."""

    due: float

    def expire(self) -> None:
        """End what took too long, and set `due` to never."""
        ...


class TimeoutWatch:
    """Expires timeouts when they are due; for one event loop.

    Whoever stops before that removes itself from `watched`. The timer stays: to look in vain costs less than to set it
    anew.
    """

    def __init__(self) -> None:
        self.watched: dict[Watched, None] = {}  # a set that keeps its order
        self._timer: asyncio.TimerHandle | None = None
        self._next_look = _NEVER

    def add(self, timeout: Watched) -> None:
        """Watch a timeout; add it again when its `due` has become earlier."""
        self.watched[timeout] = None
        if timeout.due < self._next_look:
            self._look_at(timeout.due)

    def expire_all(self) -> None:
        """Expire every timeout now, whenever it is due."""
        self._cancel()
        for timeout in tuple(self.watched):
            timeout.expire()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._next_look = None, _NEVER

    def _look_at(self, when: float) -> None:
        self._cancel()
        self._next_look = when
        self._timer = asyncio.get_running_loop().call_at(when, self._look)

    def _look(self) -> None:
        self._cancel()
        now = asyncio.get_running_loop().time() + _EARLY
        for timeout in tuple(self.watched):
            if timeout.due <= now:
                timeout.expire()
        earliest = min((timeout.due for timeout in self.watched), default=_NEVER)
        if earliest < _NEVER:
            self._look_at(earliest)


@attrs.define(eq=False)
class Deadline:
    """What `asyncio.timeout` does, on the one timer: it cancels the task that entered it, and raises TimeoutError."""

    _watch: TimeoutWatch
    _seconds: float
    due: float = attrs.field(default=_NEVER, init=False)
    expired: bool = attrs.field(default=False, init=False)
    _cancelling: int = attrs.field(default=0, init=False)
    _task: asyncio.Task[object] | None = attrs.field(default=None, init=False)

    def __enter__(self) -> Self:
        self._task = task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._cancelling = task.cancelling()
        self.due = asyncio.get_running_loop().time() + self._seconds
        self._watch.add(self)
        return self

    def left(self) -> float:
        """Return the seconds that are left."""
        return self.due - asyncio.get_running_loop().time()

    def expire(self) -> None:
        """Cancel the task."""
        self.due, self.expired = _NEVER, True
        assert self._task is not None  # noqa: S101 - it was entered before it was watched
        self._task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._watch.watched.pop(self, None)
        if not self.expired or self._task is None:
            return
        # A task that somebody else cancelled too stays cancelled.
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error


@attrs.define(eq=False)
class ReadTimeout:
    """The longest time between two pieces of an answer; a connection on which nothing comes for longer is cut.

    `expired` says whether it was. The request then fails like one whose connection breaks. `fail` ends the reading of a
    body with an exception: aiohttp does not tell the reader whose connection it closes itself.
    """

    _watch: TimeoutWatch
    seconds: float
    due: float = attrs.field(default=_NEVER, init=False)
    expired: bool = attrs.field(default=False, init=False)
    fail: Callable[[Exception], None] | None = attrs.field(default=None, init=False)
    _connection: asyncio.WriteTransport | None = attrs.field(default=None, init=False)

    def begin(self, connection: asyncio.WriteTransport) -> None:
        """Count from now on; the connection is aborted when nothing comes in time."""
        self._connection, self.due = connection, asyncio.get_running_loop().time() + self.seconds
        self._watch.add(self)

    def restart(self) -> None:
        """Count from now on, since something came; without effect before `begin` and after `end`."""
        if self._connection is not None:
            self.due = asyncio.get_running_loop().time() + self.seconds
            self._watch.add(self)

    def pause(self) -> None:
        """Stop counting until `restart`."""
        self.due = _NEVER

    def end(self) -> None:
        """Stop counting for good, and leave the connection alone, unless a part of the request still waits to be sent.

        Then it is aborted: a peer that answered before it read all may never read on.
        """
        self._watch.watched.pop(self, None)
        connection, self._connection, self.fail = self._connection, None, None
        if connection is not None and connection.get_write_buffer_size():
            connection.abort()

    def expire(self) -> None:
        """Cut the connection."""
        self.due, self.expired = _NEVER, True
        self.cut()

    def cut(self) -> None:
        """Abort the connection, which unlike closing it waits for no peer, and stop counting.

        Without effect before `begin` and after `end`.
        """
        connection, fail = self._connection, self.fail
        self.end()
        if connection is not None:
            connection.abort()
        if fail is not None:
            fail(ConnectionAbortedError("the connection was cut"))
