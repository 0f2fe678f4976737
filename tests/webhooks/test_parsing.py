import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwidth_calls.errors import BandwidthError
from bandwidth_calls.webhooks import (
    AnswerEvent,
    DisconnectEvent,
    GatherEvent,
    InitiateEvent,
    MachineDetectionCompleteEvent,
    MachineDetectionResult,
    RealTimeTranscriptionAvailableEvent,
    RecordCompleteEvent,
    UnknownEvent,
    WebhookError,
    parse_event,
)

WORDS = ["answer", "initiate", "recordComplete", "disconnect", "mediaStreamRejected", "transcriptionAvailable", "new"]
NAMES = ["eventTime", "from", "duration", "channels", "diversion", "mediaStream", "transcription", "sipResponseCode"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT13.67S", 13.67),
        ("PT0S", 0),
        ("PT0.000001S", 0.000001),
        ("PT1.123456789S", 1.123457),
        ("PT1M", 60),
        ("PT2H", 7200),
        ("PT1H1M1.5S", 3661.5),
        ("P1D", 86400),
        ("P1DT2H", 93600),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    """ISO 8601 durations are timedeltas, rounded to the microsecond."""
    event = parse_event(json.dumps({"eventType": "recordComplete", "duration": text}))

    assert isinstance(event, RecordCompleteEvent)
    assert event.duration == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1DT", "13.67", "PT-1S", "pt1s", "PT1S\n", "P1Y", "PT1.0000000001S", "PT٣S", "P" + "9" * 400],
)
def test_no_durations(text: str) -> None:
    """Any other text is no duration."""
    with pytest.raises(WebhookError) as caught:
        parse_event(json.dumps({"eventType": "recordComplete", "duration": text}), strict=True)

    assert caught.value.where == "$.duration"


def test_a_duration_beyond_all_measure() -> None:
    """A duration that Python cannot hold is a WebhookError like any other."""
    with pytest.raises(WebhookError, match="duration"):
        parse_event('{"eventType": "recordComplete", "duration": "P999999999DT999999999H"}', strict=True)


def test_times_keep_their_zone() -> None:
    """Times may have another zone than UTC."""
    event = parse_event('{"eventType": "answer", "eventTime": "2022-06-16T15:15:07.5+02:00"}')

    assert event.event_time == datetime(2022, 6, 16, 13, 15, 7, 500_000, UTC)


@pytest.mark.parametrize(
    ("event_type", "field", "value", "where"),
    [
        ("answer", "eventTime", "yesterday", "$.eventTime"),
        ("answer", "eventTime", "2022-06-16T13:15:07", "$.eventTime"),
        ("answer", "eventTime", 1655385307, "$.eventTime"),
        ("answer", "from", 15551112222, "$.from"),
        ("answer", "callId", True, "$.callId"),
        ("answer", "machineDetectionResult", "human", "$.machineDetectionResult"),
        ("answer", "machineDetectionResult", {"value": []}, "$.machineDetectionResult.value"),
        ("answer", "machineDetectionResult", {"duration": 4}, "$.machineDetectionResult.duration"),
        ("initiate", "diversion", {"counter": 2}, "$.diversion"),
        ("initiate", "sipHeaders", [["x-a", "b"]], "$.sipHeaders"),
        ("disconnect", "sipResponseCode", "486", "$.sipResponseCode"),
        ("disconnect", "sipResponseCode", 486.0, "$.sipResponseCode"),
        ("recordComplete", "channels", True, "$.channels"),
        ("recordComplete", "duration", 13, "$.duration"),
        ("recordComplete", "duration", {}, "$.duration"),
        ("transcriptionAvailable", "transcription", {"completedTime": "soon"}, "$.transcription.completedTime"),
        ("mediaStreamStarted", "mediaStream", {"tracks": [1]}, "$.mediaStream.tracks"),
        ("mediaStreamStarted", "mediaStream", {"tracks": 0}, "$.mediaStream.tracks"),
        (
            "realTimeTranscriptionStarted",
            "realTimeTranscription",
            {"stabilized": "yes"},
            "$.realTimeTranscription.stabilized",
        ),
        (
            "realTimeTranscriptionStarted",
            "realTimeTranscription",
            {"stabilized": 1},
            "$.realTimeTranscription.stabilized",
        ),
        ("moonPhase", "eventTime", 0, "$.eventTime"),
    ],
)
def test_wrong_types_are_refused_with_their_place(event_type: str, field: str, value: object, where: str) -> None:
    """With `strict`, a known field of a wrong type is a WebhookError that says where, by names on the wire."""
    with pytest.raises(WebhookError) as caught:
        parse_event(json.dumps({"eventType": event_type, field: value}), strict=True)

    assert caught.value.where == where
    assert str(caught.value).startswith(f"{where} is ")
    assert isinstance(caught.value, BandwidthError | ValueError)


