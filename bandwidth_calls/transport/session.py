"""The session: the only file that sends HTTP.

It owns one aiohttp session, or borrows the caller's. It sends one request at a time and returns the outcome: an
answer, or an error of ours. Whether to send again is decided in `sending.py`.
"""

from __future__ import annotations

import asyncio
import os
import platform
import warnings
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from functools import lru_cache, partial
from typing import Any, Self, TypeVar

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from yarl import URL

from bandwidth_calls import checks
from bandwidth_calls._version import __version__
from bandwidth_calls.errors import (
    BandwidthError,
    ClientClosedError,
    NoAnswerError,
    NotSentError,
    WrongLoopError,
)
from bandwidth_calls.transport.request import Attempt, Request
from bandwidth_calls.transport.timeouts import ReadTimeout, Timeout, TimeoutWatch
from bandwidth_calls.wire import Answer

T = TypeVar("T")

_UNTRUSTED = (aiohttp.ClientConnectorCertificateError, aiohttp.ServerFingerprintMismatch)
_CONNECTING = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    *_UNTRUSTED,
)


class _OnceOnly(aiohttp.BytesPayload):
    """A body, empty or not, that tells when it is written and is written once only.

    aiohttp holds the headers back until the body is written, so before that nothing has left. A trace could not tell
    this on a borrowed session. A second write is refused before a byte of it leaves: aiohttp retries some methods
    silently, and so may a middleware.
    """

    def __init__(self, content: bytes, attempt: Attempt, read_timeout: ReadTimeout) -> None:
        super().__init__(content)
        self._attempt, self._read_timeout = attempt, read_timeout
        self._written = False

    def __deepcopy__(self, memo: object) -> Self:
        return self  # a copy could be written a second time; aioresponses copies what it is given

    @property
    def size(self) -> int | None:
        # aiohttp asks for it when it takes the body. From then on it is known whether the request left.
        self._attempt.may_have_left = self._written
        return super().size

    @property
    def consumed(self) -> bool:
        return self._written

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        if self._written:
            raise aiohttp.ClientConnectionError("a request leaves once only")
        self._written = self._attempt.may_have_left = True
        self._attempt.sent_at = self._attempt.now()
        if writer.transport is not None:
            self._read_timeout.begin(writer.transport.abort)
        await super().write_with_length(writer, content_length)


class _TooLargeError(Exception):
    """Raised inside this file when a body passes the limit."""


