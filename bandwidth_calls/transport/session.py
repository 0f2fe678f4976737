"""The session manager: the only file that sends HTTP.

It owns one aiohttp session (or borrows the caller's), sends one request at a time through it and gives what came of
it: an answer, or an error of ours. Whether to send again is decided in `sending.py`.
"""

from __future__ import annotations

import asyncio
import os
import platform
import warnings
from collections.abc import Coroutine
from functools import cached_property
from typing import Any, Self, TypeVar

import aiohttp
import attrs
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
from bandwidth_calls.transport.request import Attempt, Request, Sink
from bandwidth_calls.transport.timeouts import Silence, Watch
from bandwidth_calls.wire import Answer

T = TypeVar("T")

_UNTRUSTED = (aiohttp.ClientConnectorCertificateError, aiohttp.ServerFingerprintMismatch)
_CONNECTING = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    *_UNTRUSTED,
)


@attrs.frozen
class Timeout:
    """Limits in seconds: `total` for one coroutine or one page with all its attempts, waits and token fetches.

    `connect` is for one connection, TLS included; `read` for the silence between two pieces of an answer. The wait for
    a free connection is bounded by `total` alone.
    """

    total: float = 60.0
    connect: float = 10.0
    read: float = 30.0

    def __attrs_post_init__(self) -> None:
        for field in ("total", "connect", "read"):
            checks.number(field, getattr(self, field), 0.001)

    @cached_property
    def of_exchange(self) -> aiohttp.ClientTimeout:
        """What aiohttp is to keep in one exchange; `watch.py` keeps the rest."""
        return aiohttp.ClientTimeout(total=None, sock_connect=self.connect)


class _OnceOnly(aiohttp.BytesPayload):
    """A body, empty or not, that tells when it leaves and leaves once only.

    aiohttp holds the headers back until the body is written, so before that nothing has left; this tells it on a
    borrowed session too, which a trace could not. A second writing, be it aiohttp's own silent re-send or a
    middleware's, is refused before a byte of it leaves.
    """

    def __init__(self, content: bytes, attempt: Attempt, silence: Silence) -> None:
        super().__init__(content)
        self._attempt, self._silence = attempt, silence

    def __deepcopy__(self, memo: object) -> Self:
        return self  # a copy could leave a second time; aioresponses copies what it is asked

    @property
    def size(self) -> int | None:
        self._attempt.taken = True
        return super().size

    @property
    def consumed(self) -> bool:
        return self._attempt.left

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        if self._attempt.left:
            raise aiohttp.ClientConnectionError("a request leaves once only")
        self._attempt.left = True
        self._attempt.sent_at = self._attempt.now()
        if writer.transport is not None:
            self._silence.begin(writer.transport.abort)
        await super().write_with_length(writer, content_length)


