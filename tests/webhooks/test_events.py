import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from bandwidth_calls import webhooks
from bandwidth_calls.webhooks import (
    CallEvent,
    ConferenceEvent,
    Event,
    MachineDetectionResult,
    MediaStream,
    RealTimeTranscription,
    RecordingEvent,
    Transcription,
    UnknownEvent,
    parse_event,
)
from bandwidth_calls.webhooks.event import event, find_event

BASE = "eventType eventTime accountId applicationId from to direction callId callUrl"
TIMES = "enqueuedTime startTime answerTime"
LEG = "parentCallId transferCallerId transferTo"
RECORDING = "recordingId recordingName mediaUrl duration fileFormat"
FAULT = "cause errorMessage errorId"
CONFERENCE = "eventType eventTime conferenceId name tag"

# The fields of every event, as the reference lists them.
FIELDS = {
    "initiate": f"{BASE} startTime diversion stirShaken uui sipCallId sipHeaders privacy callerDisplayName",
    "answer": f"{BASE} {TIMES} tag machineDetectionResult sipCallId privacy callerDisplayName",
    "gather": f"{BASE} {TIMES} {LEG} tag digits terminatingDigit text",
    "partialgather": f"{BASE} {TIMES} {LEG} tag text",
    "redirect": f"{BASE} {TIMES} {LEG} tag",
    "recordComplete": f"{BASE} {TIMES} endTime {LEG} tag {RECORDING} channels",
    "transferAnswer": f"{BASE} {TIMES} tag {LEG}",
    "transferComplete": f"{BASE} {TIMES} tag transferCallerId transferTo {FAULT}",
    "bridgeComplete": f"{BASE} {TIMES} tag {FAULT}",
    "bridgeTargetComplete": f"{BASE} {TIMES} tag",
    "referComplete": (f"{BASE} startTime answerTime tag referCallStatus referSipResponseCode notifySipResponseCode"),
    "conferenceCreated": CONFERENCE,
    "conferenceMemberJoin": f"{CONFERENCE} from to callId",
    "conferenceMemberExit": f"{CONFERENCE} from to callId",
    "conferenceRedirect": CONFERENCE,
    "disconnect": f"{BASE} {TIMES} endTime {FAULT} tag sipCallId sipResponseCode",
    "dtmf": f"{BASE} {TIMES} {LEG} tag digit",
    "machineDetectionComplete": f"{BASE} {TIMES} tag machineDetectionResult",
    "recordingAvailable": f"{BASE} enqueuedTime startTime endTime {LEG} tag {RECORDING} channels status",
    "transcriptionAvailable": f"{BASE} enqueuedTime startTime endTime {LEG} tag {RECORDING} transcription",
    "transferDisconnect": f"{BASE} {TIMES} endTime {LEG} tag {FAULT}",
    "conferenceCompleted": CONFERENCE,
    "conferenceRecordingAvailable": f"{CONFERENCE} accountId {RECORDING} channels startTime endTime status",
    "mediaStreamStarted": f"{BASE} {TIMES} tag mediaStream",
    "mediaStreamRejected": f"{BASE} {TIMES} tag mediaStream cause errorMessage originalMediaStream",
    "mediaStreamStopped": f"{BASE} {TIMES} tag mediaStream cause errorMessage",
    "realTimeTranscriptionStarted": f"{BASE} {TIMES} tag realTimeTranscription",
    "realTimeTranscriptionRejected": (
        f"{BASE} {TIMES} tag realTimeTranscription cause errorMessage originalTranscription"
    ),
    "realTimeTranscriptionStopped": f"{BASE} {TIMES} tag realTimeTranscription cause errorMessage",
    "realTimeTranscriptionAvailable": f"{BASE} {TIMES} tag realTimeTranscription",
}

STREAM = {
    "id": "s-1",
    "name": "live",
    "destination": "wss://example.com/live",
    "type": "WebSocket",
    "tracks": ["inbound", "outbound"],
    "startTime": "2022-06-16T13:15:10.000Z",
    "duration": "PT1M2.5S",
}
A_STREAM = MediaStream(
    id="s-1",
    name="live",
    destination="wss://example.com/live",
    type="WebSocket",
    tracks=["inbound", "outbound"],
    start_time=datetime(2022, 6, 16, 13, 15, 10, tzinfo=UTC),
    duration=timedelta(seconds=62.5),
)
LIVE_TEXT = {
    "id": "t-1",
    "name": "notes",
    "destination": "wss://example.com/notes",
    "stabilized": False,
    "tracks": "inbound",
    "startTime": "2022-06-16T13:15:10.000Z",
    "duration": "PT8S",
    "status": "available",
    "url": "https://voice.bandwidth.com/t-1",
    "completedTime": "2022-06-16T13:15:20.000Z",
}
A_LIVE_TEXT = RealTimeTranscription(
    id="t-1",
    name="notes",
    destination="wss://example.com/notes",
    stabilized=False,
    tracks="inbound",
    start_time=datetime(2022, 6, 16, 13, 15, 10, tzinfo=UTC),
    duration=timedelta(seconds=8),
    status="available",
    url="https://voice.bandwidth.com/t-1",
    completed_time=datetime(2022, 6, 16, 13, 15, 20, tzinfo=UTC),
)

