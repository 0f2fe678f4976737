"""Users of a client: they place and change calls, read, list and wait, and write down what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import aclosing
from random import Random
from typing import TypeVar

from bandwidth_calls import (
    BandwidthClient,
    BandwidthError,
    CallState,
    CreateCall,
    Listing,
    RetryPolicy,
    Timeout,
    UpdateCall,
)

from .records import CURRENT, Operation, Reading, Trace
from .service import ACCOUNT, Service
from .troubles import Troubles

T = TypeVar("T")

CALL_PASSWORD = "call-SECRET-3"
_EAGER = 60  # requests of an eager user: they take longer than his total, so one who is starved fails
_MOST_RESUMED = 25  # a reader gives up after so many errors


class User:
    """One task that uses the client several times, by a view with limits of its own."""

    def __init__(
        self,
        name: str,
        client: BandwidthClient,
        service: Service,
        troubles: Troubles,
        random: Random,
        trace: Trace,
    ) -> None:
        self.name, self._service, self._troubles, self._random, self._trace = name, service, troubles, random, trace
        self.timeout, retry = make_timeout(random, troubles), _retry(random)
        self._client = client.with_options(timeout=self.timeout, retry=retry)
        self._sent_again = retry.attempts > 1
        self.operations: list[Operation] = []
        self.readings: list[Reading] = []
        self.leaves = 0

    async def run(self) -> None:
        """Use the client a few times, with pauses."""
        await asyncio.sleep(self._random.uniform(0.0, 5.0))
        if self._troubles.met("eager"):
            for _ in range(_EAGER):
                await self._random.choice((self._place, self._post, self._change, self._read))()
            return
        doings = (
            self._place,
            self._place,
            self._place,
            self._post,
            self._change,
            self._read,
            self._wait,
            self._list,
            self._list,
        )
        for _ in range(self._random.randint(1, 5)):
            await self._random.choice(doings)()
            if self._random.random() < 0.5:
                await asyncio.sleep(self._random.uniform(0.0, 20.0))

    def cancel(self, task: asyncio.Task[None]) -> None:
        """Cancel the user in whatever it does."""
        self._trace(self.name, "is cancelled")
        if self.operations:
            self.operations[-1].cancelled_at = asyncio.get_running_loop().time()
        task.cancel()

    def forget_client(self) -> None:
        """Let go of the client, so that what it forgot to close can be seen."""
        del self._client

    async def _place(self) -> None:
        tag = f"{self.name}.{len(self.operations)}"
        call = CreateCall(
            to="+19195551234",
            from_="+19195554321",
            application_id="app-1",
            answer_url="https://app.example/answer",
            username="application",
            password=CALL_PASSWORD,
            tag=tag,
        )
        await self._perform("create", self.timeout.total, self._client.calls.create_call(call), tag)

    async def _post(self) -> None:
        tag = f"{self.name}.{len(self.operations)}"
        json = {"to": "+19195551234", "from": "+19195554321", "answerUrl": "https://app.example/answer", "tag": tag}
        work = self._client.request("POST", f"/accounts/{ACCOUNT}/calls", json=json)
        await self._perform("post", self.timeout.total, work, tag)

    async def _change(self) -> None:
        calls, call_id = self._client.calls, self._some_call()
        size = self._random.choice((10, 10, 60_000))
        work = (
            calls.update_call(call_id, UpdateCall(state="completed"))
            if self._random.random() < 0.5
            else calls.update_call_bxml(call_id, b"<Bxml><Hangup/></Bxml>" + b" " * size)
        )
        await self._perform("change", self.timeout.total, work)

    async def _read(self) -> None:
        work = self._client.calls.get_call_state(self._some_call())
        await self._perform("read", self.timeout.total, work)

    async def _wait(self) -> None:
        limit = self._random.choice((self._random.uniform(0.1, 5.0), self._random.uniform(5.0, 90.0)))
        work = self._client.calls.wait_for_state(self._some_call(), "answered", timeout=limit, unseen_for=limit / 2)
        await self._perform("wait", limit, work)

    def _some_call(self) -> str:
        return self._random.choice([*(call.call_id for call in self._service.placed[-5:]), "c-unknown"])

    async def _perform(self, kind: str, limit: float, work: Awaitable[object], tag: str = "") -> None:
        """Await one thing, and write down what came of it."""
        operation = Operation(kind, self.name, limit, self.timeout.read, tag, sent_again=self._sent_again)
        self.operations.append(operation)
        CURRENT.set(operation)
        self._trace(self.name, f"{kind} {tag} within {limit:.3f} s")
        try:
            with operation.step(asyncio.get_running_loop().time):
                operation.result = await work
            self._trace(self.name, f"{kind} {tag} succeeds")
        except BaseException as error:
            operation.error = self._failed(kind, error)
            if isinstance(error, asyncio.CancelledError):
                raise
        finally:
            CURRENT.set(None)

    async def _list(self) -> None:
        """Read a listing to its end, by items or by pages, and go on after each error."""
        reading = Reading(self.name, self._random.choice((1, 4, 10, 30)))
        self.readings.append(reading)
        cursor: str | None = None
        self.leaves = self._random.choice((0, 0, 2))
        for _ in range(_MOST_RESUMED):
            read = self._random.choice((self._by_item, self._by_page))
            operation = Operation("list", self.name, self.timeout.total, self.timeout.read, sent_again=self._sent_again)
            operation.page_size = reading.page_size
            self.operations.append(operation)
            self._trace(self.name, f"list {read.__name__} from record {len(reading.given)} on")
            cursor = await read(operation, reading, cursor)
            if cursor is None:
                return
            await asyncio.sleep(self._random.uniform(0.0, 2.0))

    async def _by_item(self, operation: Operation, reading: Reading, cursor: str | None) -> str | None:
        """Read items until the end or an error; return the cursor to go on from."""
        try:
            async with aclosing(aiter(self._listing(reading, cursor))) as items:
                while (call := await self._next(operation, items)) is not None:
                    reading.given.append(call.call_id)
                    await self._pause()
        except BandwidthError as error:
            operation.handed = len(reading.given)
            return error.cursor
        reading.finished = True
        return None

    async def _by_page(self, operation: Operation, reading: Reading, cursor: str | None) -> str | None:
        """Read pages until the end or an error, or leave early; return the cursor to go on from."""
        try:
            async with aclosing(self._listing(reading, cursor).pages()) as pages:
                while (page := await self._next(operation, pages)) is not None:
                    reading.given += [call.call_id for call in page.items]
                    await self._pause()
                    if self.leaves and page.cursor is not None:
                        self.leaves -= 1
                        return page.cursor
        except BandwidthError as error:
            operation.handed = len(reading.given)
            return error.cursor
        reading.finished = True
        return None

    def _listing(self, reading: Reading, cursor: str | None) -> Listing[CallState]:
        if cursor is not None:
            return self._client.calls.list_calls(cursor=cursor)
        return self._client.calls.list_calls(page_size=reading.page_size)

    async def _next(self, operation: Operation, items: AsyncIterator[T]) -> T | None:
        CURRENT.set(operation)
        try:
            with operation.step(asyncio.get_running_loop().time):
                return await anext(items, None)
        except BaseException as error:
            operation.error = self._failed("list", error)
            raise
        finally:
            CURRENT.set(None)

    def _failed(self, kind: str, error: BaseException) -> BaseException:
        self._trace(self.name, f"{kind} ends with {error!r}")
        return without_frames(error)

    async def _pause(self) -> None:
        if self._troubles.happens("pauses", self._random):
            await asyncio.sleep(self._random.choice((0.0, 0.1, 3.0, 40.0)))


def make_timeout(random: Random, troubles: Troubles) -> Timeout:
    """Choose limits: long ones, or such as many answers pass."""

    def limit(trouble: str, long: float) -> float:
        return random.uniform(0.02, 3.0) if troubles.happens(trouble, random) else random.uniform(long / 2, long)

    total = 2.0 if troubles.met("eager") else limit("short_total", 120.0)
    return Timeout(total=total, connect=limit("short_connect", 20.0), read=limit("short_read", 60.0))


def _retry(random: Random) -> RetryPolicy:
    return RetryPolicy(
        attempts=random.choice((1, 2, 3, 6)),
        base=random.choice((0.0, 0.5, 2.0)),
        cap=random.choice((0.0, 8.0)),
        max_retry_after=random.choice((0.0, 2.0, 60.0, 100_000.0)),
    )


def without_frames(error: BaseException) -> BaseException:
    """Forget the frames of an error and its causes, which would keep alive what they used."""
    chain: BaseException | None = error
    while chain is not None:
        chain.__traceback__ = None
        chain = chain.__cause__ or chain.__context__
    return error
