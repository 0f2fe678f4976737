"""When a token is fetched: one fetch at a time, ahead of expiry, and again when the API refuses one."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Protocol

import attrs

from bandwidth_calls.auth import ClientCredentials, Token, bearer
from bandwidth_calls.clock import Clock
from bandwidth_calls.errors import BandwidthError, ClientClosedError, NoAnswerError, RefusedError, TokenError
from bandwidth_calls.transport.refusals import error_body
from bandwidth_calls.wire import Answer

_STORE_TIMEOUT = 5.0  # seconds that a store may take; `TokenStore` promises it
_LEAST_PAUSE = 1.0  # seconds between two early renewals at least, so that a failing endpoint is not flooded
_DEFAULT_LIFETIME = 3600.0  # seconds, as `ClientCredentials` promises
_LONGEST_LIFETIME = 365 * 86400.0  # a year; a number without a limit could not be added to a time
# The errors of a token endpoint (RFC 6749, 5.2).
_WORDS = (
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
)
_log = logging.getLogger("bandwidth_calls")


class Authorizer(Protocol):
    """Has the Authorization header of a request."""

    async def authorization(self) -> str | BandwidthError:
        """Return the header to send now, or why there is none."""
        ...

    async def renewed(self, refused: str) -> str | BandwidthError | None:
        """Return another header after one was refused, or why there is none; None when there can be no other."""
        ...


@attrs.frozen
class FixedAuthorizer:
    """The same header each time."""

    _header: str = attrs.field(repr=False)

    async def authorization(self) -> str:
        """Return the header."""
        return self._header

    async def renewed(self, refused: str) -> str | None:
        """Return None: a password that was refused once is wrong."""
        return None


@attrs.define
class _Held:
    """A token in use, its times by the monotonic clock."""

    header: str = attrs.field(repr=False)
    renew_at: float
    expires_at: float


_Outcome = _Held | BandwidthError


class TokenAuthorizer:
    """Tokens by OAuth2 client credentials.

    All requests that need a token wait for one fetch, and each can be cancelled alone. A fetch that fails, fails for
    all that waited. A token near its expiry is used while it is renewed in the background. No lock is held while the
    API is called. `ask` sends the token request; `spawn` starts a task that is cancelled when the client is closed.
    """

    def __init__(
        self,
        credentials: ClientCredentials,
        ask: Callable[[], Awaitable[Answer]],
        spawn: Callable[[Coroutine[Any, Any, _Outcome]], asyncio.Task[_Outcome]],
        clock: Clock,
    ) -> None:
        self._credentials = credentials
        self._ask = ask
        self._spawn = spawn
        self._clock = clock
        self._held: _Held | None = None
        self._refused: dict[str, float] = {}
        self._fetching: asyncio.Task[_Outcome] | None = None

    async def authorization(self) -> str | BandwidthError:
        """Return a token that has not expired, fetched if need be, or why there is none."""
        held, now = self._held, self._clock.monotonic()
        if held is None or now >= held.expires_at:
            return await self._fetched()
        if now >= held.renew_at:
            held.renew_at = now + max(_LEAST_PAUSE, (held.expires_at - now) / 2)
            self._start()
        return held.header

    async def renewed(self, refused: str) -> str | BandwidthError | None:
        """Return a token that is not the refused one, fetched at most once for all that were refused with it."""
        now = self._clock.monotonic()
        if self._held is not None and self._held.header == refused:
            self._refused = {header: until for header, until in self._refused.items() if until > now}
            self._refused[refused] = self._held.expires_at
            self._held = None
        return await self.authorization()

    def _start(self) -> asyncio.Task[_Outcome]:
        if self._fetching is None or self._fetching.done():
            self._fetching = self._spawn(self._fetch())
        return self._fetching

    async def _fetched(self) -> str | BandwidthError:
        fetching = self._start()
        # Unlike awaiting the task, this leaves it running when one that waits is cancelled.
        await asyncio.wait([fetching])
        if fetching.cancelled():
            return ClientClosedError("the client was closed while a token was fetched")
        outcome = fetching.result()
        return outcome.header if isinstance(outcome, _Held) else outcome

    async def _fetch(self) -> _Outcome:
        """Return a token of the store or of the token endpoint, or the error when neither has one."""
        if (held := self._usable(await self._from_store())) is None:
            try:
                token = read_token(await self._ask(), self._clock.now())
            except ClientClosedError as error:
                return error
            except BandwidthError as error:
                _log.warning("no token could be had: %s", type(error).__name__)
                return _token_error(error)
            held = self._hold(token)
            await self._to_store(token)
        self._held = held
        return held

    def _hold(self, token: Token) -> _Held:
        remaining = (token.expires_at - self._clock.now()).total_seconds()
        expires_at = self._clock.monotonic() + remaining
        return _Held(bearer(token), expires_at - renewal_margin(remaining), expires_at)

    def _usable(self, token: Token | None) -> _Held | None:
        """Return a token of the store that is neither refused, nor expired, nor the one to be renewed."""
        if token is None:
            return None
        held = self._hold(token)
        current = self._held.header if self._held is not None else None
        stale = held.expires_at <= self._clock.monotonic() or held.header == current
        return None if stale or held.header in self._refused else held

    async def _from_store(self) -> Token | None:
        if self._credentials.store is None:
            return None
        try:
            async with asyncio.timeout(_STORE_TIMEOUT):
                token = await self._credentials.store.get(self._credentials.store_key)
        except Exception as error:  # a store is the caller's code, and no request may fail by it
            _log.warning("the token store could not be read: %s", type(error).__name__)
            return None
        if not isinstance(token, Token | None):
            _log.warning("the token store returned no Token, but %s", type(token).__name__)
            return None
        return token

    async def _to_store(self, token: Token) -> None:
        if self._credentials.store is None:
            return
        try:
            async with asyncio.timeout(_STORE_TIMEOUT):
                await self._credentials.store.put(self._credentials.store_key, token)
        except Exception as error:  # as above
            _log.warning("the token store could not be written: %s", type(error).__name__)


def _token_error(error: BandwidthError) -> TokenError:
    """Return a TokenError for the error of the token request, which counts as no attempt.

    It tells nothing of what the endpoint answered, which may hold a token or the secret, but the words of RFC 6749.
    """
    message, reason = error.message, error.reason
    status = error.status if isinstance(error, RefusedError | TokenError | NoAnswerError) else None
    if isinstance(error, RefusedError):
        message = f"the endpoint refused with {status}" + (f": {error.kind}" if error.kind in _WORDS else "")
    elif isinstance(error, NoAnswerError) and reason is not None:
        reason = reason.partition(":")[0]  # the type of the exception, whose text may quote the answer
    return TokenError(f"no token could be had: {message}", status, reason=reason)


def read_token(answer: Answer, now: datetime) -> Token:
    """Read the token endpoint's answer; TokenError when it holds no usable token."""
    body = error_body(answer.body)
    if answer.status != 200:
        raise TokenError(f"{answer.label}: answered {answer.status}, but only 200 brings a token", answer.status)
    value: Any = body.get("access_token")
    kind = body.get("token_type", "Bearer")
    try:
        token = Token(value, now + timedelta(seconds=lifetime(body.get("expires_in"))))
    except ValueError:
        token = None
    if token is None:  # raised here, so that no context holds what was answered
        raise TokenError(f"{answer.label}: answered 200, but without a usable access_token", answer.status)
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise TokenError(f"{answer.label}: answered 200, but with a token that is not of type Bearer", answer.status)
    return token


def lifetime(expires_in: object) -> float:
    """Read `expires_in`, in seconds: a number above zero, or text of digits; anything else counts as 3600."""
    if isinstance(expires_in, str) and re.fullmatch(r"[0-9]{1,12}", expires_in):
        expires_in = int(expires_in)
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float) or not expires_in > 0:
        return _DEFAULT_LIFETIME
    return float(min(expires_in, _LONGEST_LIFETIME))


def renewal_margin(remaining: float) -> float:
    """Return how many seconds ahead of its expiry a token is renewed; `ClientCredentials` promises both numbers."""
    return min(60.0, remaining / 10)
