"""The webhooks that a request sets: URLs, methods and credentials, with the limits of Bandwidth's OpenAPI file."""

from __future__ import annotations

from typing import Any, Literal

from bandwidth_calls import checks

Method = Literal["GET", "POST"]

TAG_LENGTH = 4096
_CREDENTIALS = ("username", "password", "fallback_username", "fallback_password")
_CREDENTIAL_LENGTH = 1024


def check_redirect(model: Any, word: str, *not_with_completed: str) -> None:
    """Check a change to `active` or `completed`, which the field `word` tells: only the first redirects, by a URL."""
    value = getattr(model, word)
    if value is not None:
        checks.one_of(word, value, ("active", "completed"))
    if value != "completed" and model.redirect_url is None:
        raise ValueError(f"redirect_url: required unless {word} is completed")
    if value == "completed":
        for field in not_with_completed:
            if getattr(model, field) is not None:
                raise ValueError(f"{field}: not allowed when {word} is completed")
    check_callbacks(model, ("redirect_url", "redirect_fallback_url"), ("redirect_method", "redirect_fallback_method"))


def check_callbacks(
    model: object, urls: tuple[str, ...], methods: tuple[str, ...], *, url_length: int | None = None
) -> None:
    """Check the URLs, methods and credentials of a request's webhooks. A field that is None is not checked."""
    for field in urls:
        if (value := getattr(model, field)) is not None:
            checks.url(field, value, most=url_length)
    for field in methods:
        if (value := getattr(model, field)) is not None:
            checks.method(field, value)
    for field in _CREDENTIALS:
        if (value := getattr(model, field, None)) is not None:
            checks.text(field, value, most=_CREDENTIAL_LENGTH)
