"""JSON as models: the definition of what can be read.

One odd value costs itself only. A field that is absent, null or of a wrong type is None; a wrong type is also logged.
Words are open: any text is allowed. What the model of an answer does not hold is kept in its `extra`. Types are strict:
a number is never read as text.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, reduce
from operator import or_
from typing import Any, ClassVar, TypeVar, get_args, get_origin, get_type_hints

import attrs
import msgspec

from bandwidth_calls.wire import Answer, wire_name

T = TypeVar("T")

OTHER_NAME = "other_name"
"""The key in a field's metadata for a second name on the wire, which counts where the first has no value."""

MISSING = "missing"
"""Why a field that must be there cannot be read, if it is not there."""

_log = logging.getLogger("bandwidth_calls")
_INDEX = re.compile(r"\[\d+\]")
_DURATION = re.compile(
    r"P(?=.)(?:([0-9]{1,9})D)?(?:T(?=.)(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)S)?)?"
)
_KINDS = {dict: "an object", list: "an array", str: "text", bool: "a boolean", type(None): "null"}


@attrs.frozen
class Unreadable:
    """What a model cannot do without and cannot be read: its place in the JSON, and the reason.

    It stands for a record in a page. The reason never holds the value, since that may be a secret.
    """

    place: str
    why: str


class _UnreadableError(Exception):
    """Raised while a model is read, until `Reader.record` returns the Unreadable."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(place, why)
        self.place, self.why = place, why


def unreadable(place: str, why: str) -> Exception:
    """Return the exception that a function of `Read` raises for a value that it cannot read."""
    return _UnreadableError(place, why)


@attrs.define
class Notes:
    """The values of wrong types in one answer, page or event. Each field is logged once, by its first place.

    `label` begins each line. `count` is the number of all such values. With `strict`, a time without a zone and a null
    among texts count too.
    """

    strict: ClassVar[bool] = False
    label: str
    count: int = attrs.field(default=0, init=False)
    _logged: set[str] = attrs.field(factory=set, init=False)

    def odd(self, place: str, why: str) -> None:
        """Count a value that was left out, and log its place."""
        self.count += 1
        field = _INDEX.sub("", place)
        if field not in self._logged:
            self._logged.add(field)
            _log.warning("%s: %s is %s", self.label, place, why)

    def check(self) -> None:
        """Do nothing: what is odd costs itself only. A strict reader raises."""


Read = Callable[[Any, str, Notes], Any]
"""Reads a value of JSON, which stands at a place, or raises what `unreadable` returns."""


@attrs.frozen
class _Field:
    """A field of a model: its names on the wire, how it is read, whether it may be absent, and its default."""

    name: str
    wires: tuple[str, ...]
    read: Read
    optional: bool
    default: Any

    def find(self, payload: dict[str, Any]) -> str:
        """Return the name under which the field came."""
        return next((wire for wire in self.wires if payload.get(wire) is not None), self.wires[0])

    def read_from(self, payload: dict[str, Any], wire: str, place: str, notes: Notes) -> Any:
        """Return the field's value, or its default; raise `unreadable` when it has none."""
        value = payload.get(wire)
        if value is None and self.optional:
            return None
        try:
            return self.read(value, place, notes)
        except _UnreadableError as fault:
            where, why = fault.place, fault.why if wire in payload else MISSING
        if self.default is attrs.NOTHING:
            raise unreadable(where, why)
        notes.odd(where, why)
        return self.default


class Reader:
    """Reads JSON objects as models. `reads` has a function for each type of a field that is no model.

    A field whose type allows None may be absent or null. Any other field must have a value: without one it has its
    default, which is logged, and without a default the object is Unreadable. The `extra` of a model has the unknown
    fields, and what came of the odd ones.
    """

    def __init__(self, reads: Mapping[Any, Read]) -> None:
        self._reads = reads
        self._fields = cache(self._list_fields)

    def model(self, kind: type[T], value: Any, place: str, notes: Notes) -> T:
        """Read an object as a model."""
        return kind(**self.fields(kind, value, place, notes))

    def record(self, kind: type[T], value: Any, place: str, notes: Notes) -> T | Unreadable:
        """Read an object as a model, or return why it cannot be read."""
        try:
            return self.model(kind, value, place, notes)
        except _UnreadableError as fault:
            return Unreadable(fault.place, fault.why)

    def fields(self, kind: type, value: Any, place: str, notes: Notes) -> dict[str, Any]:
        """Read an object as the values of a model's fields, by their names in Python."""
        if type(value) is not dict:
            raise unreadable(place, unlike(value, "an object"))
        values, extra = dict[str, Any](), dict(value)
        for field in self._fields(kind):
            wire, before = field.find(value), notes.count
            values[field.name] = field.read_from(value, wire, f"{place}.{wire}", notes)
            if notes.count == before:
                extra.pop(wire, None)
        if hasattr(kind, "extra"):
            values["extra"] = extra
        return values

    def _list_fields(self, kind: Any) -> list[_Field]:
        hints = get_type_hints(kind)
        return [
            self._make_field(field, hints[field.name])
            for field in attrs.fields(kind)
            if field.name not in ("extra", "raw")  # these hold what came, and are not on the wire
        ]

    def _make_field(self, field: attrs.Attribute[Any], hint: Any) -> _Field:
        wires = [wire_name(field.name)]
        if OTHER_NAME in field.metadata:
            wires.append(field.metadata[OTHER_NAME])
        optional = type(None) in get_args(hint)
        kind = reduce(or_, (kind for kind in get_args(hint) if kind is not type(None))) if optional else hint
        return _Field(field.name, tuple(wires), self._find_read(kind), optional, field.default)

    def _find_read(self, kind: Any) -> Read:
        if kind in self._reads:
            return self._reads[kind]
        if get_origin(kind) is list:
            return _each(self._find_read(get_args(kind)[0]))
        return lambda value, place, notes: self.model(kind, value, place, notes)