# What is on the wire, the name of the field, and what it is to hold.
VALUES: dict[str, tuple[Any, str, Any]] = {
    "eventTime": ("2022-06-16T13:15:07.160Z", "event_time", datetime(2022, 6, 16, 13, 15, 7, 160_000, UTC)),
    "accountId": ("920012", "account_id", "920012"),
    "applicationId": ("04e88489", "application_id", "04e88489"),
    "from": ("+15551112222", "from_", "+15551112222"),
    "to": ("sip:alice@example.com", "to", "sip:alice@example.com"),
    "direction": ("outbound", "direction", "outbound"),
    "callId": ("c-95ac8d6e", "call_id", "c-95ac8d6e"),
    "callUrl": ("https://voice.bandwidth.com/c-95ac8d6e", "call_url", "https://voice.bandwidth.com/c-95ac8d6e"),
    "enqueuedTime": ("2022-06-16T13:15:06.000Z", "enqueued_time", datetime(2022, 6, 16, 13, 15, 6, 0, UTC)),
    "startTime": ("2022-06-16T13:15:07.000Z", "start_time", datetime(2022, 6, 16, 13, 15, 7, 0, UTC)),
    "answerTime": ("2022-06-16T13:15:18.126Z", "answer_time", datetime(2022, 6, 16, 13, 15, 18, 126_000, UTC)),
    "endTime": ("2022-06-16T13:16:00.000Z", "end_time", datetime(2022, 6, 16, 13, 16, 0, 0, UTC)),
    "tag": ("my tag", "tag", "my tag"),
    "parentCallId": ("c-parent", "parent_call_id", "c-parent"),
    "transferCallerId": ("Restricted", "transfer_caller_id", "Restricted"),
    "transferTo": ("+15553334444", "transfer_to", "+15553334444"),
    "cause": ("busy", "cause", "busy"),
    "errorMessage": ("Callee is busy", "error_message", "Callee is busy"),
    "errorId": ("4642074b", "error_id", "4642074b"),
    "digits": ("123", "digits", "123"),
    "terminatingDigit": ("", "terminating_digit", ""),
    "digit": ("#", "digit", "#"),
    "text": ("yes please", "text", "yes please"),
    "privacy": (True, "privacy", True),
    "callerDisplayName": ("Example Ltd", "caller_display_name", "Example Ltd"),
    "recordingId": ("r-1", "recording_id", "r-1"),
    "recordingName": ("voicemail", "recording_name", "voicemail"),
    "duration": ("PT13.67S", "duration", timedelta(seconds=13.67)),
    "channels": (2, "channels", 2),
    "fileFormat": ("wav", "file_format", "wav"),
    "mediaUrl": ("https://voice.bandwidth.com/r-1/media", "media_url", "https://voice.bandwidth.com/r-1/media"),
    "status": ("partial", "status", "partial"),
    "machineDetectionResult": (
        {"value": "answering-machine", "duration": "PT4.9891287S"},
        "machine_detection_result",
        MachineDetectionResult(value="answering-machine", duration=timedelta(seconds=4.989129)),
    ),
    "diversion": ({"origTo": "+15558884444", "x": "y"}, "diversion", {"origTo": "+15558884444", "x": "y"}),
    "stirShaken": ({"verstat": "TN-Validation-Passed"}, "stir_shaken", {"verstat": "TN-Validation-Passed"}),
    "uui": ("abc;encoding=hex", "uui", "abc;encoding=hex"),
    "sipCallId": ("1-2@10.0.0.1", "sip_call_id", "1-2@10.0.0.1"),
    "sipHeaders": ({"x-account": "7"}, "sip_headers", {"x-account": "7"}),
    "sipResponseCode": (486, "sip_response_code", 486),
    "referCallStatus": ("failure", "refer_call_status", "failure"),
    "referSipResponseCode": (202, "refer_sip_response_code", 202),
    "notifySipResponseCode": (603, "notify_sip_response_code", 603),
    "transcription": (
        {"id": "t-387bd648", "url": "https://v/t", "status": "available", "completedTime": "2022-06-16T13:17:00Z"},
        "transcription",
        Transcription(
            id="t-387bd648",
            url="https://v/t",
            status="available",
            completed_time=datetime(2022, 6, 16, 13, 17, tzinfo=UTC),
        ),
    ),
    "conferenceId": ("conf-1", "conference_id", "conf-1"),
    "name": ("room", "name", "room"),
    "mediaStream": (STREAM, "media_stream", A_STREAM),
    "originalMediaStream": (STREAM, "original_media_stream", A_STREAM),
    "realTimeTranscription": (LIVE_TEXT, "real_time_transcription", A_LIVE_TEXT),
    "originalTranscription": (LIVE_TEXT, "original_transcription", A_LIVE_TEXT),
}


