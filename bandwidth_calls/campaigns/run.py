"""One `run()` of a Dialler: the rows that it adds, and the outcomes that wait to be read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from contextlib import suppress

from bandwidth_calls.campaigns.values import Job, Outcome
from bandwidth_calls.campaigns.worker import Worker
from bandwidth_calls.models.calls import CreateCall

Row = Job | tuple[str, CreateCall]
Rows = Iterable[Row] | AsyncIterable[Row]


class Run:
    """Outcomes in the order in which they were written. It is full where `most` of them wait to be read."""

    def __init__(self, worker: Worker, most: int) -> None:
        self._worker, self._most = worker, most
        self._queue: asyncio.Queue[Outcome | None] = asyncio.Queue()
        self._adding: asyncio.Task[int] | None = None
        self._was_added = False

    def add(self, adding: asyncio.Task[int]) -> None:
        """Let the run last until its rows are added."""
        self._adding = adding
        adding.add_done_callback(lambda _: self._worker.nudge())

    async def stop_adding(self) -> None:
        """Add no more rows."""
        if self._adding is not None:
            self._adding.cancel()
            with suppress(asyncio.CancelledError, Exception):  # `outcomes` raises what it raised
                await self._adding

    @property
    def is_full(self) -> bool:
        """Whether so many outcomes wait that no more keys are to be taken."""
        return self._queue.qsize() >= self._most

    def put(self, outcome: Outcome) -> None:
        """Take the outcome of a key."""
        self._queue.put_nowait(outcome)

    def look(self) -> None:
        """End the run where the campaign has no open key, or the worker or the adding of rows has failed."""
        added = self._adding is None or self._adding.done()
        glance = self._worker.glance
        nothing_open = glance is not None and not glance.waiting and not glance.sending and self._worker.is_idle
        if self._worker.has_ended or self._failed() or (self._was_added and nothing_open):
            self._queue.put_nowait(None)
        elif added and not self._was_added:  # the next look at the journal is the first that sees all rows
            self._was_added = True
            self._worker.nudge()

    async def outcomes(self) -> AsyncIterator[Outcome]:
        """Yield outcomes until the run ends; raise what ended it."""
        while (outcome := await self._queue.get()) is not None:
            if self._queue.qsize() == self._most - 1:
                self._worker.nudge()
            yield outcome
        if (error := self._failed() or self._worker.error) is not None:
            raise error

    def _failed(self) -> BaseException | None:
        done = self._adding is not None and self._adding.done() and not self._adding.cancelled()
        return self._adding.exception() if done and self._adding is not None else None


async def batches(rows: Rows, size: int) -> AsyncIterator[list[Row]]:
    """Yield rows in lists of a size, without holding more of them."""
    batch: list[Row] = []
    async for row in _each(rows):
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


async def _each(rows: Rows) -> AsyncIterator[Row]:
    if isinstance(rows, AsyncIterable):
        async for row in rows:
            yield row
        return
    if not isinstance(rows, Iterable):
        raise ValueError(f"rows: must be an iterable of (key, call) or Job, not {type(rows).__name__}")
    for row in rows:
        yield row
