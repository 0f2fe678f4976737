from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from emulator_helpers import BXML_TYPE, CALL, ask, calls_url, place, place_call

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from bandwidth_calls.emulator import Emulator

JSON_TYPE = {"Content-Type": "application/json"}
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
    """The 400 names the field, and nobody is called."""
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
    """What the documentation allows, or does not speak of, is no error."""
    reply = await place(http, emulator, **fields)

    assert reply.status == 201, reply.body


@pytest.mark.parametrize("field", ["to", "from", "applicationId", "answerUrl"])
async def test_a_required_field_must_be_there(field: str, emulator: Emulator, http: ClientSession) -> None:
    """What is left out is named."""
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
    """Where the documentation has a sample, its words are used."""
    reply = await place(http, emulator, **fields)

    assert reply.json()["description"] == description


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b'{"callTimeout": NaN}',
        b'{"callTimeout": -Infinity}',
        b'{"tag": "a\nb"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 5_000,
        b" " * (2**20 + 1),
    ],
)
async def test_a_body_that_is_no_object_is_refused(body: bytes, emulator: Emulator, http: ClientSession) -> None:
    """Whatever comes is a 400 of the documented shape, and the connection goes on."""
    reply = await ask(http, "POST", calls_url(emulator), data=BytesIO(body), headers=JSON_TYPE)

    assert (reply.status, reply.json()["type"]) == (400, "validation")
    assert (await place(http, emulator)).status == 201


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
async def test_what_is_no_json_is_refused_in_an_unknown_field_too(
    word: bytes, emulator: Emulator, http: ClientSession
) -> None:
    """Python's reader takes these words, RFC 8259 does not have them."""
    body = json.dumps(CALL)[:-1].encode() + b', "unknown": ' + word + b"}"

    reply = await ask(http, "POST", calls_url(emulator), data=body, headers=JSON_TYPE)

    assert (reply.status, emulator.calls) == (400, [])


async def test_the_last_of_two_keys_counts(emulator: Emulator, http: ClientSession) -> None:
    """A key that comes twice is no error."""
    body = json.dumps(CALL)[:-1].encode() + b', "tag": "a", "tag": "b"}'

    reply = await ask(http, "POST", calls_url(emulator), data=body, headers=JSON_TYPE)

    assert (reply.status, reply.json()["tag"]) == (201, "b")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "redirectUrl"),
        ({"state": None}, "redirectUrl"),
        ({"state": "active", "redirectUrl": None}, "redirectUrl"),
        ({"state": "active", "redirectUrl": "nowhere"}, "redirectUrl"),
        ({"state": "ended"}, "state"),
        ({"state": True}, "state"),
        ({"state": "completed", "redirectUrl": "https://app.example"}, "redirectUrl"),
        ({"state": "completed", "tag": ""}, "tag"),
        ({"state": "completed", "redirectMethod": "DELETE"}, "redirectMethod"),
        ({"redirectUrl": "https://app.example", "tag": "t" * 4097}, "tag"),
        ({"redirectUrl": "https://app.example", "redirectFallbackUrl": "x"}, "redirectFallbackUrl"),
        ({"redirectUrl": "https://app.example", "fallbackPassword": "p" * 1025}, "fallbackPassword"),
    ],
)
async def test_a_wrong_update_is_refused(
    body: dict[str, object], field: str, emulator: Emulator, http: ClientSession
) -> None:
    """The 400 names the field, and the call goes on as it was."""
    call_id = await place_call(http, emulator)

    reply = await ask(http, "POST", calls_url(emulator, call_id), json=body)

    assert reply.status == 400
    assert reply.json()["description"].startswith(f"Invalid {field}: ")
    assert emulator.calls[0].state == "answered"


@pytest.mark.parametrize(
    "body",
    [
        {"state": "completed", "redirectMethod": "POST", "redirectFallbackMethod": "POST"},
        {"state": "completed", "username": "u", "password": "p"},
        {"state": "completed", "redirectUrl": None, "tag": None},
        {"redirectUrl": "http://app.example", "redirectMethod": None, "username": "u", "password": "p"},
        {"redirectUrl": "http://app.example", "tag": None, "unknown": 1},
    ],
)
async def test_a_right_update_is_taken(body: dict[str, object], emulator: Emulator, http: ClientSession) -> None:
    """What Bandwidth's own SDK and guides send is taken."""
    call_id = await place_call(http, emulator)

    reply = await ask(http, "POST", calls_url(emulator, call_id), json=body)

    assert reply.status == 200, reply.body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text",
        b"<Bxml>",
        b"<Bxml/><Bxml/>",
        b"<bxml/>",
        b"<Speak/>",
        b'<!DOCTYPE Bxml [<!ENTITY a "b">]><Bxml>&a;</Bxml>',
        b"<!DOCTYPE Bxml><Bxml/>",
        b"<Bxml>&nothing;</Bxml>",
        b"<Bxml>\x00</Bxml>",
        b"<Bxml>\xff</Bxml>",
        b'<?xml version="1.0" encoding="martian"?><Bxml/>',
        b'<?xml version="1.0" encoding="utf-7"?><Bxml/>',
        b"<Bxml>" + b" " * 65_524 + b"</Bxml>",
        b" " * (2**20 + 1),
    ],
)
async def test_wrong_bxml_is_refused(body: bytes, emulator: Emulator, http: ClientSession) -> None:
    """What is no XML, has a document type, another root, or more than 65,536 bytes, is 400."""
    call_id = await place_call(http, emulator)

    reply = await ask(http, "PUT", calls_url(emulator, call_id, "bxml"), data=BytesIO(body), headers=BXML_TYPE)

    assert (reply.status, reply.json()["type"]) == (400, "validation")


@pytest.mark.parametrize(
    "body",
    [
        b"<Response/>",
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Bxml><SpeakSentence>hi</SpeakSentence></Bxml>',
        '<?xml version="1.0" encoding="UTF-16"?><Bxml/>'.encode("utf-16"),
        b"<Bxml>" + b" " * 65_523 + b"</Bxml>",
        b"<Bxml>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</Bxml>",
    ],
)
async def test_right_bxml_is_taken(body: bytes, emulator: Emulator, http: ClientSession) -> None:
    """Both roots are taken, in any encoding that XML readers must know, up to the limit."""
    call_id = await place_call(http, emulator)

    reply = await ask(http, "PUT", calls_url(emulator, call_id, "bxml"), data=BytesIO(body), headers=BXML_TYPE)

    assert reply.status == 204, reply.body
