"""Reading a page of answers at about the cost of untyped dicts, in slices while its bytes arrive.

This file is clever so that no other need be: a listing reads millions of calls, and the converter of `convert.py`,
which defines what a valid answer is, takes some ten times as long for each. The same items are read here by a msgspec
struct with the fields of the model, and each struct is copied by position into an open twin of the frozen model (same
slots, no frozen `__setattr__`), which is then given the model's class. Whatever this does not take (a wrong type, a
missing field) is handed to the converter, so errors and their places are its own. Property tests hold both paths, and
slices to whole pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Generic, TypeVar, get_args, get_type_hints

import attrs
import msgspec

from bandwidth_calls.convert import load, wire_name
from bandwidth_calls.wire import Answer

T = TypeVar("T")
Buffer = bytes | bytearray | memoryview

_AWARE = Annotated[datetime, msgspec.Meta(tz=True)]
_CUTS = 4
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_COPY = "def copy(structs, extras, twin, kind):\n    made = [{call} for s, extra in zip(structs, extras)]\n"
_CLOSE = "    for one in made:\n        one.__class__ = kind\n    return made\n"


class PageReader(Generic[T]):
    """Reads a page of models: all at once by `end`, or in slices by `feed` while it arrives.

    A slice ends at the last `},{` that has arrived: its comma becomes the bracket that closes one list, and then the
    one that opens the next. Where that stands inside a text or a nested list, what comes before is no whole list, which
    is a syntax error, and an earlier one is tried; so a cut that can be read is a right one.
    """

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        self._read: Callable[[Buffer], list[T]] = _reader(kind)  # type: ignore[arg-type]  # mypy takes no class for hashable
        self._rest = bytearray()
        self._least: float = 0  # how much must be there before the next cut is tried
        self._items = self._bytes = 0  # what was read before the rest began

    def feed(self, arrived: bytes) -> list[T]:
        """Read the items that are whole by now; the rest waits for more."""
        self._rest += arrived
        cut = len(self._rest)
        for _ in range(_CUTS if cut >= self._least else 0):
            if (cut := self._rest.rfind(b"},{", 0, cut) + 1) == 0:
                break
            if (items := self._read_to(cut)) is not None:
                return items
        self._least = max(self._least, 2 * len(self._rest))
        return []

    def _read_to(self, cut: int) -> list[T] | None:
        self._rest[cut] = ord("]")
        try:
            items = self._read(memoryview(self._rest)[: cut + 1])
        except msgspec.ValidationError:
            self._least = float("inf")  # the converter says what is wrong, when all has arrived
        except _UNREADABLE:
            pass
        else:
            del self._rest[:cut]
            self._rest[0] = ord("[")
            self._least, self._items, self._bytes = 0, self._items + len(items), self._bytes + cut
            return items
        self._rest[cut] = ord(",")
        return None

    def end(self, answer: Answer, arrived: bytes) -> list[T]:
        """Read what is left when all has arrived, or raise what `load` raises for the page as a whole."""
        self._rest += arrived
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
    copy, twin = _copier(names), _open_twin(kind)

    def read(body: Buffer) -> list[Any]:
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
