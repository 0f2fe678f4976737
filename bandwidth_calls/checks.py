"""Checks for arguments and for the fields of requests.

Each function takes the name of a field and its value. A wrong value raises a ValueError that begins with the name.
"""

from __future__ import annotations

import math
import re
import sys
from datetime import UTC, datetime
from urllib.parse import urlsplit

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")  # ITU-T E.164: at most 15 digits, and no country code begins with 0
_SIP = re.compile(r"sips?:[^\s\x00-\x1f\x7f]+", re.IGNORECASE)
# The OpenAPI file of createCall: comma-separated values, each with its encoding.
_UUI = re.compile(r"[^,]+;encoding=(?:jwt|base64|hex)(?:,[^,]+;encoding=(?:jwt|base64|hex))*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_USUAL_URL = re.compile(r"https?://[a-z0-9.-]+(?::[1-9][0-9]{0,3})?(?:/[!-\[\]-~]*)?")  # a dialler checks thousands
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")  # at most what a message can show
_NOT_IN_URL = re.compile(r"[\s\\\x00-\x1f\x7f]")
_SHOWN = 40  # characters of a refused value: enough to recognise it, and the message stays on one line


def shown(value: object) -> str:
    """Return a refused value for a message: text and numbers shortened, anything else as the name of its type."""
    if not isinstance(value, str | int | float):
        return type(value).__name__
    try:
        written = repr(value)
    except ValueError:  # Python writes no int of over 4,300 digits
        return "a huge number"
    return written if len(written) <= _SHOWN else f"{written[: _SHOWN - 3]}..."


def text(field: str, value: object, *, most: int | None = None, least: int = 0) -> str:
    """Check that a value is text of `least` to `most` characters that UTF-8 can encode."""
    if not isinstance(value, str):
        raise ValueError(f"{field}: must be text, not {type(value).__name__}")  # it may be a password: never shown
    if len(value) < least:
        raise ValueError(f"{field}: must not be empty")
    if most is not None and len(value) > most:
        raise ValueError(f"{field}: must have at most {most} characters, not {len(value)}")
    if not value.isascii() and re.search(r"[\ud800-\udfff]", value):
        raise ValueError(f"{field}: must not hold a lone surrogate, which UTF-8 cannot encode")
    return value


def plain(field: str, value: object, *, most: int | None = None, least: int = 1) -> str:
    """Check that a value is text without control characters."""
    checked = text(field, value, most=most, least=least)
    if _CONTROL.search(checked):
        raise ValueError(f"{field}: must not hold control characters")
    return checked


def visible(field: str, value: object) -> str:
    """Check that a value can stand in an HTTP header: visible ASCII characters, with spaces only inside."""
    checked = text(field, value, least=1)
    if not re.fullmatch(r"[!-~](?:[ -~]*[!-~])?", checked):
        raise ValueError(f"{field}: must be visible ASCII characters")
    return checked


def login(field: str, value: object) -> str:
    """Check that a value can be the username of HTTP Basic authentication (RFC 7617)."""
    checked = plain(field, value)
    if ":" in checked:
        raise ValueError(f"{field}: must not hold a colon, which ends the username in HTTP Basic")
    return checked


def matching(field: str, value: object, pattern: re.Pattern[str], meaning: str) -> None:
    """Check that a pattern matches a whole text; `meaning` describes the pattern in the message."""
    if not pattern.fullmatch(text(field, value)):
        raise ValueError(f"{field}: must be {meaning}, not {shown(value)}")


def e164(field: str, value: object) -> None:
    """Check that a value is an E.164 telephone number such as +19195551234."""
    matching(field, value, _E164, "an E.164 telephone number such as +19195551234")


def sip_uri(field: str, value: object) -> None:
    """Check that a value is a SIP URI such as sip:user@host.example; `sips:` is allowed too."""
    matching(field, value, _SIP, "a SIP URI such as sip:user@host.example")


def destination(field: str, value: object) -> None:
    """Check that a value is an E.164 telephone number or a SIP URI."""
    checked = text(field, value)
    if not _E164.fullmatch(checked) and not _SIP.fullmatch(checked):
        raise ValueError(
            f"{field}: must be an E.164 telephone number such as +19195551234, or a SIP URI such as "
            f"sip:user@host.example, not {shown(value)}"
        )


def user_to_user(field: str, value: str) -> None:
    """Check that a text is a comma-separated list of User-To-User values, each with its encoding."""
    if not _UUI.fullmatch(value):
        raise ValueError(f"{field}: each value must end with ;encoding=jwt, ;encoding=base64 or ;encoding=hex")


def url(field: str, value: object, *, most: int | None = None) -> None:
    """Check that a value is an absolute http or https URL of at most `most` characters."""
    checked = text(field, value, most=most, least=1)
    if not _USUAL_URL.fullmatch(checked) and not _is_absolute(checked):
        raise ValueError(f"{field}: must be an absolute http or https URL, not {checked[:200]!r}")


def secure(field: str, value: str | None) -> None:
    """Check that a URL, if it is set, uses https, because credentials are sent to it."""
    if value is not None and value[:6].lower() != "https:":
        raise ValueError(f"{field}: must use https, since credentials are sent with it")


def _is_absolute(value: str) -> bool:
    try:
        parts = urlsplit(value)
        absolute = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return absolute and not _NOT_IN_URL.search(value)


def _type(value: object) -> str:
    """Return the type of what is no number, with advice for a number in quotes."""
    quoted = isinstance(value, str) and _NUMBER.fullmatch(value)
    return f"{type(value).__name__}: write {value} without quotes" if quoted else type(value).__name__


def number(field: str, value: object, least: float, most: float = math.inf) -> None:
    """Check that a value is a finite number from `least` to `most`, both included."""
    if type(value) is int and least <= value <= most < math.inf:
        return  # the usual number; without an upper bound an int may be too large for a float
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{field}: must be a number, not {_type(value)}")
    if not (least <= value <= most and abs(value) <= sys.float_info.max):
        bounds = f"{least:g} or more" if most == math.inf else f"{least:g} to {most:g}"
        raise ValueError(f"{field}: must be {bounds}, not {shown(value)}")


def positive(field: str, value: object) -> None:
    """Check that a value is a finite number above 0."""
    number(field, value, 0)
    if value == 0:
        raise ValueError(f"{field}: must be more than 0")


def whole(field: str, value: object, least: int, most: float = math.inf) -> None:
    """Check that a value is a whole number from `least` to `most`, both included."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{field}: must be a whole number, not {_type(value)}")
    number(field, value, least, most)


def flag(field: str, value: object) -> None:
    """Check that a value is True or False."""
    if not isinstance(value, bool):
        raise ValueError(f"{field}: must be True or False, not {shown(value)}")


def one_of(field: str, value: object, words: tuple[str, ...]) -> None:
    """Check that a value is one of the allowed words."""
    if value not in words:
        raise ValueError(f"{field}: must be one of {', '.join(words)}, not {shown(value)}")


def model(field: str, value: object, kind: type) -> None:
    """Check that a value is an instance of a class."""
    if not isinstance(value, kind):
        raise ValueError(f"{field}: must be a {kind.__name__}, not {type(value).__name__}")


def method(field: str, value: object) -> None:
    """Check that a value is an HTTP method that Bandwidth uses for webhooks."""
    one_of(field, value, ("GET", "POST"))


def aware(field: str, value: object) -> datetime:
    """Check that a value is a datetime with a time zone, and return it in UTC."""
    if not isinstance(value, datetime):
        raise ValueError(f"{field}: must be a datetime, not {type(value).__name__}")
    if value.utcoffset() is None:
        raise ValueError(f"{field}: must have a time zone, such as datetime.now(UTC)")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{field}: {value!r} is outside the range of UTC") from None
