"""How an element is declared: `@element` on a class, and one line for each field.

The body (text or children) comes first and by position, all other fields by keyword. PEP 681 tells this to type
checkers. They read a call of `optional` as a default value, so an optional attribute needs no other mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeVar, dataclass_transform

import attrs

from bandwidth_calls.bxml.rules import Rule, reason, refusal

if TYPE_CHECKING:
    import inspect


class Built:
    """What is built from a body and attributes: elements and documents.

    An instance holds only what was given; an attribute that was not is None by its class. So a verb with twenty
    attributes costs no more than those that are used. It is equal to another of its class that holds the same.
    """

    if not TYPE_CHECKING:  # type checkers read the fields of each class

        def __init__(self, *body: object, **given: object) -> None:
            its, values = _shapes[type(self)], self.__dict__
            if body:
                if len(body) > 1 or not its.body or its.body in given:
                    raise TypeError("only the body is positional, and given once: write attributes as name=value")
                given[its.body] = body[0]
            for name, value in given.items():
                if type(value) is str and name in its.lines and value.isprintable() and value.strip():
                    values[name] = value  # the usual text, in which its rule would find nothing
                elif value is not None or name not in its.optional:
                    self._take(its, name, value)
            if its.needed and (missing := its.needed - values.keys()):
                raise TypeError(f"{type(self).__name__}() is missing {', '.join(sorted(missing))}")
            self.__attrs_post_init__()

        def _take(self, its: Shape, name: str, value: object) -> None:
            rule = its.rules.get(name)
            if rule is None:
                raise TypeError(f"{type(self).__name__}() got an unexpected keyword argument {name!r}")
            if rule is its.children:
                value = _as_tuple(value, self)
            try:
                rule.check(name, value)  # the place is composed for a fault only: verbs are built often
            except ValueError as error:
                where = type(self).__name__ if name == its.body else f"{type(self).__name__}.{name}"
                raise refusal(where, reason(error, name)) from None
            if value or rule is not its.children:
                self.__dict__[name] = value

    def __attrs_post_init__(self) -> None:
        """Check what no single field can tell; a fault is a BxmlError."""

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), frozenset(vars(self).items())))

    def __repr__(self) -> str:
        fields: Any = attrs.fields(type(self))  # type: ignore[arg-type]  # `_made` makes it an attrs class
        shown = [field.name for field in fields if field.repr and field.name in vars(self)]
        return f"{type(self).__name__}({', '.join(f'{name}={vars(self)[name]!r}' for name in shown)})"


_B = TypeVar("_B", bound=Built)


def of_checked(kind: type[_B], values: dict[str, object]) -> _B:
    """Return an instance of values that were checked already, each by itself."""
    built = kind.__new__(kind)
    vars(built).update(values)
    return built


class _Signature:
    """The signature of a class, made when somebody asks for it, as `help` does."""

    def __get__(self, built: object, kind: type) -> inspect.Signature:
        import inspect

        its = shape(kind)
        parameters = [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY if field.kw_only else inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=inspect.Parameter.empty if field.name in its.needed else field.default,
                annotation=field.type,
            )
            for field in attrs.fields(kind)
        ]
        return inspect.Signature(parameters)


class Element(Built):
    """Anything that BXML writes as an XML element, under the name of its class."""


class Verb(Element):
    """An element that may stand directly in a document."""


_T = TypeVar("_T")
_E = TypeVar("_E", bound=Element)
_registered: dict[str, type[Element]] = {}


@attrs.frozen(eq=False, repr=False)
class Children(Rule):
    """How many elements may stand inside, and which. Only their document checks which: it knows the whole path."""

    allowed: tuple[type[Element], ...]
    fewest: int
    most: int | None

    def check(self, where: str, value: object) -> None:
        """Refuse too few and too many."""
        count = len(value)  # type: ignore[arg-type]  # it is a tuple
        if self.fewest <= count and (self.most is None or count <= self.most):
            return
        names = " or ".join(kind.__name__ for kind in self.allowed)
        span = self.fewest if self.fewest == self.most else f"{self.fewest} to {self.most}"
        raise ValueError(f"{where}: must hold {span} {names}, not {count}")


def optional(rule: Rule, *, secret: bool = False) -> Any:
    """Declare an attribute that is not written when it is None; a secret one is left out of `repr`."""
    return attrs.field(default=None, kw_only=True, metadata={"rule": rule}, repr=not secret)


def required(rule: Rule) -> Any:
    """Declare an attribute that must be given."""
    return attrs.field(kw_only=True, metadata={"rule": rule})


def text(rule: Rule, *, kw_only: Literal[False]) -> Any:
    """Declare a body of text. Type checkers need `kw_only=False` at each call."""
    return attrs.field(kw_only=kw_only, metadata={"rule": rule})


def nested(
    *allowed: type[Element],
    fewest: int = 0,
    most: int | None = None,
    default: Any = attrs.NOTHING,
    kw_only: Literal[False],
) -> Any:
    """Declare a body of child elements, kept as a tuple."""
    return attrs.field(kw_only=kw_only, default=default, metadata={"rule": Children(allowed, fewest, most)})


def _as_tuple(children: object, parent: object) -> tuple[object, ...]:
    if type(children) is list or isinstance(children, Iterable):  # the second check takes longer
        return tuple(children)
    name, given = type(parent).__name__, type(children).__name__
    if hasattr(type(children), "__attrs_attrs__"):  # a verb or a document: the list around it was forgotten
        raise TypeError(f"{name}: must hold a list: write {name}([{given}(...)])")
    raise TypeError(f"{name}: must hold a list, not {given}")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(required, text, nested))
def document(cls: type[_T]) -> type[_T]:
    """Make a frozen attrs class for the root of a document."""
    return _made(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(required, text, nested))
def element(cls: type[_E]) -> type[_E]:
    """Make a frozen attrs class for an element, and register it under its name for the reader.

    A second class of the same name is a TypeError. A subclass without this decorator is not registered.
    """
    kind = _made(cls)
    if kind.__name__ in _registered:
        raise TypeError(f"{kind.__name__} is registered already, by {_registered[kind.__name__].__module__}")
    _registered[kind.__name__] = kind
    return kind


def _made(cls: type[_T]) -> type[_T]:
    """Make a frozen attrs class that `Built` fills, whose attributes are None until they are given."""
    kind = attrs.frozen(init=False, slots=False, eq=False, repr=False)(cls)
    for field in attrs.fields(kind):  # type: ignore[arg-type]  # mypy does not see that it is one now
        if field.default is not attrs.NOTHING:
            setattr(kind, field.name, field.default)
    kind.__signature__ = _Signature()  # type: ignore[attr-defined]  # it is what `inspect` looks for
    return kind


def find_element(name: str) -> type[Element] | None:
    """Return the class that is registered under a name. The package's `__init__` imports all of its modules."""
    return _registered.get(name)


