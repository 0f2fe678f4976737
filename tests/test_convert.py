"""The converter of requests: names, and what is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bandwidth_calls import CreateCall, MachineDetectionConfiguration, UpdateCall
from bandwidth_calls.convert import dump
from bandwidth_calls.wire import wire_name

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
