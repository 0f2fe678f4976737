"""Events that are a little wrong: one odd value costs itself only, unless `strict` is asked for."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bandwidth_calls.bxml import Hangup, Response
from bandwidth_calls.webhooks import (
    AnswerEvent,
    ConferenceCreatedEvent,
    DisconnectEvent,
    GatherEvent,
    InitiateEvent,
    MachineDetectionResult,
    MediaStream,
    MediaStreamStartedEvent,
    RealTimeTranscription,
    RecordingAvailableEvent,
    Transcription,
    TranscriptionAvailableEvent,
    WebhookError,
    Webhooks,
    parse_event,
)

# The second form of the example of recordingAvailable in Bandwidth's documentation.
DOCUMENTED = {
    "eventType": "recordingAvailable",
    "eventTime": "2026-09-13T16:49:40.500",
    "enqueuedTime": "2026-09-13-16:48:27.198Z",
    "startTime": "2026-09-13T16:48:29.235Z",
    "callId": "c-1",
    "recordingId": "r-1",
    "duration": "PT20.056S",
    "status": "complete",
}


def read(event_type: str, **fields: Any) -> Any:
    """Read an event of a call."""
    return parse_event(json.dumps({"eventType": event_type, "callId": "c-1", **fields}))


async def test_an_event_with_an_odd_field_is_handled() -> None:
    """The documentation's own example, whose enqueuedTime is no time, comes to its handler with all else."""
    webhooks, seen = Webhooks(), list[RecordingAvailableEvent]()

    @webhooks.on(RecordingAvailableEvent)
    async def note(event: RecordingAvailableEvent) -> Response:
        seen.append(event)
        return Response([Hangup()])

    reply = await webhooks.handle("POST", {}, {}, json.dumps(DOCUMENTED).encode())

    (event,) = seen
    assert reply.status == 200
    assert (event.recording_id, event.duration, event.status) == ("r-1", timedelta(seconds=20.056), "complete")
    assert (event.enqueued_time, event.raw["enqueuedTime"]) == (None, DOCUMENTED["enqueuedTime"])
    assert event.event_time == datetime(2026, 9, 13, 16, 49, 40, 500_000, UTC)


def test_an_odd_field_is_logged_by_its_place(caplog: pytest.LogCaptureFixture) -> None:
    """One WARNING line of the package's logger names the place, and not the value."""
    parse_event(DOCUMENTED)

    (record,) = caplog.records
    assert (record.name, record.levelname) == ("bandwidth_calls", "WARNING")
    assert "RecordingAvailableEvent: $.enqueuedTime is " in record.getMessage()
    assert "16:48:27" not in record.getMessage()


ODD: list[tuple[str, str, object, str]] = [
    ("answer", "eventTime", "yesterday", "event_time"),
    ("answer", "eventTime", 1655385307, "event_time"),
    ("answer", "answerTime", "", "answer_time"),
    ("answer", "from", 15551112222, "from_"),
    ("answer", "tag", {}, "tag"),
    ("answer", "privacy", "perhaps", "privacy"),
    ("answer", "machineDetectionResult", "human", "machine_detection_result"),
    ("initiate", "diversion", [["origTo", "+1"]], "diversion"),
    ("disconnect", "sipResponseCode", "486", "sip_response_code"),
    ("disconnect", "sipResponseCode", 486.0, "sip_response_code"),
    ("recordComplete", "channels", True, "channels"),
    ("recordComplete", "duration", "20", "duration"),
    ("recordComplete", "duration", 20, "duration"),
    ("recordComplete", "duration", "P999999999DT999999999H", "duration"),
    ("transcriptionAvailable", "transcription", "t-1", "transcription"),
    ("mediaStreamStarted", "mediaStream", [], "media_stream"),
    ("moonPhase", "eventTime", 0, "event_time"),
]


@pytest.mark.parametrize(("event_type", "field", "value", "name"), ODD)
def test_a_field_of_a_wrong_type_is_none(
    caplog: pytest.LogCaptureFixture, event_type: str, field: str, value: object, name: str
) -> None:
    """The event comes, the field is None, its value is in `raw`, and a line names it."""
    event = read(event_type, **{field: value})

    assert (event.event_type, event.raw["callId"]) == (event_type, "c-1")
    assert (getattr(event, name), event.raw[field]) == (None, value)
    assert [record.getMessage().partition(" is ")[0].partition(": ")[2] for record in caplog.records] == [f"$.{field}"]


