"""Sends the live page a snapshot whenever something changes."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING

from aiohttp import web

from bandwidth_calls.emulator.control.page.files import SAFE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bandwidth_calls.emulator.calls.calls import Changes

PAGE_PATH = "/"
EVENTS_PATH = "/_emulator/events"

# Seconds between two messages: ten a second look smooth, and a burst of changes goes into one.
_PAUSE = 0.1
# Seconds between two messages when nothing changes: only a write shows that the reader has gone.
HEARTBEAT = 15.0


class Page:
    """The page's streams; `read` returns what a message tells.

    A stream keeps only whether something changed, so a slow reader costs nothing.
    """

    def __init__(self, read: Callable[[], Mapping[str, object]], changes: Changes) -> None:
        self._read = read
        self._changes = changes
        self.open()

    def open(self) -> None:
        """Allow streams, until `close`."""
        self._closed = asyncio.Event()

    def close(self) -> None:
        """End every stream."""
        self._closed.set()
        self._changes.tell()

    async def stream(self, request: web.BaseRequest) -> web.StreamResponse:
        """Send a snapshot now and after each change, until the reader or the emulator goes."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **SAFE})
        changed = asyncio.Event()

        def listener(*_: object) -> None:
            changed.set()

        self._changes.listeners.append(listener)
        try:
            await response.prepare(request)
            with suppress(ConnectionError):
                await self._send(response, changed)
        finally:
            self._changes.listeners.remove(listener)
        return response

    async def _send(self, response: web.StreamResponse, changed: asyncio.Event) -> None:
        message = self._message()
        while not self._closed.is_set():
            await response.write(message)
            await _is_set_within(self._closed, _PAUSE)
            is_changed = await _is_set_within(changed, HEARTBEAT)
            changed.clear()
            message = self._message() if is_changed else b":\n\n"

    def _message(self) -> bytes:
        return f"data: {json.dumps(self._read())}\n\n".encode()


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await event.wait()
    return False
