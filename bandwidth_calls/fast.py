"""Reading a page of answers at about the cost of untyped dicts.

This file is clever so that no other need be: a listing reads millions of calls, and the converter of `convert.py`,
which defines what a valid answer is, takes some ten times as long for each. The same page is read here by a msgspec
struct with the fields of the model, and each struct is copied by position into an open twin of the frozen model (same
slots, no frozen `__setattr__`), which is then given the model's class. Whatever this does not take (a wrong type, a
missing field) is handed to the converter, so errors and their places are its own. A property test holds both paths to
each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

import attrs
import msgspec

from bandwidth_calls.convert import load, wire_name
from bandwidth_calls.wire import Answer

T = TypeVar("T")

_AWARE = Annotated[datetime, msgspec.Meta(tz=True)]
_COPY = "def copy(structs, extras, twin, kind):\n    made = [{call} for s, extra in zip(structs, extras)]\n"
_CLOSE = "    for one in made:\n        one.__class__ = kind\n    return made\n"


def load_page(answer: Answer, kind: type[T]) -> list[T]:
    """Read an answer as a list of models, equal to what `load(answer, list[kind])` gives, or raise what it raises."""
    read: Callable[[bytes], list[T]] = _reader(kind)  # type: ignore[arg-type]  # mypy does not see that a class is hashable
    try:
        return read(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return load(answer, list[kind])  # type: ignore[valid-type]  # a class that is not known until now


@cache
def _reader(kind: Any) -> Callable[[bytes], list[Any]]:
    """Make the reader of a model: without unknown fields in one step, with them in two."""
    names = [field.name for field in attrs.fields(kind) if field.name != "extra"]
    known = frozenset(map(wire_name, names))
    exact = _mirror(kind, names, forbid_unknown_fields=True)
    open_ = _mirror(kind, names, forbid_unknown_fields=False)
    decode_exact = msgspec.json.Decoder(list[exact]).decode  # type: ignore[valid-type]  # made above, at run time
    decode_dicts = msgspec.json.Decoder(list[dict[str, Any]]).decode
    copy, twin = _copier(names), _open_twin(kind)

    def read(body: bytes) -> list[Any]:
        try:
            structs = decode_exact(body)
        except msgspec.ValidationError:
            payloads = decode_dicts(body)
            structs = msgspec.convert(payloads, list[open_])  # type: ignore[valid-type]  # as above
            extras = [{name: payload[name] for name in payload.keys() - known} for payload in payloads]
            return copy(structs, extras, twin, kind)
        return copy(structs, [{} for _ in structs], twin, kind)

    return read


def _mirror(kind: Any, names: list[str], *, forbid_unknown_fields: bool) -> Any:
    """Make a struct with the fields of a model, under their names on the wire."""
    hints = get_type_hints(kind)
    required = {field.name for field in attrs.fields(kind) if field.default is attrs.NOTHING}
    fields: list[Any] = [(n, _strict(hints[n])) if n in required else (n, _strict(hints[n]), None) for n in names]
    return msgspec.defstruct(
        kind.__name__,
        fields,
        rename={name: wire_name(name) for name in names},
        forbid_unknown_fields=forbid_unknown_fields,
        gc=False,
    )


def _strict(hint: Any) -> Any:
    """Give msgspec's type for the type of a field: times with a zone, and mappings as dicts."""
    if type(None) in get_args(hint):
        return _strict(get_args(hint)[0]) | None
    return {datetime: _AWARE, Mapping[str, str]: dict[str, str]}.get(hint, hint)


def _open_twin(kind: Any) -> Any:
    fields = {
        field.name: attrs.field() if field.default is attrs.NOTHING else attrs.field(default=field.default)
        for field in attrs.fields(kind)
    }
    return attrs.make_class(f"Open{kind.__name__}", fields, slots=True, weakref_slot=False, eq=False)


def _copier(names: list[str]) -> Callable[..., list[Any]]:
    """Write the copying loop out, since a call by position is what makes it fast."""
    call = "twin({}, extra)".format(", ".join(f"s.{name}" for name in names))
    namespace: dict[str, Any] = {}
    exec(_COPY.format(call=call) + _CLOSE, namespace)  # noqa: S102 - the names are those of our own fields
    copier: Callable[..., list[Any]] = namespace["copy"]
    return copier
