"""Observers of events: they see every event before its handler, and change no reply."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from bandwidth_calls.webhooks import AnswerEvent, Event, MemoryDedupe, Reply, Webhooks

ANSWER = {"eventType": "answer", "eventTime": "2022-06-16T13:15:07.160Z", "callId": "c-1"}


async def deliver(webhooks: Webhooks, event: dict[str, Any] = ANSWER) -> Reply:
    """Deliver an event by POST."""
    return await webhooks.handle("POST", {}, {}, json.dumps(event).encode())


class Application:
    """A receiver with a handler and an observer, which note what happened in order."""

    def __init__(self, **options: Any) -> None:
        self.seen: list[str] = []
        self.webhooks = Webhooks(**options)
        self.webhooks.on(AnswerEvent)(self.handler)
        self.webhooks.watch(self.observer)

    async def handler(self, event: AnswerEvent) -> str:
        """Reply with BXML."""
        self.seen.append(f"handled {event.event_type}")
        return "<Response/>"

    async def observer(self, event: Event) -> None:
        """Note the event, after other tasks have run."""
        await asyncio.sleep(0)
        self.seen.append(f"observed {event.event_type}")


async def test_an_observer_sees_an_event_before_its_handler() -> None:
    """The observer has ended when the handler begins."""
    app = Application()

    reply = await deliver(app.webhooks)

    assert (reply.status, app.seen) == (200, ["observed answer", "handled answer"])


@pytest.mark.parametrize("event_type", ["disconnect", "moonPhase"])
async def test_an_observer_sees_events_without_a_handler(event_type: str) -> None:
    """An event that no handler gets is observed too."""
    app = Application()

    reply = await deliver(app.webhooks, {"eventType": event_type})

    assert (reply, app.seen) == (Reply(204), [f"observed {event_type}"])


async def test_a_request_without_an_event_is_not_observed() -> None:
    """A body that is no event reaches no observer."""
    app = Application()

    reply = await deliver(app.webhooks, {})

    assert (reply.status, app.seen) == (400, [])


async def test_a_repeat_that_dedupe_answers_is_not_observed() -> None:
    """An observer sees an event once, also when it is delivered again."""
    app = Application(dedupe=MemoryDedupe())

    for _ in range(2):
        await deliver(app.webhooks)

    assert app.seen == ["observed answer", "handled answer"]


async def test_without_dedupe_each_delivery_is_observed() -> None:
    """Without a store a repeat cannot be told from a new event."""
    app = Application()

    for _ in range(2):
        await deliver(app.webhooks)

    assert app.seen == ["observed answer", "handled answer"] * 2


async def test_what_an_observer_raises_changes_no_reply(caplog: pytest.LogCaptureFixture) -> None:
    """The log has the call, the event type and the traceback, and the handler runs."""
    app = Application()

    @app.webhooks.watch
    async def broken(event: Event) -> None:
        raise TimeoutError("one of the observer's own")

    reply = await deliver(app.webhooks)

    assert (reply.status, app.seen) == (200, ["observed answer", "handled answer"])
    (record,) = caplog.records
    assert record.getMessage() == "an observer of event 'answer' of call 'c-1' failed"
    assert (record.levelno, record.exc_info is not None) == (logging.ERROR, True)


async def test_a_slow_observer_is_cancelled(caplog: pytest.LogCaptureFixture) -> None:
    """After the deadline the observer is cancelled, and the handler replies."""
    webhooks = Webhooks(deadline=1e-9)
    ended: list[BaseException] = []

    @webhooks.watch
    async def slow(event: Event) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            ended.append(error)
            raise

    @webhooks.on(AnswerEvent)
    async def answer(event: AnswerEvent) -> str:
        return "<Response/>"

    reply = await deliver(webhooks)

    assert (reply.status, len(ended)) == (200, 1)
    assert caplog.messages == ["an observer of event 'answer' of call 'c-1' took over 1e-09 s"]


async def test_observers_run_in_the_order_of_registration() -> None:
    """Every observer sees the event, also behind one that fails."""
    webhooks = Webhooks()
    seen: list[str] = []

    async def first(event: Event) -> None:
        await asyncio.sleep(0)
        seen.append("first")
        raise RuntimeError

    async def second(event: Event) -> None:
        seen.append("second")

    webhooks.watch(first)
    webhooks.watch(second)
    await deliver(webhooks)

    assert seen == ["first", "second"]


async def test_cancelling_a_request_cancels_its_observer() -> None:
    """A cancellation by the server passes on unchanged."""
    webhooks = Webhooks()
    started = asyncio.Event()

    @webhooks.watch
    async def slow(event: Event) -> None:
        started.set()
        await asyncio.Event().wait()

    waiting = asyncio.create_task(deliver(webhooks))
    await started.wait()
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_a_plain_function_is_no_observer() -> None:
    """An observer that is no `async def` is refused where it is registered."""
    with pytest.raises(TypeError, match="must be an `async def`"):
        Webhooks().watch(lambda event: None)  # type: ignore[arg-type, return-value]  # the wrong use under test


def test_watch_gives_the_observer_back() -> None:
    """`watch` serves as a decorator too."""

    async def observer(event: Event) -> None: ...

    assert Webhooks().watch(observer) is observer