class Shape:
    """The fields of a class, for building, rendering and reading.

    `rules` has the rule of each field, `needed` the names of those that must be given, and `optional` of those that may
    be None. `lines` has the names of those that take any line of text. `body` is the name of the body, or empty, and
    `children` the rule of a body of elements. `attributes` has the names of attributes by wire name, in order.
    `opening`, `starts` and `closing` are what all elements of a class have in common when they are written.
    """

    def __init__(self, kind: type) -> None:
        fields: Any = attrs.fields(kind)
        self.rules: dict[str, Rule] = {field.name: field.metadata["rule"] for field in fields}
        self.lines = {name for name, rule in self.rules.items() if rule.takes_any_line()}
        self.needed = {field.name for field in fields if field.default is attrs.NOTHING}
        self.optional = {field.name for field in fields if field.default is None}
        self.body = next((str(field.name) for field in fields if not field.kw_only), "")
        rule = self.rules.get(self.body)
        self.children = rule if isinstance(rule, Children) else None
        self.attributes = {wire_name(field.name): str(field.name) for field in fields if field.kw_only}
        self.opening, self.closing = f"<{kind.__name__}", f"</{kind.__name__}>"
        self.starts = [(name, f' {wire}="') for wire, name in self.attributes.items()]


def shape(kind: type) -> Shape:
    """Return the shape of a class, which is made once."""
    return _shapes[kind]


class _Shapes(dict[type, Shape]):
    """Each shape, made when it is first wanted. `functools.cache` takes longer, and each element asks twice."""

    def __missing__(self, kind: type) -> Shape:
        made = self[kind] = Shape(kind)
        return made


_shapes = _Shapes()


def wire_name(name: str) -> str:
    """Return the name of a field in a document: `maxDigits` for `max_digits`, `from` for `from_`."""
    return re.sub("_([a-z])", lambda found: found[1].upper(), name.rstrip("_"))
