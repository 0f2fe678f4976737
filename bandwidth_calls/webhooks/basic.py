"""HTTP Basic authentication of webhooks (RFC 7617)."""

from __future__ import annotations

import base64
import hmac

import attrs

from bandwidth_calls import checks

CHALLENGE = 'Basic realm="webhooks", charset="UTF-8"'


@attrs.frozen
class Credentials:
    """The username and password that a sender must have."""

    username: bytes
    password: bytes = attrs.field(repr=False)
    header: str = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        encoded = base64.b64encode(self.username + b":" + self.password).decode()
        object.__setattr__(self, "header", f"Basic {encoded}")

    @classmethod
    def of(cls, username: str | None, password: str | None) -> Credentials | None:
        """Return the credentials, or None if both are None. One without the other, or an empty one, is a ValueError."""
        if username is None and password is None:
            return None
        if not username or not password:  # an empty one is a setting that was forgotten
            raise ValueError("username and password: must both be set and not empty, or both be None")
        return cls(checks.login("username", username).encode(), checks.text("password", password).encode())

    def match(self, authorization: str) -> bool:
        """Return whether an `Authorization` header is right, in a time that does not tell how much of it is right."""
        if authorization.isascii() and hmac.compare_digest(authorization, self.header):
            return True  # written as usual; there are other ways to write the same
        scheme, _, encoded = authorization.partition(" ")
        try:
            decoded = base64.b64decode(encoded.strip(), validate=True)
        except ValueError:
            decoded = b""
        username, colon, password = decoded.partition(b":")
        same_username = hmac.compare_digest(username, self.username)
        same_password = hmac.compare_digest(password, self.password)
        return scheme.lower() == "basic" and bool(colon) and same_username and same_password
