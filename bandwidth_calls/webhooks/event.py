"""The base classes of events, the register of event types, and the key that finds repeats."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar, dataclass_transform

import attrs

T = TypeVar("T")
Tracks = str | list[str]

# These fields, by wire name, tell two events of one call and one millisecond apart. An object counts by its id.
_MARKS = (
    "eventType",
    "eventTime",
    "callId",
    "conferenceId",
    "digit",
    "digits",
    "recordingId",
    "transcription",
    "mediaStream",
    "realTimeTranscription",
)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(attrs.field,))
def family(cls: type[T]) -> type[T]:
    """Make a frozen attrs class without an event type of its own, such as the base class of several events."""
    # With slots a class could not have two families; what all events have in common is written once, in `Event`.
    return attrs.frozen(kw_only=True, slots=False, eq=False, repr=False)(cls)


@family
class Event:
    """Something that happened to a call or a conference.

    `event_type` is always set. Any other field is None if the event has no value of its type. Times are aware. Words
    such as causes, directions and states are plain text, because the service adds new ones. `raw` is the decoded
    mapping, including fields that have no attribute here, and values of wrong types.
    """

    event_type: str
    event_time: datetime | None = None
    raw: Mapping[str, Any] = attrs.field(factory=dict)

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(item for item in vars(self).items() if not isinstance(item[1], Mapping)))

    def __repr__(self) -> str:
        shown = [f"{name}={value!r}" for name, value in vars(self).items() if name != "raw"]
        return f"{type(self).__name__}({', '.join(shown)})"

    @property
    def dedupe_key(self) -> str | None:
        """A key of 64 hex digits: equal for an event and its redelivery, different for any other event.

        It is a hash of fields in `raw`: event type, time, the ids of call and conference, digits, and the ids of a
        recording, transcription or stream. An event without a time, or with neither call nor conference, has None,
        because it cannot be told from a repeat.
        """
        marks = {name: _mark(self.raw.get(name)) for name in _MARKS}
        if marks["eventTime"] is None or (marks["callId"] is None and marks["conferenceId"] is None):
            return None
        return hashlib.sha256(json.dumps(list(marks.values())).encode()).hexdigest()


def _mark(value: object) -> str | None:
    inner = value.get("id") if isinstance(value, Mapping) else value
    return inner if isinstance(inner, str) else None


@family
class UnknownEvent(Event):
    """An event of a type that this version does not know. See `event_type` and `raw`."""


E = TypeVar("E", bound=Event)
_registered: dict[str, type[Event]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(attrs.field,))
def event(cls: type[E]) -> type[E]:
    """Make a frozen attrs class for an event, and register it: `GatherEvent` is the event type `gather`.

    A second class for one event type is a TypeError. A subclass without this decorator is not registered.
    """
    kind = family(cls)
    word = kind.__name__.removesuffix("Event")
    register(word[0].lower() + word[1:], kind)
    return kind


def register(event_type: str, kind: type[Event]) -> None:
    """Register a class for an event type, so that `parse_event` reads such events as that class."""
    if event_type in _registered:
        raise TypeError(f"{event_type} is registered already, by {_registered[event_type].__module__}")
    _registered[event_type] = kind


def find_event(event_type: str) -> type[Event]:
    """Return the class of an event type, or UnknownEvent if no module that is imported has one."""
    return _registered.get(event_type, UnknownEvent)


@family
class CallEvent(Event):
    """The family of all events of a call.

    `call_id` is always text. It is empty if the event came without one, which is logged as a WARNING: the documentation
    does not say which fields an event always has.
    `from_` is a number, or a word such as `Private`, `Restricted`, `Unavailable` or `Anonymous`. For an inbound call it
    may be any text. `direction` is `inbound` or `outbound`. Only outbound calls have an `enqueued_time`, and only
    answered calls an `answer_time`. `tag` is None if no tag was set; an `initiate` event never has one.
    """

    account_id: str | None = None
    application_id: str | None = None
    call_id: str = ""
    call_url: str | None = None
    from_: str | None = None
    to: str | None = None
    direction: str | None = None
    enqueued_time: datetime | None = None
    start_time: datetime | None = None
    answer_time: datetime | None = None
    tag: str | None = None


@family
class LegEvent(CallEvent):
    """The family of events that have three more fields if the call is the B-leg of a transfer.

    `parent_call_id` is the id of the A-leg. `transfer_caller_id` and `transfer_to` are the caller and callee of the
    B-leg.
    """

    parent_call_id: str | None = None
    transfer_caller_id: str | None = None
    transfer_to: str | None = None


@family
class ConferenceEvent(Event):
    """The family of all events of a conference. `name` and `tag` are those of the conference."""

    conference_id: str | None = None
    name: str | None = None
    tag: str | None = None


@family
class RecordingEvent(Event):
    """The family of all events of a recording, of a call or of a conference.

    `start_time` and `end_time` are those of the recording, not of the call. Requests to `media_url` need the account's
    credentials.
    """

    recording_id: str | None = None
    recording_name: str | None = None
    media_url: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    duration: timedelta | None = None
    file_format: str | None = None
