"""What events have in common: their base classes, and how one is told from another."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar, dataclass_transform

import attrs

T = TypeVar("T")

# What tells two events of one call and one millisecond apart, by name on the wire; of an object, its id.
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
def event(cls: type[T]) -> type[T]:
    """Make a frozen attrs class of a declaration, without slots: an event may have two families."""
    return attrs.frozen(kw_only=True, slots=False)(cls)


@event
class Event:
    """Something that happened to a call or a conference.

    Every field but `event_type` is None where the event does not tell it. Times are aware. Words such as causes,
    directions and states are plain text, since the service adds to them. `raw` is the mapping as it was decoded, with
    whatever has no field here.
    """

    event_type: str
    event_time: datetime | None = None
    raw: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)

    @property
    def dedupe_key(self) -> str | None:
        """64 hex digits that are the same for an event and its redelivery, and for no other event.

        They stand for the ids of the call or conference, type, time, and any digits and ids of a recording,
        transcription or stream in `raw`. None for an event without a time, or of neither call nor conference: nobody
        can tell then.
        """
        marks = {name: _mark(self.raw.get(name)) for name in _MARKS}
        if marks["eventTime"] is None or (marks["callId"] is None and marks["conferenceId"] is None):
            return None
        return hashlib.sha256(json.dumps(list(marks.values())).encode()).hexdigest()


def _mark(value: object) -> str | None:
    inner = value.get("id") if isinstance(value, Mapping) else value
    return inner if isinstance(inner, str) else None


@event
class UnknownEvent(Event):
    """An event of a type that this version does not know: see `event_type` and `raw`."""


@event
class CallEvent(Event):
    """The family of all events of a call.

    `from_` is a number, or a word such as `Private`, `Restricted`, `Unavailable` or `Anonymous`; of an inbound call it
    may be any text. `direction` is `inbound` or `outbound`. `enqueued_time` is only told of outbound calls, and
    `answer_time` only of those that were answered. `tag` is None if none was set; `initiate` never has one.
    """

    account_id: str | None = None
    application_id: str | None = None
    call_id: str | None = None
    call_url: str | None = None
    from_: str | None = None
    to: str | None = None
    direction: str | None = None
    enqueued_time: datetime | None = None
    start_time: datetime | None = None
    answer_time: datetime | None = None
    tag: str | None = None


@event
class LegEvent(CallEvent):
    """The family of those events of a call that tell of a transfer's B-leg where the call is one.

    `parent_call_id` is the A-leg; `transfer_caller_id` and `transfer_to` are the B-leg's from and to.
    """

    parent_call_id: str | None = None
    transfer_caller_id: str | None = None
    transfer_to: str | None = None


@event
class ConferenceEvent(Event):
    """The family of all events of a conference; `name` and `tag` are the conference's."""

    conference_id: str | None = None
    name: str | None = None
    tag: str | None = None


@event
class RecordingEvent(Event):
    """The family of all events of a recording, of a call or a conference.

    `start_time` and `end_time` are the recording's, not the call's. Fetch `media_url` with the account's credentials.
    """

    recording_id: str | None = None
    recording_name: str | None = None
    media_url: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    duration: timedelta | None = None
    file_format: str | None = None
