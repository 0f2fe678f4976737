"""Authentication: Basic credentials, and Bearer tokens with the endpoint that issues them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import attrs

from bandwidth_calls.emulator.api.messages import ApiError, HttpRequest, HttpResponse, json_response
from bandwidth_calls.emulator.simulation.clock import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bandwidth_calls.emulator.simulation.clock import Clock

# Every 401 needs a challenge (RFC 9110, 15.5.2).
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Bandwidth"'}
_NOT_STORED = {"Cache-Control": "no-store"}


@attrs.frozen
class Login:
    """A username with its password, or a client id with its secret. A `forbidden` one gets 403 for every account."""

    name: str
    password: str = attrs.field(repr=False)
    forbidden: bool = False


@attrs.frozen(eq=False)
class _Token:
    forbidden: bool
    expires: int


class Credentials:
    """The valid logins, and the tokens issued so far. A token is valid for `token_lifetime` seconds."""

    def __init__(self, clock: Clock, token_lifetime: int, users: Iterable[Login], clients: Iterable[Login]) -> None:
        self._clock = clock
        self._token_lifetime = token_lifetime
        self._users = {(user.name, user.password): user for user in users}
        self._clients = {(client.name, client.password): client for client in clients}
        self._tokens: dict[str, _Token] = {}
        self._key = secrets.token_bytes(32)

    def is_forbidden(self, authorization: str) -> bool:
        """Whether these credentials are valid but get 403; raises 401 for invalid ones."""
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "bearer":
            token = self._tokens.get(value.strip())
            if token and self._clock.now() < token.expires:
                return token.forbidden
        elif user := self._users.get(_basic(authorization)):
            return user.forbidden
        raise ApiError(401, headers=_CHALLENGE)

    def revoke(self) -> int:
        """Make every token issued so far invalid, and return how many there were."""
        revoked = len(self._tokens)
        self._tokens.clear()
        return revoked

    def token_response(self, request: HttpRequest) -> HttpResponse:
        """Answer a token request with the client credentials grant, or an error in the shape of RFC 6749, 5.2.

        Bandwidth documents no error body here, so this shape is a choice. So is the order of the checks: content
        type, client, grant.
        """
        if request.method != "POST":
            return ApiError(405, headers={"Allow": "POST"}).response()
        if request.problem or request.media_type != "application/x-www-form-urlencoded":
            problem = request.problem or "the body must be application/x-www-form-urlencoded"
            return _refused(400, "invalid_request", problem)
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        authorization = request.headers.get("Authorization")
        pair = _basic(authorization) if authorization else (form.get("client_id", ""), form.get("client_secret", ""))
        client = self._clients.get(pair)
        if client is None:
            return _refused(401, "invalid_client", "The client credentials are invalid", _CHALLENGE)
        if form.get("grant_type") != "client_credentials":
            return _refused(400, "unsupported_grant_type", "grant_type must be client_credentials")
        return self._issue(client)

    def _issue(self, client: Login) -> HttpResponse:
        now = self._clock.now()
        value = self._jwt(client.name, now // SECOND)
        self._tokens[value] = _Token(client.forbidden, now + self._token_lifetime * SECOND)
        token = {"access_token": value, "token_type": "Bearer", "expires_in": self._token_lifetime}
        return json_response(token, headers=_NOT_STORED)

    def _jwt(self, subject: str, issued: int) -> str:
        """Return a signed JWT (RFC 7519), since applications decode theirs. Its claims but `exp` are a choice."""
        head = {"alg": "HS256", "typ": "JWT"}
        times = {"iat": issued, "exp": issued + self._token_lifetime}
        # Two tokens of one second must differ.
        claims = {"sub": subject, **times, "jti": secrets.token_urlsafe(16)}
        signed = f"{_part(json.dumps(head).encode())}.{_part(json.dumps(claims).encode())}"
        return f"{signed}.{_part(hmac.digest(self._key, signed.encode(), hashlib.sha256))}"


def _part(value: bytes) -> str:
    """Return base64url without padding, as RFC 7515 wants each part of a JWT."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _refused(status: int, error: str, description: str, headers: dict[str, str] | None = None) -> HttpResponse:
    body = {"error": error, "error_description": description}
    return json_response(body, status, {**_NOT_STORED, **(headers or {})})


def _basic(authorization: str) -> tuple[str, str]:
    """Return the name and password of a Basic header. Any other header gives empty ones, which no login has."""
    scheme, _, value = authorization.partition(" ")
    try:
        name, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeError, ValueError):
        return "", ""
    return (name, password) if colon and scheme.lower() == "basic" else ("", "")
