"""The client: credentials, connections and limits in one place, one attribute per resource."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import attrs
import msgspec

from bandwidth_calls import checks
from bandwidth_calls.auth import DEFAULT_TOKEN_URL, BasicCredentials, ClientCredentials
from bandwidth_calls.clock import Clock
from bandwidth_calls.resources.calls import Calls
from bandwidth_calls.transport.retry import RetryBudget, RetryPolicy
from bandwidth_calls.transport.sending import Sender, Way, ask_for_token
from bandwidth_calls.transport.session import Session, Timeout
from bandwidth_calls.transport.tokens import FixedAuthorizer, TokenAuthorizer
from bandwidth_calls.wire import Answer, BaseUrl, Query, checked_path, identifier, query

if TYPE_CHECKING:
    import aiohttp

_BASE_URL = "https://voice.bandwidth.com/api/v2"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class BandwidthClient:
    """A client of one account: `async with BandwidthClient(account_id, ClientCredentials(...)) as client`.

    It may be made anywhere; it belongs to the event loop of its first request. `timeout` and `retry` are defaults that
    `with_options` changes. `http` is a session that the caller owns: borrowed, never closed; give one that has a proxy
    where a proxy is needed, for the environment's is not used. `max_body` caps an answer in bytes, decompressed.
    `prefetch` fetches the next page of a listing ahead. `connections` is how many may be open at once. `allow_http`
    permits plain http beyond loopback hosts. `user_agent_suffix` is added to the User-Agent. `clock` is for tests.
    Values that make no sense are a ValueError that names the argument.
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
        clock: Clock = Clock(),  # noqa: B008
    ) -> None:
        identifier("account_id", account_id)
        checks.flag("prefetch", prefetch)
        base = BaseUrl.parse("base_url", base_url, allow_http=allow_http)
        session = Session(http, connections=connections, max_body=max_body, user_agent_suffix=user_agent_suffix)
        way = Way(session, _login(auth), _timeout(timeout), _retry(retry), RetryBudget(), clock)
        if isinstance(auth, ClientCredentials):
            BaseUrl.parse("token_url", auth.token_url, allow_http=allow_http)
            ask = partial(ask_for_token, way, auth.token_url)
            way = attrs.evolve(way, authorizer=TokenAuthorizer(auth, ask, session.spawn, clock))
        self._sender = Sender(way, base, account_id, prefetch)
        self.calls = Calls(self._sender)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, *, http: aiohttp.ClientSession | None = None) -> Self:
        """Make a client of environment variables, on a borrowed session where one is given.

        BW_ACCOUNT_ID; BW_CLIENT_ID and BW_CLIENT_SECRET, else BW_USERNAME and BW_PASSWORD; optional BW_VOICE_URL,
        BW_TOKEN_URL and BW_ALLOW_HTTP=1. A missing one is a ValueError that names it.
        """
        auth: ClientCredentials | BasicCredentials
        account_id = _variable(environ, "BW_ACCOUNT_ID")
        if not environ.get("BW_CLIENT_ID") and environ.get("BW_USERNAME"):
            auth = BasicCredentials(environ["BW_USERNAME"], _variable(environ, "BW_PASSWORD"))
        else:
            client_id, secret = _variable(environ, "BW_CLIENT_ID"), _variable(environ, "BW_CLIENT_SECRET")
            auth = ClientCredentials(client_id, secret, token_url=environ.get("BW_TOKEN_URL") or DEFAULT_TOKEN_URL)
        base_url = environ.get("BW_VOICE_URL") or _BASE_URL
        return cls(account_id, auth, base_url=base_url, http=http, allow_http=environ.get("BW_ALLOW_HTTP") == "1")

    def with_options(
        self, *, account_id: str | None = None, timeout: Timeout | None = None, retry: RetryPolicy | None = None
    ) -> Self:
        """Give another view on the same connections, token and retry budget; closing any view closes them all."""
        sender = self._sender
        if account_id is not None:
            sender = attrs.evolve(sender, account_id=identifier("account_id", account_id))
        if timeout is not None:
            sender = attrs.evolve(sender, way=attrs.evolve(sender.way, timeout=_timeout(timeout)))
        if retry is not None:
            sender = attrs.evolve(sender, way=attrs.evolve(sender.way, policy=_retry(retry)))
        view = copy.copy(self)
        view._sender, view.calls = sender, Calls(sender)
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
        """Send what has no coroutine yet, with the same credentials, limits and errors.

        `path` is relative to the base URL (`/accounts/9900000/recordings`). A POST may dial, and is sent again only
        when it provably was not processed; PUT, PATCH and DELETE also on 429 and 503; GET and HEAD on any passing
        fault. `json` is anything that JSON can hold; `body` is sent as it is, with `content_type`.
        """
        checks.one_of("method", method, _METHODS)
        if json is not None and body is not None:
            raise ValueError("body: json and body cannot both be given")
        if json is not None:
            body, content_type = _encoded(json), content_type or "application/json"
        content = checks.text("body", body).encode() if not isinstance(body, bytes | None) else body or b""
        if content_type is not None:
            checks.visible("content_type", content_type)
        return await self._sender.send(
            method, checked_path(path), query=query(params or {}), body=content, content_type=content_type
        )

    async def close(self) -> None:
        """Close the connections that are the client's own; a request under way ends without an answer."""
        await self._sender.way.session.close()

    async def __aenter__(self) -> Self:
        self._sender.way.session.check()
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


def _timeout(value: object) -> Timeout:
    if not isinstance(value, Timeout):
        raise ValueError(f"timeout: must be a Timeout, such as Timeout(total=30), not {type(value).__name__}")
    return value


def _retry(value: object) -> RetryPolicy:
    if not isinstance(value, RetryPolicy):
        raise ValueError(f"retry: must be a RetryPolicy, such as RetryPolicy(attempts=1), not {type(value).__name__}")
    return value


def _variable(environ: Mapping[str, str], name: str) -> str:
    if not environ.get(name):
        raise ValueError(f"{name}: not set in the environment")
    return environ[name]


def _encoded(value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError, OverflowError) as error:
        reason = str(error)
    raise ValueError(f"json: cannot be written as JSON: {reason}")
