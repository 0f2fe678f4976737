"""How an element is declared: `@element` on a class, and one field a line.

The body (a text, or the children) comes first and by position, all else by keyword; PEP 681 tells type checkers so.
They take what `optional` returns for a default value, so that an optional attribute costs one call and no more words.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, dataclass_transform

import attrs

from bandwidth_calls.bxml.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

_T = TypeVar("_T")


class Element:
    """Whatever BXML writes as an XML element; its name is that of the class."""

    __slots__ = ()


class Verb(Element):
    """An element that may stand directly in a document."""

    __slots__ = ()


@attrs.frozen
class Children(Rule):
    """Which elements may stand inside, and how many. Their document checks which: it alone knows the whole path."""

    allowed: tuple[type[Element], ...]
    fewest: int
    most: int | None

    def fault(self, value: object) -> str | None:
        """Refuse too few and too many."""
        count = len(cast("tuple[object, ...]", value))
        if self.fewest <= count and (self.most is None or count <= self.most):
            return None
        names = " or ".join(kind.__name__ for kind in self.allowed)
        span = self.fewest if self.fewest == self.most else f"{self.fewest} to {self.most}"
        return f"must hold {span} {names}, not {count}"


def optional(rule: Rule, *, secret: bool = False) -> Any:
    """Declare an attribute that is not rendered when it is None."""
    return attrs.field(default=None, kw_only=True, validator=rule, repr=not secret)


def required(rule: Rule) -> Any:
    """Declare an attribute that must be given."""
    return attrs.field(kw_only=True, validator=rule)


def text(rule: Rule, *, kw_only: Literal[False]) -> Any:
    """Declare a body of text. Type checkers want `kw_only=False` spelt out at each call."""
    return attrs.field(kw_only=kw_only, validator=rule)


def nested(
    *allowed: type[Element],
    fewest: int = 0,
    most: int | None = None,
    default: Any = attrs.NOTHING,
    kw_only: Literal[False],
) -> Any:
    """Declare a body of child elements, kept as a tuple."""
    return attrs.field(kw_only=kw_only, default=default, converter=tuple, validator=Children(allowed, fewest, most))


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(required, text, nested))
def element(cls: type[_T]) -> type[_T]:
    """Make a frozen attrs class of a declaration."""
    return attrs.frozen(cls)


@attrs.frozen
class Shape:
    """What the renderer and the reader must know of a class: its body, and its attributes by wire name, in order."""

    body: attrs.Attribute[Any] | None
    attributes: Mapping[str, attrs.Attribute[Any]]

    @property
    def children(self) -> Children | None:
        """The rule for the child elements, where the class has any."""
        rule = self.body and self.body.validator
        return rule if isinstance(rule, Children) else None


def shape(kind: type) -> Shape:
    """Look up the shape of a class."""
    return _shape(kind)


@functools.cache
def _shape(kind: type) -> Shape:
    fields = attrs.fields(kind)
    body = next((field for field in fields if not field.kw_only), None)
    return Shape(body, {wire_name(field.name): field for field in fields if field.kw_only})


def wire_name(name: str) -> str:
    """Turn `max_digits` into `maxDigits`, and `from_` into `from`."""
    return re.sub("_([a-z])", lambda found: found[1].upper(), name.rstrip("_"))