@pytest.mark.parametrize(
    ("event_type", "field", "value", "place", "expected"),
    [
        (
            "answer",
            "machineDetectionResult",
            {"value": "human", "duration": 4},
            "$.machineDetectionResult.duration",
            MachineDetectionResult(value="human"),
        ),
        (
            "transcriptionAvailable",
            "transcription",
            {"id": "t-1", "completedTime": "soon"},
            "$.transcription.completedTime",
            Transcription(id="t-1"),
        ),
        (
            "realTimeTranscriptionStarted",
            "realTimeTranscription",
            {"id": "t-1", "stabilized": "yes"},
            "$.realTimeTranscription.stabilized",
            RealTimeTranscription(id="t-1"),
        ),
        (
            "mediaStreamStarted",
            "mediaStream",
            {"id": "s-1", "tracks": ["inbound", 1]},
            "$.mediaStream.tracks",
            MediaStream(id="s-1", tracks=["inbound"]),
        ),
        (
            "mediaStreamStarted",
            "mediaStream",
            {"id": "s-1", "tracks": 0},
            "$.mediaStream.tracks",
            MediaStream(id="s-1"),
        ),
        ("initiate", "sipHeaders", {"x-a": "b", "x-c": 2}, "$.sipHeaders", {"x-a": "b"}),
    ],
)
def test_a_nested_value_of_a_wrong_type_costs_itself(
    caplog: pytest.LogCaptureFixture, event_type: str, field: str, value: object, place: str, expected: object
) -> None:
    """What stands beside it is kept, and the line names the inner place."""
    event = read(event_type, **{field: value})

    names = {"sipHeaders": "sip_headers", "mediaStream": "media_stream", "transcription": "transcription"}
    names |= {"machineDetectionResult": "machine_detection_result", "realTimeTranscription": "real_time_transcription"}
    assert getattr(event, names[field]) == expected
    assert [record.getMessage().partition(" is ")[0].partition(": ")[2] for record in caplog.records] == [place]


def test_a_null_inside_a_mapping_is_nothing_odd(caplog: pytest.LogCaptureFixture) -> None:
    """Null means absent there too: the texts beside it are kept."""
    event = read("initiate", stirShaken={"verstat": "TN", "originatingId": None})

    assert (event.stir_shaken, caplog.records) == ({"verstat": "TN"}, [])


def test_absent_and_null_fields_are_nothing_odd(caplog: pytest.LogCaptureFixture) -> None:
    """An event of a call needs no more than its id."""
    event = read("answer", answerTime=None)

    assert event == AnswerEvent(event_type="answer", call_id="c-1", raw=event.raw)
    assert caplog.records == []


@pytest.mark.parametrize("fields", [{}, {"callId": None}, {"callId": 7}], ids=str)
def test_an_event_of_a_call_without_an_id_comes_all_the_same(
    caplog: pytest.LogCaptureFixture, fields: dict[str, Any]
) -> None:
    """Its `call_id` is an empty text, and a line says so."""
    event = parse_event(json.dumps({"eventType": "disconnect", "cause": "hangup", **fields}))

    assert isinstance(event, DisconnectEvent)
    assert (event.call_id, event.cause) == ("", "hangup")
    assert caplog.text.count("DisconnectEvent: $.callId is ") == 1


def test_an_event_of_a_conference_has_no_call(caplog: pytest.LogCaptureFixture) -> None:
    """Only the events of calls have a call id."""
    event = parse_event('{"eventType": "conferenceCreated", "conferenceId": "conf-1"}')

    assert isinstance(event, ConferenceCreatedEvent)
    assert caplog.records == []


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-09-13T16:49:40.500", datetime(2026, 9, 13, 16, 49, 40, 500_000, UTC)),
        ("2026-09-13T16:49:40", datetime(2026, 9, 13, 16, 49, 40, 0, UTC)),
        ("2026-05-04T18:06:49.821024968Z", datetime(2026, 5, 4, 18, 6, 49, 821_024, UTC)),
        ("2026-05-04T23:59:59.999999999Z", datetime(2026, 5, 4, 23, 59, 59, 999_999, UTC)),
        ("2026-05-04T18:06:49.821024968+02:00", datetime(2026, 5, 4, 16, 6, 49, 821_024, UTC)),
    ],
)
def test_times_of_real_traffic(caplog: pytest.LogCaptureFixture, text: str, time: datetime) -> None:
    """A time without a zone is UTC, and digits below a microsecond are cut off."""
    event = read("answer", eventTime=text)

    assert (event.event_time, caplog.records) == (time, [])
    assert event.event_time.tzinfo is not None