@pytest.mark.parametrize(("value", "read"), [(True, True), (False, False), ("true", True), ("false", False)])
def test_a_flag_may_be_text(value: object, read: bool) -> None:
    """The documentation shows `stabilized` as text in one event, and as a boolean in others."""
    body = {"eventType": "realTimeTranscriptionAvailable", "realTimeTranscription": {"stabilized": value}}

    event = parse_event(json.dumps(body))

    assert isinstance(event, RealTimeTranscriptionAvailableEvent)
    assert event.real_time_transcription is not None
    assert event.real_time_transcription.stabilized is read


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b" \r\n", id="blank"),
        pytest.param(b"\x00", id="NUL"),
        pytest.param(b'{"eventType": "answer\x00"}', id="NUL in text"),
        pytest.param(b"\xff\xfe", id="invalid UTF-8"),
        pytest.param(b'{"eventType": "\xff"}', id="invalid UTF-8 in text"),
        pytest.param(b'{"eventType": "answer", "tag": "\xc0\xaf"}', id="overlong UTF-8"),
        pytest.param('{"eventType": "answer"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'\xef\xbb\xbf{"eventType": "answer"}', id="BOM"),
        pytest.param('{"eventType": "answer", "tag": "\ud800"}', id="lone surrogate in str"),
        pytest.param(b'{"eventType": "answer", "tag": "\\ud800"}', id="lone surrogate escaped"),
        pytest.param(b'{"eventType":"x","a":' + b"[" * 10_000 + b"]" * 10_000 + b"}", id="10,000 arrays"),
        pytest.param(b'{"eventType":"x","a":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001, id="10,000 objects"),
        pytest.param(b"[" * 100_000, id="100,000 open arrays"),
        pytest.param(b'{"eventType": "answer", "x": 1e400}', id="infinite number"),
        pytest.param(b'{"eventType": "answer", "x": ' + b"9" * 5_000 + b"}", id="number of 5,000 digits"),
        pytest.param(b'{"eventType": "answer", "x": NaN}', id="NaN"),
        pytest.param(b'{"eventType": "answer", "x": -Infinity}', id="-Infinity"),
        pytest.param(b'{"eventType": "answer",}', id="trailing comma"),
        pytest.param(b"{'eventType': 'answer'}", id="single quotes"),
        pytest.param(b'{"eventType": "answer"', id="cut off"),
        pytest.param(b'{"eventType": "answer"} {}', id="two objects"),
        pytest.param(b'{"eventType": "answer"}x', id="text behind"),
        pytest.param(b"null", id="null"),
        pytest.param(b"true", id="true"),
        pytest.param(b"5", id="number"),
        pytest.param(b'"answer"', id="text"),
        pytest.param(b'[{"eventType": "answer"}]', id="array"),
        pytest.param(b"{}", id="no type"),
        pytest.param(b'{"eventType": null}', id="null type"),
        pytest.param(b'{"eventType": 1}', id="number as type"),
        pytest.param(b'{"eventType": ""}', id="empty type"),
        pytest.param(b'{"eventType": ["answer"]}', id="array as type"),
        pytest.param(b'{"eventType": {"answer": 1}}', id="object as type"),
        pytest.param(b'{"EventType": "answer"}', id="other case"),
        pytest.param(b'{"event": "answer", "timestamp": 1655385307}', id="other product"),
        pytest.param(b"eventType=answer", id="form"),
        pytest.param(b"<Response/>", id="XML"),
    ],
)
def test_hostile_bodies_are_refused(body: bytes | str, usual_recursion_limit: None) -> None:
    """A body that is no event is a WebhookError, and never another error."""
    with pytest.raises(WebhookError) as caught:
        parse_event(body)

    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"eventType": "recordComplete", "channels": 1e99}', id="float channels"),
        pytest.param(b'{"eventType": "answer", "eventTime": "0000-00-00T00:00:00Z"}', id="no such day"),
        pytest.param(b'{"eventType": "answer", "eventTime": "' + b"1" * 10_000 + b'"}', id="long time"),
        pytest.param(b'{"eventType": "answer", "eventTime": "2022-06-16T13:15:07\xf0\x9f\x95\x90Z"}', id="odd time"),
    ],
)
def test_hostile_fields_cost_themselves(body: bytes) -> None:
    """A field that holds an odd value is None, and with `strict` a WebhookError that does not repeat it."""
    event = parse_event(body)

    assert (event.event_time, getattr(event, "channels", None)) == (None, None)
    with pytest.raises(WebhookError) as caught:
        parse_event(body, strict=True)
    assert len(str(caught.value)) < 300


