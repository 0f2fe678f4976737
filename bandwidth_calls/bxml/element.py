"""How an element is declared: `@element` on a class, and one line for each field.

The body (text or children) comes first and by position, all other fields by keyword. PEP 681 tells this to type
checkers. They read a call of `optional` as a default value, so an optional attribute needs no other mark.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, dataclass_transform

import attrs

from bandwidth_calls.bxml.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping


class Element:
    """Anything that BXML writes as an XML element, under the name of its class."""

    __slots__ = ()


class Verb(Element):
    """An element that may stand directly in a document."""

    __slots__ = ()


_T = TypeVar("_T")
_E = TypeVar("_E", bound=Element)
_registered: dict[str, type[Element]] = {}


@attrs.frozen
class Children(Rule):
    """How many elements may stand inside, and which. Only their document checks which: it knows the whole path."""

    allowed: tuple[type[Element], ...]
    fewest: int
    most: int | None

    def check(self, where: str, value: object) -> None:
        """Refuse too few and too many."""
        count = len(cast("tuple[object, ...]", value))
        if self.fewest <= count and (self.most is None or count <= self.most):
            return
        names = " or ".join(kind.__name__ for kind in self.allowed)
        span = self.fewest if self.fewest == self.most else f"{self.fewest} to {self.most}"
        raise ValueError(f"{where}: must hold {span} {names}, not {count}")


def optional(rule: Rule, *, secret: bool = False) -> Any:
    """Declare an attribute that is not written when it is None; a secret one is left out of `repr`."""
    return attrs.field(default=None, kw_only=True, validator=rule, repr=not secret)


def required(rule: Rule) -> Any:
    """Declare an attribute that must be given."""
    return attrs.field(kw_only=True, validator=rule)


def text(rule: Rule, *, kw_only: Literal[False]) -> Any:
    """Declare a body of text. Type checkers need `kw_only=False` at each call."""
    return attrs.field(kw_only=kw_only, validator=rule)


def nested(
    *allowed: type[Element],
    fewest: int = 0,
    most: int | None = None,
    default: Any = attrs.NOTHING,
    kw_only: Literal[False],
) -> Any:
    """Declare a body of child elements, kept as a tuple."""
    converter = attrs.Converter(_as_tuple, takes_self=True)
    return attrs.field(kw_only=kw_only, default=default, converter=converter, validator=Children(allowed, fewest, most))


def _as_tuple(children: object, parent: object) -> tuple[object, ...]:
    if isinstance(children, Iterable):
        return tuple(children)
    name, given = type(parent).__name__, type(children).__name__
    if hasattr(type(children), "__attrs_attrs__"):  # a verb or a document: the list around it was forgotten
        raise TypeError(f"{name}: must hold a list: write {name}([{given}(...)])")
    raise TypeError(f"{name}: must hold a list, not {given}")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(required, text, nested))
def document(cls: type[_T]) -> type[_T]:
    """Make a frozen attrs class for the root of a document."""
    return attrs.frozen(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(required, text, nested))
def element(cls: type[_E]) -> type[_E]:
    """Make a frozen attrs class for an element, and register it under its name for the reader.

    A second class of the same name is a TypeError. A subclass without this decorator is not registered.
    """
    kind = attrs.frozen(cls)
    if kind.__name__ in _registered:
        raise TypeError(f"{kind.__name__} is registered already, by {_registered[kind.__name__].__module__}")
    _registered[kind.__name__] = kind
    return kind


def find_element(name: str) -> type[Element] | None:
    """Return the class that is registered under a name. The package's `__init__` imports all of its modules."""
    return _registered.get(name)


@attrs.frozen
class Shape:
    """The fields of a class, for the renderer and the reader.

    Its body, its attributes by wire name in order, and the wire names of those that must be given.
    """

    body: attrs.Attribute[Any] | None
    attributes: Mapping[str, attrs.Attribute[Any]]
    required: tuple[str, ...]

    @property
    def children(self) -> Children | None:
        """The rule for the child elements, or None for a class without children."""
        rule = self.body and self.body.validator
        return rule if isinstance(rule, Children) else None


def shape(kind: type) -> Shape:
    """Return the shape of a class."""
    return _shape(kind)  # mypy takes no class for the Hashable that a cached function wants


@functools.cache
def _shape(kind: type) -> Shape:
    fields = attrs.fields(kind)
    body = next((field for field in fields if not field.kw_only), None)
    attributes = {wire_name(field.name): field for field in fields if field.kw_only}
    return Shape(body, attributes, tuple(wire for wire in attributes if attributes[wire].default is attrs.NOTHING))


def wire_name(name: str) -> str:
    """Return the name of a field in a document: `maxDigits` for `max_digits`, `from` for `from_`."""
    return re.sub("_([a-z])", lambda found: found[1].upper(), name.rstrip("_"))
