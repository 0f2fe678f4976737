"""The timeouts and their one timer: what is due ends, the rest goes on, and other cancellations stay what they are."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import web
from support.moved_clock import LoopTime, turns, until
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import BasicCredentials, Timeout
from bandwidth_calls.timeouts import Deadline, ReadTimeout, TimeoutWatch
from bandwidth_calls.transport.lifetime import Lifetime


def now() -> float:
    """The event loop's time."""
    return asyncio.get_running_loop().time()


class Limit:
    """Something that is due at a time."""

    def __init__(self, due: float) -> None:
        self.due, self.expired = due, False

    def expire(self) -> None:
        """Note that it was."""
        self.due, self.expired = float("inf"), True


class Connection(asyncio.WriteTransport):
    """The end of a connection with nothing left to send."""

    def __init__(self) -> None:
        super().__init__()
        self.aborted = 0

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait to be sent."""
        return 0

    def abort(self) -> None:
        """Count how often it is aborted."""
        self.aborted += 1


async def test_what_ends_together_ends_in_the_order_of_its_beginning() -> None:
    """Requests and tasks, by a timer or at close: so that a story that is played again goes the same way."""
    watch, lifetime, ended = TimeoutWatch(), Lifetime(None), list[int]()

    class Noted(Limit):
        def expire(self) -> None:
            ended.append(limits.index(self))
            super().expire()

    async def wait(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(number)

    limits: list[Limit] = [Noted(now()) for _ in range(200)]
    for limit in limits:
        watch.add(limit)
    await until(lambda: len(ended) == 200)
    lifetime.check()
    for number in range(200, 400):
        lifetime.spawn(wait(number))
    await asyncio.sleep(0)
    lifetime.end()
    await until(lambda: len(ended) == 400)

    assert ended == list(range(400))


async def test_a_timer_that_is_early_expires_what_it_was_set_for(loop_time: LoopTime) -> None:
    """An event loop fires a timer early by up to its clock's resolution: to look again at once would be in vain."""
    watch, limit = TimeoutWatch(), Limit(math.nextafter(now(), math.inf))

    watch.add(limit)
    await turns()

    assert limit.expired


async def test_what_is_due_expires_and_what_is_not_does_not() -> None:
    """The timer looks at everything, and is set to the next limit."""
    watch = TimeoutWatch()
    over, later, never = Limit(now()), Limit(now() + 1000), Limit(float("inf"))

    for limit in (later, over, never):
        watch.add(limit)
    await until(lambda: over.expired)

    assert not later.expired
    assert watch._timer is not None
    assert watch._timer.when() == pytest.approx(later.due)  # uvloop adds the delay to its own time
    watch.expire_all()


async def test_many_limits_set_one_timer() -> None:
    """A limit behind the earliest one sets none; one ahead of it moves the timer."""
    watch = TimeoutWatch()
    timers = []

    for ahead in (50, 60, 70, 40):
        watch.add(Limit(now() + ahead))
        timers.append(watch._timer)

    assert timers[0] is timers[1] is timers[2]
    assert timers[3] is not timers[0]
    assert timers[0] is not None
    assert timers[0].cancelled()
    watch.expire_all()


async def test_what_has_ended_is_watched_no_longer() -> None:
    """A limit that was discarded never expires, and with nothing to watch no timer is left."""
    watch = TimeoutWatch()
    limit = Limit(now())

    watch.add(limit)
    watch.watched.pop(limit)
    await until(lambda: watch._timer is None)

    assert not limit.expired


async def test_a_deadline_that_is_over_raises_timeout_error() -> None:
    """What is awaited within is cancelled, and the task is not."""
    with pytest.raises(TimeoutError), Deadline(TimeoutWatch(), 0.0):
        await asyncio.Event().wait()

    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_cancellation_from_outside_stays_one() -> None:
    """Where the task was cancelled by somebody, it is cancelled, also when the deadline is over at the same time."""

    async def work() -> None:
        with Deadline(watch, 0.0):
            await asyncio.Event().wait()

    watch = TimeoutWatch()
    task = asyncio.create_task(work())
    await until(lambda: watch.watched)
    task.cancel()
    watch._look()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_was_done_in_spite_of_the_deadline_counts() -> None:
    """When the cancellation was handled by somebody else, the outcome of that stands."""
    with Deadline(TimeoutWatch(), 0.0), suppress(asyncio.CancelledError):
        await asyncio.Event().wait()

    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_deadline_that_is_not_over_changes_nothing() -> None:
    """What is returned or raised within is, and nothing is left."""
    watch = TimeoutWatch()

    with pytest.raises(KeyError), Deadline(watch, 60.0):
        raise KeyError

    assert not watch.watched
    watch.expire_all()


async def test_a_timeout_counts_from_what_was_heard_last() -> None:
    """It is due after its limit, again from each piece on, and never while it is paused."""
    watch, connection = TimeoutWatch(), Connection()
    timeout = ReadTimeout(watch, 1000.0)

    timeout.begin(connection)
    begun = timeout.due
    timeout.restart()
    heard = timeout.due
    timeout.pause()

    assert begun <= heard < now() + 1001
    assert timeout.due == float("inf")
    assert not timeout.expired
    watch.expire_all()


async def test_a_timeout_that_is_over_cuts_once() -> None:
    """The connection is cut, and that is known."""
    watch, connection = TimeoutWatch(), Connection()
    timeout = ReadTimeout(watch, 0.0)

    timeout.begin(connection)
    await until(lambda: connection.aborted)
    watch._look()

    assert timeout.expired
    assert connection.aborted == 1


async def test_a_read_timeout_expires_after_a_pause_in_which_the_timer_stopped() -> None:
    """The timer that had nothing to wait for is set again."""
    watch, connection = TimeoutWatch(), Connection()
    timeout = ReadTimeout(watch, 0.0)
    timeout.begin(connection)
    timeout.pause()
    await until(lambda: watch._timer is None)

    timeout.restart()
    await until(lambda: connection.aborted)

    assert timeout.expired


async def test_the_timeout_of_the_body_counts_from_the_head_on(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, loop_time: LoopTime
) -> None:
    """Head and body may take the limit each: they are not one silence."""

    async def slowly(request: web.Request) -> web.StreamResponse:
        await loop_time.advance(20)
        response = web.StreamResponse()
        await response.prepare(request)
        await turns()
        await loop_time.advance(20)
        await response.write(b"[]")
        return response

    api.answers.append(slowly)
    answer = await make_client(auth=basic, timeout=Timeout(read=30)).request("GET", "/accounts/9900000/calls")

    assert (answer.body, answer.attempts) == (b"[]", 1)


def test_the_timeouts_of_a_client_by_default() -> None:
    """60 seconds in all, 10 to connect, 30 between two pieces of an answer, as documented."""
    assert Timeout() == Timeout(total=60.0, connect=10.0, read=30.0)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), True, "5", None])
@pytest.mark.parametrize("field", ["total", "connect", "read"])
def test_a_timeout_that_makes_no_sense_is_refused(field: str, value: Any) -> None:
    """Seconds are numbers above zero."""
    with pytest.raises(ValueError, match=field):
        Timeout(**{field: value})