class _TooLargeError(Exception):
    """Raised inside this file when a body passes the cap."""


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
        self.watch = Watch()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def gone(self) -> bool:
        """Whether nothing can be sent any more, by our closing or the owner's."""
        return self.closed or (self._borrowed and self._http is not None and self._http.closed)

    def check(self) -> None:
        """Refuse use after close, in another event loop, or in a forked child."""
        self._check_open()
        if self._loop is None:
            self._loop, self._process = _loop_of(self._http) or asyncio.get_running_loop(), os.getpid()
        self._check_home()

    def _check_open(self) -> None:
        if self.gone:
            raise ClientClosedError("the client" + (" is closed" if self.closed else "'s borrowed session is closed"))

    async def exchange(
        self, request: Request, authorization: str, attempt: Attempt, limits: Timeout
    ) -> Answer | BandwidthError:
        """Send one request, once, and give what came of it. Nothing of aiohttp's gets out."""
        self._check_open()
        silence = Silence(self.watch, limits.read)
        try:
            attempt.begun = True
            async with self._opened().request(
                request.method,
                URL(request.url, encoded=True),
                data=_OnceOnly(request.body, attempt, silence),
                headers=self._headers(request, authorization),
                skip_auto_headers=() if request.content_type else ("Content-Type",),
                allow_redirects=False,
                raise_for_status=False,
                auto_decompress=True,
                timeout=limits.of_exchange,
            ) as response:
                attempt.status, attempt.sent_at = response.status, attempt.sent_at or attempt.now()
                return await self._answer(request, attempt, response, silence)
        except Exception as error:  # whatever is raised in there, by aiohttp or a borrowed session's hooks, ends here
            fault = self._fault(request, attempt, error, silence)
        except asyncio.CancelledError as error:
            # A session that is closed cancels those who wait for a connection, though nobody cancelled them.
            if not self.gone or _is_cancelled():
                raise
            fault = self._fault(request, attempt, error, silence)
        finally:
            silence.end()
        return fault

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task that ends with the client at the latest."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Close what is ours, once; requests under way end without an answer."""
        if self.closed:
            return
        self._check_home()
        self.closed = True
        for task in self._tasks:
            task.cancel()
        self.watch.close()
        if self._http is not None and not self._borrowed:
            await self._http.close()

    def __del__(self) -> None:
        if not self.closed and not self._borrowed and self._http is not None:
            warnings.warn("a BandwidthClient was never closed: use `async with`", ResourceWarning, 2, source=self)

    def _check_home(self) -> None:
        if self._loop and (self._loop is not asyncio.get_running_loop() or self._process != os.getpid()):
            raise WrongLoopError("the client was opened in another event loop or process")

    def _opened(self) -> aiohttp.ClientSession:
        # No await lies between the question and the answer, so first requests cannot open two sessions.
        if self._http is None:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._http

    def _headers(self, request: Request, authorization: str) -> dict[str, str]:
        headers = {"User-Agent": self._user_agent, "Authorization": authorization}
        if request.content_type is not None:
            headers["Content-Type"] = request.content_type
        return headers

    async def _answer(
        self, request: Request, attempt: Attempt, response: aiohttp.ClientResponse, silence: Silence
    ) -> Answer | BandwidthError:
        """Read the body. Where that fails a status that says no still says it; a success is none without its body."""
        status, sink = response.status, request.sink if response.status < 300 else None
        about = (request.asked, attempt.number, attempt.sent_at)
        body, too_large, reason = b"", False, ""
        try:
            if sink is not None:
                sink.begin(Answer(status, response.headers, b"", *about))
            body = await self._read(response, sink, silence)
        except _TooLargeError:
            too_large = True
        except Exception as error:  # aiohttp raises more than its own errors here, such as those of decompression
            reason = _reason(error, silence)
        answer = Answer(status, response.headers, body, *about)
        if status >= 300 or not (too_large or reason):
            return answer
        if too_large:
            return answer.bad("$", f"larger than {self._max_body} bytes")
        if request.method in ("GET", "HEAD"):
            return _explained(NoAnswerError(f"{request.asked}: the answer was cut short", status), reason)
        return answer.bad("$", f"cut short ({reason})")

    async def _read(self, response: aiohttp.ClientResponse, sink: Sink | None, silence: Silence) -> bytes:
        pieces, size, content = list[bytes](), 0, response.content
        while True:
            if not content.is_eof():
                silence.heard()
            if not (piece := await content.readany()):
                return b"".join(pieces)
            size += len(piece)
            if size > self._max_body:
                response.close()
                raise _TooLargeError
            if sink is None:
                pieces.append(piece)
            else:
                silence.pause()
                await sink.take(piece)

    def _fault(self, request: Request, attempt: Attempt, error: BaseException, silence: Silence) -> BandwidthError:
        connecting = isinstance(error, _CONNECTING) or not isinstance(error, aiohttp.ClientError)
        if self.gone and not attempt.may_have_left:
            return ClientClosedError(f"{request.asked}: the client was closed before it was sent")
        if connecting and not attempt.may_have_left:
            fault: BandwidthError = NotSentError(f"{request.asked}: not sent", isinstance(error, _UNTRUSTED))
        else:
            fault = NoAnswerError(f"{request.asked}: sent, but no usable answer came", attempt.status)
        return _explained(fault, "the client was closed" if self.gone else _reason(error, silence))


def _loop_of(http: aiohttp.ClientSession | None) -> asyncio.AbstractEventLoop | None:
    """Give the event loop of a borrowed session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of `loop`, the one public name for it
        return http.loop if http is not None else None


def _explained(fault: BandwidthError, reason: str) -> BandwidthError:
    fault.reason = reason
    return fault


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _reason(error: BaseException, silence: Silence) -> str:
    """Name an exception without what it may hold of the request: only its type and message."""
    if silence.broken:
        return f"nothing came for {silence.seconds:g} s"
    message = " ".join((error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)).split())
    return f"{type(error).__name__}: {message[:200]}" if message else type(error).__name__


def _user_agent(suffix: str | None) -> str:
    agent = f"bandwidth-calls/{__version__} aiohttp/{aiohttp.__version__} Python/{platform.python_version()}"
    return agent if suffix is None else f"{agent} {checks.visible('user_agent_suffix', suffix)}"
