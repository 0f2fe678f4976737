"""Reading answers at about the cost of untyped dicts, and pages of them in slices while their bytes arrive.

This file is clever so that no other need be: a listing reads millions of calls, and the converter of `convert.py`,
which defines what a valid answer is, takes some ten times as long for each. The same items are read here by a msgspec
struct with the fields of the model, and each struct is copied into an open twin of the frozen model (same
slots, no frozen `__setattr__`), which is then given the model's class. Whatever this does not take (a wrong type, a
missing field) is handed to the converter, so errors and their places are its own. Property tests hold both paths, and
slices to whole pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar, get_args, get_type_hints

import attrs
import msgspec

from bandwidth_calls.convert import AWARE, load, wire_name
from bandwidth_calls.wire import Answer

T = TypeVar("T")
Buffer = bytes | bytearray | memoryview

_CUTS = 4
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
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
    read: Callable[[Buffer], list[T]] = _reader(kind)  # type: ignore[arg-type]  # it is hashable
    try:
        (model,) = read(b"[%b]" % answer.body)
    except (*_UNREADABLE, ValueError):
        return load(answer, kind)
    return model


class PageReader(Generic[T]):
    """Reads a page of models from the bytes that are put in: slices of a size as they arrive, and the rest by `end`.

    A slice ends at a `},{`, whose comma becomes the bracket that closes one list, and then the one that opens the next.
    Where it stands inside a text or a nested list, what comes before it is no whole list, which is a syntax error, and
    an earlier one is tried; so a cut that can be read is a right one.
    """

    def __init__(self, kind: type[T], size: int) -> None:
        self._kind, self._size = kind, size
        self._read: Callable[[Buffer], list[T]] = _reader(kind)  # type: ignore[arg-type]  # it is hashable
        self._rest = bytearray()
        self._wanted = size  # how many bytes must be there before a cut is tried
        self._items = self._bytes = 0  # what was read before the rest began

    @property
    def ready(self) -> bool:
        """Whether a slice can be tried."""
        return len(self._rest) >= self._wanted

    def put(self, piece: bytes) -> None:
        """Take the next bytes of the page."""
        self._rest += piece

    def slice(self) -> list[T]:
        """Read the items that are whole within a slice; none where that cannot be told without more bytes."""
        cut = self._wanted
        for _ in range(_CUTS):
            if (cut := self._rest.rfind(b"},{", 0, cut) + 1) == 0:
                break
            if (items := self._read_to(cut)) is not None:
                return items
        self._wanted *= 2
        return []

    def _read_to(self, cut: int) -> list[T] | None:
        self._rest[cut] = ord("]")
        try:
            items = self._read(memoryview(self._rest)[: cut + 1])
        except _UNREADABLE:
            self._rest[cut] = ord(",")
            return None
        del self._rest[:cut]
        self._rest[0] = ord("[")
        self._wanted, self._items, self._bytes = self._size, self._items + len(items), self._bytes + cut
        return items

    def end(self, answer: Answer) -> list[T]:
        """Read what is left when all has arrived, or raise what `load` raises for the page as a whole."""
        try:
            return self._read(self._rest)
        except _UNREADABLE:
            # Blanks stand for what was read before, so that a place in the rest is the place in the page.
            page = attrs.evolve(answer, body=b" " * self._bytes + self._rest)
            return load(page, list[self._kind], first=self._items)  # type: ignore[name-defined]  # known at run time


@cache
def _reader(kind: Any) -> Callable[[Buffer], list[Any]]:
    """Make the reader of a model: without unknown fields in one step, with them in two."""
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
    """Give msgspec's type for the type of a field: times with a zone, and mappings as dicts."""
    if type(None) in get_args(hint):
        return _strict(get_args(hint)[0]) | None
    return {datetime: AWARE, Mapping[str, str]: dict[str, str]}.get(hint, hint)


def _open_twin(kind: Any) -> type:
    names = [field.name for field in attrs.fields(kind)]
    return attrs.make_class(f"Open{kind.__name__}", names, slots=True, weakref_slot=False, eq=False, init=False)


def _copier(kind: Any, names: list[str]) -> Callable[[list[Any]], list[Any]]:
    """Write the copying loop out: no call and no look-up by name is left in it but the making of the twin."""
    fields = "\n        ".join(f"model.{name} = struct.{name}" for name in names)
    namespace: dict[str, Any] = {"kind": kind, "twin": _open_twin(kind)}
    exec(_COPY.format(fields=fields), namespace)  # noqa: S102 - the names are those of our own fields
    copier: Callable[[list[Any]], list[Any]] = namespace["copy"]
    return copier
