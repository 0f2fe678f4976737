"""Credentials, tokens, and where tokens are shared; see https://dev.bandwidth.com/docs/credentials.

Nothing here sends anything: `transport/tokens.py` decides when a token is asked for, `transport/session.py` sends.
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
_TOKEN = re.compile(r"[!-~]+")


@attrs.frozen
class Token:
    """An access token and when it expires (aware)."""

    value: str = attrs.field(repr=False)
    expires_at: datetime

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.value, str) or not _TOKEN.fullmatch(self.value):
            raise ValueError("value: must be visible ASCII characters")
        checks.aware("expires_at", self.expires_at)


class TokenStore(Protocol):
    """Where the workers of an application share one token, such as Redis.

    Keys are hashes that tell nothing of the credentials. A store that raises, hangs for 5 seconds or gives what is no
    Token is logged and passed by.
    """

    async def get(self, key: str) -> Token | None:
        """Give the token that was put last, if there is one."""
        ...

    async def put(self, key: str, token: Token) -> None:
        """Keep a token, in the place of an older one."""
        ...


@attrs.define
class MemoryTokenStore:
    """A store for the clients of one process."""

    _tokens: dict[str, Token] = attrs.field(factory=dict, init=False, repr=False)

    async def get(self, key: str) -> Token | None:
        """Give the token that was put last, if there is one."""
        return self._tokens.get(key)

    async def put(self, key: str, token: Token) -> None:
        """Keep a token, in the place of an older one."""
        self._tokens[key] = token


@attrs.frozen
class ClientCredentials:
    """OAuth2 client credentials: what to use.

    A token is fetched on first use and renewed 60 seconds, or a tenth of its lifetime if that is less, before it
    expires. A lifetime that is absent, zero or unreadable counts as 3600 seconds. Give all workers one `store`, and
    they share one token.
    """

    client_id: str
    client_secret: str = attrs.field(repr=False)
    token_url: str = attrs.field(default=DEFAULT_TOKEN_URL, kw_only=True)
    store: TokenStore | None = attrs.field(default=None, kw_only=True, repr=False)

    def __attrs_post_init__(self) -> None:
        _check_login("client_id", self.client_id)
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
    """Username and password of an API user, for emulators, proxies and stragglers.

    Bandwidth's own API stops taking them on 2026-12-02: use ClientCredentials there.
    """

    username: str
    password: str = attrs.field(repr=False)

    def __attrs_post_init__(self) -> None:
        _check_login("username", self.username)
        checks.plain("password", self.password)

    @property
    def login(self) -> str:
        """The Authorization header of each request."""
        return basic(self.username, self.password)


def _check_login(field: str, value: object) -> None:
    if ":" in checks.plain(field, value):
        raise ValueError(f"{field}: must not hold a colon, which HTTP Basic takes for its end")


def basic(username: str, password: str) -> str:
    """Write an Authorization header of HTTP Basic, in UTF-8."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
