"""An application that takes media streams, for tests: it records every frame, and answers as the test says."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from support.loopback import LoopbackServer

if TYPE_CHECKING:
    from types import TracebackType

Hear = Callable[[web.WebSocketResponse, dict[str, Any]], Awaitable[object]]
SILENCE = b"\xff" * 160


def play(sound: bytes, content_type: str = "audio/pcmu") -> dict[str, Any]:
    """Return a playAudio."""
    media = {"contentType": content_type, "payload": base64.b64encode(sound).decode()}
    return {"eventType": "playAudio", "media": media}


class StreamServer(LoopbackServer):
    """Takes streams at `url`. `hear` gets each frame; `refuse` is the status for each upgrade request."""

    def __init__(self, hear: Hear | None = None, refuse: int | None = None) -> None:
        self.hear, self.refuse = hear, refuse
        self.requests: list[web.BaseRequest] = []
        self.frames: list[dict[str, Any]] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.over = asyncio.Event()  # a socket is closed

    @property
    def url(self) -> str:
        """Where it takes streams."""
        return f"ws://{self.host}/media"

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for socket in self.sockets:
            await socket.close()
        await super().__aexit__(kind, error, traceback)

    def sound(self, track: str = "inbound") -> bytes:
        """The sound of all frames of a track."""
        return b"".join(base64.b64decode(frame["payload"]) for frame in self.media(track))

    def media(self, track: str = "inbound") -> list[dict[str, Any]]:
        """The media frames of a track, in order."""
        return [frame for frame in self.frames if frame.get("track") == track]

    def loud(self, track: str = "inbound") -> int:
        """How many frames of a track are not silent."""
        return sum(base64.b64decode(frame["payload"]) != SILENCE for frame in self.media(track))

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests.append(request)
        if self.refuse is not None:
            return web.Response(status=self.refuse)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        async for message in socket:
            frame = message.json()
            self.frames.append(frame)
            if self.hear is not None:
                await self.hear(socket, frame)
        self.over.set()
        return socket
