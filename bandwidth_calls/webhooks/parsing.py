"""Reading a webhook as an event: a field that is absent, null or of a wrong type is None, and costs no other field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, get_args

import attrs
import msgspec

from bandwidth_calls.errors import WebhookError
from bandwidth_calls.fast import EventReader
from bandwidth_calls.reading import MISSING, READS, Notes, Reader, read_time, unlike, unreadable
from bandwidth_calls.webhooks.event import Event, Tracks, UnknownEvent, find_event
from bandwidth_calls.wire import wire_name

MAX_BODY = 2**20
"""The longest body that is read by default, in bytes: far longer than any event."""

_FINER = re.compile(r"(\.[0-9]{6})[0-9]+")
_FINER_BYTES = re.compile(_FINER.pattern.encode())


def parse_event(body: bytes | str | Mapping[str, Any], *, max_body: int = MAX_BODY, strict: bool = False) -> Event:
    """Read the body of a webhook, or a mapping: decoded JSON, or the query parameters of a GET webhook.

    A field that is absent, null or of a wrong type is None. A wrong type is a WARNING line with the place, never with
    the value. A time without a zone is UTC. An event of a call without a readable `callId` has an empty `call_id`, and
    a line too. With `strict`, each of these but an absent or null field is a WebhookError with the place.

    A body that is no event, or is longer than `max_body` bytes, is always a WebhookError. A mapping may hold text for
    any value, because query parameters are text. Numbers and objects are then read as JSON. Empty text is None, except
    for fields that are text. An object whose text is not JSON is None.
    """
    if not isinstance(body, bytes) and isinstance(body, Mapping):  # the second check takes longer
        raw = dict(body)
        kind = _kind_of(raw)
        fields = _read_texts(kind, raw)
    else:
        raw = fields = _decode(body, max_body)
        kind = _kind_of(raw)
        if (event := _read_fast(kind, raw, body)) is not None:
            return event
    notes = (_StrictNotes if strict else Notes)(kind.__name__)
    event = kind(**_events.fields(kind, fields, "$", notes), raw=raw)
    notes.check()
    return event


class _Readers(dict[type[Event], EventReader[Event]]):
    """The fast readers, each made when it is first wanted. `functools.cache` takes longer, and each event asks."""

    def __missing__(self, kind: type[Event]) -> EventReader[Event]:
        reader = self[kind] = EventReader(kind)
        return reader


_readers = _Readers()


def _kind_of(raw: Any) -> type[Event]:
    if type(raw) is not dict:
        raise WebhookError("the body is not a JSON object")
    word = raw.get("eventType")
    if type(word) is not str or not word:
        raise WebhookError("$.eventType is absent, empty or not text", "$.eventType")
    kind = find_event(word)
    if kind is UnknownEvent:
        # Imported for the first event that needs them: most applications have no such event, and start faster.
        from bandwidth_calls.webhooks import conferences, recordings, streams  # noqa: F401 - they register events

        kind = find_event(word)
    return kind


def _read_fast(kind: type[Event], raw: dict[str, Any], body: bytes | str) -> Event | None:
    """Read an event of which each field has its type; None for one that only `_events` can judge."""
    if _FINER.search(body) if isinstance(body, str) else _FINER_BYTES.search(body):
        return None
    try:
        return _readers[kind].read(raw)
    except msgspec.ValidationError:
        return None


def _decode(body: bytes | str, max_body: int) -> Any:
    if len(body) > max_body:
        raise WebhookError(f"the body is longer than {max_body} bytes")
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError) as error:
        why = f"the body is not JSON: {error}" if body else "the body is empty"
    raise WebhookError(why)


def _read_texts(kind: type, raw: dict[str, Any]) -> dict[str, Any]:
    """Convert the text of query parameters to the types of an event's fields."""
    types = _wire_types(kind)
    return {
        name: _read_text(value, types[name]) if type(value) is str and name in types else value
        for name, value in raw.items()
    }


def _wire_types(kind: type) -> dict[str, Any]:
    return {wire_name(field.name): get_args(field.type)[0] for field in attrs.fields(kind) if field.default is None}


def _read_text(text: str, kind: Any) -> Any:
    if kind is str:
        return text
    if not text:
        return None
    if kind in (datetime, timedelta):
        return text
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        # The documentation does not say how a query flattens objects: an event without one is better than no event.
        return text if kind in (int, bool) else None


def _time(value: Any, place: str, notes: Notes) -> datetime:
    """Read a time, of which digits below a microsecond are cut off: rounded up, it might be later than now."""
    return read_time(_FINER.sub(r"\1", value) if type(value) is str else value, place, notes)


def _flag(value: Any, place: str, notes: Notes) -> bool:
    """Read a boolean. In the documentation's example of realTimeTranscriptionAvailable it is text."""
    if type(value) is not bool and value not in ("true", "false"):
        raise unreadable(place, unlike(value, "a boolean"))
    return value in (True, "true")


def _tracks(value: Any, place: str, notes: Notes) -> Tracks:
    """Read a text or an array of texts. Of an array that has something else too, the texts are kept."""
    if type(value) is str:
        return value
    if type(value) is not list:
        raise unreadable(place, unlike(value, "text or an array of texts"))
    words = [word for word in value if type(word) is str]
    if len(words) < len(value):
        notes.odd(place, "an array that has other values than text")
    return words


_events = Reader({**READS, datetime: _time, bool: _flag, Tracks: _tracks})


@attrs.define
class _StrictNotes(Notes):
    """Keeps values of wrong types as errors, to raise one of them."""

    strict: ClassVar[bool] = True
    _absent: list[WebhookError] = attrs.field(factory=list, init=False)
    _wrong: list[WebhookError] = attrs.field(factory=list, init=False)

    def odd(self, place: str, why: str) -> None:
        self.count += 1
        faults = self._absent if why == MISSING else self._wrong
        faults.append(WebhookError(f"{place} is {why}", place))

    def check(self) -> None:
        """Raise the first fault: a wrong type before a missing field, since it says more."""
        for fault in (*self._wrong, *self._absent):
            raise fault
