"""Rules for the fields of verbs.

Each rule checks a Python value and reads the text of a document into one. The checks themselves are those of the
package, in `checks`. A rule turns their ValueError into a BxmlError that knows the place.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal, get_args

import attrs

from bandwidth_calls import checks
from bandwidth_calls.errors import BxmlError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Method = Literal["GET", "POST"]

# XML 1.0 cannot hold these, not even as character references (section 2.2).
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# Bandwidth's own SDK for Python wrote True and False until 23.2.0, so the case of the letters does not matter.
_FLAGS = {"true": True, "false": False}


def refusal(where: str | None, why: str, line: int | None = None, column: int | None = None) -> BxmlError:
    """Return the error for a fault: its message begins with the place, and a note tells line and column."""
    error = BxmlError(f"{where}: {why}" if where else why, where, line, column)
    if line is not None:
        error.add_note(f"line {line}, column {column}")
    return error


def reason(error: ValueError, where: str | None) -> str:
    """Return the message of a failed check without the place at its beginning."""
    return str(error).removeprefix(f"{where}: ")


class Rule(ABC):
    """A rule for one field of an element, which stands where attrs has validators."""

    @abstractmethod
    def check(self, where: str, value: object) -> None:
        """Raise a ValueError for a wrong value; its message begins with the place."""

    def takes_any_line(self) -> bool:
        """Return whether `check` refuses no `str` of printable characters, other than a blank one."""
        return False

    def read(self, where: str, text: str) -> object:
        """Read a value from a document; text that cannot be read raises a ValueError."""
        return text


def _check_characters(where: str, value: object) -> None:
    if isinstance(value, str) and not value.isprintable() and (found := _FORBIDDEN.search(value)):
        raise ValueError(f"{where}: holds U+{ord(found[0]):04X}, which XML cannot")


@attrs.frozen(eq=False, repr=False)  # rules are not compared
class Text(Rule):
    """Any text that XML can hold, at most `longest` characters."""

    longest: int | None = None
    blank: bool = True
    controls: bool = True

    def check(self, where: str, value: object) -> None:
        """Refuse other types, forbidden characters, and what the fields of the rule forbid."""
        if type(value) is str and value.isprintable() and not self.longest and (self.blank or value.strip()):
            return  # the usual text of a document that is read; `Built` does not call the rule for it
        _check_characters(where, value)
        if self.controls:
            text = checks.text(where, value, most=self.longest)
        else:
            text = checks.plain(where, value, most=self.longest, least=0)
        if not self.blank and not text.strip():
            raise ValueError(f"{where}: must not be blank")

    def takes_any_line(self) -> bool:
        """Return whether there is no limit of length. A subclass must tell by itself."""
        return type(self) is Text and self.longest is None


class Trimmed(Rule):
    """Text that cannot begin or end with white space."""

    def read(self, where: str, text: str) -> object:
        """Drop the white space around the text, which an indented document has."""
        return text.strip(" \t\r\n")


@attrs.frozen(eq=False, repr=False)
class Matching(Trimmed):
    """Text that a pattern matches as a whole; `meaning` describes the pattern in messages."""

    pattern: re.Pattern[str]
    meaning: str

    def check(self, where: str, value: object) -> None:
        """Refuse other types and other text."""
        checks.matching(where, value, self.pattern, self.meaning)


@attrs.frozen(eq=False, repr=False)
class Address(Trimmed):
    """A telephone number or a SIP URI, by the same check that CreateCall uses."""

    judge: Callable[[str, object], None]

    def check(self, where: str, value: object) -> None:
        """Refuse what the check refuses, and characters that XML cannot hold."""
        _check_characters(where, value)
        self.judge(where, value)


@attrs.frozen(eq=False, repr=False)
class Word(Rule):
    """One of the words of a `Literal`, in that case."""

    words: tuple[str, ...] = attrs.field(converter=get_args)

    def check(self, where: str, value: object) -> None:
        """Refuse every other value."""
        checks.one_of(where, value, self.words)


class Flag(Rule):
    """True or False, and no number."""

    def check(self, where: str, value: object) -> None:
        """Refuse every other type."""
        checks.flag(where, value)

    def read(self, where: str, text: str) -> object:
        """Read `true` or `false`, in any case of letters."""
        flag = _FLAGS.get(text.lower())
        if flag is None:
            raise ValueError(f"{where}: must be true or false, not {checks.shown(text)}")
        return flag


@attrs.frozen(eq=False, repr=False)
class Number(Rule):
    """A number from `low` to `high`, both included."""

    low: float
    high: float
    whole: bool = False

    def check(self, where: str, value: object) -> None:
        """Refuse other types and numbers out of range; a whole number may be a float such as 2.0."""
        checks.number(where, value, self.low, self.high)
        if self.whole and isinstance(value, float) and not value.is_integer():
            raise ValueError(f"{where}: must be whole, not {checks.shown(value)}")

    def read(self, where: str, text: str) -> object:
        """Read a plain decimal, as an int where it is whole."""
        if not _DECIMAL.fullmatch(text):
            raise ValueError(f"{where}: must be a number, not {checks.shown(text)}")
        value = float(text)
        if not value.is_integer():
            return value
        return int(value) if "." in text else int(text)  # a float holds whole numbers exactly up to 2**53 only


TEXT = Text()
FILLED = Text(blank=False)
TAG = Text(longest=256)
METHOD = Word(Method)
FLAG = Flag()
PHONE_NUMBER = Address(checks.e164)
SIP_URI = Address(checks.sip_uri)
PHONE_NUMBER_OR_SIP_URI = Address(checks.destination)


def require_https(
    element: object, fields: Sequence[str], credentials: Sequence[str] = ("username", "password")
) -> None:
    """Refuse an absolute `http://` URL that gets credentials; a relative URL has the scheme of its document."""
    if all(getattr(element, name) is None for name in credentials):
        return
    for name in fields:
        if (getattr(element, name) or "").strip().lower().startswith("http://"):
            raise refusal(f"{type(element).__name__}.{name}", "must use https, since credentials are sent with it")
