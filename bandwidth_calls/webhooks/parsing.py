"""Reading a webhook as an event: any field may be absent, but a known field must have its type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, get_args

import attrs
import msgspec
from cattrs import ClassValidationError, Converter, transform_error
from cattrs.gen import make_dict_structure_fn, override

from bandwidth_calls import convert
from bandwidth_calls.convert import wire_name
from bandwidth_calls.errors import WebhookError
from bandwidth_calls.webhooks.event import Event, find_event
from bandwidth_calls.webhooks.streams import Tracks

MAX_BODY = 2**20
"""The longest body that is read by default, in bytes: far longer than any event."""

_DURATION = re.compile(
    r"P(?=.)(?:([0-9]{1,9})D)?(?:T(?=.)(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)S)?)?"
)


def parse_event(body: bytes | str | Mapping[str, Any], *, max_body: int = MAX_BODY) -> Event:
    """Read the body of a webhook, or a mapping: decoded JSON, or the query parameters of a GET webhook.

    A mapping may hold text for any value, because query parameters are text. Numbers and objects are then read as JSON.
    Empty text is None, except for fields that are text. An object whose text is not JSON is None. A body that is no
    event, is longer than `max_body` bytes, or has a known field of a wrong type is a WebhookError. It names the place.
    """
    if isinstance(body, Mapping):
        raw: Any = dict(body)
    elif len(body) > max_body:
        raise WebhookError(f"the body is longer than {max_body} bytes")
    else:
        raw = _decode(body)
    if type(raw) is not dict:
        raise WebhookError("the body is not a JSON object")
    word = raw.get("eventType")
    if type(word) is not str or not word:
        raise WebhookError("$.eventType is absent, empty or not text", "$.eventType")
    kind = find_event(word)
    fields = _read_texts(kind, raw) if isinstance(body, Mapping) else raw
    return _load(kind, {**fields, "raw": raw})


def _decode(body: bytes | str) -> Any:
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError) as error:
        why = f"the body is not JSON: {error}" if body else "the body is empty"
    raise WebhookError(why)


def _load(kind: type[Event], fields: dict[str, Any]) -> Event:
    try:
        return _converter.structure(fields, kind)
    except ClassValidationError as error:
        faults = transform_error(error, format_exception=lambda fault, _: str(fault))
    why, _, place = faults[0].rpartition(" @ ")
    where = wire_name(place)
    raise WebhookError(f"{where} is {why}", where)


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
        return text if kind is int else None


def _duration(value: Any, _: Any) -> timedelta:
    if type(value) is not str:
        raise TypeError("not text, where a duration was expected")
    found = _DURATION.fullmatch(value)
    if found is None:
        raise ValueError(f"{value[:50]!r}, where a duration in ISO 8601 was expected")
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _flag(value: Any, _: Any) -> bool:
    """Read a boolean. In the documentation's example of realTimeTranscriptionAvailable it is text."""
    if type(value) is not bool and value not in ("true", "false"):
        raise TypeError(f"{value!r:.50}, where a boolean was expected")
    return value in (True, "true")


def _tracks(value: Any, _: Any) -> Any:
    words = value if type(value) is list else [value]
    if value is not None and not all(type(word) is str for word in words):
        raise TypeError("neither text nor an array of texts")
    return value


def _object_hook(kind: type, converter: Converter) -> Callable[[Any, Any], Any]:
    renamed = {field.name: override(rename=wire_name(field.name)) for field in attrs.fields(kind)}
    structure_fields: Callable[[Any, Any], Any] = make_dict_structure_fn(kind, converter, **renamed)  # type: ignore[arg-type]  # its flags come first

    def structure(value: Any, _: Any) -> Any:
        if type(value) is not dict:
            raise TypeError("not an object")
        return structure_fields(value, kind)

    return structure


def _make_converter() -> Converter:
    """Return the converter of answers with the types of events added. An event's hook is made on its first use."""
    converter = convert.converter.copy()
    converter.register_structure_hook(timedelta, _duration)
    converter.register_structure_hook(bool, _flag)
    converter.register_structure_hook_func(lambda kind: kind == (Tracks | None), _tracks)
    converter.register_structure_hook_func(lambda kind: kind == Mapping[str, Any], lambda value, _: value)
    converter.register_structure_hook_factory(attrs.has, _object_hook)
    return converter


_converter = _make_converter()
