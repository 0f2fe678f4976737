from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from support.emulator_http import BXML_TYPE, CALL, ask, calls_url, place, place_call

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from bandwidth_calls.emulator import Emulator

JSON_TYPE = {"Content-Type": "application/json"}


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
    """Any other body gets a 400 of the documented shape, and the connection stays open."""
    reply = await ask(http, "POST", calls_url(emulator), data=BytesIO(body), headers=JSON_TYPE)

    assert (reply.status, reply.json()["type"]) == (400, "validation")
    assert (await place(http, emulator)).status == 201


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
async def test_what_is_no_json_is_refused_in_an_unknown_field_too(
    word: bytes, emulator: Emulator, http: ClientSession
) -> None:
    """Python's reader accepts these words, but RFC 8259 does not."""
    body = json.dumps(CALL)[:-1].encode() + b', "unknown": ' + word + b"}"

    reply = await ask(http, "POST", calls_url(emulator), data=body, headers=JSON_TYPE)

    assert (reply.status, emulator.calls) == (400, [])


async def test_the_last_of_two_keys_counts(emulator: Emulator, http: ClientSession) -> None:
    """A repeated key is not an error."""
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
    """The 400 names the field, and the call is unchanged."""
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
    """The updates that Bandwidth's own SDK and guides send are accepted."""
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
        b"<Bxml>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</Bxml>",
        b"<Bxml><Speak/></Bxml>",
        b" " * (2**20 + 1),
    ],
)
async def test_wrong_bxml_is_refused(body: bytes, emulator: Emulator, http: ClientSession) -> None:
    """Malformed XML, a document type, another root, unknown verbs, or more than 65,536 bytes get a 400."""
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
    ],
)
async def test_right_bxml_is_taken(body: bytes, emulator: Emulator, http: ClientSession) -> None:
    """Both roots are accepted, in each encoding that XML readers must know, up to the limit."""
    call_id = await place_call(http, emulator)

    reply = await ask(http, "PUT", calls_url(emulator, call_id, "bxml"), data=BytesIO(body), headers=BXML_TYPE)

    assert reply.status == 204, reply.body
