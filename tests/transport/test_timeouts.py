"""The one timer: what is due ends, what is not goes on, and nobody else's cancellation is taken for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from aiohttp import web
from support.moved_clock import until
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import BasicCredentials
from bandwidth_calls.transport.timeouts import Silence, Total, Watch


def now() -> float:
    """The event loop's time."""
    return asyncio.get_running_loop().time()


class Limit:
    """Something that is due at a time."""

    def __init__(self, when: float) -> None:
        self.when, self.expired = when, False

    def due(self) -> float:
        """Tell when."""
        return self.when

    def expire(self, now: float) -> None:
        """Note that it was."""
        self.when, self.expired = float("inf"), True


async def test_what_is_due_expires_and_what_is_not_does_not() -> None:
    """The timer looks at everything, and is set to the next limit."""
    watch = Watch()
    over, later, never = Limit(now()), Limit(now() + 1000), Limit(float("inf"))

    for limit in (later, over, never):
        watch.add(limit)
    await until(lambda: over.expired)

    assert not later.expired
    assert watch._timer is not None
    assert watch._timer.when() == later.when
    watch.close()


async def test_many_limits_set_one_timer() -> None:
    """A limit behind the earliest one sets none; one ahead of it moves the timer."""
    watch = Watch()
    timers = []

    for ahead in (50, 60, 70, 40):
        watch.add(Limit(now() + ahead))
        timers.append(watch._timer)

    assert timers[0] is timers[1] is timers[2]
    assert timers[3] is not timers[0]
    assert timers[0] is not None
    assert timers[0].cancelled()
    watch.close()


async def test_what_has_ended_is_watched_no_longer() -> None:
    """A limit that was discarded never expires, and with nothing to watch no timer is left."""
    watch = Watch()
    limit = Limit(now())

    watch.add(limit)
    watch.discard(limit)
    await until(lambda: watch._timer is None)

    assert not limit.expired


async def test_a_total_that_is_over_raises_timeout_error() -> None:
    """What is awaited within is cancelled, and the task is not."""
    with pytest.raises(TimeoutError), Total(Watch(), 0.0):
        await asyncio.Event().wait()

    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_cancellation_from_outside_stays_one() -> None:
    """Where the task was cancelled by somebody, it is cancelled, also when the total is over at the same time."""

    async def work() -> None:
        with Total(watch, 0.0):
            await asyncio.Event().wait()

    watch = Watch()
    task = asyncio.create_task(work())
    await until(lambda: watch._watched)
    task.cancel()
    watch._look()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_was_done_in_spite_of_the_total_counts() -> None:
    """Where the cancellation was taken for something else, what came of that stands."""
    with Total(Watch(), 0.0), suppress(asyncio.CancelledError):
        await asyncio.Event().wait()

    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_total_that_is_not_over_changes_nothing() -> None:
    """What is returned or raised within is, and nothing is left."""
    watch = Watch()

    with pytest.raises(KeyError), Total(watch, 60.0):
        raise KeyError

    assert not watch._watched
    watch.close()


async def test_a_silence_counts_from_what_was_heard_last() -> None:
    """It is due after its limit, again from each piece on, and never while it is paused."""
    watch, cuts = Watch(), list[str]()
    silence = Silence(watch, 1000.0)

    silence.begin(lambda: cuts.append("cut"))
    begun = silence.due()
    silence.heard()
    heard = silence.due()
    silence.pause()

    assert begun <= heard < now() + 1001
    assert silence.due() == float("inf")
    assert not silence.broken
    watch.close()


async def test_a_silence_that_is_over_cuts_once() -> None:
    """The connection is cut, and that is known."""
    watch, cuts = Watch(), list[str]()
    silence = Silence(watch, 0.0)

    silence.begin(lambda: cuts.append("cut"))
    await until(lambda: cuts)
    watch._look()

    assert silence.broken
    assert cuts == ["cut"]


async def test_the_head_of_an_answer_ends_a_silence(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """The limit of the body counts from the head on, not from the sending."""
    client, gate = make_client(auth=basic), asyncio.Event()
    watch = client._sender.way.session.watch

    def due() -> list[float]:
        return [one.due() for one in watch._watched if isinstance(one, Silence)]

    async def head_first(request: web.Request) -> web.StreamResponse:
        waiting = due()
        response = web.StreamResponse()
        await response.prepare(request)
        await until(lambda: due() > waiting)
        await response.write(b"[]")
        gate.set()
        return response

    api.answers.append(head_first)
    await client.request("GET", "/accounts/9900000/calls")

    assert gate.is_set()
    assert not watch._watched
