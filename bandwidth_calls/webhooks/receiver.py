"""The receiver of webhooks: from an HTTP request to a handler, and from its result to an HTTP reply."""

from __future__ import annotations

import asyncio
import inspect
import logging
import math
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from bandwidth_calls import checks
from bandwidth_calls.bxml import Bxml, Context, Response
from bandwidth_calls.bxml.document import Document as AnyDocument
from bandwidth_calls.errors import WebhookError
from bandwidth_calls.timeouts import Deadline, TimeoutWatch
from bandwidth_calls.webhooks.basic import CHALLENGE, Credentials
from bandwidth_calls.webhooks.dedupe import Dedupe, Once, Reply
from bandwidth_calls.webhooks.event import Event
from bandwidth_calls.webhooks.parsing import MAX_BODY, parse_event
from bandwidth_calls.webhooks.servers import AsgiApp, Receiver, answer_aiohttp, first_values

if TYPE_CHECKING:
    from aiohttp import web

E = TypeVar("E", bound=Event)

Document = Response | Bxml | str | None
"""The types that a handler may return; text is sent unchanged, None as 204."""

Handler = Callable[[E], Coroutine[Any, Any, Document]]

Observer = Callable[[Event], Coroutine[Any, Any, None]]

_log = logging.getLogger("bandwidth_calls")
_LONGEST_WORD = 100  # characters of an id or a type in a log line: a sender may make them as long as a body
_AUTHORIZATION = "authorization"
_LENGTH = len(_AUTHORIZATION)
# The places where the BXML of a reply runs, for the events that tell it.
_CONTEXTS: dict[str, Context] = {
    "initiate": "initiate",
    "transferAnswer": "transferAnswer",
    "conferenceCreated": "conference",
    "conferenceMemberJoin": "conference",
    "conferenceMemberExit": "conference",
    "conferenceRedirect": "conference",
}
_BXML = {"Content-Type": "application/xml; charset=utf-8"}


