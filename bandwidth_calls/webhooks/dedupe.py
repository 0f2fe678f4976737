"""Deduplication: a repeat of an event gets the first reply again, and its handler runs once."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
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
    logged and ignored. Set a timeout on the store's own connection, because the call waits for the store.
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


class Once:
    """Makes the reply to an event once, even if a repeat arrives while the reply is being made."""

    def __init__(self, store: Dedupe) -> None:
        self._store = store
        self._running: dict[str, asyncio.Future[Reply]] = {}

    async def reply(self, key: str, make: Callable[[], Awaitable[Reply]]) -> Reply:
        """Return the first reply to the event of that key, or make it."""
        while running := self._running.get(key):
            await asyncio.wait([running])
            if not running.cancelled():
                return running.result()
        running = self._running[key] = asyncio.get_running_loop().create_future()
        try:
            running.set_result(await self._find_or_make(key, make))
        finally:
            running.cancel()  # after a failure the next one that waits makes the reply; a result stays
            del self._running[key]
        return running.result()

    async def _find_or_make(self, key: str, make: Callable[[], Awaitable[Reply]]) -> Reply:
        try:
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
            await self._store.put(key, reply)
        except Exception:
            _log.exception("the dedupe store could not be written: a repeat will be handled as a new event")