@pytest.fixture
def usual_recursion_limit() -> Iterator[None]:
    """Python's own limit, which hypothesis raises for the whole process."""
    raised = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(raised)


@pytest.mark.parametrize("event_type", ["a\nb", "__class__", "Event", "Answer", "unknown", "🕐", "x" * 10_000])
def test_odd_types_are_unknown_events(event_type: str) -> None:
    """Only the exact word of an event gives its class."""
    event = parse_event(json.dumps({"eventType": event_type}))

    assert event == UnknownEvent(event_type=event_type, raw={"eventType": event_type})


def test_the_last_of_two_equal_names_counts() -> None:
    """A name that stands twice has its last value, in the fields and in raw alike."""
    event = parse_event(b'{"eventType": "gather", "digits": "1", "digits": "2"}')

    assert event == GatherEvent(event_type="gather", digits="2", raw={"eventType": "gather", "digits": "2"})


def test_a_body_over_the_cap_is_refused() -> None:
    """Over 1 MiB nothing is decoded."""
    with pytest.raises(WebhookError, match="longer than 1048576 bytes"):
        parse_event(b'{"eventType": "answer"}'.ljust(2**20 + 1))


def test_a_body_at_the_cap_is_read() -> None:
    """The cap itself is allowed, and is an argument."""
    body = b'{"eventType": "answer"}'

    assert parse_event(body, max_body=len(body)).event_type == "answer"


def test_the_query_of_a_get_webhook() -> None:
    """In a query, times and durations are text, and numbers are read from text."""
    event = parse_event(
        {"eventType": "recordComplete", "eventTime": "2022-06-16T13:15:07Z", "duration": "PT1S", "channels": "2"}
    )

    assert isinstance(event, RecordCompleteEvent)
    assert (event.event_time, event.duration, event.channels) == (
        datetime(2022, 6, 16, 13, 15, 7, tzinfo=UTC),
        timedelta(seconds=1),
        2,
    )


def test_an_object_in_a_query_may_be_json() -> None:
    """An object that comes as the text of one is read."""
    event = parse_event({"eventType": "machineDetectionComplete", "machineDetectionResult": '{"value": "human"}'})

    assert isinstance(event, MachineDetectionCompleteEvent)
    assert event.machine_detection_result == MachineDetectionResult(value="human")


