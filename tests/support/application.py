"""A voice application for tests: it answers each event as the test says, and records all events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from support.loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Callable

    Reply = str | int | web.Response | Callable[[dict[str, Any]], str | int | web.Response]


class Application(LoopbackServer):
    """Answers `event_type="<Response/>"`: BXML, a status, a response, or a function of the event; else 204.

    `files` are URLs that end in `.wav`, by their paths: their contents, their status, or the path of a redirect. Any
    other is a file, but no WAV.
    """

    def __init__(self, **replies: Reply) -> None:
        self.replies = replies
        self.events: list[dict[str, Any]] = []
        self.requests: list[web.BaseRequest] = []
        self.fetched: list[web.BaseRequest] = []
        self.files: dict[str, bytes | int | str] = {}

    @property
    def url(self) -> str:
        """Where it takes webhooks."""
        return f"http://{self.host}/hook"

    def told(self, event_type: str) -> list[dict[str, Any]]:
        """The events of a type, in order."""
        return [event for event in self.events if event["eventType"] == event_type]

    @property
    def types(self) -> list[str]:
        """The types of all events, in order."""
        return [event["eventType"] for event in self.events]

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path.endswith(".wav"):
            self.fetched.append(request)
            return self._file(request)
        event = dict(request.query) if request.method == "GET" else await request.json()
        self.requests.append(request)
        self.events.append(event)
        reply = self.replies.get(event["eventType"], 204)
        if callable(reply):
            reply = reply(event)
        if isinstance(reply, web.Response):
            return reply
        if isinstance(reply, int):
            return web.Response(status=reply)
        return web.Response(text=reply, content_type="application/xml")

    def _file(self, request: web.BaseRequest) -> web.Response:
        found = self.files.get(request.path, b"no WAV")
        if isinstance(found, str):
            return web.Response(status=302, headers={"Location": found})
        return web.Response(status=found) if isinstance(found, int) else web.Response(body=found)
