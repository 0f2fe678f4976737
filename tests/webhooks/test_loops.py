"""Webhooks in several event loops, as a Flask or Django view has one for each request."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from bandwidth_calls.webhooks import Dedupe, GatherEvent, MemoryDedupe, Reply, Webhooks

BODY = b'{"eventType": "gather", "callId": "c-1", "eventTime": "2026-01-01T00:00:00.000Z", "digits": "1"}'
SOON = 30.0  # seconds: far more than any machine needs, so that a hang is a failure


class Signal(Future[None]):
    """A signal that any event loop and any thread may wait for."""

    def __init__(self) -> None:
        super().__init__()
        self.set_running_or_notify_cancel()  # so that nobody who waits can cancel it

    def set(self) -> None:
        """Wake all who wait."""
        if not self.done():
            self.set_result(None)

    async def wait(self) -> None:
        """Wait in the running loop."""
        await asyncio.wrap_future(self)


class Application:
    """A handler that counts its runs, and ends when `go` is set."""

    def __init__(self, dedupe: Dedupe | None = None, deadline: float | None = 14.0) -> None:
        self.webhooks = Webhooks(dedupe=dedupe or MemoryDedupe(), deadline=deadline)
        self.webhooks.on(GatherEvent)(self.pressed)
        self.runs = 0
        self.started = Signal()
        self.go = Signal()

    async def pressed(self, event: GatherEvent) -> str:
        """Reply with the number of the run."""
        self.runs += 1
        self.started.set()
        await self.go.wait()
        return f"<Response><!-- {self.runs} --></Response>"

    async def deliver(self) -> Reply:
        """Deliver the event."""
        return await self.webhooks.handle("POST", {}, {}, BODY)

    def view(self) -> Reply:
        """Deliver the event in an event loop of its own."""
        return asyncio.run(self.deliver())

    def repeat(self, waiting: Signal) -> Reply:
        """Deliver the event in an event loop of its own, and tell when the delivery waits."""

        async def deliver() -> Reply:
            delivery = asyncio.create_task(self.deliver())
            await asyncio.sleep(0)
            waiting.set()
            return await delivery

        return asyncio.run(deliver())


def in_thread(view: Callable[..., Reply], *arguments: object) -> Future[Reply]:
    """Start a view in a thread that keeps no process alive."""
    result: Future[Reply] = Future()
    threading.Thread(target=lambda: result.set_result(view(*arguments)), daemon=True).start()
    return result


def test_repeats_in_other_loops_get_the_first_reply() -> None:
    """Repeats in threads of their own wait for the first, and the handler runs once."""
    app = Application()
    first = in_thread(app.view)
    app.started.result(SOON)
    signals = [Signal() for _ in range(3)]
    repeats = [in_thread(app.repeat, waiting) for waiting in signals]
    for waiting in signals:
        waiting.result(SOON)

    app.go.set()
    replies = [view.result(SOON) for view in (first, *repeats)]

    assert replies == [Reply(200, replies[0].headers, b"<Response><!-- 1 --></Response>")] * 4
    assert app.runs == 1


def test_a_repeat_after_the_first_loop_ended_gets_the_first_reply() -> None:
    """The store serves a request in a new loop."""
    app = Application()
    app.go.set()

    assert app.view() == app.view()
    assert app.runs == 1


def test_a_repeat_waits_no_longer_than_the_deadline(caplog: pytest.LogCaptureFixture) -> None:
    """A repeat gets a 503 if the first delivery does not end, and the handler does not run again."""
    webhooks = Webhooks(dedupe=MemoryDedupe(), deadline=0.01)
    started, held = Signal(), Signal()

    @webhooks.on(GatherEvent)
    async def pressed(event: GatherEvent) -> str:
        started.set()
        held.result(SOON)  # it blocks its loop, so that no timer of that loop ends it
        return "<Response/>"

    def view() -> Reply:
        return asyncio.run(webhooks.handle("POST", {}, {}, BODY))

    first = in_thread(view)
    started.result(SOON)
    repeat = view()
    held.set()

    assert (repeat, first.result(SOON).status) == (Reply(503), 200)
    assert caplog.messages == ["a repeat of event 'gather' of call 'c-1' waited 0.01 s for its first delivery"]


def test_a_loop_that_stopped_is_not_waited_for() -> None:
    """A repeat is handled at once if the loop of the first no longer runs, and the first may still end later."""
    app = Application(deadline=None)
    stopped = asyncio.new_event_loop()
    first = stopped.create_task(app.deliver())
    stopped.run_until_complete(app.started.wait())

    app.go.set()
    repeat = in_thread(app.view).result(SOON)
    late = stopped.run_until_complete(first)
    stopped.close()

    assert (repeat.status, late.status, app.runs) == (200, 200, 2)


def test_a_repeat_takes_over_from_a_first_that_was_cancelled_in_its_loop() -> None:
    """A first that is cancelled wakes the repeat in another loop, which runs the handler."""
    app = Application()
    waiting = Signal()

    async def cancelled() -> Future[Reply]:
        first = asyncio.create_task(app.deliver())
        await app.started.wait()
        repeat = in_thread(app.repeat, waiting)
        await waiting.wait()
        first.cancel()
        await asyncio.wait([first])
        return repeat

    repeat = asyncio.run(cancelled())
    app.go.set()

    assert (repeat.result(SOON).status, app.runs) == (200, 2)


def test_a_repeat_that_ends_early_leaves_the_first_alone() -> None:
    """A repeat that is cancelled in its loop does not end the first, whose reply comes in another loop."""
    app = Application()
    first = in_thread(app.view)
    app.started.result(SOON)

    async def cancelled() -> None:
        repeat = asyncio.create_task(app.deliver())
        await asyncio.sleep(0)
        repeat.cancel()
        await asyncio.wait([repeat])

    asyncio.run(cancelled())
    app.go.set()

    assert (first.result(SOON).status, app.runs) == (200, 1)


def test_a_store_that_hangs_is_passed_by(caplog: pytest.LogCaptureFixture) -> None:
    """A store may take the deadline to read and to write; then the event is handled without it."""

    class Hanging(MemoryDedupe):
        async def get(self, key: str) -> Reply | None:
            return await asyncio.Event().wait()  # type: ignore[return-value]  # it never returns

        async def put(self, key: str, reply: Reply) -> None:
            await asyncio.Event().wait()

    webhooks = Webhooks(dedupe=Hanging(), deadline=0.01)

    @webhooks.on(GatherEvent)
    async def pressed(event: GatherEvent) -> str:
        return "<Response/>"

    reply = asyncio.run(webhooks.handle("POST", {}, {}, BODY))

    assert reply.status == 200
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


def test_each_loop_has_its_own_deadlines() -> None:
    """A receiver that serves one event loop after another cancels a slow handler in each."""
    webhooks = Webhooks(deadline=0.01)
    slow = iter([False, True])

    @webhooks.on(GatherEvent)
    async def handle(event: GatherEvent) -> None:
        if next(slow):
            await asyncio.Event().wait()

    replies = [asyncio.run(webhooks.handle("POST", {}, {}, BODY)) for _ in "ab"]

    assert [reply.status for reply in replies] == [204, 503]
