"""Credentials, tokens, and stores that share tokens; see https://dev.bandwidth.com/docs/credentials.

This file sends nothing: `transport/tokens.py` decides when to request a token, `transport/session.py` sends requests.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime
from typing import Protocol

import attrs

from bandwidth_calls import checks

DEFAULT_TOKEN_URL = "https://api.bandwidth.com/api/v1/oauth2/token"  # noqa: S105 - an address, not a credential
_TOKEN = re.compile(r"[!-~]+")  # stricter than checks.visible: a space would end the token in the header


@attrs.frozen
class Token:
    """An access token, and the time when it expires (aware). A wrong value is a ValueError.

    The repr leaves out the token, but `attrs.asdict` has it.
    """

    value: str = attrs.field(repr=False)
    expires_at: datetime

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.value, str) or not _TOKEN.fullmatch(self.value):
            raise ValueError("value: must be visible ASCII characters")
        checks.aware("expires_at", self.expires_at)


class TokenStore(Protocol):
    """A store, such as Redis, in which the workers of an application share one token.

    Keys are hashes that do not reveal the credentials. If a store raises, hangs for 5 seconds or returns anything but a
    Token, this is logged, and the client continues without the store.
    """

    async def get(self, key: str) -> Token | None:
        """Return the token that was stored last, or None."""
        ...

    async def put(self, key: str, token: Token) -> None:
        """Store a token, and replace an older one."""
        ...


@attrs.define
class MemoryTokenStore:
    """A token store in memory, for the clients of one process."""

    _tokens: dict[str, Token] = attrs.field(factory=dict, init=False, repr=False)

    async def get(self, key: str) -> Token | None:
        """Return the token that was stored last, or None."""
        return self._tokens.get(key)

    async def put(self, key: str, token: Token) -> None:
        """Store a token, and replace an older one."""
        self._tokens[key] = token


@attrs.frozen
class ClientCredentials:
    """OAuth2 client credentials, for Bandwidth's API.

    A token is requested on first use. It is renewed before it expires: 60 seconds before, or a tenth of its lifetime if
    that is less. A lifetime that is absent, zero or unreadable counts as 3600 seconds. Workers with the same `store`
    share one token. The repr leaves out the secret, but `attrs.asdict` has it. A wrong value is a ValueError that names
    the field.
    """

    client_id: str
    client_secret: str = attrs.field(repr=False)
    token_url: str = attrs.field(default=DEFAULT_TOKEN_URL, kw_only=True)
    store: TokenStore | None = attrs.field(default=None, kw_only=True, repr=False)

    def __attrs_post_init__(self) -> None:
        checks.login("client_id", self.client_id)
        checks.plain("client_secret", self.client_secret)
        checks.url("token_url", self.token_url)

    @property
    def login(self) -> str:
        """The Authorization header of a token request."""
        return basic(self.client_id, self.client_secret)

    @property
    def store_key(self) -> str:
        """The key of the token in a store: a hash of the token URL and the client id."""
        return hashlib.sha256(f"{self.token_url}\n{self.client_id}".encode()).hexdigest()


@attrs.frozen
class BasicCredentials:
    """Username and password of an API user, sent by HTTP Basic authentication.

    Bandwidth's own API stops accepting them on 2026-12-02: use ClientCredentials there. They remain for emulators and
    proxies. The repr leaves out the password, but `attrs.asdict` has it. A wrong value is a ValueError that names the
    field.
    """

    username: str
    password: str = attrs.field(repr=False)

    def __attrs_post_init__(self) -> None:
        checks.login("username", self.username)
        checks.plain("password", self.password)

    @property
    def login(self) -> str:
        """The Authorization header of each request."""
        return basic(self.username, self.password)


class AuthorizationHeader(str):
    """An Authorization header, whose repr hides it from tools that print the local variables of a traceback."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'*****'"


def basic(username: str, password: str) -> AuthorizationHeader:
    """Return an Authorization header for HTTP Basic authentication, in UTF-8."""
    return AuthorizationHeader("Basic " + base64.b64encode(f"{username}:{password}".encode()).decode("ascii"))


def bearer(token: Token) -> AuthorizationHeader:
    """Return an Authorization header with a token (RFC 6750)."""
    return AuthorizationHeader(f"Bearer {token.value}")
