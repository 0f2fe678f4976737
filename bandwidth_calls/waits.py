"""Waiting for something to become what a caller waits for: requests with growing pauses between them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from bandwidth_calls import checks
from bandwidth_calls.errors import NotFoundError, WaitTimeoutError
from bandwidth_calls.timeouts import Deadline
from bandwidth_calls.transport.sending import Sender

T = TypeVar("T")

_FIRST_PAUSE, _GROWTH, _LONGEST_PAUSE = 0.5, 1.5, 10.0  # seconds: what is waited for takes seconds, not milliseconds


def check_wait(timeout: float, unseen_for: float) -> None:
    """Check the limits of a wait: seconds, 0 or more."""
    checks.number("timeout", timeout, 0)
    checks.number("unseen_for", unseen_for, 0)


async def wait_until(
    is_over: Callable[[T], bool],
    fetch: Callable[[Sender], Awaitable[T]],
    sender: Sender,
    failure: str,
    *,
    timeout: float,  # noqa: ASYNC109 - it bounds many requests and the pauses between them
    unseen_for: float,
) -> T:
    """Fetch something again and again until the wait for it is over, and return it.

    `fetch` sends its requests by the sender that it is given, which has what is left of the time. For the first
    `unseen_for` seconds a 404 counts as "not yet". WaitTimeoutError after `timeout` seconds; its message begins with
    `failure`, and its `last` is what was seen last.
    """
    clock, pause = sender.transport.clock, _FIRST_PAUSE
    last: T | NotFoundError | None = None
    started = clock.monotonic()
    while (left := started + timeout - clock.monotonic()) > 0:
        seen = await _fetch_within(fetch, sender, left)
        if isinstance(seen, NotFoundError):
            if clock.monotonic() - started >= unseen_for:
                raise seen
        elif seen is not None and is_over(seen):
            return seen
        last = seen if seen is not None else last
        if pause > started + timeout - clock.monotonic():
            break
        with suppress(TimeoutError), Deadline(sender.transport.session.watch, left):  # which `close` ends
            await clock.sleep(pause)
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)
    sender.transport.session.check()  # closing the client ends a wait as time does
    raise WaitTimeoutError(f"{failure} within {timeout:g} s", last)


async def _fetch_within(
    fetch: Callable[[Sender], Awaitable[T]], sender: Sender, seconds: float
) -> T | NotFoundError | None:
    """Return what is fetched, or its 404; None when neither comes within some seconds."""
    try:
        with Deadline(sender.transport.session.watch, seconds):
            return await fetch(sender.within(seconds))
    except NotFoundError as error:
        return error
    except TimeoutError:
        return None
