"""Users of a client: they place and change calls, read, list and wait, and write down what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, suppress
from random import Random
from typing import TypeVar

from bandwidth_calls import (
    BandwidthClient,
    BandwidthError,
    CallRecordingMetadata,
    CallState,
    CreateCall,
    Download,
    Listing,
    RetryPolicy,
    Timeout,
    UpdateCall,
)
from bandwidth_calls.windows import WindowListing

from .records import CURRENT, Operation, Reading, Trace
from .service import ACCOUNT, Service
from .troubles import Troubles

T = TypeVar("T")
AnyListing = Listing[T] | WindowListing[T]

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
        doings = [self._export, self._download, self._download]
        if not self._troubles.met("media_only"):
            doings += [self._place] * 3 + [self._post, self._change, self._read, self._wait, self._list, self._list]
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

    def _begin(self, kind: str, limit: float, tag: str = "") -> Operation:
        operation = Operation(kind, self.name, limit, self.timeout.read, tag, sent_again=self._sent_again)
        self.operations.append(operation)
        return operation

    async def _perform(self, kind: str, limit: float, work: Awaitable[object], tag: str = "") -> Operation:
        """Await one thing, and write down what came of it."""
        operation = self._begin(kind, limit, tag)
        self._trace(self.name, f"{kind} {tag} within {limit:.3f} s")
        with suppress(Exception):  # whether it was the package's own is a promise
            operation.result = await self._step(operation, work)
            self._trace(self.name, f"{kind} {tag} succeeds")
        return operation

    async def _download(self) -> None:
        """Read a recording as bytes, or piece by piece, with pauses and perhaps not to its end."""
        recording_id = self._random.choice([*self._service.media.ids[:5] * 3, "r-unknown"])
        download, limit = self._client.recordings.download_call_recording("c-1", recording_id), self.timeout.total
        if self._random.random() < 0.5:
            operation = await self._perform("download", limit, download.read(timeout=limit))
        else:
            operation = self._begin("download", limit)
            with suppress(BandwidthError):
                operation.result = await self._stream(operation, download)
        operation.recording_id = recording_id

    async def _stream(self, operation: Operation, download: Download) -> bytes | None:
        """Read a stream to its end, or leave it early and return None."""
        read = b""
        async with AsyncExitStack() as stack:
            opening = stack.enter_async_context(download.stream(timeout=operation.limit))
            pieces = aiter(await self._step(operation, opening))
            while (piece := await self._next(operation, pieces)) is not None:
                read += piece
                await self._pause()
                if self._random.random() < 0.05:
                    return None
        return read

    async def _list(self) -> None:
        """Read a listing of calls to its end."""
        calls, size = self._client.calls, self._random.choice((1, 4, 10, 30))

        def listing(cursor: str | None) -> Listing[CallState]:
            return calls.list_calls(page_size=size) if cursor is None else calls.list_calls(cursor=cursor)

        reading = Reading(self.name, self._service.records, size)
        await self._read_on("list", reading, listing, lambda call: call.call_id)

    async def _export(self) -> None:
        """Read the listing of all recordings to its end."""
        recordings = self._client.recordings

        def listing(cursor: str | None) -> WindowListing[CallRecordingMetadata]:
            return recordings.list_account_call_recordings(cursor=cursor)

        reading = Reading(self.name, self._service.media.ids)
        await self._read_on("windows", reading, listing, lambda recording: recording.recording_id)

    async def _read_on(
        self, kind: str, reading: Reading, listing: Callable[[str | None], AnyListing[T]], id_of: Callable[[T], str]
    ) -> None:
        """Read by items or by pages, and go on after each error."""
        self.readings.append(reading)
        cursor: str | None = None
        self.leaves = self._random.choice((0, 0, 2))
        for _ in range(_MOST_RESUMED):
            read = self._random.choice((self._by_item, self._by_page))
            operation = self._begin(kind, self.timeout.total)
            operation.page_size = reading.page_size
            self._trace(self.name, f"{kind} {read.__name__} from record {len(reading.given)} on")
            try:
                cursor = await read(operation, reading, listing(cursor), id_of)
            except BandwidthError as error:
                operation.handed, cursor = len(reading.given), error.cursor
            else:
                reading.finished = cursor is None
            if cursor is None:
                return
            await asyncio.sleep(self._random.uniform(0.0, 2.0))

    async def _by_item(
        self, operation: Operation, reading: Reading, listing: AnyListing[T], id_of: Callable[[T], str]
    ) -> None:
        """Read items until the end or an error."""
        async with aclosing(aiter(listing)) as items:
            while (item := await self._next(operation, items)) is not None:
                reading.given.append(id_of(item))
                await self._pause()

    async def _by_page(
        self, operation: Operation, reading: Reading, listing: AnyListing[T], id_of: Callable[[T], str]
    ) -> str | None:
        """Read pages until the end or an error, or leave early; return the cursor to go on from."""
        async with aclosing(listing.pages()) as pages:
            while (page := await self._next(operation, pages)) is not None:
                reading.given += [id_of(item) for item in page.items]
                await self._pause()
                if self.leaves and page.cursor is not None:
                    self.leaves -= 1
                    return page.cursor
        return None

    async def _next(self, operation: Operation, items: AsyncIterator[T]) -> T | None:
        return await self._step(operation, anext(items, None))

    async def _step(self, operation: Operation, work: Awaitable[T]) -> T:
        """Await one step of an operation."""
        CURRENT.set(operation)
        try:
            with operation.step(asyncio.get_running_loop().time):
                return await work
        except BaseException as error:
            operation.error = self._failed(operation.kind, error)
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
