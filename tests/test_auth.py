"""Credentials, tokens and stores; nothing is sent here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bandwidth_calls import BasicCredentials, ClientCredentials, MemoryTokenStore, Token

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


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


def test_a_token_store_in_memory_begins_empty() -> None:
    """Tokens come in by `put` alone."""
    with pytest.raises(TypeError):
        MemoryTokenStore({})  # type: ignore[call-arg]  # the mistake


def test_the_options_of_credentials_have_names() -> None:
    """A token URL or a store by position is a TypeError."""
    with pytest.raises(TypeError, match="positional"):
        ClientCredentials("a", "b", "https://a.example/token")  # type: ignore[call-arg]  # the mistake
    with pytest.raises(TypeError, match="positional"):
        ClientCredentials("a", "b", MemoryTokenStore())  # type: ignore[call-arg, arg-type]  # the mistake


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
