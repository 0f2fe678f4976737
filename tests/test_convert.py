"""The converter: names, strict types, open words, and what is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from bandwidth_calls import (
    Answer,
    BadAnswerError,
    CallState,
    CreateCall,
    CreateCallResponse,
    MachineDetectionConfiguration,
    UpdateCall,
)
from bandwidth_calls.convert import dump, load, wire_name


def answer(payload: object) -> Answer:
    """Make an answer of some JSON."""
    return Answer(200, CIMultiDictProxy(CIMultiDict()), json.dumps(payload).encode(), "GET /calls")


CALL: dict[str, Any] = {
    "to": "+19195551234",
    "from_": "+19195554321",
    "application_id": "a",
    "answer_url": "https://a.b/",
}


def test_every_field_of_a_call_goes_out_under_its_name() -> None:
    """A call with everything set is the API's JSON."""
    call = CreateCall(
        **CALL,
        privacy=True,
        display_name="Private",
        uui="x;encoding=hex",
        answer_method="GET",
        username="u",
        password="p",
        answer_fallback_url="https://f/",
        answer_fallback_method="POST",
        fallback_username="fu",
        fallback_password="fp",
        disconnect_url="http://d/",
        disconnect_method="GET",
        call_timeout=30.5,
        callback_timeout=25,
        priority=1,
        tag="",
        machine_detection=MachineDetectionConfiguration(
            mode="async",
            detection_timeout=1,
            silence_timeout=2,
            speech_threshold=3,
            speech_end_threshold=4,
            machine_speech_end_threshold=5,
            delay_result=False,
            callback_url="https://c/",
            callback_method="GET",
            username="mu",
            password="mp",
            fallback_url="https://mf/",
            fallback_method="POST",
            fallback_username="mfu",
            fallback_password="mfp",
        ),
    )

    assert json.loads(dump(call)) == {
        "to": "+19195551234",
        "from": "+19195554321",
        "applicationId": "a",
        "answerUrl": "https://a.b/",
        "privacy": True,
        "displayName": "Private",
        "uui": "x;encoding=hex",
        "answerMethod": "GET",
        "username": "u",
        "password": "p",
        "answerFallbackUrl": "https://f/",
        "answerFallbackMethod": "POST",
        "fallbackUsername": "fu",
        "fallbackPassword": "fp",
        "disconnectUrl": "http://d/",
        "disconnectMethod": "GET",
        "callTimeout": 30.5,
        "callbackTimeout": 25,
        "priority": 1,
        "tag": "",
        "machineDetection": {
            "mode": "async",
            "detectionTimeout": 1,
            "silenceTimeout": 2,
            "speechThreshold": 3,
            "speechEndThreshold": 4,
            "machineSpeechEndThreshold": 5,
            "delayResult": False,
            "callbackUrl": "https://c/",
            "callbackMethod": "GET",
            "username": "mu",
            "password": "mp",
            "fallbackUrl": "https://mf/",
            "fallbackMethod": "POST",
            "fallbackUsername": "mfu",
            "fallbackPassword": "mfp",
        },
    }


def test_every_field_of_an_update_goes_out_under_its_name() -> None:
    """An update with everything set is the API's JSON."""
    update = UpdateCall(
        state="active",
        redirect_url="https://r/",
        redirect_method="GET",
        username="u",
        password="p",
        tag="t",
        redirect_fallback_url="https://f/",
        redirect_fallback_method="POST",
        fallback_username="a",
        fallback_password="b",
    )

    assert json.loads(dump(update)) == {
        "state": "active",
        "redirectUrl": "https://r/",
        "redirectMethod": "GET",
        "username": "u",
        "password": "p",
        "redirectFallbackUrl": "https://f/",
        "redirectFallbackMethod": "POST",
        "fallbackUsername": "a",
        "fallbackPassword": "b",
        "tag": "t",
    }


def test_what_is_unset_is_not_sent() -> None:
    """None stays at home, in nested models too."""
    call = CreateCall(**CALL, machine_detection=MachineDetectionConfiguration())

    assert json.loads(dump(call)).keys() == {"to", "from", "applicationId", "answerUrl", "machineDetection"}


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

    assert load(answer(written), list[CallState]) == calls


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


@pytest.mark.parametrize(
    ("payload", "where"),
    [
        ([{"callId": "c"}] * 17 + [{}], "$[17].callId"),
        ([{"callId": None}], "$[0].callId"),
        ([{"callId": 7}], "$[0].callId"),
        ([{"callId": "c", "from": 7}], "$[0].from"),
        ([{"callId": "c", "to": True}], "$[0].to"),
        ([{"callId": "c", "startTime": 1}], "$[0].startTime"),
        ([{"callId": "c", "startTime": "yesterday"}], "$[0].startTime"),
        ([{"callId": "c", "endTime": "2026-01-02T03:04:05"}], "$[0].endTime"),
        ([{"callId": "c", "stirShaken": ["a"]}], "$[0].stirShaken"),
        ([{"callId": "c", "stirShaken": {"a": 1}}], "$[0].stirShaken"),
        (["c"], "$[0]"),
        ([None], "$[0]"),
        ({"callId": "c"}, "$"),
        ("c", "$"),
        (None, "$"),
        (7, "$"),
    ],
)
def test_a_wrong_shape_says_where(payload: object, where: str) -> None:
    """The first fault is told by its place in the JSON, under the wire's names."""
    with pytest.raises(BadAnswerError) as caught:
        load(answer(payload), list[CallState])

    assert caught.value.where == where
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("field", "value"), [("priority", 5.5), ("priority", True), ("callTimeout", "30"), ("callTimeout", False)]
)
def test_numbers_are_numbers(field: str, value: object) -> None:
    """Text and booleans are not taken for numbers."""
    names = [
        "accountId",
        "answerMethod",
        "answerUrl",
        "applicationId",
        "callId",
        "callUrl",
        "disconnectMethod",
        "from",
        "to",
    ]

    with pytest.raises(BadAnswerError) as caught:
        load(answer({**dict.fromkeys(names, "x"), field: value}), CreateCallResponse)

    assert caught.value.where == f"$.{field}"


@pytest.mark.parametrize(("field", "name"), [("answer_url", "answerUrl"), ("from_", "from"), ("to", "to")])
def test_one_rule_names_all(field: str, name: str) -> None:
    """snake_case becomes camelCase, and an underscore that Python needs goes."""
    assert wire_name(field) == name


def test_values_of_subclasses_go_out_plain() -> None:
    """Text and numbers of a subclass are sent as what they are."""

    class Text(str):
        pass

    class Whole(int):
        pass

    class Real(float):
        pass

    call = CreateCall(**{**CALL, "tag": Text("t"), "priority": Whole(2), "call_timeout": Real(2.5)})

    sent = json.loads(dump(call))
    assert (sent["tag"], sent["priority"], sent["callTimeout"]) == ("t", 2, 2.5)
