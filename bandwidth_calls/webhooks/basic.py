"""HTTP Basic credentials, as a receiver checks them (RFC 7617)."""

from __future__ import annotations

import base64
import hmac

import attrs

CHALLENGE = 'Basic realm="webhooks", charset="UTF-8"'


@attrs.frozen
class Credentials:
    """What a sender must know."""

    username: bytes
    password: bytes = attrs.field(repr=False)

    @classmethod
    def of(cls, username: str | None, password: str | None) -> Credentials | None:
        """Take both or neither; an empty one, which is a setting that was forgotten, is a ValueError."""
        if username is None and password is None:
            return None
        if not username or not password:
            raise ValueError("username and password: give both, neither empty, or none of them")
        if ":" in username:
            raise ValueError("username: must have no colon")
        return cls(username.encode(), password.encode())

    def match(self, authorization: str) -> bool:
        """Judge the value of an `Authorization` header, in a time that does not tell how much of it is right."""
        scheme, _, encoded = authorization.partition(" ")
        try:
            decoded = base64.b64decode(encoded.strip(), validate=True)
        except ValueError:
            decoded = b""
        username, colon, password = decoded.partition(b":")
        same_username = hmac.compare_digest(username, self.username)
        same_password = hmac.compare_digest(password, self.password)
        return scheme.lower() == "basic" and bool(colon) and same_username and same_password
