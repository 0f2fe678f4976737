from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.emulator_http import CALL, ask, calls_url, place

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from bandwidth_calls.emulator import Emulator

JWT = "eyJhbGciOiJIUzI1NiJ9.WyJoaSJd.-znk;encoding=jwt"


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "+1"},
        {"to": "+012345"},
        {"to": "19195551234"},
        {"to": "+1234567890123456"},
        {"to": "+1919555123\u0664"},
        {"to": "sip:"},
        {"to": "sip:a b@example.com"},
        {"to": "tel:+19195551234"},
        {"to": 19195551234},
        {"to": True},
        {"to": ["+19195551234"]},
        {"from": "sip:user@example.com"},
        {"from": "Restricted"},
        {"applicationId": ""},
        {"applicationId": " "},
        {"applicationId": 7},
        {"answerUrl": "ftp://app.example"},
        {"answerUrl": "/answer"},
        {"answerUrl": "https://"},
        {"answerUrl": "https://app.example:99999"},
        {"answerUrl": "https://app.example:0"},
        {"answerUrl": "https://[app.example"},
        {"answerUrl": "https://app.example/a b"},
        {"answerUrl": "https://app.example/\n"},
        {"answerUrl": "https://app.example/\x00"},
        {"answerUrl": None},
        {"disconnectUrl": "app.example"},
        {"answerMethod": "PUT"},
        {"answerMethod": "post"},
        {"answerMethod": ["POST"]},
        {"callTimeout": 0.9},
        {"callTimeout": 300.1},
        {"callTimeout": "30"},
        {"callTimeout": True},
        {"callTimeout": 10**400},
        {"callbackTimeout": 25.5},
        {"priority": 0},
        {"priority": 6},
        {"priority": 2.5},
        {"priority": False},
        {"tag": "t" * 4097},
        {"tag": 1},
        {"tag": "\ud800"},
        {"privacy": "true"},
        {"privacy": 1},
        {"displayName": "n" * 257},
        {"displayName": "a\nb"},
        {"displayName": "a\x85b"},
        {"privacy": True, "displayName": "John Doe"},
        {"privacy": True, "displayName": "restricted"},
        {"uui": "a"},
        {"uui": "a;encoding=rot13"},
        {"uui": f"{JWT},"},
        {"uui": f"{JWT},a"},
        {"uui": ""},
        {"uui": f"{'a' * 340};encoding=hex"},
        {"username": 1},
        {"username": "u", "answerUrl": "http://app.example"},
        {"password": "p", "answerUrl": "http://app.example"},
        {"fallbackUsername": "u", "answerFallbackUrl": "http://app.example"},
        {"machineDetection": None},
        {"machineDetection": "async"},
        {"machineDetection": {}},
        {"machineDetection": {"mode": "async"}},
        {"machineDetection": {"mode": None}},
        {"machineDetection": {"mode": "both"}},
        {"machineDetection": {"mode": "sync", "detectionTimeout": "15"}},
        {"machineDetection": {"mode": "sync", "delayResult": 1}},
        {"machineDetection": {"mode": "sync", "callbackUrl": "nowhere"}},
    ],
)
async def test_a_wrong_field_is_refused(fields: dict[str, object], emulator: Emulator, http: ClientSession) -> None:
    """The 400 names the field, and no call is placed."""
    reply = await place(http, emulator, **fields)

    error = reply.json()
    assert (reply.status, error["type"], error["id"]) == (400, "validation", None)
    assert error["description"].startswith(tuple(f"Invalid {name}" for name in fields))
    assert emulator.calls == []


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "sip:user@server.example"},
        {"to": "SIPS:server.example:5061"},
        {"to": "+12"},
        {"answerUrl": "HTTP://127.0.0.1:8000/?q=1#f"},
        {"answerUrl": f"https://a.example/{'a' * 2030}"},
        {"answerMethod": None},
        {"answerMethod": "GET"},
        {"callTimeout": 1, "callbackTimeout": 25},
        {"callTimeout": None, "callbackTimeout": None, "priority": None},
        {"priority": 5.0},
        {"tag": ""},
        {"tag": "\x00\u20ac" * 2048},
        {"privacy": True},
        {"privacy": True, "displayName": "Anonymous"},
        {"privacy": None, "displayName": None, "uui": None, "tag": None},
        {"displayName": "n" * 256},
        {"uui": f"{JWT},aGVsbG8;encoding=base64"},
        {"uui": f"68656c;encoding=hex, {JWT}", "to": "sip:user@server.example"},
        {"username": "u", "password": "p", "answerUrl": "HTTPS://app.example"},
        {"machineDetection": {"callbackUrl": "https://app.example/m"}},
        {"machineDetection": {"mode": "sync", "detectionTimeout": 0.5, "silenceTimeout": None}},
        {"unknown": [{}], "callId": 7},
    ],
)
async def test_a_right_field_is_taken(fields: dict[str, object], emulator: Emulator, http: ClientSession) -> None:
    """Values that the documentation allows, or does not mention, are accepted."""
    reply = await place(http, emulator, **fields)

    assert reply.status == 201, reply.body


@pytest.mark.parametrize("field", ["to", "from", "applicationId", "answerUrl"])
async def test_a_required_field_must_be_there(field: str, emulator: Emulator, http: ClientSession) -> None:
    """The 400 names the missing field."""
    body = {name: value for name, value in CALL.items() if name != field}

    reply = await ask(http, "POST", calls_url(emulator), json=body)

    assert (reply.status, reply.json()["description"]) == (400, f"Invalid {field}: must not be null")


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({"from": "1"}, "Invalid from: must be an E164 telephone number"),
        ({"answerUrl": "ftp://a"}, "Invalid answerUrl: only http and https are allowed."),
        ({"machineDetection": {"mode": "x"}}, "Invalid machineDetection.mode: must be one of sync, async"),
    ],
)
async def test_descriptions_are_those_of_the_documentation(
    fields: dict[str, object], description: str, emulator: Emulator, http: ClientSession
) -> None:
    """The description is that of the documentation's sample."""
    reply = await place(http, emulator, **fields)

    assert reply.json()["description"] == description
