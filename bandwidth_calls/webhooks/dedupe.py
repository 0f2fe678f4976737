"""Deduplication: a repeat of an event gets the first reply again, and its handler runs once."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from typing import Protocol

import attrs

from bandwidth_calls import checks

_log = logging.getLogger("bandwidth_calls")


@attrs.frozen
class Reply:
    """An HTTP response: `status`, `headers`, and `body` in bytes."""

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    body: bytes = b""


class Dedupe(Protocol):
    """A store of first replies, by `event.dedupe_key`.

    A store that several processes share should delete a reply after some minutes. Anything that the store raises is
    logged and ignored, and so is a call of the store that takes longer than the `deadline` of `Webhooks`. Set a shorter
    timeout on the store's own connection, because the call waits for the store. If each request has an event loop of
    its own, the store is used in all of these loops.
    """

    async def get(self, key: str) -> Reply | None:
        """Return the reply that is stored under a key, or None."""
        ...

    async def put(self, key: str, reply: Reply) -> None:
        """Store the reply under a key."""
        ...


class MemoryDedupe:
    """A store of the last `size` replies, in the memory of this process."""

    def __init__(self, size: int = 10_000) -> None:
        checks.whole("size", size, 1)
        self._size = size
        self._replies: OrderedDict[str, Reply] = OrderedDict()

    async def get(self, key: str) -> Reply | None:
        """Return the reply that is stored under a key, or None."""
        return self._replies.get(key)

    async def put(self, key: str, reply: Reply) -> None:
        """Store the reply under a key, and delete the oldest reply if there are more than `size`."""
        self._replies[key] = reply
        if len(self._replies) > self._size:
            self._replies.popitem(last=False)


@attrs.frozen(eq=False)
class _Run:
    """A reply that is being made, in the loop of its request. It is None if that request failed or was cancelled.

    A future of asyncio would wake nobody in another loop, so this one belongs to no loop.
    """

    loop: asyncio.AbstractEventLoop
    reply: Future[Reply | None] = attrs.field(factory=Future)

    def __attrs_post_init__(self) -> None:
        self.reply.set_running_or_notify_cancel()  # from now on a cancelled repeat cannot cancel it


class Once:
    """Makes the reply to an event once, even if a repeat arrives while the reply is being made, in any event loop.

    The store may take `longest` seconds to read and to write, and a repeat waits for the first at most as long.
    """

    def __init__(self, store: Dedupe, longest: float | None) -> None:
        self._store = store
        self._longest = longest
        self._runs: dict[str, _Run] = {}
        self._lock = threading.Lock()

    async def reply(self, key: str, make: Callable[[], Awaitable[Reply]]) -> Reply | None:
        """Return the first reply to the event of that key, or make it. None means that the first takes too long."""
        mine = _Run(asyncio.get_running_loop())
        try:
            async with asyncio.timeout(self._longest):
                while (first := self._claim(key, mine)) is not mine:
                    # After a failure the next one that waits makes the reply.
                    if reply := await asyncio.wrap_future(first.reply):
                        return reply
        except TimeoutError:
            return None
        made = None
        try:
            made = await self._find_or_make(key, make)
        finally:
            self._release(key, mine)
            mine.reply.set_result(made)
        return made

    def _claim(self, key: str, mine: _Run) -> _Run:
        """Return the run to wait for. It is one's own if there is none yet, or if its loop has stopped."""
        with self._lock:
            first = self._runs.get(key)
            if first is None or not first.loop.is_running():
                first = self._runs[key] = mine
            return first

    def _release(self, key: str, mine: _Run) -> None:
        with self._lock:
            if self._runs.get(key) is mine:  # another request took over if the loop had stopped
                del self._runs[key]

    async def _find_or_make(self, key: str, make: Callable[[], Awaitable[Reply]]) -> Reply:
        try:
            async with asyncio.timeout(self._longest):
                found = await self._store.get(key)
        except Exception:
            _log.exception("the dedupe store could not be read: the event is handled as a new one")
            found = None
        if found is not None:
            return found
        reply = await make()
        if reply.status < 500:
            await self._keep(key, reply)
        return reply

    async def _keep(self, key: str, reply: Reply) -> None:
        try:
            async with asyncio.timeout(self._longest):
                await self._store.put(key, reply)
        except Exception:
            _log.exception("the dedupe store could not be written: a repeat will be handled as a new event")
