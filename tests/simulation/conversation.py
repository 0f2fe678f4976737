"""One connection as the service serves it: it answers, late, wrongly or never, and ends the connection at will."""

from __future__ import annotations

from random import Random

from .loop import VirtualLoop
from .media import is_media
from .messages import Message, Reply, RequestReader, split
from .network import Connection
from .service import Service
from .troubles import Troubles

_FAILURES = (500, 500, 502, 503, 503, 504, 599)
_REFUSALS = (400, 403, 404, 405, 409, 415, 418, 429, 429, 429)
_TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_HTML = Reply(200, b"<html><body>Something went wrong</body></html>", (("Content-Type", "text/html"),))
_STRAY = (
    b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n{"callId": "c-no"}',
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]",
    _TIMED_OUT,
)


class ServedConnection:
    """A connection to the service. Requests are answered one after the other."""

    def __init__(self, service: Service, connection: Connection, loop: VirtualLoop, troubles: Troubles):
        self._service, self._connection, self._loop, self._troubles = service, connection, loop, troubles
        self._scheme = "http" if connection.transport.get_extra_info("sslcontext") is None else "https"
        self._reader, self._begun, self._answered = RequestReader(), 0, 0
        self._gone = self._deaf = False  # whether the connection has ended, and whether requests are read no more

    def received(self, data: bytes) -> None:
        """Take bytes of the client, and begin to answer the requests that are whole."""
        for request in () if self._deaf else self._reader.feed(data):
            request.headers["x-scheme"] = self._scheme
            self._begin(request)

    def lost(self) -> None:
        """Answer no more; what was asked is processed all the same."""
        self._gone = True

    def _begin(self, request: Message) -> None:
        number, self._begun = self._begun, self._begun + 1
        random = Random(f"{self._connection.random.random()} {number}")
        if self._happens("hang", random):
            if random.random() < 0.5:
                self._service.handle(request, random)
            return
        delay = random.expovariate(20) + (random.uniform(0.0, 40.0) if self._happens("slow", random) else 0.0)
        self._loop.call_later(delay, self._answer, request, number, random)

    def _happens(self, name: str, random: Random) -> bool:
        return self._troubles.happens(name, random)

    def _answer(self, request: Message, number: int, random: Random) -> None:
        if self._happens("drop_before", random):
            return self._end(random.choice(("end", "reset", "silent")))
        reply = self._reply(request, random)
        if self._happens("drop_after", random):
            return self._end(random.choice(("end", "reset", "silent")))
        if self._happens("html", random):
            reply = Reply(reply.status, _HTML.body, _HTML.headers)
        return self._send(reply, number, random)

    def _reply(self, request: Message, random: Random) -> Reply:
        """Process a request, or do not; what the answer says of it may be vague, but is never false."""
        for name, statuses in (("failure", _FAILURES), ("timeout_answer", (408,)), ("redirect", (301, 302, 307, 308))):
            if self._happens(name, random):
                if random.random() < 0.5:
                    self._service.handle(request, random)
                reply = self._service.refuse(random.choice(statuses), request, random)
                return reply.with_header("Location", "https://elsewhere.example/") if name == "redirect" else reply
        if self._happens("refusal", random):
            return self._service.refuse(random.choice(_REFUSALS), request, random)
        reply = self._service.handle(request, random)
        if self._happens("odd_success", random) and reply.status < 300:
            odd = (202, 204) if reply.status == 206 else (200, 202, 204)  # a part that calls itself whole is a lie
            return Reply(random.choice(odd), reply.body, reply.headers)
        return reply

    def _send(self, reply: Reply, number: int, random: Random) -> None:
        closing = self._happens("close_after", random)
        announced = closing and random.random() < 0.5
        head, body = (reply.with_header("Connection", "close") if announced else reply).written(random)
        asked = self._connection.requests[number]

        def heard() -> None:
            asked.status, asked.heard_at = reply.status, self._loop.time()

        if self._happens("garbled", random):
            self._connection.send(random.choice((body or b"\0", b"\0\x01 garbage\r\n" + head + body)))
            return self._end("end")
        for name in ("cut_body", "stuck_body", *(("cut_media",) if is_media(reply) else ())):
            if self._happens(name, random):
                part = body[: random.randint(0, max(0, len(body) - 1))]
                self._connection.send(head + part, heard, len(head))
                return None if name == "stuck_body" else self._end(random.choice(("end", "reset")))
        if not self._happens("drip", random):
            self._connection.send(head + body, heard, len(head))
            return self._sent(closing, random)
        self._connection.send(head, heard, len(head))
        return self._drip(split(body, random), closing, random)

    def _drip(self, pieces: list[bytes], closing: bool, random: Random) -> None:
        if not pieces:
            return self._sent(closing, random)
        self._connection.send(pieces[0])
        self._loop.call_later(random.uniform(0.0, 8.0), self._drip, pieces[1:], closing, random)
        return None

    def _sent(self, closing: bool, random: Random) -> None:
        """Keep the connection, or end it now or later."""
        self._answered += 1
        if closing:
            self._loop.call_later(random.choice((0.0, 0.001, 0.05)), self._end, "end")
        for name, act in (
            ("close_idle", self._close_idle),
            ("unasked_408", self._time_out),
            ("stray_answer", self._stray),
        ):
            if self._happens(name, random):
                after = random.expovariate(1 / random.choice((0.05, 5.0)))
                self._loop.call_later(after, act, self._begun, random)

    def _idle_since(self, begun: int) -> bool:
        return not self._gone and begun == self._begun == self._answered and not self._reader.partial

    def _close_idle(self, begun: int, random: Random) -> None:
        if self._idle_since(begun):
            self._end("end")

    def _time_out(self, begun: int, random: Random) -> None:
        if self._idle_since(begun):
            self._connection.send(_TIMED_OUT)
            self._deaf = True
            self._loop.call_later(random.choice((0.0, 0.2)), self._end, "end")

    def _stray(self, begun: int, random: Random) -> None:
        # One that crossed a request could be told from its answer by nobody, so it comes to an idle client only.
        if self._idle_since(begun) and len(self._connection.requests) == self._answered and self._connection.quiet:
            self._connection.inject(random.choice(_STRAY))

    def _end(self, kind: str) -> None:
        if not self._gone:
            self._gone = True
            self._connection.finish(kind)