def test_a_mapping_in_a_query_may_be_json() -> None:
    """A mapping that comes as the text of one is read."""
    event = parse_event({"eventType": "initiate", "sipHeaders": '{"x-a": "b"}'})

    assert isinstance(event, InitiateEvent)
    assert event.sip_headers == {"x-a": "b"}


@pytest.mark.parametrize("text", ["human", "{", "[" * 100_000])
def test_an_object_in_a_query_that_is_no_json_stays_raw(text: str) -> None:
    """An event whose object was flattened in some other way is still an event."""
    event = parse_event({"eventType": "answer", "machineDetectionResult": text})

    assert event == AnswerEvent(event_type="answer", raw={"eventType": "answer", "machineDetectionResult": text})


def test_empty_texts_in_a_query() -> None:
    """Empty text is None, except for text itself, where it may mean no digits."""
    event = parse_event({"eventType": "gather", "digits": "", "answerTime": "", "terminatingDigit": "#"})

    assert isinstance(event, GatherEvent)
    assert (event.digits, event.answer_time, event.terminating_digit) == ("", None, "#")


@pytest.mark.parametrize("text", ["two", "1e400", "٣", "2.5", "[2]", "1" * 5_000])
def test_wrong_numbers_in_a_query_are_refused(text: str) -> None:
    """A number in a query must be one."""
    with pytest.raises(WebhookError) as caught:
        parse_event({"eventType": "disconnect", "sipResponseCode": text}, strict=True)

    assert caught.value.where == "$.sipResponseCode"


def test_a_decoded_mapping_is_read_as_it_is() -> None:
    """A mapping of decoded JSON, as frameworks give it, need not be decoded again."""
    event = parse_event({"eventType": "disconnect", "sipResponseCode": 603})

    assert isinstance(event, DisconnectEvent)
    assert event.sip_response_code == 603


def test_a_query_without_a_type_is_no_event() -> None:
    """A mapping without eventType is refused, like a body."""
    with pytest.raises(WebhookError, match="eventType"):
        parse_event({"q": "1"})


@given(body=st.binary() | st.text() | JSON.map(json.dumps))
def test_any_body_is_an_event_or_a_webhook_error(body: bytes | str) -> None:
    """Any body is an event or a WebhookError, and never another error."""
    try:
        event = parse_event(body)
    except WebhookError:
        return

    assert event.event_type


@given(word=st.sampled_from(WORDS), fields=st.dictionaries(st.sampled_from(NAMES), JSON), as_body=st.booleans())
def test_any_fields_are_an_event_or_a_webhook_error(word: str, fields: dict[str, Any], as_body: bool) -> None:
    """Known events with any JSON in their fields give that event or a WebhookError with a place."""
    sent = {**fields, "eventType": word}

    try:
        event = parse_event(json.dumps(sent) if as_body else sent)
    except WebhookError as error:
        event, where = None, error.where
    else:
        where = "$"

    assert event is None or event.event_type == word
    assert where.startswith("$")


@given(
    word=st.sampled_from(WORDS),
    time=st.datetimes(timezones=st.just(UTC)),
    seconds=st.decimals(0, 10**8, places=6),
    text=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_what_is_written_is_read(word: str, time: datetime, seconds: Any, text: str) -> None:
    """Times, durations and texts come back as they were, from a body and from a query alike."""
    sent = {"eventType": word, "eventTime": time.isoformat(), "duration": f"PT{seconds:f}S", "callId": text}

    body, query = parse_event(json.dumps(sent)), parse_event(sent)

    assert body == query
    assert body.event_time == time
    assert getattr(body, "call_id", text) == text
    assert getattr(body, "duration", None) in (None, timedelta(microseconds=int(seconds * 10**6)))
