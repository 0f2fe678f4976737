from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from support.emulator_http import BXML, BXML_TYPE, CALL, NOW_TEXT, ask, calls_url, place, place_call

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from bandwidth_calls.emulator import Emulator


async def test_a_placed_call_comes_back_with_defaults(emulator: Emulator, http: ClientSession) -> None:
    """The 201 echoes the request with defaults filled in, and has the URL of the call."""
    reply = await place(http, emulator)

    placed = reply.json()
    call_url = calls_url(emulator, placed["callId"])
    assert (reply.status, reply.headers["Location"]) == (201, call_url)
    assert placed == {
        **CALL,
        "accountId": "9900000",
        "callId": placed["callId"],
        "callUrl": call_url,
        "enqueuedTime": NOW_TEXT,
        "answerMethod": "POST",
        "answerFallbackUrl": None,
        "answerFallbackMethod": "POST",
        "disconnectUrl": None,
        "disconnectMethod": "POST",
        "username": None,
        "password": None,
        "fallbackUsername": None,
        "fallbackPassword": None,
        "callTimeout": 30,
        "callbackTimeout": 15,
        "priority": 5,
        "tag": None,
    }


async def test_passwords_come_back_masked(emulator: Emulator, http: ClientSession) -> None:
    """The 201 echoes usernames but no passwords."""
    logins = {"username": "u", "password": "p", "fallbackUsername": "f", "fallbackPassword": "q"}

    reply = await place(http, emulator, answerFallbackUrl="https://app.example/f", **logins)

    echoed = {name: reply.json()[name] for name in logins}
    assert echoed == {**logins, "password": "*****", "fallbackPassword": "*****"}


async def test_call_ids_have_the_real_shape(emulator: Emulator, http: ClientSession) -> None:
    """A call id has 47 characters, in the same groups as Bandwidth's."""
    call_id = await place_call(http, emulator)

    assert re.fullmatch(r"c-[0-9a-f]{8}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", call_id)


@pytest.mark.parametrize("content_type", ["application/xml", "application/xml; charset=utf-8", "Application/XML"])
async def test_bxml_is_taken(content_type: str, emulator: Emulator, http: ClientSession) -> None:
    """A document gets an empty 204, with any charset in the content type."""
    call_id = await place_call(http, emulator)

    headers = {"Content-Type": content_type}
    reply = await ask(http, "PUT", calls_url(emulator, call_id, "bxml"), data=BXML, headers=headers)

    assert (reply.status, reply.body) == (204, b"")


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "", {}),
        ("POST", "", {"json": {"state": "completed"}}),
        ("PUT", "/bxml", {"data": BXML, "headers": BXML_TYPE}),
    ],
)
async def test_an_unknown_call_is_not_found(
    method: str, path: str, more: dict[str, Any], emulator: Emulator, http: ClientSession
) -> None:
    """The 404 names the id."""
    reply = await ask(http, method, calls_url(emulator, "c-unknown") + path, **more)

    error = {"type": "validation", "description": "Call [c-unknown] not found", "id": None}
    assert (reply.status, reply.json()) == (404, error)
