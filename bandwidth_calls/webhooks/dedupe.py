"""Answering an event that comes again as it was answered first."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import attrs

_log = logging.getLogger("bandwidth_calls")


@attrs.frozen
class Reply:
    """What goes back over HTTP: `status`, `headers`, and the `body` in bytes."""

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    body: bytes = b""


class Dedupe(Protocol):
    """Where first replies are kept, by `event.dedupe_key`.

    One that is shared by several processes should forget a reply after some minutes. Whatever it raises is logged
    and passed by; give its own connection a timeout, for the call waits for it.
    """

    async def get(self, key: str) -> Reply | None:
        """Find the reply of a key."""
        ...

    async def put(self, key: str, reply: Reply) -> None:
        """Keep the reply of a key."""
        ...


class MemoryDedupe:
    """Keeps the last `size` replies in this process."""

    def __init__(self, size: int = 10_000) -> None:
        if size < 1:
            raise ValueError("size: must be at least 1")
        self._size = size
        self._replies: OrderedDict[str, Reply] = OrderedDict()

    async def get(self, key: str) -> Reply | None:
        """Find the reply of a key."""
        return self._replies.get(key)

    async def put(self, key: str, reply: Reply) -> None:
        """Keep the reply of a key, and forget the oldest one when there are too many."""
        self._replies[key] = reply
        if len(self._replies) > self._size:
            self._replies.popitem(last=False)


class Once:
    """Makes the reply to an event once, however often it comes, also while the reply is being made."""

    def __init__(self, store: Dedupe) -> None:
        self._store = store
        self._running: dict[str, asyncio.Future[Reply]] = {}

    async def reply(self, key: str, make: Callable[[], Awaitable[Reply]]) -> Reply:
        """Give the first reply to the event of that key, or make it."""
        while running := self._running.get(key):
            await asyncio.wait([running])
            if not running.cancelled():
                return running.result()
        running = self._running[key] = asyncio.get_running_loop().create_future()
        try:
            running.set_result(await self._find_or_make(key, make))
        finally:
            running.cancel()  # whoever waits makes the reply; nothing happens to a result
            del self._running[key]
        return running.result()

    async def _find_or_make(self, key: str, make: Callable[[], Awaitable[Reply]]) -> Reply:
        try:
            found = await self._store.get(key)
        except Exception:
            _log.exception("the store of replies could not be read: the event is handled as a new one")
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
            _log.exception("the store of replies could not be written: a repeat will be handled as a new event")
