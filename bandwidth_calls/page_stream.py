"""A page on its way: its bytes come in at the pace at which its items are taken, and no more than a little ahead."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from bandwidth_calls.cursors import Place
from bandwidth_calls.errors import BadAnswerError, BandwidthError, ClientClosedError, UntrustedLinkError
from bandwidth_calls.fast import PageReader
from bandwidth_calls.wire import Answer

T = TypeVar("T")
Onward = Place | UntrustedLinkError | None

_SLICE = 64 * 1024  # bytes that are decoded at once: so few that they stay in the processor's cache
_TURN = 8  # slices that are decoded before other tasks get a turn
_AHEAD = 512 * 1024  # bytes that are held before the connection has to wait
_PATIENCE = 1.0  # seconds that the connection waits in all for who takes the items


class Arrival(Generic[T]):
    """A page that was asked for.

    The session puts bytes in, by `begin` and `take`, and begins again where an answer broke off; a listing takes items
    out, by `part`. A connection that waits long may be cut by the service, so for who takes items slowly the rest of
    the page is soon held here instead, as bytes. `place` counts what was handed out. `onward`, known with the head of
    the answer, is the place of the next page, None on the last one, or the error of a link that is not to be followed.
    `following` is the next page itself, once it was asked for.
    """

    def __init__(
        self, place: Place, kind: type[T], identify: Callable[[T], str], find_onward: Callable[[Answer], Onward]
    ) -> None:
        self.place = place
        self.onward: Onward = None
        self.following: Arrival[T] | None = None
        self._ask: Callable[[Place], Arrival[T]] | None = None
        self._kind, self._identify, self._find_onward = kind, identify, find_onward
        self._answer: Answer | None = None
        self._news, self._room = asyncio.Event(), asyncio.Event()
        self._patience = _PATIENCE
        self._ended = False
        self._slices = 0
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._reader = PageReader(kind, _SLICE)

    def watch(self, task: asyncio.Task[BandwidthError | None]) -> None:
        """Know the task that fetches the page; it gives the error where that fails."""
        self._task = task
        task.add_done_callback(lambda _: self._news.set())

    def lead(self, ask: Callable[[Place], Arrival[T]]) -> None:
        """Ask for the next page as soon as it is known where it is."""
        self._ask = ask
        self._ask_onward()

    def cancel(self) -> None:
        """Give the page up, and what was asked for ahead."""
        self._task.cancel()
        if self.following is not None:
            self.following.cancel()

    def begin(self, answer: Answer) -> None:
        """Take the head of an answer, and forget what came of an earlier one."""
        self._answer, self.onward = answer, self._find_onward(answer)
        self._ask_onward()
        self._reader = PageReader(self._kind, _SLICE)
        self._pieces.clear()
        self._held = 0
        # Of a page that was begun, items are kept back until it is clear which of them were handed out.
        self._kept: list[T] | None = [] if self.place.handed else None
        self._news.set()

    async def take(self, piece: bytes) -> None:
        """Take a piece of the body, and wait while more than enough is held."""
        self._pieces.append(piece)
        self._held += len(piece)
        if self._held >= _SLICE:
            self._news.set()
        if self._held >= _AHEAD and self._patience > 0:
            await self._wait_for_room()

    async def _wait_for_room(self) -> None:
        self._room.clear()
        loop = asyncio.get_running_loop()
        since = loop.time()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await self._room.wait()
        self._patience -= loop.time() - since

    async def part(self) -> list[T] | None:
        """Give the next items as soon as they are there; None when all were handed out."""
        while not self._ended:
            if self._slices == _TURN:
                self._slices = 0
                await asyncio.sleep(0)
            elif self._reader.ready:
                if items := self._slice():
                    return items
            elif self._pieces:
                self._feed()
            elif self._task.done():
                return self._last()
            else:
                await self._wait_for_news()
        return None

    async def whole(self) -> list[T]:
        """Give all items at once; an error counts none of them as handed out."""
        start, items = self.place, list[T]()
        try:
            while (part := await self.part()) is not None:
                items += part
        except BandwidthError as error:
            at(start, error)
            raise
        return items

    def _ask_onward(self) -> None:
        if self.following is not None and self.following.place != self.onward:
            self.following.cancel()  # the answer broke off, and where it began again it links elsewhere
            self.following = None
        if self.following is None and self._ask is not None and isinstance(self.onward, Place):
            self.following = self._ask(self.onward)

    async def _wait_for_news(self) -> None:
        await self._news.wait()
        self._news.clear()

    def _feed(self) -> None:
        piece = self._pieces.popleft()
        self._held -= len(piece)
        if self._held < _AHEAD / 2:
            self._room.set()
        self._reader.put(piece)

    def _slice(self) -> list[T]:
        self._slices += 1
        items = self._reader.slice()
        if self._kept is None:
            return self._counted(items)
        self._kept += items
        return []

    def _last(self) -> list[T]:
        self._check()
        assert self._answer is not None  # noqa: S101 - a page that was fetched has an answer
        self._ended = True
        try:
            items = self._reader.end(self._answer)
        except BadAnswerError as error:
            at(self.place, error)
            raise
        return self._counted(items if self._kept is None else self.place.rest(self._kept + items, self._identify))

    def _counted(self, items: list[T]) -> list[T]:
        self.place = self.place.after(items, self._identify)
        return items

    def _check(self) -> None:
        # Only the closing of the client cancels a fetch while somebody waits for it.
        closed = ClientClosedError("the client was closed while a page was fetched")
        fault = closed if self._task.cancelled() else self._task.result()
        if fault is not None:
            raise at(self.place, fault)


def at(place: Place, error: BandwidthError) -> BandwidthError:
    """Put on an error the cursor to go on from."""
    error.cursor = place.cursor
    return error