class Session:
    """An aiohttp session of our own, opened on first use, or a borrowed one, which is never closed."""

    closed = False

    def __init__(
        self,
        http: aiohttp.ClientSession | None = None,
        *,
        connections: int = 100,
        max_body: int = 64 * 2**20,
        user_agent_suffix: str | None = None,
    ) -> None:
        self._http, self._borrowed = http, http is not None
        checks.whole("connections", connections, 1, 100_000)
        checks.whole("max_body", max_body, 1, 2**40)
        if http is not None and (http.auth is not None or "Authorization" in http.headers):
            raise ValueError("http: a borrowed session must have no auth and no Authorization header")
        self._user_agent = _user_agent(user_agent_suffix)
        self._connections, self._max_body = connections, max_body
        self.watch = TimeoutWatch()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def gone(self) -> bool:
        """Whether nothing can be sent any more, because the client or the borrowed session was closed."""
        return self.closed or (self._borrowed and self._http is not None and self._http.closed)

    def check(self) -> None:
        """Raise ClientClosedError after close, and WrongLoopError in another event loop or in a forked child."""
        if self.closed:
            raise ClientClosedError("the client is closed")
        if self._borrowed and self._http is not None and self._http.closed:
            raise ClientClosedError("the client's borrowed session is closed")
        if self._loop is None:
            self._loop, self._process = _loop_of(self._http) or asyncio.get_running_loop(), os.getpid()
        self._check_home()

    def _check_home(self) -> None:
        if self._loop is not asyncio.get_running_loop() or self._process != os.getpid():
            raise WrongLoopError("the client was opened in another event loop or process")

    async def exchange(self, request: Request, attempt: Attempt, limits: Timeout) -> Answer | BandwidthError:
        """Send one request, once, and return the answer or an error. No error of aiohttp gets out."""
        if self.gone:
            return ClientClosedError(f"{request.label}: the client was closed before it was sent")
        read_timeout = ReadTimeout(self.watch, limits.read)
        body = _OnceOnly(request.body, attempt, read_timeout)
        try:
            attempt.may_have_left = True  # until aiohttp takes the body, nobody can say
            async with self._request(request, attempt, body, limits.connect) as response:
                attempt.may_have_left, attempt.status = True, response.status
                attempt.sent_at = attempt.sent_at or attempt.now()
                return await self._read(request, attempt, response, read_timeout)
        # Whatever is raised in there, by aiohttp or by the hooks of a borrowed session, ends here.
        except (Exception, asyncio.CancelledError) as error:
            # Closing a session cancels those who wait for a connection, though nobody cancelled their task.
            if isinstance(error, asyncio.CancelledError) and (not self.gone or _is_cancelled()):
                raise
            fault = self._fault(request, attempt, error, read_timeout)
        finally:
            read_timeout.end()
        return fault

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task that ends with the client at the latest. All have the name `bandwidth_calls`."""
        task = asyncio.create_task(work, name="bandwidth_calls")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Close what is ours, once; requests under way end without an answer."""
        if self.closed:
            return
        if self._loop is not None:
            self._check_home()
        self.closed = True
        for task in self._tasks:
            task.cancel()
        self.watch.close()
        if self._http is not None and not self._borrowed:
            await self._http.close()

    def _request(
        self, request: Request, attempt: Attempt, body: _OnceOnly, connect: float
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        headers = {"User-Agent": self._user_agent, "Authorization": attempt.authorization}
        if request.content_type is not None:
            headers["Content-Type"] = request.content_type
        # Each option is given each time: the defaults of a borrowed session may be others.
        return (self._http or self._open()).request(
            request.method,
            URL(request.url, encoded=True),
            data=body,
            headers=headers,
            skip_auto_headers=() if request.content_type else ("Content-Type",),
            allow_redirects=False,
            raise_for_status=False,
            auto_decompress=True,
            timeout=_client_timeout(connect),
        )

    def _open(self) -> aiohttp.ClientSession:
        # There is no await from the check of `_http` to here, so two first requests cannot open two sessions.
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self._http

    async def _read(
        self, request: Request, attempt: Attempt, response: aiohttp.ClientResponse, read_timeout: ReadTimeout
    ) -> Answer | BandwidthError:
        """Read the body. An answer that says no counts without its whole body; a success does not."""
        number, sent_at = attempt.number, attempt.sent_at
        answer = partial(
            Answer, response.status, response.headers, label=request.label, attempts=number, sent_at=sent_at
        )
        sink, content = request.sink if response.status < 300 else None, response.content
        pieces, size = list[bytes](), 0
        try:
            if sink is not None:
                sink.begin(answer(b""))
            while True:
                if not content.is_eof():
                    read_timeout.restart()
                if not (piece := await content.readany()):
                    return answer(b"".join(pieces))
                if (size := size + len(piece)) > self._max_body:
                    response.close()
                    raise _TooLargeError(f"larger than {self._max_body} bytes")
                if sink is None:
                    pieces.append(piece)
                elif sink.take(piece):
                    read_timeout.pause()
                    await sink.room()
        except Exception as error:  # aiohttp raises more than its own errors here, such as those of decompression
            empty = answer(b"")
            return _cut_short(request, attempt, empty, error, read_timeout) if empty.status < 300 else empty

    def __del__(self) -> None:
        if not self.closed and not self._borrowed and self._http is not None:
            warnings.warn("a BandwidthClient was never closed: use `async with`", ResourceWarning, 2, source=self)

    def _fault(
        self, request: Request, attempt: Attempt, error: BaseException, read_timeout: ReadTimeout
    ) -> BandwidthError:
        """Return the error for an exception before the answer's head was read."""
        if self.gone and not attempt.may_have_left:
            return ClientClosedError(f"{request.label}: the client was closed before it was sent")
        reason = "the client was closed" if self.gone else _reason(error, attempt, read_timeout)
        connecting = isinstance(error, _CONNECTING) or not isinstance(error, aiohttp.ClientError)
        if connecting and not attempt.may_have_left:
            return NotSentError(f"{request.label}: not sent", isinstance(error, _UNTRUSTED), reason=reason)
        return NoAnswerError(f"{request.label}: sent, but no usable answer came", attempt.status, reason=reason)


def _cut_short(
    request: Request, attempt: Attempt, answer: Answer, error: Exception, read_timeout: ReadTimeout
) -> BandwidthError:
    """Return the error for an exception in the body of a success."""
    if isinstance(error, _TooLargeError):
        return answer.bad("$", str(error))
    reason = _reason(error, attempt, read_timeout)
    if request.method in ("GET", "HEAD"):
        return NoAnswerError(f"{request.label}: the answer was cut short", answer.status, reason=reason)
    return answer.bad("$", f"cut short ({reason})")


def _loop_of(http: aiohttp.ClientSession | None) -> asyncio.AbstractEventLoop | None:
    """Return the event loop of a borrowed session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of `loop`, the one public name for it
        return http.loop if http is not None else None


@lru_cache(maxsize=16)  # a client has one, and each of its views perhaps another
def _client_timeout(connect: float) -> aiohttp.ClientTimeout:
    """Return what aiohttp keeps of the timeouts; `timeouts.py` keeps the rest."""
    return aiohttp.ClientTimeout(total=None, sock_connect=connect)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _reason(error: BaseException, attempt: Attempt, read_timeout: ReadTimeout) -> str:
    """Name an exception by its type and message, without the credentials that a garbled answer may echo."""
    if read_timeout.expired:
        return f"nothing came for {read_timeout.seconds:g} s"
    # The text of a ClientResponseError holds the URL with its query, its message does not.
    message = " ".join((error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)).split())
    message = message.replace(attempt.secret, "*****")
    return f"{type(error).__name__}: {message[:200]}" if message else type(error).__name__


def _user_agent(suffix: str | None) -> str:
    agent = f"bandwidth-calls/{__version__} aiohttp/{aiohttp.__version__} Python/{platform.python_version()}"
    return agent if suffix is None else f"{agent} {checks.visible('user_agent_suffix', suffix)}"