def payload(event_type: str) -> dict[str, Any]:
    """Return an event with all its fields, as JSON holds it."""
    values = {name: VALUES[name][0] for name in FIELDS[event_type].split() if name != "eventType"}
    return {"eventType": event_type, **values}


def class_of(event_type: str) -> type[Event]:
    """Return the promised class of an event."""
    word = {"partialgather": "partialGather"}.get(event_type, event_type)
    kind: type[Event] = getattr(webhooks, f"{word[0].upper()}{word[1:]}Event")
    return kind


@pytest.mark.parametrize(
    ("event_type", "name"),
    [(event_type, name) for event_type, names in FIELDS.items() for name in names.split() if name != "eventType"],
)
def test_each_field_of_each_event_is_read(event_type: str, name: str) -> None:
    """Every field of the reference is an attribute in snake_case, of its type."""
    event = parse_event(json.dumps(payload(event_type)))

    _, attribute, expected = VALUES[name]
    assert getattr(event, attribute) == expected


@pytest.mark.parametrize("event_type", FIELDS)
def test_each_event_has_its_class(event_type: str) -> None:
    """An event is read as `<EventType>Event`, and keeps its `event_type`."""
    event = parse_event(json.dumps(payload(event_type)))

    assert type(event) is class_of(event_type)
    assert event.event_type == event_type


@pytest.mark.parametrize("event_type", FIELDS)
def test_all_but_the_type_may_be_absent(event_type: str) -> None:
    """An event of nothing but its type has None in every field; of a call, its id is an empty text."""
    event: Any = parse_event(json.dumps({"eventType": event_type}))

    call_id = "" if isinstance(event, CallEvent) else None
    values = attrs.asdict(event, filter=lambda field, _: field.name not in ("event_type", "raw"))
    assert values.pop("call_id", None) == call_id
    assert set(values.values()) == {None}


@pytest.mark.parametrize("event_type", FIELDS)
def test_null_means_absent(event_type: str) -> None:
    """Null fields are read as fields that are not there."""
    nulls = dict.fromkeys(payload(event_type)) | {"eventType": event_type}

    event: Any = parse_event(json.dumps(nulls))

    assert attrs.evolve(event, raw={}) == class_of(event_type)(event_type=event_type)


@pytest.mark.parametrize("event_type", FIELDS)
def test_raw_is_what_came(event_type: str) -> None:
    """`raw` holds the whole mapping, with fields that nobody knows."""
    sent = {**payload(event_type), "raw": "a field of that name", "newField": [1]}

    event = parse_event(json.dumps(sent))

    assert event.raw == sent
    assert "newField" not in repr(event)


@pytest.mark.parametrize("event_type", FIELDS)
def test_events_have_value(event_type: str) -> None:
    """Two readings of one body are equal and hash alike."""
    body = json.dumps(payload(event_type))

    assert parse_event(body) == parse_event(body)
    assert hash(parse_event(body)) == hash(parse_event(body))


def test_events_of_two_classes_are_not_equal() -> None:
    """Though they hold the same."""
    assert UnknownEvent(event_type="answer") != Event(event_type="answer")


@pytest.mark.parametrize("name", ["mediaStream", "realTimeTranscription"])
def test_an_event_with_a_list_of_tracks_has_a_hash(name: str) -> None:
    """A list has none, so the tracks are left out of it, and are compared all the same."""
    kind = f"{name}Started"
    first, second, other = (
        parse_event({"eventType": kind, "callId": "c-1", name: {"id": "s-1", "tracks": tracks}})
        for tracks in (["inbound"], ["inbound"], ["outbound"])
    )

    assert (hash(first), first) == (hash(second), second)
    assert first != other


