"""The rules that a request keeps before it is sent; each breach is a ValueError that names the field."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from urllib.parse import urlsplit

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_SIP = re.compile(r"sips?:[^\s\x00-\x1f\x7f]+", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_USUAL_URL = re.compile(r"https?://[a-z0-9.-]+(?::[1-9][0-9]{0,3})?(?:/[!-\[\]-~]*)?")  # a dialler checks thousands
_NOT_IN_URL = re.compile(r"[\s\\\x00-\x1f\x7f]")


def text(field: str, value: object, *, most: int | None = None, least: int = 0) -> str:
    """Check that a value is text of `least` to `most` characters that can be written as UTF-8."""
    if not isinstance(value, str):
        raise ValueError(f"{field}: must be text, not {type(value).__name__}")
    if len(value) < least:
        raise ValueError(f"{field}: must not be empty")
    if most is not None and len(value) > most:
        raise ValueError(f"{field}: must have at most {most} characters, not {len(value)}")
    if not value.isascii() and re.search(r"[\ud800-\udfff]", value):
        raise ValueError(f"{field}: holds a lone surrogate, which no text on the wire can")
    return value


def plain(field: str, value: object, *, most: int | None = None, least: int = 1) -> str:
    """Check that a value is text without control characters."""
    checked = text(field, value, most=most, least=least)
    if _CONTROL.search(checked):
        raise ValueError(f"{field}: must not hold control characters")
    return checked


def visible(field: str, value: object) -> str:
    """Check that a value is text that a header can hold: visible ASCII and spaces."""
    checked = text(field, value, least=1)
    if not re.fullmatch(r"[!-~](?:[ -~]*[!-~])?", checked):
        raise ValueError(f"{field}: must be visible ASCII characters")
    return checked


def e164(field: str, value: object) -> None:
    """Check that a value is a telephone number such as +19195551234."""
    if not _E164.fullmatch(text(field, value)):
        raise ValueError(f"{field}: must be an E.164 telephone number such as +19195551234, not {value!r}")


def destination(field: str, value: object) -> None:
    """Check that a value is a telephone number or a SIP URI."""
    if not _E164.fullmatch(text(field, value)) and not _SIP.fullmatch(str(value)):
        raise ValueError(
            f"{field}: must be an E.164 telephone number such as +19195551234, or a SIP URI such as "
            f"sip:user@host.example, not {value!r}"
        )


def url(field: str, value: object, *, most: int | None = None) -> None:
    """Check that a value is an absolute http or https URL."""
    checked = text(field, value, most=most, least=1)
    if not _USUAL_URL.fullmatch(checked) and not _is_absolute(checked):
        raise ValueError(f"{field}: must be an absolute http or https URL, not {checked[:200]!r}")


def secure(field: str, value: str | None) -> None:
    """Check that a URL, where there is one, uses https, as credentials go with it."""
    if value is not None and value[:6].lower() != "https:":
        raise ValueError(f"{field}: must use https, since credentials are sent with it")


def _is_absolute(value: str) -> bool:
    try:
        parts = urlsplit(value)
        absolute = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return absolute and not _NOT_IN_URL.search(value)


def number(field: str, value: object, least: float, most: float = float("inf")) -> None:
    """Check that a value is a number from `least` to `most`, both allowed."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{field}: must be a number, not {type(value).__name__}")
    largest = sys.float_info.max
    if not max(least, -largest) <= value <= min(most, largest):
        bounds = f"{least:g} or more" if most == float("inf") else f"{least:g} to {most:g}"
        # Python refuses to write a whole number of thousands of digits, with an error that names no field.
        shown = repr(value) if isinstance(value, float) or abs(value) <= largest else "a number past all bounds"
        raise ValueError(f"{field}: must be {bounds}, not {shown}")


def whole(field: str, value: object, least: int, most: int) -> None:
    """Check that a value is a whole number from `least` to `most`, both allowed."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{field}: must be a whole number, not {type(value).__name__}")
    number(field, value, least, most)


def flag(field: str, value: object) -> None:
    """Check that a value is True or False."""
    if not isinstance(value, bool):
        raise ValueError(f"{field}: must be True or False, not {type(value).__name__}")


def one_of(field: str, value: object, words: tuple[str, ...]) -> None:
    """Check that a value is one of some words."""
    if value not in words:
        raise ValueError(f"{field}: must be one of {', '.join(words)}, not {value!r}")


def method(field: str, value: object) -> None:
    """Check that a value is a method by which webhooks are sent."""
    one_of(field, value, ("GET", "POST"))


def aware(field: str, value: object) -> datetime:
    """Check that a value is a datetime with a zone, and give it in UTC."""
    if not isinstance(value, datetime):
        raise ValueError(f"{field}: must be a datetime, not {type(value).__name__}")
    if value.utcoffset() is None:
        raise ValueError(f"{field}: must have a time zone, such as datetime.now(UTC)")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{field}: {value!r} has no time in UTC") from None