def unlike(value: object, expected: str) -> str:
    """Return why a value is not what was expected, without the value."""
    return f"{_KINDS.get(type(value), 'a number')}, where {expected} was expected"


def _exactly(kind: type, name: str) -> Read:
    def read(value: Any, place: str, notes: Notes) -> Any:
        if type(value) is not kind:
            raise unreadable(place, unlike(value, name))
        return value

    return read


def _each(read: Read) -> Read:
    """Return what reads an array, of which a part that cannot be read is left out."""

    def read_each(value: Any, place: str, notes: Notes) -> list[Any]:
        if type(value) is not list:
            raise unreadable(place, unlike(value, "an array"))
        parts = []
        for index, part in enumerate(value):
            try:
                parts.append(read(part, f"{place}[{index}]", notes))
            except _UnreadableError as fault:
                notes.odd(fault.place, fault.why)
        return parts

    return read_each


def _number(value: Any, place: str, notes: Notes) -> float:
    if type(value) not in (int, float):
        raise unreadable(place, unlike(value, "a number"))
    try:
        return float(value)
    except OverflowError:
        raise unreadable(place, "a number that is too large") from None


def read_time(value: Any, place: str, notes: Notes) -> datetime:
    """Read a time in ISO 8601, to the microsecond. A time without a zone is UTC, as the documentation says of all."""
    if type(value) is not str:
        raise unreadable(place, unlike(value, "a time"))
    try:
        time = msgspec.convert(value, datetime)
    except msgspec.ValidationError:
        raise unreadable(place, "text that is no time in ISO 8601") from None
    if time.tzinfo is None and notes.strict:
        raise unreadable(place, "a time without a zone")
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def _duration(value: Any, place: str, notes: Notes) -> timedelta:
    """Read a duration in ISO 8601, such as PT13.67S."""
    if type(value) is not str:
        raise unreadable(place, unlike(value, "a duration"))
    found = _DURATION.fullmatch(value)
    if found is None:
        raise unreadable(place, "text that is no duration in ISO 8601")
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise unreadable(place, "a duration that is too long") from None


def _texts(value: Any, place: str, notes: Notes) -> Mapping[str, str]:
    """Read an object of texts. Of one that has something else too, the texts are kept."""
    if type(value) is not dict:
        raise unreadable(place, unlike(value, "an object of texts"))
    others = [other for other in value.values() if type(other) is not str]
    if not others:
        return value
    if notes.strict or any(other is not None for other in others):
        notes.odd(place, "an object that has other values than text")
    return {name: text for name, text in value.items() if type(text) is str}


READS: Mapping[Any, Read] = {
    str: _exactly(str, "text"),
    bool: _exactly(bool, "a boolean"),
    int: _exactly(int, "a whole number"),
    float: _number,
    datetime: read_time,
    timedelta: _duration,
    Mapping[str, str]: _texts,
}
"""How the fields of answers are read."""

answers = Reader(READS)


def load(answer: Answer, kind: type[T], reader: Reader = answers) -> T:
    """Read an answer as a model; BadAnswerError with the place when it cannot be read.

    An array of one object counts as that object: the API was seen to answer so.
    """
    payload, place = answer.json(), "$"
    if type(payload) is list and len(payload) == 1:
        payload, place = payload[0], "$[0]"
    record = reader.record(kind, payload, place, Notes(answer.label))
    if isinstance(record, Unreadable):
        raise answer.bad(record.place, record.why)
    return record


def load_list(answer: Answer, kind: type[T], notes: Notes, *, first: int = 0) -> list[T | Unreadable]:
    """Read a page as models. A record that cannot be read is Unreadable, and costs no other.

    `first` is the index of the first record, for a list that is the end of a longer list.
    """
    payload = answer.json()
    if type(payload) is not list:
        raise answer.bad("$", unlike(payload, "an array"))
    return [answers.record(kind, value, f"$[{index}]", notes) for index, value in enumerate(payload, first)]