def test_record_complete_goes_by_two_names() -> None:
    """The name of the OpenAPI file gives the same class, and stays readable."""
    event = parse_event('{"eventType": "recordingComplete", "channels": 1}')

    assert event == webhooks.RecordCompleteEvent(event_type="recordingComplete", channels=1, raw=event.raw)


def test_unknown_types_are_events() -> None:
    """An unknown event type is an UnknownEvent with its time and the whole body."""
    event = parse_event('{"eventType": "moonPhase", "eventTime": "2022-06-16T13:15:07Z", "callId": 5}')

    assert event == UnknownEvent(
        event_type="moonPhase",
        event_time=datetime(2022, 6, 16, 13, 15, 7, tzinfo=UTC),
        raw={"eventType": "moonPhase", "eventTime": "2022-06-16T13:15:07Z", "callId": 5},
    )


@pytest.mark.parametrize("event_type", FIELDS)
def test_each_event_has_its_family(event_type: str) -> None:
    """Events belong to calls or to conferences, and those of recordings to both families."""
    kind = class_of(event_type)

    assert issubclass(kind, ConferenceEvent if event_type.startswith("conference") else CallEvent)
    assert issubclass(kind, RecordingEvent) == ("recordingId" in FIELDS[event_type])


def test_every_concrete_class_is_in_the_table() -> None:
    """No event class is left untested."""
    families = {"CallEvent", "ConferenceEvent", "ConferenceMemberEvent", "Event", "LegEvent", "MediaStreamEvent"}
    families |= {"RealTimeTranscriptionEvent", "RecordingEvent", "UnknownEvent"}

    concrete = {name for name in webhooks.__all__ if name.endswith("Event")} - families

    assert concrete == {class_of(event_type).__name__ for event_type in FIELDS}


@pytest.mark.parametrize("event_type", FIELDS)
def test_a_redelivered_event_has_the_same_key(event_type: str) -> None:
    """An event and its repeat have one key, of 64 hex digits."""
    key = parse_event(json.dumps(payload(event_type))).dedupe_key

    assert key == parse_event(json.dumps(payload(event_type))).dedupe_key
    assert re.fullmatch("[0-9a-f]{64}", key or "")


@pytest.mark.parametrize(
    ("event_type", "change"),
    [
        ("answer", {"callId": "c-2"}),
        ("answer", {"eventTime": "2022-06-16T13:15:07.161Z"}),
        ("answer", {"eventType": "redirect"}),
        ("conferenceMemberJoin", {"callId": "c-2"}),
        ("conferenceMemberJoin", {"conferenceId": "conf-2"}),
        ("dtmf", {"digit": "1"}),
        ("gather", {"digits": "1"}),
        ("recordingAvailable", {"recordingId": "r-2"}),
        ("transcriptionAvailable", {"transcription": {"id": "t-2"}}),
        ("mediaStreamStarted", {"mediaStream": {"id": "s-2"}}),
        ("realTimeTranscriptionAvailable", {"realTimeTranscription": {"id": "t-2"}}),
    ],
    ids=str,
)
def test_another_event_has_another_key(event_type: str, change: dict[str, Any]) -> None:
    """Events that differ in what tells them apart have different keys."""
    sent = payload(event_type)

    assert parse_event(json.dumps({**sent, **change})).dedupe_key != parse_event(json.dumps(sent)).dedupe_key


@pytest.mark.parametrize("missing", ["eventTime", "callId"])
def test_no_key_without_time_or_call(missing: str) -> None:
    """An event that cannot be told from the next one has no key."""
    sent = {name: value for name, value in payload("answer").items() if name != missing}

    assert parse_event(json.dumps(sent)).dedupe_key is None


FAMILIES = ["call", "leg", "conference", "conferenceMember", "recording", "mediaStream", "realTimeTranscription"]


@pytest.mark.parametrize("word", [*FAMILIES, "unknown", "event", "Event", "Answer", ""])
def test_a_family_is_no_event_type(word: str) -> None:
    """A base class is registered for no event type of its own."""
    found = find_event(word)

    assert found is UnknownEvent


def test_a_second_class_of_one_event_type_is_refused() -> None:
    """A class outside the package cannot take the place of an event."""
    with pytest.raises(TypeError, match=r"^answer is registered already, by bandwidth_calls\.webhooks\.calls$"):

        @event
        class AnswerEvent(CallEvent):
            """Another one."""

    assert find_event("answer") is webhooks.AnswerEvent


def test_a_subclass_does_not_change_what_is_read() -> None:
    """A subclass is not registered by itself, so events are read as before."""

    class MoonPhaseEvent(CallEvent):
        """An event of an application."""

    assert type(parse_event('{"eventType": "moonPhase"}')) is UnknownEvent
