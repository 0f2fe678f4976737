"""Serves the live page, and sends it a snapshot whenever something changes."""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64encode
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING

from aiohttp import web

from bandwidth_calls.emulator.api.messages import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bandwidth_calls.emulator.calls.calls import Changes

PAGE_PATH = "/"
EVENTS_PATH = "/_emulator/events"

# Seconds between two messages: ten a second look smooth, and a burst of changes goes into one.
_PAUSE = 0.1
# Seconds between two messages when nothing changes: only a write shows that the reader has gone.
HEARTBEAT = 15.0
_SAFE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


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
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **_SAFE})
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


def page_response() -> HttpResponse:
    """Return the page. Its Content-Security-Policy allows only the style and the script that are in it."""
    text, policy = _read_page()
    headers = {"Content-Type": "text/html;charset=UTF-8", "Content-Security-Policy": policy, **_SAFE}
    return HttpResponse(200, text.encode(), headers)


@cache
def _read_page() -> tuple[str, str]:
    text = resources.files("bandwidth_calls.emulator.control.page").joinpath("index.html").read_text("utf-8")
    rules = [
        "default-src 'none'",
        f"style-src {_hash(text, 'style')}",
        f"script-src {_hash(text, 'script')}",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
    return text, "; ".join(rules)


def _hash(text: str, element: str) -> str:
    (content,) = re.findall(f"<{element}>(.*?)</{element}>", text, re.DOTALL)
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await event.wait()
    return False
