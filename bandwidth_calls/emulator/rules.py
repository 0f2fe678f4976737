"""Rules: what a value may be. Every check of a value from outside uses them.

A rule is a function that returns the value as it is kept, or raises a `ValueError` that says what the value must be.
`read_named` puts the field's name in front. Each reader turns the error into its own: `api.bodies` into a 400,
`bxml.reader` into `InvalidBxml`. For `options` and the control endpoints it stays a `ValueError`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterable

    Rule = Callable[[object], object]

T = TypeVar("T")
Default = TypeVar("Default")

# What may be shown in place of a withheld number or name.
PRIVATE_NAMES = ("Restricted", "Anonymous", "Private", "Unavailable")

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_SIP = re.compile(r"sips?:([^@\s]+@)?[^@\s]+", re.IGNORECASE)
_USER_TO_USER = re.compile(r"[^,;\s]+(;[^,\s]+)?;encoding=(jwt|base64|hex)")
# Both limits are createCall's in Bandwidth's OpenAPI file.
_LONGEST_UUI = 350
_LONGEST_DISPLAY_NAME = 256
# Choices: no limit is documented. Each call keeps both, and a text may be as long as a request.
_LONGEST_SIP_URI = 2_048
_LONGEST_APPLICATION_ID = 256


def read_named(name: str, rule: Callable[[object], T], value: object) -> T:
    """Return the value as the rule keeps it. The `ValueError` begins with the name."""
    try:
        return rule(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def need_known(given: Iterable[str], known: Container[str]) -> None:
    """Raise a `ValueError` that lists the names that are not known."""
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}")


def ruled(rule: Callable[[object], T], default: Default) -> T | Default:
    """Return an attrs field that applies a rule to its value; None, as JSON's null, stands for the default.

    The `ValueError` begins with the field's name, whether the value came from a keyword or from JSON.
    """

    def keep(value: object, field: attrs.Attribute[T]) -> T | Default:
        return default if value is None else read_named(field.name, rule, value)

    made: T | Default = attrs.field(default=default, converter=attrs.Converter(keep, takes_field=True))
    return made


def text(longest: int | None = None) -> Callable[[object], str]:
    """Text of at most `longest` characters, without lone surrogates."""

    def rule(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError("must be a string")
        if longest is not None and len(value) > longest:
            raise ValueError(f"must be at most {longest} characters")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("must be well-formed Unicode")
        return value

    return rule


def flag(value: object) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def number(least: float = -math.inf, most: float = math.inf) -> Callable[[object], float]:
    """A finite number within bounds. A boolean is not a number."""

    def rule(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not -math.inf < value < math.inf:
            raise ValueError("must be a number")
        if not least <= value <= most:
            raise ValueError(f"must be between {least} and {most}")
        return value

    return rule


def whole(least: int, most: int) -> Callable[[object], int]:
    """A whole number within bounds. 5.0 is one, as in JSON Schema."""
    within = number(least, most)

    def rule(value: object) -> int:
        given = within(value)
        if given != int(given):
            raise ValueError("must be a whole number")
        return int(given)

    return rule


def positive(most: float) -> Callable[[object], float]:
    """A number more than 0 and at most `most`."""
    within = number(0, most)

    def rule(value: object) -> float:
        given = within(value)
        if not given:
            raise ValueError("must be more than 0")
        return given

    return rule


def word(*words: str) -> Callable[[object], str]:
    """One of these words. Case matters."""

    def rule(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return value

    return rule


def matching(pattern: str, what: str) -> Callable[[object], str]:
    """Text that matches the pattern as a whole. `what` completes the message "must be ..."."""
    matches = re.compile(pattern).fullmatch

    def rule(value: object) -> str:
        given = text()(value)
        if not matches(given):
            raise ValueError(f"must be {what}")
        return given

    return rule


def not_blank(value: object) -> str:
    """Text that is not only white space."""
    given = text()(value)
    if not given.strip():
        raise ValueError("must not be blank")
    return given


def url(longest: int | None = None) -> Callable[[object], str]:
    """An absolute http or https URL."""
    is_text = text(longest)

    def rule(value: object) -> str:
        given = is_text(value)
        if any(character.isspace() or unicodedata.category(character) == "Cc" for character in given):
            raise ValueError("must be a URL without spaces and control characters")
        parts = urlsplit(given)
        if parts.scheme not in ("http", "https"):
            raise ValueError("only http and https are allowed.")
        # urlsplit checks the port only when it is read.
        if not parts.hostname or parts.port == 0:
            raise ValueError("must be an absolute URL")
        return given

    return rule


def phone_number(value: object) -> str:
    """A telephone number in E.164 format: `+`, and 2 to 15 digits."""
    if not isinstance(value, str) or not _E164.fullmatch(value):
        raise ValueError("must be an E164 telephone number")
    return value


def phone_number_or_sip(value: object) -> str:
    """A telephone number, or a SIP URI with the scheme `sip` or `sips` in any case."""
    given = text(_LONGEST_SIP_URI)(value)
    if _SIP.fullmatch(given):
        return given
    try:
        return phone_number(given)
    except ValueError:
        raise ValueError("must be an E164 telephone number or a SIP URI") from None


def application_id(value: object) -> str:
    """An id of an application, which is not blank."""
    return text(_LONGEST_APPLICATION_ID)(not_blank(value))


def display_name(value: object) -> str:
    """A display name: at most 256 characters, without control characters."""
    given = text(_LONGEST_DISPLAY_NAME)(value)
    if any(unicodedata.category(character) == "Cc" for character in given):
        raise ValueError("must not contain control characters")
    return given


def user_to_user(value: object) -> str:
    """Comma-separated User-To-User values, each with its encoding, of at most 350 characters together."""
    given = text(_LONGEST_UUI)(value)
    if not all(_USER_TO_USER.fullmatch(part.strip()) for part in given.split(",")):
        raise ValueError("each value must end with ;encoding=jwt, ;encoding=base64 or ;encoding=hex")
    return given


def changed(instance: attrs.AttrsInstance, hidden: Collection[str]) -> str:
    """Return the fields of an instance that have not their defaults, such as `status 503, times 2`."""

    def is_shown(field: attrs.Attribute[object], value: object) -> bool:
        return value != field.default and field.name not in hidden

    shown = attrs.asdict(instance, filter=is_shown)
    return ", ".join(f"{name} {value}" for name, value in shown.items())
