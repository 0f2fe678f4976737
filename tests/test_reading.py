"""The reader of answers: strict types, open words, what is kept, and what an odd value costs."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from bandwidth_calls import Answer, BadAnswerError, CallState, CreateCallResponse
from bandwidth_calls.reading import Notes, Unreadable, load, load_list
from bandwidth_calls.wire import wire_name


def answer(payload: object) -> Answer:
    """Make an answer of some JSON."""
    return Answer(200, CIMultiDictProxy(CIMultiDict()), json.dumps(payload).encode(), "GET /calls")


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
times = st.datetimes(timezones=st.just(UTC))
states = st.builds(
    CallState,
    call_id=texts,
    **{
        field.name: st.none() | (times if field.name.endswith("time") or field.name == "last_update" else texts)
        for field in attrs.fields(CallState)
        if field.name not in ("call_id", "stir_shaken", "extra")
    },
    stir_shaken=st.none() | st.dictionaries(texts, texts, max_size=3),
    extra=st.dictionaries(st.from_regex(r"x[A-Za-z]{0,5}", fullmatch=True), st.integers() | texts, max_size=3),
)


@given(st.lists(states, max_size=3), st.booleans())
def test_states_come_back_as_they_were_written(calls: list[CallState], nulls: bool) -> None:
    """Any listing that is written by hand is read back equal, with nulls or with those fields left out."""
    written = []
    for call in calls:
        fields = attrs.asdict(call)
        payload = {wire_name(name): value for name, value in fields.items() if name != "extra"} | fields["extra"]
        payload = {n: v.isoformat() if isinstance(v, datetime) else v for n, v in payload.items()}
        written.append({n: v for n, v in payload.items() if nulls or v is not None})

    assert load_list(answer(written), CallState, Notes("GET /calls")) == calls


def test_a_created_call_comes_back_typed() -> None:
    """Every field of the answer to a create-call is read."""
    payload = {
        "accountId": "1",
        "answerMethod": "POST",
        "answerUrl": "u",
        "applicationId": "a",
        "callId": "c",
        "callUrl": "cu",
        "disconnectMethod": "GET",
        "from": "+1",
        "to": "+2",
        "enqueuedTime": "2026-01-02T03:04:05.678Z",
        "callTimeout": 30,
        "callbackTimeout": 15.5,
        "tag": "t",
        "answerFallbackMethod": "GET",
        "answerFallbackUrl": "f",
        "disconnectUrl": "d",
        "username": "n",
        "password": "*****",
        "fallbackUsername": "fn",
        "fallbackPassword": "*****",
        "priority": 5,
    }

    placed = load(answer(payload), CreateCallResponse)

    assert placed == CreateCallResponse(
        account_id="1",
        answer_method="POST",
        answer_url="u",
        application_id="a",
        call_id="c",
        call_url="cu",
        disconnect_method="GET",
        from_="+1",
        to="+2",
        enqueued_time=datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC),
        call_timeout=30.0,
        callback_timeout=15.5,
        tag="t",
        answer_fallback_method="GET",
        answer_fallback_url="f",
        disconnect_url="d",
        username="n",
        password="*****",
        fallback_username="fn",
        fallback_password="*****",
        priority=5,
    )
    assert "*****" not in repr(placed)


def test_what_the_service_adds_is_kept() -> None:
    """Unknown fields are in `extra` by their own names, also those that look like ours."""
    call = load(answer({"callId": "c", "extra": 1, "": 2, "call_id": 3, "newField": {"a": None}}), CallState)

    assert call.extra == {"extra": 1, "": 2, "call_id": 3, "newField": {"a": None}}
    assert hash(call) == hash(call)


def test_words_are_open() -> None:
    """A state, a direction or a cause that nobody knows yet is text like any other."""
    call = load(answer({"callId": "c", "state": "floating", "direction": "up", "disconnectCause": "whim"}), CallState)

    assert (call.state, call.direction, call.disconnect_cause) == ("floating", "up", "whim")


ODD: list[tuple[str, object]] = [
    ("from", 7),
    ("to", True),
    ("startTime", 1),
    ("startTime", "yesterday"),
    ("endTime", ""),
    ("endTime", "2026-01-02T03:04:05.9+99:00"),
    ("stirShaken", ["a"]),
    ("stirShaken", "a"),
]


@pytest.mark.parametrize(("field", "value"), ODD)
def test_an_odd_field_costs_itself(caplog: pytest.LogCaptureFixture, field: str, value: object) -> None:
    """The record has all but that field, which is in `extra`, and a line names the place."""
    (read,) = load_list(answer([{"callId": "c", "state": "answered", field: value}]), CallState, Notes("GET /calls"))

    assert read == CallState(call_id="c", state="answered", extra={field: value})
    assert [record.getMessage().partition(" is ")[0] for record in caplog.records] == [f"GET /calls: $[0].{field}"]


@pytest.mark.parametrize(("field", "value"), ODD)
def test_a_line_holds_no_value(caplog: pytest.LogCaptureFixture, field: str, value: object) -> None:
    """Two values of one wrong type have the same line, so it tells nothing of either."""
    other = {int: 8, bool: False, str: "tomorrow", list: [1, 2]}[type(value)]
    for odd in (value, other):
        load_list(answer([{"callId": "c", field: odd}]), CallState, Notes("GET /calls"))

    first, second = (record.getMessage() for record in caplog.records)
    assert first == second


@pytest.mark.parametrize(
    ("record", "where"),
    [
        ({}, "$[17].callId"),
        ({"callId": None}, "$[17].callId"),
        ({"callId": 7}, "$[17].callId"),
        ("c", "$[17]"),
        (None, "$[17]"),
        ([{"callId": "c"}], "$[17]"),
    ],
)
def test_a_record_without_an_id_costs_itself(caplog: pytest.LogCaptureFixture, record: object, where: str) -> None:
    """It stands for itself in its page, with its place and the reason."""
    page = [{"callId": "b"}] * 17 + [record, {"callId": "d"}]

    *_, bad, last = load_list(answer(page), CallState, Notes("GET /calls"))

    assert last == CallState(call_id="d")
    assert isinstance(bad, Unreadable)
    assert bad.place == where
    assert caplog.records == []


@pytest.mark.parametrize("payload", [{"callId": "c"}, "c", None, 7])
def test_a_page_is_an_array(payload: object) -> None:
    """What is no array is a BadAnswerError as a whole."""
    with pytest.raises(BadAnswerError) as caught:
        load_list(answer(payload), CallState, Notes("GET /calls"))

    assert caught.value.where == "$"


@pytest.mark.parametrize(
    ("payload", "where"),
    [({}, "$.callId"), ({"callId": 5}, "$.callId"), ([], "$"), ([{}], "$[0].callId"), ([{}, {}], "$"), (None, "$")],
)
def test_an_answer_without_an_id_says_where(payload: object, where: str) -> None:
    """The place is told under the wire's names, and no other error is held."""
    with pytest.raises(BadAnswerError) as caught:
        load(answer(payload), CallState)

    assert caught.value.where == where
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("priority", 5.5), ("priority", True), ("callTimeout", "30"), ("callTimeout", False), ("callTimeout", 10**400)],
)
def test_numbers_are_numbers(field: str, value: object) -> None:
    """Text, booleans and what no float can hold are not taken for numbers."""
    placed = load(answer({"callId": "c", field: value}), CreateCallResponse)

    assert placed == CreateCallResponse(call_id="c", extra={field: value})


def test_a_field_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """A thousand odd records of one page are as many lines as they have odd fields."""
    caplog.set_level(logging.WARNING, "bandwidth_calls")

    load_list(answer([{"callId": "c", "to": 1, "from": 2}] * 1000), CallState, Notes("GET /calls"))

    assert len(caplog.records) == 2
