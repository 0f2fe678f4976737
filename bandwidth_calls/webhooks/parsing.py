"""Reading a webhook as an event: leniently as to what is there, strictly as to types."""

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
from bandwidth_calls.webhooks import calls, conferences, recordings, streams
from bandwidth_calls.webhooks.event import Event, UnknownEvent

MAX_BODY = 2**20
"""The longest body that is read unless told otherwise, in bytes: far above any event."""

_DURATION = re.compile(
    r"P(?=.)(?:([0-9]{1,9})D)?(?:T(?=.)(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)S)?)?"
)


def _wire_type(kind: type[Event]) -> str:
    word = kind.__name__.removesuffix("Event")
    return word[0].lower() + word[1:]


_KINDS: dict[str, type[Event]] = {
    _wire_type(kind): kind
    for kind in (
        calls.AnswerEvent,
        calls.BridgeCompleteEvent,
        calls.BridgeTargetCompleteEvent,
        calls.DisconnectEvent,
        calls.DtmfEvent,
        calls.GatherEvent,
        calls.InitiateEvent,
        calls.MachineDetectionCompleteEvent,
        calls.RedirectEvent,
        calls.ReferCompleteEvent,
        calls.TransferAnswerEvent,
        calls.TransferCompleteEvent,
        calls.TransferDisconnectEvent,
        conferences.ConferenceCompletedEvent,
        conferences.ConferenceCreatedEvent,
        conferences.ConferenceMemberExitEvent,
        conferences.ConferenceMemberJoinEvent,
        conferences.ConferenceRedirectEvent,
        recordings.ConferenceRecordingAvailableEvent,
        recordings.RecordCompleteEvent,
        recordings.RecordingAvailableEvent,
        recordings.TranscriptionAvailableEvent,
        streams.MediaStreamRejectedEvent,
        streams.MediaStreamStartedEvent,
        streams.MediaStreamStoppedEvent,
        streams.RealTimeTranscriptionAvailableEvent,
        streams.RealTimeTranscriptionRejectedEvent,
        streams.RealTimeTranscriptionStartedEvent,
        streams.RealTimeTranscriptionStoppedEvent,
    )
}
# The OpenAPI file calls it so, the page of the event `recordComplete`.
_KINDS["recordingComplete"] = recordings.RecordCompleteEvent


def parse_event(body: bytes | str | Mapping[str, Any], *, max_body: int = MAX_BODY) -> Event:
    """Read the body of a webhook, or its mapping: decoded JSON, or the query parameters of a GET webhook.

    In a mapping, text may stand for any value, as it does in a query: a number or an object is then read as JSON, an
    empty text is None but for fields of text, and an object whose text is no JSON is None. What is no event, has a
    known field of a wrong type, or is longer than `max_body`, is a WebhookError that tells the place.
    """
    if isinstance(body, Mapping):
        raw: Any = dict(body)
    elif len(body) > max_body:
        raise WebhookError(f"longer than {max_body} bytes")
    else:
        raw = _decode(body)
    if type(raw) is not dict:
        raise WebhookError("no JSON object")
    word = raw.get("eventType")
    if type(word) is not str or not word:
        raise WebhookError("$.eventType is no text", "$.eventType")
    kind = _KINDS.get(word, UnknownEvent)
    fields = _read_texts(kind, raw) if isinstance(body, Mapping) else raw
    return _load(kind, {**fields, "raw": raw})


def _decode(body: bytes | str) -> Any:
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError) as error:
        why = f"no JSON ({error})" if body else "empty"
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
    """Read the texts of a query as what the fields of an event want."""
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
        # How objects are flattened into a query is not documented: an event without one is better than none.
        return text if kind is int else None


def _duration(value: Any, _: Any) -> timedelta:
    if type(value) is not str:
        raise TypeError("no text, where a duration was expected")
    found = _DURATION.fullmatch(value)
    if found is None:
        raise ValueError(f"{value[:50]!r}, where a duration in ISO 8601 was expected")
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _flag(value: Any, _: Any) -> bool:
    """Read a boolean; the documentation's example of realTimeTranscriptionAvailable has it as text."""
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
            raise TypeError("no object")
        return structure_fields(value, kind)

    return structure


def _make_converter() -> Converter:
    """Add to the strict types of answers what only events have; each event's hook is made when it first comes."""
    converter = convert.converter.copy()
    converter.register_structure_hook(timedelta, _duration)
    converter.register_structure_hook(bool, _flag)
    converter.register_structure_hook_func(lambda kind: kind == (streams.Tracks | None), _tracks)
    converter.register_structure_hook_func(lambda kind: kind == Mapping[str, Any], lambda value, _: value)
    converter.register_structure_hook_factory(attrs.has, _object_hook)
    return converter


_converter = _make_converter()
