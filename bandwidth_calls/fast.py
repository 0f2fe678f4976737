"""Decodes answers and events at about the cost of untyped dicts.

This file is clever so that the others need not be. A listing may have millions of calls. The reader of `reading.py`
defines what can be read, but takes some ten times as long for each. Here a msgspec struct with the fields of the
model decodes the same item. It is copied into an open twin of the frozen model (the same slots, no frozen
`__setattr__`), which then becomes an instance of the model. A record that this cannot decode (a wrong type, a missing
field) goes to the reader alone, without the other records. Property tests hold both to the same results. Models that
hold other models, lists or durations are read by the reader: their listings are short, beside those of calls. An event
whose fields of these types are absent is read here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Generic, TypeVar, get_args, get_type_hints

import attrs
import msgspec

from bandwidth_calls.reading import Notes, Unreadable, answers, load
from bandwidth_calls.wire import Answer, wire_name

T = TypeVar("T")
Buffer = bytes | bytearray | memoryview

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_AWARE = Annotated[datetime, msgspec.Meta(tz=True)]
_TYPES = (str, bool, int, float, _AWARE, dict[str, str])
_FLAT = {*_TYPES, *(kind | None for kind in _TYPES)}
_COPY = """
def copy(structs, raw=None):
    for place, struct in enumerate(structs):
        model = twin()
        {fields}
        model.{rest}
        model.__class__ = kind
        structs[place] = model
    return structs
