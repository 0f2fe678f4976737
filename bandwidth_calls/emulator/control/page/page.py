"""Serves the live page, and tells it how things stand whenever that changes."""

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
    from bandwidth_calls.emulator.calls.calls import Changes
    from bandwidth_calls.emulator.control.page.snapshot import Standing

PAGE_PATH = "/"
EVENTS_PATH = "/_emulator/events"

_PAUSE = 0.1  # seconds between two messages: what changes meanwhile goes into one
_HEARTBEAT = 15.0  # seconds; a reader that has gone is noticed when something is written
_SAFE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Page:
    """The page and its streams. A stream keeps nothing but whether something changed, however slowly it is read."""

    def __init__(self, standing: Standing, changes: Changes) -> None:
        self._standing = standing
        self._changes = changes
        self.open()

    def open(self) -> None:
        """Let there be streams."""
        self._closed = asyncio.Event()

    def close(self) -> None:
        """End every stream."""
        self._closed.set()
        self._changes.tell()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send how things stand, now and whenever it changes, until the reader or the emulator goes."""
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
        message = _message(self._standing)
        while not self._closed.is_set():
            await response.write(message)
            await _came(self._closed, _PAUSE)
            is_changed = await _came(changed, _HEARTBEAT)
            changed.clear()
            message = _message(self._standing) if is_changed else b":\n\n"


def page_response() -> HttpResponse:
    """The page; its policy lets run only the style and the script that are in it."""
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


def _message(standing: Standing) -> bytes:
    return f"data: {json.dumps(standing.read())}\n\n".encode()


async def _came(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await event.wait()
    return False
