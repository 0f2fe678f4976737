"""The token endpoint's answers, and when a token is renewed; nothing is sent here."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from bandwidth_calls import Answer, Token, TokenError
from bandwidth_calls.transport.tokens import lifetime, read_token, renewal_margin

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def answer(body: bytes, status: int = 200) -> Answer:
    """Make an answer of the token endpoint."""
    return Answer(status, CIMultiDictProxy(CIMultiDict()), body, "POST /token")


def test_a_token_is_read() -> None:
    """A good answer is a token and when it expires."""
    body = json.dumps({"access_token": "abc", "token_type": "bearer", "expires_in": 600}).encode()

    assert read_token(answer(body), NOW) == Token("abc", NOW + timedelta(seconds=600))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 200), (b"<html>", 200), (b"[]", 200), (b"{}", 200), (b'{"access_token": ""}', 200),
        (b'{"access_token": null}', 200), (b'{"access_token": "a b"}', 200), (b'{"access_token": "a\\n"}', 200),
        (b'{"access_token": "\\u00e9"}', 200), (b'{"access_token": "a", "token_type": "mac"}', 200),
        (b'{"access_token": "a", "token_type": 7}', 200), (b'{"access_token": "a"}', 201), (b"", 204),
    ],
)  # fmt: skip
def test_a_bad_answer_is_a_token_error(body: bytes, status: int) -> None:
    """Whatever brings no usable token is a TokenError with the status."""
    with pytest.raises(TokenError) as caught:
        read_token(answer(body, status), NOW)

    assert caught.value.status == status


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (600, 600.0), (0.5, 0.5), ("600", 600.0), (None, 3600.0), (0, 3600.0), (-1, 3600.0), ("0", 3600.0),
        ("soon", 3600.0), (True, 3600.0), ([], 3600.0), (float("nan"), 3600.0), (10**400, 31_536_000.0),
        (float("inf"), 31_536_000.0), ("٦", 3600.0),
    ],
)  # fmt: skip
def test_a_lifetime_is_read_or_an_hour(told: object, seconds: float) -> None:
    """Numbers above zero, also as text; the rest counts as 3600 seconds, and nothing as more than a year."""
    assert lifetime(told) == seconds


@pytest.mark.parametrize(("remaining", "margin"), [(3600, 60), (600, 60), (599, 59.9), (100, 10), (1, 0.1)])
def test_a_token_is_renewed_ahead_of_its_end(remaining: float, margin: float) -> None:
    """Sixty seconds, or a tenth of the lifetime if that is less."""
    assert renewal_margin(remaining) == pytest.approx(margin)