class Webhooks:
    """Receives webhooks: put `@webhooks.on(AnswerEvent)` on a handler, and a server in front of `handle`.

    With `username` and `password`, a request without these credentials gets 401, before its body is read. A handler
    that takes longer than `deadline` seconds is cancelled and the reply is 503, so that Bandwidth calls the fallback
    URL; the seconds that the body took are part of them, and a body that takes them all is 408. The default is just
    below Bandwidth's own timeout of 15 seconds; None sets no deadline. With `dedupe`, a repeat of an event gets the
    first reply again: pass `MemoryDedupe()` or a store of your own. A repeat waits for the first reply at most
    `deadline` seconds. `max_body` is in bytes. A wrong value is a ValueError that names the argument.
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
        self._watched: tuple[asyncio.AbstractEventLoop | None, TimeoutWatch] = (None, TimeoutWatch())
        self._once = None if dedupe is None else Once(dedupe, deadline)
        self._max_body = max_body
        self._handlers: dict[type[Event], Handler[Any]] = {}
        self._observers: list[Observer] = []
        self._receiver = Receiver(self._refuse, self._respond, max_body, deadline)
        self.asgi = AsgiApp(self._receiver)
        """An ASGI 3 application, for any path: `uvicorn.run(webhooks.asgi)`."""

    def on(self, kind: type[E]) -> Callable[[Handler[E]], Handler[E]]:
        """Register an `async def handler(event)` for a class of events, or for a family by its base class.

        The most specific handler gets an event. `on(Event)` gets the events that no other handler gets. A function
        that is not `async def` is a TypeError, a second handler for a class is a ValueError.
        """
        if not (inspect.isclass(kind) and issubclass(kind, Event)):
            raise TypeError(f"{kind!r} is not a class of events: write @webhooks.on(AnswerEvent)")

        def register(handler: Handler[E]) -> Handler[E]:
            _require_async(handler)
            if kind in self._handlers:
                raise ValueError(f"{kind.__name__} has a handler already: {self._handlers[kind]!r}")
            self._handlers[kind] = handler
            return handler

        return register

    def watch(self, observer: Observer) -> Observer:
        """Register an `async def observer(event)` that sees every event before its handler.

        A repeat that `dedupe` answers is not seen again. The handler waits for the observer, at most `deadline`
        seconds; then the observer is cancelled. What an observer raises is logged and changes no reply. Several
        observers run in the order of their registration and share the `deadline`. A function that is not `async def`
        is a TypeError.
        """
        _require_async(observer)
        self._observers.append(observer)
        return observer

    async def handle(
        self, method: str, query: Mapping[str, str | list[str]], headers: Mapping[str, str], body: bytes
    ) -> Reply:
        """Answer one HTTP request, whatever server received it, in any event loop.

        The event is read from the body of a POST and from the query of a GET. The first value of a repeated name
        counts. The reply is 401 for wrong credentials, 405 for other methods, 413 for a body that is too long, and 400
        for a request without an event. It is 503 for a repeat that waits longer than `deadline` for the first reply.
        """
        refused = self._refuse(method, headers)
        return refused if refused is not None else await self._respond(method, query, body)

    def _refuse(self, method: str, headers: Mapping[str, str]) -> Reply | None:
        """Return the reply to a request that is refused whatever its body is."""
        if self._credentials and not self._credentials.match(_authorization(headers)):
            return Reply(401, {"WWW-Authenticate": CHALLENGE})
        if method not in ("GET", "POST"):
            return Reply(405, {"Allow": "GET, POST"})
        return None

    async def _respond(
        self, method: str, query: Mapping[str, str | list[str]], body: bytes, spent: float = 0.0
    ) -> Reply:
        """Return the reply to a body, which took so many seconds of the deadline."""
        if len(body) > self._max_body:
            return Reply(413)
        try:
            event = parse_event(first_values(query) if method == "GET" else body, max_body=self._max_body)
        except WebhookError as error:
            _log.warning("refused a webhook: %s", error)
            return Reply(400)
        seconds = math.inf if self._deadline is None else max(0.0, self._deadline - spent)
        if not self._once or not (key := event.dedupe_key):
            return await self._reply(event, seconds)
        reply = await self._once.reply(key, partial(self._reply, event, seconds))
        if reply is None:
            _log.warning("a repeat of %s waited %s s for its first delivery", _label(event), self._deadline)
            return Reply(503)
        return reply

    async def aiohttp_handler(self, request: web.Request) -> web.Response:
        """Answer an aiohttp request: `app.router.add_route("*", "/webhooks", webhooks.aiohttp_handler)`."""
        return await answer_aiohttp(self._receiver, request)

    async def _reply(self, event: Event, seconds: float) -> Reply:
        if self._observers:
            await self._observe(event, seconds)
        limit = Deadline(self._watch(), seconds)
        try:
            with limit:
                handler = self._find_handler(type(event))
                document = await handler(event) if handler else None
            return _rendered(document, event)
        except Exception:
            self._log_failure("the handler", event, limit)
            return Reply(503 if limit.expired else 500)

    async def _observe(self, event: Event, seconds: float) -> None:
        now = asyncio.get_running_loop().time
        end = now() + seconds
        for observer in self._observers:
            limit = Deadline(self._watch(), max(0.0, end - now()))
            try:
                with limit:
                    await observer(event)
            except Exception:
                self._log_failure("an observer", event, limit)

    def _log_failure(self, function: str, event: Event, limit: Deadline) -> None:
        if limit.expired:
            _log.warning("%s of %s took over %s s", function, _label(event), self._deadline)
        else:
            _log.exception("%s of %s failed", function, _label(event))

    def _watch(self) -> TimeoutWatch:
        """Return the watch of the running event loop: a receiver may serve several, one after another or in threads."""
        loop, watched = asyncio.get_running_loop(), self._watched
        if watched[0] is not loop:
            self._watched = watched = (loop, TimeoutWatch())
        return watched[1]

    def _find_handler(self, kind: type[Event]) -> Handler[Any] | None:
        return next((self._handlers[base] for base in kind.__mro__ if base in self._handlers), None)


def _require_async(function: object) -> None:
    if not inspect.iscoroutinefunction(function):
        raise TypeError(f"{function!r} must be an `async def`")


def _label(event: Event) -> str:
    """Return what the log calls an event: both words shortened, and a line feed in them starts no new line."""
    return f"event {_word(event.event_type)} of call {_word(event.raw.get('callId'))}"


def _word(value: object) -> str:
    return repr(value[:_LONGEST_WORD]) if isinstance(value, str) else type(value).__name__


def _authorization(headers: Mapping[str, str]) -> str:
    """Return the credentials of a request. Two of them are none: which of them counts would depend on the server."""
    found = [value for name, value in headers.items() if len(name) == _LENGTH and name.lower() == _AUTHORIZATION]
    return ", ".join(found)


def _rendered(document: Document, event: Event) -> Reply:
    """Return the reply for the result of a handler. A result of a wrong type is a TypeError."""
    if document is None:
        return Reply(204)
    if isinstance(document, AnyDocument):
        if context := _CONTEXTS.get(event.event_type):
            document.check(context)
        text = document.to_bxml()
    elif isinstance(document, str):
        text = document
    else:
        raise TypeError(f"a handler returned {type(document).__name__}, not Response, Bxml, str or None")
    return Reply(200, _BXML, text.encode())
