"""The client: credentials, connections and settings in one place, and one property per resource."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import attrs
import msgspec

from bandwidth_calls import checks
from bandwidth_calls.auth import BasicCredentials, ClientCredentials
from bandwidth_calls.clock import Clock
from bandwidth_calls.environment import read_environment
from bandwidth_calls.resources.calls import Calls
from bandwidth_calls.timeouts import Timeout
from bandwidth_calls.transport.retry import RetryBudget, RetryPolicy, operation_of
from bandwidth_calls.transport.sending import Sender, Transport, ask_for_token
from bandwidth_calls.transport.session import Session
from bandwidth_calls.transport.tokens import FixedAuthorizer, TokenAuthorizer
from bandwidth_calls.wire import Answer, BaseUrl, Query, checked_path, query

if TYPE_CHECKING:
    import aiohttp

    from bandwidth_calls.resources.conferences import Conferences
    from bandwidth_calls.resources.recordings import Recordings
    from bandwidth_calls.resources.statistics import Statistics
    from bandwidth_calls.resources.transcriptions import Transcriptions

_BASE_URL = "https://voice.bandwidth.com/api/v2"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class BandwidthClient:
    """A client of one account: `async with BandwidthClient(account_id, ClientCredentials(...)) as client`.

    It may be made anywhere; it belongs to the event loop of its first request. `timeout` and `retry` are defaults that
    `with_options` changes. `http` is a session that the caller owns: it is borrowed and never closed. Lend one with a
    proxy if you need a proxy, since the environment's is not used. `max_body` is the largest answer in bytes,
    decompressed. `prefetch` fetches the next page of a listing ahead. `connections` is how many may be open at once.
    `allow_http` permits plain http beyond loopback hosts. `user_agent_suffix` is added to the User-Agent.
    `media_origins` are origins, such as `https://media.example`, to which downloads alone may be redirected, once, and
    without credentials. `clock` is for tests. A wrong value is a ValueError that names the argument.
    """

    def __init__(
        self,
        account_id: str,
        auth: ClientCredentials | BasicCredentials,
        *,
        base_url: str = _BASE_URL,
        timeout: Timeout = Timeout(),  # noqa: B008 - frozen values
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008
        http: aiohttp.ClientSession | None = None,
        max_body: int = 64 * 2**20,
        prefetch: bool = True,
        connections: int = 100,
        allow_http: bool = False,
        user_agent_suffix: str | None = None,
        media_origins: Sequence[str] = (),
        clock: Clock = Clock(),  # noqa: B008
    ) -> None:
        checks.flag("prefetch", prefetch)
        base = BaseUrl.parse("base_url", base_url, allow_http=allow_http)
        session = Session(http, connections=connections, max_body=max_body, user_agent_suffix=user_agent_suffix)
        transport = Transport(session, _login(auth), _timeout(timeout), _retry(retry), RetryBudget(), clock)
        if isinstance(auth, ClientCredentials):
            BaseUrl.parse("token_url", auth.token_url, allow_http=allow_http)
            ask = partial(ask_for_token, transport, auth.token_url)
            transport = attrs.evolve(transport, authorizer=TokenAuthorizer(auth, ask, session.spawn, clock))
        self._sender = Sender(transport, base, account_id, prefetch, _origins(media_origins))

    @property
    def account_id(self) -> str:
        """The account whose calls are placed and read."""
        return self._sender.account_id

    @property
    def timeout(self) -> Timeout:
        """The limits of each request."""
        return self._sender.transport.timeout

    @property
    def calls(self) -> Calls:
        """Create, read, list and change calls; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Calls."""
        return Calls(self._sender)

    # The other resources are imported on first use, so that a client of calls starts as fast as without them.

    @property
    def recordings(self) -> Recordings:
        """Recordings of calls, their media and text; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Recordings."""
        from bandwidth_calls.resources.recordings import Recordings

        return Recordings(self._sender)

    @property
    def conferences(self) -> Conferences:
        """Conferences and their members; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Conferences."""
        from bandwidth_calls.resources.conferences import Conferences

        return Conferences(self._sender)

    @property
    def transcriptions(self) -> Transcriptions:
        """Real-time transcriptions; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Transcriptions."""
        from bandwidth_calls.resources.transcriptions import Transcriptions

        return Transcriptions(self._sender)

    @property
    def statistics(self) -> Statistics:
        """The account's queue; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Statistics."""
        from bandwidth_calls.resources.statistics import Statistics

        return Statistics(self._sender)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, *, http: aiohttp.ClientSession | None = None) -> Self:
        """Make a client from environment variables, or from a mapping in their place. `http` is a session to borrow.

        BW_ACCOUNT_ID, BW_CLIENT_ID and BW_CLIENT_SECRET are required, or BW_USERNAME and BW_PASSWORD in the place of
        the last two. One ValueError names all that are missing, or a wrong one.

        The others are optional. BW_ENVIRONMENT is `prod` (the default), `test` or `uat`, and sets both hosts.
        BW_VOICE_URL is the base URL; without a path it gets `/api/v2`. BW_TOKEN_URL is the token URL, or BW_API_URL its
        origin, which gets `/api/v1/oauth2/token`. BW_ALLOW_HTTP=1 permits plain http beyond loopback hosts.
        """
        found = read_environment(os.environ if environ is None else environ)
        del environ  # or tools that print the local variables of a traceback would print the secrets in it
        if isinstance(found, ValueError):
            raise found
        return cls(found.account_id, found.auth, base_url=found.base_url, http=http, allow_http=found.allow_http)

    def with_options(
        self, *, account_id: str | None = None, timeout: Timeout | None = None, retry: RetryPolicy | None = None
    ) -> Self:
        """Return another view on the same connections, token and retry budget; closing any view closes them all."""
        transport = self._sender.transport
        if timeout is not None:
            transport = attrs.evolve(transport, timeout=_timeout(timeout))
        if retry is not None:
            transport = attrs.evolve(transport, policy=_retry(retry))
        view = copy.copy(self)
        account_id = self._sender.account_id if account_id is None else account_id
        view._sender = attrs.evolve(self._sender, transport=transport, account_id=account_id)
        return view

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Query | None = None,
        json: Any = None,
        body: bytes | str | None = None,
        content_type: str | None = None,
    ) -> Answer:
        """Send a request that has no coroutine yet, with the same credentials, timeouts, retries and errors.

        `path` is relative to the base URL (`/accounts/9900000/recordings`). `json` is anything that JSON can hold;
        `body` is sent as it is, with `content_type`. A POST may dial, so it is sent again only when it provably was not
        processed. PUT, PATCH and DELETE are also sent again on 503, GET and HEAD on any temporary error.
        """
        checks.one_of("method", method, _METHODS)
        if json is not None and body is not None:
            raise ValueError("body: json and body cannot both be given")
        if json is not None:
            body, content_type = _encoded(json), content_type or "application/json"
        content = checks.text("body", body).encode() if not isinstance(body, bytes | None) else body or b""
        if content_type is not None:
            checks.visible("content_type", content_type)
        path, operation = checked_path(path), operation_of(method)
        return await self._sender.send(
            method, path, operation, query=query(params or {}), body=content, content_type=content_type
        )

    async def close(self) -> None:
        """Close the connections that are the client's own; a request under way ends without an answer."""
        await self._sender.transport.session.close()

    if not TYPE_CHECKING:  # type checkers refuse `with` by themselves

        def __enter__(self):
            raise TypeError("the client is asynchronous: write `async with BandwidthClient(...) as client`")

        __exit__ = __enter__  # `with` looks for both before it calls one

    async def __aenter__(self) -> Self:
        self._sender.transport.session.check()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<BandwidthClient of account {self._sender.account_id} at {self._sender.base.origin}>"


def _login(auth: object) -> FixedAuthorizer:
    if not isinstance(auth, BasicCredentials | ClientCredentials):
        raise ValueError(f"auth: must be ClientCredentials or BasicCredentials, not {type(auth).__name__}")
    return FixedAuthorizer(auth.login)


def _origins(values: object) -> tuple[str, ...]:
    if not isinstance(values, list | tuple):
        raise ValueError(f"media_origins: must be a list of origins, not {type(values).__name__}")
    urls = [BaseUrl.parse("media_origins", value) for value in values]
    if any(url.path for url in urls):
        raise ValueError("media_origins: an origin has no path")
    return tuple(url.origin for url in urls)


def _timeout(value: object) -> Timeout:
    if not isinstance(value, Timeout):
        raise ValueError(f"timeout: must be a Timeout, such as Timeout(total=30), not {type(value).__name__}")
    return value


def _retry(value: object) -> RetryPolicy:
    if not isinstance(value, RetryPolicy):
        raise ValueError(f"retry: must be a RetryPolicy, such as RetryPolicy(attempts=1), not {type(value).__name__}")
    return value


def _encoded(value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError, OverflowError) as error:
        reason = str(error)
    raise ValueError(f"json: cannot be written as JSON: {reason}")
