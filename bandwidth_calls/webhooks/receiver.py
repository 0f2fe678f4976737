"""The receiver of webhooks: from an HTTP request to a handler, and from its result to an HTTP reply."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from bandwidth_calls import checks
from bandwidth_calls.bxml import Bxml, Context, Response
from bandwidth_calls.errors import WebhookError
from bandwidth_calls.webhooks.basic import CHALLENGE, Credentials
from bandwidth_calls.webhooks.calls import InitiateEvent, TransferAnswerEvent
from bandwidth_calls.webhooks.dedupe import Dedupe, Once, Reply
from bandwidth_calls.webhooks.event import ConferenceEvent, Event
from bandwidth_calls.webhooks.parsing import MAX_BODY, parse_event
from bandwidth_calls.webhooks.servers import AsgiApp, read_aiohttp

if TYPE_CHECKING:
    from aiohttp import web

E = TypeVar("E", bound=Event)

Document = Response | Bxml | str | None
"""The types that a handler may return; text is sent unchanged, None as 204."""

Handler = Callable[[E], Coroutine[Any, Any, Document]]

_log = logging.getLogger("bandwidth_calls")
_BXML = {"Content-Type": "application/xml; charset=utf-8"}


class Webhooks:
    """Receives webhooks: put `@webhooks.on(AnswerEvent)` on a handler, and a server in front of `handle`.

    With `username` and `password`, a request without these credentials gets 401. A handler that takes longer than
    `deadline` seconds is cancelled and the reply is 503, so that Bandwidth calls the fallback URL. The default is just
    below Bandwidth's own timeout of 15 seconds; None sets no deadline. With `dedupe`, a repeat of an event gets the
    first reply again: pass `MemoryDedupe()` or a store of your own. `max_body` is in bytes. A wrong value is a
    ValueError that names the argument.
    See https://dev.bandwidth.com/docs/voice/webhooks.
    """

    def __init__(
        self,
        username: str | None = None,
        password: str | None = None,
        *,
        deadline: float | None = 14.0,
        dedupe: Dedupe | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        if deadline is not None:
            checks.positive("deadline", deadline)
        checks.whole("max_body", max_body, 1)
        self._credentials = Credentials.of(username, password)
        self._deadline = deadline
        self._once = None if dedupe is None else Once(dedupe)
        self._max_body = max_body
        self._handlers: dict[type[Event], Handler[Any]] = {}
        self.asgi = AsgiApp(self.handle, max_body)
        """An ASGI 3 application, for any path: `uvicorn.run(webhooks.asgi)`."""

    def on(self, kind: type[E]) -> Callable[[Handler[E]], Handler[E]]:
        """Register an `async def handler(event)` for a class of events, or for a family by its base class.

        The most specific handler gets an event. `on(Event)` gets the events that no other handler gets. A function
        that is not `async def` is a TypeError, a second handler for a class is a ValueError.
        """
        if not (inspect.isclass(kind) and issubclass(kind, Event)):
            raise TypeError(f"{kind!r} is not a class of events: write @webhooks.on(AnswerEvent)")

        def register(handler: Handler[E]) -> Handler[E]:
            if not inspect.iscoroutinefunction(handler):
                raise TypeError(f"{handler!r} must be an `async def`")
            if kind in self._handlers:
                raise ValueError(f"{kind.__name__} has a handler already: {self._handlers[kind]!r}")
            self._handlers[kind] = handler
            return handler

        return register

    async def handle(self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one HTTP request, whatever server received it.

        The event is read from the body of a POST and from the query of a GET. The reply is 401 for wrong credentials,
        405 for other methods, 413 for a body that is too long, and 400 for a request without an event.
        """
        if self._credentials and not self._credentials.match(_authorization(headers)):
            return Reply(401, {"WWW-Authenticate": CHALLENGE})
        if method not in ("GET", "POST"):
            return Reply(405, {"Allow": "GET, POST"})
        if len(body) > self._max_body:
            return Reply(413)
        try:
            event = parse_event(query if method == "GET" else body, max_body=self._max_body)
        except WebhookError as error:
            _log.warning("refused a webhook: %s", error)
            return Reply(400)
        if self._once and (key := event.dedupe_key):
            return await self._once.reply(key, partial(self._reply, event))
        return await self._reply(event)

    async def aiohttp_handler(self, request: web.Request) -> web.Response:
        """Answer an aiohttp request: `app.router.add_route("*", "/webhooks", webhooks.aiohttp_handler)`."""
        from aiohttp import web  # other servers do not need aiohttp

        body = await read_aiohttp(request, self._max_body)
        reply = await self.handle(request.method, request.query, request.headers, body)
        return web.Response(status=reply.status, headers=reply.headers, body=reply.body or None)

    async def _reply(self, event: Event) -> Reply:
        limit = asyncio.timeout(self._deadline)
        try:
            async with limit:
                document = await self._call_handler(event)
            return _rendered(document, event)
        except Exception:
            call_id = event.raw.get("callId")
            if limit.expired():
                _log.warning(
                    "the handler of event %r of call %r took over %s s", event.event_type, call_id, self._deadline
                )
                return Reply(503)
            _log.exception("the handler of event %r of call %r failed", event.event_type, call_id)
            return Reply(500)

    async def _call_handler(self, event: Event) -> Document:
        for kind in type(event).__mro__:
            if handler := self._handlers.get(kind):
                return await handler(event)
        return None


def _authorization(headers: Mapping[str, str]) -> str:
    return next((value for name, value in headers.items() if name.lower() == "authorization"), "")


def _rendered(document: Document, event: Event) -> Reply:
    """Return the reply for the result of a handler. A result of a wrong type is a TypeError."""
    match document:
        case None:
            return Reply(204)
        case str():
            text = document
        case Response() | Bxml():
            if context := _context(event):
                document.check(context)
            text = document.to_bxml()
        case _:
            raise TypeError(f"a handler returned {type(document).__name__}, not Response, Bxml, str or None")
    return Reply(200, _BXML, text.encode())


def _context(event: Event) -> Context | None:
    """Return the place where the reply's BXML runs, or None if the event alone does not tell it."""
    match event:
        case InitiateEvent():
            return "initiate"
        case TransferAnswerEvent():
            return "transferAnswer"
        case ConferenceEvent():
            return "conference"
        case _:
            return None
