"""The session: the only file that sends HTTP.

It owns one aiohttp session, or borrows the caller's. It sends one request at a time and returns the outcome: an
answer, or an error of ours. Whether to send again is decided in `sending.py`.
"""

from __future__ import annotations

import asyncio
import platform
import select
import sys
import warnings
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from functools import lru_cache, partial
from typing import Any, Self
from weakref import WeakSet

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from aiohttp.abc import AbstractStreamWriter
from yarl import URL

from bandwidth_calls import checks
from bandwidth_calls._version import __version__
from bandwidth_calls.errors import BandwidthError, ClientClosedError
from bandwidth_calls.timeouts import ReadTimeout, Timeout
from bandwidth_calls.transport.faults import cut_short, fault_of, is_cancelled
from bandwidth_calls.transport.lifetime import Lifetime
from bandwidth_calls.transport.request import Answered, Attempt, Request
from bandwidth_calls.wire import Answer

# Connections that bring an answer unasked before a request counts as not sent: a service that does so always would
# be asked for ever.
_MOST_UNASKED = 3


class _OnceOnly(aiohttp.BytesPayload):
    """A body, empty or not, that tells when it is written and is written once only.

    aiohttp holds the headers back until the body is written, so before that nothing has left. A trace could not tell
    this on a borrowed session. A second write is refused before a byte of it leaves: aiohttp retries some methods
    silently, and so may a middleware.

    `refusal` says why nothing was written. `stale` is whether another connection may serve instead: this one has ended,
    or brought an answer before the request. `kept` holds the connections that were used before.
    """

    def __init__(
        self, content: bytes, attempt: Attempt, read_timeout: ReadTimeout, kept: WeakSet[asyncio.BaseProtocol]
    ) -> None:
        super().__init__(content)
        self._attempt, self._read_timeout, self._kept = attempt, read_timeout, kept
        self.taken = self.written = self.stale = False
        self.refusal: str | None = None

    def __deepcopy__(self, memo: object) -> Self:
        return self  # a copy could be written a second time; aioresponses copies what it is given

    @property
    def size(self) -> int | None:
        # aiohttp asks for it when it takes the body. From then on it is known whether the request left.
        self._attempt.may_have_left, self.taken = self.written, True
        return super().size

    @property
    def consumed(self) -> bool:
        return self.written

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        if self.written:
            raise aiohttp.ClientConnectionError("a request leaves once only")
        transport = writer.transport
        if transport is None or transport.is_closing() or self._is_stale(transport):
            self.refuse_stale()
        if asyncio.get_running_loop().time() > self._attempt.leave_by:
            self.refusal = "too little time was left for an answer"
        if self.refusal is not None or transport is None:
            raise aiohttp.ClientConnectionError(self.refusal)
        self.written = self._attempt.may_have_left = True
        self._attempt.sent_at = self._attempt.now()
        self._read_timeout.begin(transport)
        await super().write_with_length(writer, content_length)

    def refuse_stale(self) -> None:
        """Refuse a connection that has ended, or that brought an answer before the request."""
        self.stale, self.refusal = True, "the connection ended, or an answer came, before the request was sent"

    def _is_stale(self, transport: asyncio.BaseTransport) -> bool:
        """Return whether something came on a connection: what aiohttp has read by now, or has not read yet.

        The latter is an answer or the end, but on a new TLS connection it may be of TLS.
        """
        protocol, unread = transport.get_protocol(), False
        self._attempt.kept = kept = protocol in self._kept
        if not kept:
            self._kept.add(protocol)
        socket = transport.get_extra_info("socket")
        readable = kept or transport.get_extra_info("sslcontext") is None
        if readable and socket is not None and hasattr(select, "poll"):  # on Windows asyncio reads ahead by itself
            poll = select.poll()
            poll.register(socket, select.POLLIN)
            unread = bool(poll.poll(0))
        return unread or getattr(protocol, "should_close", False)


