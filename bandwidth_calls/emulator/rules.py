"""What a field may hold: each rule returns the value as kept, or raises `ValueError` saying what it must be."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import attrs

from bandwidth_calls.emulator.api.messages import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    Rule = Callable[[object], object]

T = TypeVar("T")
Default = TypeVar("Default")

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_SIP = re.compile(r"sips?:([^@\s]+@)?[^@\s]+", re.IGNORECASE)
_USER_TO_USER = re.compile(r"[^,;\s]+(;[^,\s]+)?;encoding=(jwt|base64|hex)")
_LONGEST_UUI = 350
_LONGEST_DISPLAY_NAME = 256


@attrs.frozen
class Field:
    """A field of a JSON object: its rule, and what it is when it is absent or null."""

    rule: Rule
    default: object = None
    nullable: bool = True
    required: bool = False


def required(rule: Rule) -> Field:
    """A field that must be there, and not null."""
    return Field(rule, nullable=False, required=True)


def read_fields(fields: Mapping[str, Field], body: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """The value of every field, defaults filled in; unknown fields are ignored. Raises 400, naming the field."""
    return {name: _read_field(field, body, name, prefix) for name, field in fields.items()}


def _read_field(field: Field, body: Mapping[str, object], name: str, prefix: str) -> object:
    value = body.get(name)
    if value is None:
        if field.required or (name in body and not field.nullable):
            raise ApiError(400, f"Invalid {prefix}{name}: must not be null")
        return field.default
    try:
        return field.rule(value)
    except ValueError as error:
        raise ApiError(400, f"Invalid {prefix}{name}: {error}") from None


def read_named(name: str, rule: Callable[[object], T], value: object) -> T:
    """The value as the rule keeps it; the `ValueError` begins with the name."""
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
    """Text of at most so many characters."""

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
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def number(least: float = -math.inf, most: float = math.inf) -> Callable[[object], float]:
    """A finite number within bounds; true and false are none."""

    def rule(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not -math.inf < value < math.inf:
            raise ValueError("must be a number")
        if not least <= value <= most:
            raise ValueError(f"must be between {least} and {most}")
        return value

    return rule


def whole(least: int, most: int) -> Callable[[object], int]:
    """A whole number within bounds; 5.0 is one, as JSON Schema has it."""
    within = number(least, most)

    def rule(value: object) -> int:
        given = within(value)
        if given != int(given):
            raise ValueError("must be a whole number")
        return int(given)

    return rule


def word(*words: str) -> Callable[[object], str]:
    """One of these words, in this case."""

    def rule(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return value

    return rule


def not_blank(value: object) -> str:
    """Text that says something."""
    given = text()(value)
    if not given.strip():
        raise ValueError("must not be blank")
    return given


def url(longest: int | None = None) -> Rule:
    """An absolute http or https URL."""
    is_text = text(longest)

    def rule(value: object) -> str:
        given = is_text(value)
        if any(character.isspace() or unicodedata.category(character) == "Cc" for character in given):
            raise ValueError("must be a URL without spaces and control characters")
        parts = urlsplit(given)
        if parts.scheme not in ("http", "https"):
            raise ValueError("only http and https are allowed.")
        # Reading the port is what makes urlsplit check it.
        if not parts.hostname or parts.port == 0:
            raise ValueError("must be an absolute URL")
        return given

    return rule


def phone_number(value: object) -> str:
    """A telephone number, as E.164 has it."""
    if not isinstance(value, str) or not _E164.fullmatch(value):
        raise ValueError("must be an E164 telephone number")
    return value


def phone_number_or_sip(value: object) -> str:
    """A telephone number or a SIP URI, `sips` too, in any case."""
    given = text()(value)
    if _SIP.fullmatch(given):
        return given
    try:
        return phone_number(given)
    except ValueError:
        raise ValueError("must be an E164 telephone number or a SIP URI") from None


def display_name(value: object) -> str:
    """A name to show: at most 256 characters, none of them a control character."""
    given = text(_LONGEST_DISPLAY_NAME)(value)
    if any(unicodedata.category(character) == "Cc" for character in given):
        raise ValueError("must not contain control characters")
    return given


def user_to_user(value: object) -> str:
    """User-To-User values, comma-separated, each ending with its encoding; at most 350 characters in all."""
    given = text(_LONGEST_UUI)(value)
    if not all(_USER_TO_USER.fullmatch(part.strip()) for part in given.split(",")):
        raise ValueError("each value must end with ;encoding=jwt, ;encoding=base64 or ;encoding=hex")
    return given