"""


def load_one(answer: Answer, kind: type[T]) -> T:
    """Read an answer as one model, or raise what `load` raises."""
    reader: FastReader[T] | PlainReader[T] = reader_of(kind)  # type: ignore[arg-type]  # it is hashable
    if isinstance(reader, PlainReader):
        return load(answer, kind)
    try:
        return reader.one(answer.body)
    except UNREADABLE:
        return load(answer, kind)


@cache
def reader_of(kind: Any) -> FastReader[Any] | PlainReader[Any]:
    """Return the reader of a model, which is made once."""
    hints = get_type_hints(kind)
    types = {_strict(hints[name]) for name in _names(kind)}
    return FastReader(kind) if types <= _FLAT else PlainReader(kind)


class EventReader(Generic[T]):
    """Reads events from decoded objects; it raises `msgspec.ValidationError` for what only `reading.py` can judge."""

    def __init__(self, kind: type[T]) -> None:
        names = _names(kind)
        self._mirror = _mirror(kind, names, forbid_unknown_fields=False)
        self._copy = _copier(kind, names, "raw = raw")

    def read(self, raw: dict[str, Any]) -> T:
        """Read an object as an event."""
        event: T = self._copy([msgspec.convert(raw, self._mirror)], raw)[0]
        return event


class PlainReader(Generic[T]):
    """Reads pages by `reading.py`, with the face of a `FastReader`."""

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind

    def page(self, body: Buffer, notes: Notes, first: int = 0) -> list[T | Unreadable]:
        """Read an array; `first` is the index of the first record in its page."""
        values = enumerate(msgspec.json.decode(body, type=list), first)
        return [answers.record(self._kind, value, f"$[{index}]", notes) for index, value in values]


class FastReader(Generic[T]):
    """Reads models from bytes; it raises one of `UNREADABLE` for what only `reading.py` can judge."""

    def __init__(self, kind: type[T]) -> None:
        names = _names(kind)
        exact = _mirror(kind, names, forbid_unknown_fields=True)
        open_ = _mirror(kind, names, forbid_unknown_fields=False)
        self._kind, self._known = kind, frozenset(map(wire_name, names))
        self._copy = _copier(kind, names, "extra = {}")
        self._decode_exact = msgspec.json.Decoder(exact).decode
        self._decode_exacts = msgspec.json.Decoder(list[exact]).decode  # type: ignore[valid-type]  # made above, at run time
        self._decode_opens = msgspec.json.Decoder(list[open_]).decode  # type: ignore[valid-type]  # as above
        self._decode_dicts = msgspec.json.Decoder(list[dict[str, Any]]).decode
        self._decode_raws = msgspec.json.Decoder(list[msgspec.Raw]).decode

    def one(self, body: Buffer | msgspec.Raw) -> T:
        """Read one object that has known fields only, all of their types."""
        models: list[T] = self._copy([self._decode_exact(body)])
        return models[0]

    def page(self, body: Buffer, notes: Notes, first: int = 0) -> list[T | Unreadable]:
        """Read an array: in one step without unknown fields, in two with them, one by one where a record is odd.

        `first` is the index of the first record in its page.
        """
        try:
            return self._copy(self._decode_exacts(body))
        except msgspec.ValidationError as error:
            has_unknown = "unknown field" in str(error)
        if has_unknown:
            with suppress(msgspec.ValidationError):
                return self._with_extra(body)
        return self._one_by_one(body, notes, first)

    def _with_extra(self, body: Buffer) -> list[T | Unreadable]:
        models = self._copy(self._decode_opens(body))
        for model, payload in zip(models, self._decode_dicts(body), strict=True):
            model.extra.update((name, payload[name]) for name in payload.keys() - self._known)
        return models

    def _one_by_one(self, body: Buffer, notes: Notes, first: int) -> list[T | Unreadable]:
        structs, odd = [], dict[int, T | Unreadable]()
        for place, raw in enumerate(self._decode_raws(body)):
            try:
                structs.append(self._decode_exact(raw))
            except msgspec.ValidationError:
                odd[place] = answers.record(self._kind, msgspec.json.decode(raw), f"$[{first + place}]", notes)
        records = self._copy(structs)
        for place, record in odd.items():  # from the first on, so that each finds the place that is its own
            records.insert(place, record)
        return records


def _names(kind: Any) -> list[str]:
    return [field.name for field in attrs.fields(kind) if field.name not in ("extra", "raw")]


def _mirror(kind: Any, names: list[str], *, forbid_unknown_fields: bool) -> Any:
    """Make a struct with the fields of a model, under their names on the wire. One that is not flat must be None."""
    hints = get_type_hints(kind)
    types = [(name, _strict(hints[name])) for name in names]
    fields: list[Any] = [
        (name, type_) if type_ in _TYPES else (name, type_ if type_ in _FLAT else None, None) for name, type_ in types
    ]
    return msgspec.defstruct(
        kind.__name__,
        fields,
        rename={name: wire_name(name) for name in names},
        forbid_unknown_fields=forbid_unknown_fields,
        kw_only=True,  # so that a required field may follow one that is not
        gc=False,
    )


def _strict(hint: Any) -> Any:
    """Return msgspec's type for the type of a field: times with a zone, and mappings as dicts."""
    if type(None) in get_args(hint):
        return _strict(get_args(hint)[0]) | None
    return {datetime: _AWARE, Mapping[str, str]: dict[str, str]}.get(hint, hint)


def _open_twin(kind: Any) -> type:
    names = [field.name for field in attrs.fields(kind)]
    slots = not kind.__dictoffset__  # the layout of both must be the same
    return attrs.make_class(f"Open{kind.__name__}", names, slots=slots, weakref_slot=not slots, eq=False, init=False)


def _copier(kind: Any, names: list[str], rest: str) -> Callable[..., list[Any]]:
    """Compile the loop that copies: written out, it has no call and no look-up by name but the making of the twin."""
    fields = "\n        ".join(f"model.{name} = struct.{name}" for name in names)
    namespace: dict[str, Any] = {"kind": kind, "twin": _open_twin(kind)}
    exec(_COPY.format(fields=fields, rest=rest), namespace)  # noqa: S102 - the names are those of our own fields
    copier: Callable[..., list[Any]] = namespace["copy"]
    return copier
