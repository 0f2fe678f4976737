"""What a value must be: each rule judges a Python value, and reads the text of an attribute into one."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Literal, get_args

import attrs

from bandwidth_calls.errors import BxmlError

if TYPE_CHECKING:
    from collections.abc import Sequence

Method = Literal["GET", "POST"]

# What XML 1.0 cannot hold, not even as a character reference.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# The official SDK writes True and False, so documents that hold them are about.
_FLAGS = {"true": True, "false": False, "True": True, "False": False}


def refusal(where: str | None, why: str, line: int | None = None, column: int | None = None) -> BxmlError:
    """Make the error whose text begins with the place, and whose traceback tells the line where there is one."""
    error = BxmlError(f"{where}: {why}" if where else why, where, line, column)
    if line is not None:
        error.add_note(f"line {line}, column {column}")
    return error


def _shown(value: object) -> str:
    """Show a refused value, briefly; what is neither text nor number shows as its type."""
    if not isinstance(value, str | int | float):
        return type(value).__name__
    try:
        text = repr(value)
    except ValueError:  # Python writes no int of over 4,300 digits
        return "a huge number"
    return text if len(text) <= 40 else f"{text[:37]}..."


class Rule(ABC):
    """What one field of an element must be; works as an attrs validator."""

    @abstractmethod
    def fault(self, value: object) -> str | None:
        """Say what is wrong with the value, or None."""

    def read(self, text: str) -> object:
        """Read a value; a text that cannot be read stays text, for `fault` to refuse."""
        return text

    def __call__(self, element: object, attribute: attrs.Attribute[Any], value: object) -> None:
        """Raise for a value that has a fault."""
        if value is None and attribute.default is None:
            return
        if why := self.fault(value):
            where = type(element).__name__
            if attribute.kw_only:
                where += f".{attribute.name}"
            raise refusal(where, why)


@attrs.frozen
class Text(Rule):
    """Any text that XML can hold."""

    longest: int | None = None
    blank: bool = True
    controls: bool = True

    def fault(self, value: object) -> str | None:
        """Refuse other types, forbidden characters, and what the fields of the rule forbid."""
        if not isinstance(value, str):
            return f"must be text, not {type(value).__name__}"  # a password is not shown, not even a wrong one
        if found := _FORBIDDEN.search(value):
            return f"holds U+{ord(found[0]):04X}, which XML cannot"
        if not self.blank and not value.strip():
            return "must not be blank"
        if self.longest is not None and len(value) > self.longest:
            return f"must have at most {self.longest} characters, not {len(value)}"
        if not self.controls and _CONTROL.search(value):
            return "must hold no control characters"
        return None


@attrs.frozen
class Matching(Rule):
    """Text of a pattern that admits no white space at its ends, so that white space around it means nothing."""

    pattern: str
    meaning: str

    def fault(self, value: object) -> str | None:
        """Refuse all that the pattern does not cover from end to end."""
        if isinstance(value, str) and re.fullmatch(self.pattern, value):
            return None
        return f"must be {self.meaning}, not {_shown(value)}"

    def read(self, text: str) -> object:
        """Drop the white space of a pretty-printed document."""
        return text.strip(" \t\r\n")


@attrs.frozen
class Word(Rule):
    """One of the words of a `Literal`."""

    words: object

    def fault(self, value: object) -> str | None:
        """Refuse every other word, and every other case."""
        words = get_args(self.words)
        if isinstance(value, str) and value in words:
            return None
        return f"must be {' or '.join(words)}, not {_shown(value)}"


class Flag(Rule):
    """True or False, and no number."""

    def fault(self, value: object) -> str | None:
        """Refuse whatever is no bool."""
        return None if isinstance(value, bool) else f"must be true or false, not {_shown(value)}"

    def read(self, text: str) -> object:
        """Read `true` and `false`."""
        return _FLAGS.get(text, text)


@attrs.frozen
class Number(Rule):
    """A number within a range, its ends included."""

    low: float
    high: float
    whole: bool = False

    def fault(self, value: object) -> str | None:
        """Refuse bools, texts, NaN, and what lies outside."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            return f"must be {self.low} to {self.high}, not {_shown(value)}"
        if self.whole and value != int(value):
            return f"must be whole, not {_shown(value)}"
        return None

    def read(self, text: str) -> object:
        """Read a plain decimal, whole where it can be."""
        if not _DECIMAL.fullmatch(text):
            return text
        value = float(text)
        return int(value) if value.is_integer() else value


TEXT = Text()
FILLED = Text(blank=False)
TAG = Text(longest=256)
METHOD = Word(Method)
FLAG = Flag()


def require_https(
    element: object, fields: Sequence[str], credentials: Sequence[str] = ("username", "password")
) -> None:
    """Refuse an absolute `http://` URL where credentials go with it; a relative one has the scheme of its document."""
    if all(getattr(element, name) is None for name in credentials):
        return
    for name in fields:
        if (getattr(element, name) or "").strip().lower().startswith("http://"):
            raise refusal(f"{type(element).__name__}.{name}", "must be https, since credentials go with it")
