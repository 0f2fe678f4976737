import asyncio
import json
from typing import Any

import pytest

from bandwidth_calls.webhooks import AnswerEvent, MemoryDedupe, Reply, Webhooks

ANSWER = {"eventType": "answer", "eventTime": "2022-06-16T13:15:07.160Z", "callId": "c-1"}


async def deliver(webhooks: Webhooks, **change: object) -> Reply:
    """Deliver the event, with some fields changed."""
    return await webhooks.handle("POST", {}, {}, json.dumps({**ANSWER, **change}).encode())


class Application:
    """A handler that counts how often it ran, and waits while `go` is not set."""

    def __init__(self, **options: Any) -> None:
        self.runs = 0
        self.fails = False
        self.go = asyncio.Event()
        self.go.set()
        self.started = asyncio.Event()
        self.webhooks = Webhooks(**options)
        self.webhooks.on(AnswerEvent)(self.handler)

    async def handler(self, event: AnswerEvent) -> str:
        """Answer with the number of the run."""
        self.runs += 1
        self.started.set()
        await self.go.wait()
        if self.fails:
            raise RuntimeError
        return f"<Response><!-- {self.runs} --></Response>"


class BrokenStore:
    """A store that is down."""

    async def get(self, key: str) -> Reply | None:
        """Fail."""
        raise ConnectionError("down")

    async def put(self, key: str, reply: Reply) -> None:
        """Fail."""
        raise ConnectionError("down")


async def test_a_repeat_gets_the_first_reply() -> None:
    """A repeat gets the first reply, and the handler does not run again."""
    app = Application(dedupe=MemoryDedupe())

    first, second = await deliver(app.webhooks), await deliver(app.webhooks)

    assert (first, app.runs) == (second, 1)


async def test_another_event_is_handled() -> None:
    """An event at another time is no repeat."""
    app = Application(dedupe=MemoryDedupe())

    await deliver(app.webhooks)
    await deliver(app.webhooks, eventTime="2022-06-16T13:15:07.161Z")

    assert app.runs == 2


async def test_without_dedupe_every_event_is_handled() -> None:
    """Without a store, nothing is kept."""
    app = Application()

    await deliver(app.webhooks)
    await deliver(app.webhooks)

    assert app.runs == 2


async def test_events_that_cannot_be_told_apart_are_handled() -> None:
    """An event without a time is never taken for a repeat."""
    app = Application(dedupe=MemoryDedupe())

    await deliver(app.webhooks, eventTime=None)
    await deliver(app.webhooks, eventTime=None)

    assert app.runs == 2


async def test_failures_are_not_kept() -> None:
    """After a 500 the handler runs for the repeat."""
    app = Application(dedupe=MemoryDedupe())
    app.fails = True
    first = await deliver(app.webhooks)
    app.fails = False

    second = await deliver(app.webhooks)

    assert (first.status, second.status, app.runs) == (500, 200, 2)


async def test_concurrent_repeats_wait_for_the_first() -> None:
    """Repeats that come while the handler runs get its reply, and do not run it."""
    app = Application(dedupe=MemoryDedupe())
    app.go.clear()
    several = [asyncio.create_task(deliver(app.webhooks)) for _ in range(3)]
    await app.started.wait()
    app.go.set()

    replies = await asyncio.gather(*several)

    assert (replies, app.runs) == ([replies[0]] * 3, 1)


async def test_concurrent_repeats_need_no_store() -> None:
    """The handler does not run twice at once, even while the store is down."""
    app = Application(dedupe=BrokenStore())
    app.go.clear()
    several = [asyncio.create_task(deliver(app.webhooks)) for _ in range(3)]
    await app.started.wait()
    app.go.set()

    await asyncio.gather(*several)

    assert app.runs == 1


async def test_a_repeat_takes_over_from_a_first_that_was_cancelled() -> None:
    """A repeat is handled after the first delivery was cancelled."""
    app = Application(dedupe=MemoryDedupe())
    app.go.clear()
    first = asyncio.create_task(deliver(app.webhooks))
    await app.started.wait()
    second = asyncio.create_task(deliver(app.webhooks))
    await asyncio.sleep(0)

    first.cancel()
    app.go.set()

    assert (await second).status == 200
    assert (first.cancelled(), app.runs) == (True, 2)


async def test_a_repeat_that_is_cancelled_leaves_the_first_alone() -> None:
    """A cancelled repeat does not cancel the handler that it waits for."""
    app = Application(dedupe=MemoryDedupe())
    app.go.clear()
    first = asyncio.create_task(deliver(app.webhooks))
    await app.started.wait()
    second = asyncio.create_task(deliver(app.webhooks))
    await asyncio.sleep(0)

    second.cancel()
    await asyncio.wait([second])
    app.go.set()

    assert (await first).status == 200


async def test_a_broken_store_is_logged_and_passed_by(caplog: pytest.LogCaptureFixture) -> None:
    """A store that is down is logged, and the event is still handled."""
    app = Application(dedupe=BrokenStore())

    reply = await deliver(app.webhooks)

    assert reply.status == 200
    assert [record.name for record in caplog.records] == ["bandwidth_calls"] * 2


async def test_the_oldest_reply_is_forgotten() -> None:
    """A store of two replies deletes the first of three."""
    store = MemoryDedupe(size=2)
    for number in range(3):
        await store.put(str(number), Reply(200 + number))

    assert [await store.get(str(number)) for number in range(3)] == [None, Reply(201), Reply(202)]


def test_a_memory_of_nothing_is_refused() -> None:
    """A size below one is a ValueError."""
    with pytest.raises(ValueError, match="size"):
        MemoryDedupe(size=0)
