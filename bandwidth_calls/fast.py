"""Decodes answers at about the cost of untyped dicts.

This file is clever so that the others need not be. A listing may have millions of calls. The converter of `convert.py`
defines what a valid answer is, but takes some ten times as long for each. Here a msgspec struct with the fields of the
model decodes the same item. It is copied into an open twin of the frozen model (the same slots, no frozen
`__setattr__`), which then becomes an instance of the model. What this cannot decode (a wrong type, a missing field)
goes to the converter, so errors and their places are its own. Property tests hold both to the same results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

import attrs
import msgspec

from bandwidth_calls.convert import AWARE, load, wire_name
from bandwidth_calls.wire import Answer

T = TypeVar("T")
Buffer = bytes | bytearray | memoryview

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_COPY = """
def copy(structs):
    for place, struct in enumerate(structs):
        model = twin()
        {fields}
        model.extra = {{}}
        model.__class__ = kind
        structs[place] = model
    return structs
"""


def load_one(answer: Answer, kind: type[T]) -> T:
    """Read an answer as one model, or raise what `load` raises."""
    read: Callable[[Buffer], list[T]] = list_reader(kind)  # type: ignore[arg-type]  # it is hashable
    try:
        (model,) = read(b"[%b]" % answer.body)
    except (*UNREADABLE, ValueError):
        return load(answer, kind)
    return model


@cache
def list_reader(kind: Any) -> Callable[[Buffer], list[Any]]:
    """Return the function that reads a JSON list of a model, in one step without unknown fields, in two with them.

    It raises one of `UNREADABLE` for what only the converter can judge.
    """
    names = [field.name for field in attrs.fields(kind) if field.name != "extra"]
    known = frozenset(map(wire_name, names))
    exact = _mirror(kind, names, forbid_unknown_fields=True)
    open_ = _mirror(kind, names, forbid_unknown_fields=False)
    decode_exact = msgspec.json.Decoder(list[exact]).decode  # type: ignore[valid-type]  # made above, at run time
    decode_dicts = msgspec.json.Decoder(list[dict[str, Any]]).decode
    copy = _copier(kind, names)

    def read(body: Buffer) -> list[Any]:
        try:
            return copy(decode_exact(body))
        except msgspec.ValidationError:
            payloads = decode_dicts(body)
        models = copy(msgspec.convert(payloads, list[open_]))  # type: ignore[valid-type]  # as above
        for model, payload in zip(models, payloads, strict=True):
            model.extra.update((name, payload[name]) for name in payload.keys() - known)
        return models

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
    """Return msgspec's type for the type of a field: times with a zone, and mappings as dicts."""
    if type(None) in get_args(hint):
        return _strict(get_args(hint)[0]) | None
    return {datetime: AWARE, Mapping[str, str]: dict[str, str]}.get(hint, hint)


def _open_twin(kind: Any) -> type:
    names = [field.name for field in attrs.fields(kind)]
    return attrs.make_class(f"Open{kind.__name__}", names, slots=True, weakref_slot=False, eq=False, init=False)


def _copier(kind: Any, names: list[str]) -> Callable[[list[Any]], list[Any]]:
    """Compile the loop that copies: written out, it has no call and no look-up by name but the making of the twin."""
    fields = "\n        ".join(f"model.{name} = struct.{name}" for name in names)
    namespace: dict[str, Any] = {"kind": kind, "twin": _open_twin(kind)}
    exec(_COPY.format(fields=fields), namespace)  # noqa: S102 - the names are those of our own fields
    copier: Callable[[list[Any]], list[Any]] = namespace["copy"]
    return copier