class Session(Lifetime):
    """An aiohttp session of our own, opened on first use, or a borrowed one, which is never closed.

    aiohttp gives a free connection to whoever asks first, also past those who wait. So `slots` has the requests wait
    here, first come, first served.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession | None = None,
        *,
        connections: int = 100,
        max_body: int = 64 * 2**20,
        user_agent_suffix: str | None = None,
    ) -> None:
        super().__init__(http)
        self._http = http
        self._fresh: aiohttp.ClientSession | None = None
        checks.whole("connections", connections, 1, 100_000)
        checks.whole("max_body", max_body, 1, 2**40)
        if http is not None and (http.auth is not None or "Authorization" in http.headers):
            raise ValueError("http: a borrowed session must have no auth and no Authorization header")
        self._user_agent = _user_agent(user_agent_suffix)
        self._connections, self._max_body = _limit(http, connections), max_body
        self._slots = asyncio.Semaphore(self._connections)
        self._kept: WeakSet[asyncio.BaseProtocol] = WeakSet()

    async def exchange(self, request: Request, attempt: Attempt, limits: Timeout) -> Answer | BandwidthError:
        """Send one request, once, and return the answer or an error. No error of aiohttp gets out.

        A connection that has ended, or that brought an answer before the request, is thrown away for another.
        """
        unasked = 0
        async with self._slots:
            while unasked < _MOST_UNASKED:
                if self.closed or (self.borrowed is not None and self.gone):
                    return ClientClosedError(f"{request.label}: the client was closed before it was sent")
                read_timeout = ReadTimeout(self.watch, limits.read)
                body = _OnceOnly(request.body, attempt, read_timeout, self._kept)
                outcome = await self._exchange(request, attempt, body, read_timeout, limits.connect)
                if not body.stale:
                    return outcome
                unasked += not attempt.kept
        return outcome

    async def _exchange(
        self, request: Request, attempt: Attempt, body: _OnceOnly, read_timeout: ReadTimeout, connect: float
    ) -> Answer | BandwidthError:
        try:
            attempt.kept, attempt.may_have_left = False, True  # until aiohttp takes the body, nobody can say
            async with self._request(request, attempt, body, connect) as response:
                if body.taken and not body.written:
                    body.refuse_stale()
                    response.close()
                    raise aiohttp.ClientConnectionError(body.refusal)
                attempt.may_have_left = True
                attempt.sent_at = attempt.sent_at or attempt.now()
                about: dict[str, Any] = {"label": request.label, "attempts": attempt.number, "sent_at": attempt.sent_at}
                answer = attempt.answered = partial(Answer, response.status, response.headers, **about)
                read_timeout.fail = response.content.set_exception
                return await self._read(request, attempt, response, answer, read_timeout)
        # Whatever is raised in there, by aiohttp or by the hooks of a borrowed session, ends here.
        except (Exception, asyncio.CancelledError) as error:
            read_timeout.cut()
            # Closing a session cancels those who wait for a connection, though nobody cancelled their task.
            if isinstance(error, asyncio.CancelledError) and (not self.gone or is_cancelled()):
                raise
            if self.gone and not attempt.may_have_left:
                return ClientClosedError(f"{request.label}: the client was closed before it was sent")
            return fault_of(request, attempt, error, read_timeout, body.refusal)

    async def close(self) -> None:
        """Close what is ours, once; requests under way end without an answer, and no peer is waited for."""
        if self.closed:
            return
        has_loop = self.end()
        for http in (self._http, self._fresh):
            if http is not None and http is not self.borrowed:
                with nullcontext() if has_loop else suppress(RuntimeError):  # of transports whose loop has ended
                    await http.close()

    def _request(
        self, request: Request, attempt: Attempt, body: _OnceOnly, connect: float
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        headers = {"User-Agent": self._user_agent}
        if attempt.authorization:
            headers["Authorization"] = attempt.authorization
        if request.content_type is not None:
            headers["Content-Type"] = request.content_type
        if request.sink is not None:
            headers.update(request.sink.headers)
        http = self._open_fresh() if attempt.fresh and self.borrowed is None else self._http or self._open()
        # Each option is given each time: the defaults of a borrowed session may be others.
        return http.request(
            request.method,
            URL(request.url, encoded=True),
            data=body,
            headers=headers,
            skip_auto_headers=() if request.content_type else ("Content-Type",),
            allow_redirects=False,
            raise_for_status=False,
            auto_decompress=True,
            timeout=_client_timeout(connect),
            middlewares=None if attempt.authorization else (_without_cookies,),
        )

    def _open(self) -> aiohttp.ClientSession:
        # There is no await from the check of `_http` to here, so two first requests cannot open two sessions.
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self._http

    def _open_fresh(self) -> aiohttp.ClientSession:
        # aiohttp has no option for one request to use a new connection, but one for all requests of a connector.
        if self._fresh is None:
            connector = aiohttp.TCPConnector(limit=self._connections, force_close=True)
            self._fresh = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._fresh

    async def _read(
        self, request: Request, attempt: Attempt, response: ClientResponse, answer: Answered, read_timeout: ReadTimeout
    ) -> Answer | BandwidthError:
        """Read the body. An answer that says no counts without its whole body; a success does not."""
        content, is_success, pieces, size = response.content, response.status < 300, list[bytes](), 0
        sink, most = request.sink if is_success else None, float(self._max_body)
        content.on_eof(read_timeout.end)  # from then on the connection may be another request's
        try:
            if sink is not None:
                most = most if sink.limit is None else sink.limit
                sink.begin(answer(b""))
            while True:
                if not content.is_eof():
                    read_timeout.restart()
                if not (piece := await content.readany()):
                    return answer(b"".join(pieces))
                if (size := size + len(piece)) > most:
                    read_timeout.cut()
                    return answer(b"").bad("$", f"larger than {most:.0f} bytes") if is_success else answer(b"")
                if sink is None:
                    pieces.append(piece)
                elif sink.take(piece):
                    read_timeout.pause()
                    await sink.room()
        except BandwidthError as error:  # of the sink
            read_timeout.cut()
            return error
        except Exception as error:  # aiohttp raises more than its own errors here, such as those of decompression
            read_timeout.cut()
            return cut_short(request, attempt, answer(b""), error, read_timeout) if is_success else answer(b"")

    def __del__(self) -> None:
        if not self.closed and self.borrowed is None and self._http is not None:
            warnings.warn("a BandwidthClient was never closed: use `async with`", ResourceWarning, 2, source=self)


async def _without_cookies(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Send what has no credentials without the cookies of a borrowed session."""
    request.headers.pop("Cookie", None)
    return await handler(request)


def _limit(http: aiohttp.ClientSession | None, connections: int) -> int:
    """Return how many requests may be under way: as many as there may be connections."""
    if http is None or http.connector is None:
        return connections
    limits = [limit for limit in (http.connector.limit, http.connector.limit_per_host) if limit]
    return min(limits, default=sys.maxsize)  # aiohttp has 0 for no limit


@lru_cache(maxsize=16)  # a client has one, and each of its views perhaps another
def _client_timeout(connect: float) -> aiohttp.ClientTimeout:
    """Return what aiohttp keeps of the timeouts; `timeouts.py` keeps the rest."""
    return aiohttp.ClientTimeout(total=None, sock_connect=connect)


def _user_agent(suffix: str | None) -> str:
    agent = f"bandwidth-calls/{__version__} aiohttp/{aiohttp.__version__} Python/{platform.python_version()}"
    return agent if suffix is None else f"{agent} {checks.visible('user_agent_suffix', suffix)}"