def test_a_wrong_number_in_a_query_is_none(caplog: pytest.LogCaptureFixture) -> None:
    """What a query has of a wrong type costs itself only, too."""
    event = parse_event({"eventType": "disconnect", "callId": "c-1", "sipResponseCode": "two", "cause": "busy"})

    assert isinstance(event, DisconnectEvent)
    assert (event.sip_response_code, event.cause) == (None, "busy")
    assert caplog.text.count("$.sipResponseCode is ") == 1


@pytest.mark.parametrize(("event_type", "field", "value", "name"), ODD)
def test_strict_refuses_a_wrong_type(event_type: str, field: str, value: object, name: str) -> None:
    """With `strict` it is a WebhookError with the place, which does not tell the value."""
    with pytest.raises(WebhookError) as caught:
        parse_event(json.dumps({"eventType": event_type, "callId": "c-1", field: value}), strict=True)

    assert caught.value.where == f"$.{field}"


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({}, "$.callId"),
        ({"callId": None}, "$.callId"),
        ({"tag": 5}, "$.tag"),
        ({"callId": "c-1", "eventTime": "2026-09-13T16:49:40.500"}, "$.eventTime"),
        ({"callId": "c-1", "stirShaken": {"verstat": None}}, "$.stirShaken"),
    ],
)
def test_strict_refuses_what_is_only_unusual(fields: dict[str, Any], where: str) -> None:
    """With `strict`, an absent call id, a time without a zone and a null among texts are refused."""
    with pytest.raises(WebhookError) as caught:
        parse_event(json.dumps({"eventType": "initiate", **fields}), strict=True)

    assert caught.value.where == where


def test_strict_takes_what_is_documented() -> None:
    """Absent and null fields, and texts where the documentation shows them, are an event."""
    event = parse_event({"eventType": "answer", "callId": "c-1", "tag": None, "privacy": "true"}, strict=True)

    assert isinstance(event, AnswerEvent)
    assert (event.call_id, event.tag, event.privacy) == ("c-1", None, True)


@pytest.mark.parametrize("kind", [InitiateEvent, AnswerEvent])
def test_what_the_callee_is_shown(kind: type[InitiateEvent | AnswerEvent]) -> None:
    """Real traffic has the name of the caller, which may be empty, and whether the caller hides the number."""
    word = kind.__name__.removesuffix("Event").lower()

    event = read(word, privacy=False, callerDisplayName="Example Ltd")

    assert (type(event), event.privacy, event.caller_display_name) == (kind, False, "Example Ltd")
    assert read(word, callerDisplayName="").caller_display_name == ""


@pytest.mark.parametrize(
    "times",
    [
        {"completeTime": "2026-05-04T18:06:07.797Z"},
        {"completedTime": "2026-05-04T18:06:07.797Z"},
        {"completedTime": None, "completeTime": "2026-05-04T18:06:07.797Z"},
        {"completedTime": "2026-05-04T18:06:07.797Z", "completeTime": "later"},
    ],
    ids=str,
)
def test_completed_time_goes_by_two_names(times: dict[str, Any]) -> None:
    """The documented name counts, and else the one that was seen."""
    event = read("transcriptionAvailable", transcription={"id": "t-1", **times})

    assert isinstance(event, TranscriptionAvailableEvent)
    assert event.transcription is not None
    assert event.transcription.completed_time == datetime(2026, 5, 4, 18, 6, 7, 797_000, UTC)


def test_what_was_said() -> None:
    """A gather of speech has its text beside the digits."""
    event = read("gather", digits="", text="yes please")

    assert isinstance(event, GatherEvent)
    assert (event.digits, event.text) == ("", "yes please")


def test_a_partial_gather() -> None:
    """The event type `partialgather` has a class of its own, which is no GatherEvent."""
    event = read("partialgather", text="yes", isFinal=False)

    assert type(event).__name__ == "PartialGatherEvent"
    assert not isinstance(event, GatherEvent)
    assert (event.call_id, event.text, event.raw["isFinal"]) == ("c-1", "yes", False)


def test_a_started_stream_keeps_its_tracks(caplog: pytest.LogCaptureFixture) -> None:
    """Tracks may be text or an array of texts, as before."""
    one, both = read("mediaStreamStarted", mediaStream={"tracks": "inbound"}), ["inbound", "outbound"]

    assert isinstance(one, MediaStreamStartedEvent)
    assert one.media_stream == MediaStream(tracks="inbound")
    assert read("mediaStreamStarted", mediaStream={"tracks": both}).media_stream == MediaStream(tracks=both)
    assert caplog.records == []
