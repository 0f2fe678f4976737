"""Credentials and the token endpoint's answers; nothing is sent here."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from bandwidth_calls import Answer, BasicCredentials, ClientCredentials, MemoryTokenStore, Token, TokenError
from bandwidth_calls.transport.tokens import lifetime, read_token, renewal_margin

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def answer(body: bytes, status: int = 200) -> Answer:
    """Make an answer of the token endpoint."""
    return Answer(status, CIMultiDictProxy(CIMultiDict()), body, "POST /token")


def test_a_token_is_read() -> None:
    """A good answer is a token and the time when it expires."""
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
    """An answer without a usable token is a TokenError with the status."""
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
    """A number above zero is read, also from text; other values count as 3600 seconds, and a year is the most."""
    assert lifetime(told) == seconds


@pytest.mark.parametrize(("remaining", "margin"), [(3600, 60), (600, 60), (599, 59.9), (100, 10), (1, 0.1)])
def test_a_token_is_renewed_ahead_of_its_end(remaining: float, margin: float) -> None:
    """A token is renewed 60 seconds before its end, or a tenth of its lifetime if that is less."""
    assert renewal_margin(remaining) == pytest.approx(margin)


@pytest.mark.parametrize("wrong", ["", "a:b", "a\n", "a\x00", 7, None, "\ud800"])
def test_a_name_that_is_none_is_refused(wrong: Any) -> None:
    """A username has no colon and no control character, and is text."""
    with pytest.raises(ValueError, match="client_id"):
        ClientCredentials(wrong, "s")
    with pytest.raises(ValueError, match="username"):
        BasicCredentials(wrong, "s")


@pytest.mark.parametrize("wrong", ["", "a\r\nb", 7, None])
def test_a_secret_that_is_none_is_refused(wrong: Any) -> None:
    """A secret is text without control characters, and its error does not show it."""
    with pytest.raises(ValueError, match="client_secret"):
        ClientCredentials("a", wrong)
    with pytest.raises(ValueError, match="password"):
        BasicCredentials("a", wrong)


def test_secrets_may_hold_a_colon_and_other_letters() -> None:
    """A password may hold a colon and letters beyond ASCII, since HTTP Basic splits at the first colon."""
    assert BasicCredentials("a", "b:é").login == "Basic YTpiOsOp"


def test_no_secret_is_in_a_repr() -> None:
    """The repr of credentials, tokens and stores holds no secret."""
    shown = [ClientCredentials("a", "hush"), BasicCredentials("a", "hush"), Token("hush", NOW), MemoryTokenStore()]

    assert "hush" not in repr(shown)


def test_store_keys_tell_apart_and_tell_nothing() -> None:
    """A store key depends on client id and token URL, holds neither, and ignores the secret."""
    one = ClientCredentials("client-id", "a", token_url="https://a.example/token")

    keys = {
        one.store_key,
        ClientCredentials("client-id", "b", token_url="https://a.example/token").store_key,
        ClientCredentials("client-id", "a", token_url="https://b.example/token").store_key,
        ClientCredentials("other-id", "a", token_url="https://a.example/token").store_key,
    }

    assert len(keys) == 3
    assert "client-id" not in one.store_key


@pytest.mark.parametrize(
    ("value", "expires_at"), [("", NOW), ("a b", NOW), ("a\n", NOW), (7, NOW), ("a", datetime(2026, 1, 1))]
)
def test_a_token_that_is_none_is_refused(value: Any, expires_at: datetime) -> None:
    """A token that is not visible ASCII, or whose end is not aware, is refused."""
    with pytest.raises(ValueError, match=r"value|expires_at"):
        Token(value, expires_at)
