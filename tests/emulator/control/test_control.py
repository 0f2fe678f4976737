from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from support.emulator_http import NOW, NOW_TEXT, ask, calls_url, control_url, get_token, place, place_call

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from aiohttp import ClientSession


async def test_requests_can_be_read_from_another_process(emulator: Emulator, http: ClientSession) -> None:
    """Requests come as an array without control requests; a header has the number of dropped ones."""
    await ask(http, "GET", calls_url(emulator, "c-1"))

    for _ in range(2):
        reply = await ask(http, "GET", control_url(emulator, "requests"))

    (request,) = reply.json()
    assert (request["operation"], request["status"], request["time"]) == ("getCallState", 404, NOW_TEXT)
    assert request["headers"]["Authorization"] == "Basic *****"
    assert reply.headers["Emulator-Dropped"] == "0"


async def test_calls_can_be_read_from_another_process(emulator: Emulator, http: ClientSession) -> None:
    """Each call has its state, and the request that placed it."""
    call_id = await place_call(http, emulator, tag="t", priority=2)

    reply = await ask(http, "GET", control_url(emulator, "calls"))

    (call,) = reply.json()
    assert (call["callId"], call["state"], call["tag"]) == (call_id, "answered", "t")
    assert (call["request"]["answerUrl"], call["request"]["priority"]) == ("https://app.example/answer", 2)


async def test_faults_can_be_asked_for(emulator: Emulator, http: ClientSession) -> None:
    """The fields are the keywords of `fault` in Python."""
    body = {"operation": "createCall", "times": 2, "status": 429, "headers": {"Retry-After": "1"}, "body": None}

    reply = await ask(http, "POST", control_url(emulator, "faults"), json=body)

    statuses = [(await place(http, emulator)).status for _ in range(3)]
    assert (reply.status, reply.json(), statuses) == (200, {}, [429, 429, 201])


@pytest.mark.parametrize(
    ("name", "body", "named"),
    [
        ("faults", b'{"operation": "nothing", "status": 500}', "operation"),
        ("faults", b'{"status": 500}', "operation"),
        ("faults", b'{"operation": "createCall", "state": 500}', "state"),
        ("faults", b'{"operation": "createCall", "self": 1}', "unknown: self"),
        ("webhook_faults", b'{"self": 1}', "unknown: self"),
        ("faults", b"[]", "object"),
        ("faults", b"{", ""),
        ("faults", b'{"a": "' + b"x" * 2**20 + b'"}', "1048576"),
        ("advance", b"{}", "seconds: must be a number"),
        ("advance", b'{"seconds": -1}', "seconds must be a number that is not negative"),
        ("advance", b'{"seconds": 1e300}', "seconds"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    name: str, body: bytes, named: str, emulator: Emulator, http: ClientSession
) -> None:
    """The 400 names what is wrong."""
    reply = await ask(http, "POST", control_url(emulator, name), data=BytesIO(body))

    assert (reply.status, reply.json()["type"]) == (400, "validation")
    assert named in reply.json()["description"]


async def test_the_clock_can_be_moved(emulator: Emulator, http: ClientSession) -> None:
    """Seconds may have a fraction."""
    await ask(http, "POST", control_url(emulator, "advance"), json={"seconds": 1.5})

    placed = (await place(http, emulator)).json()

    assert placed["enqueuedTime"] == "2026-09-21T14:13:21.500Z"


async def test_tokens_can_be_revoked(emulator: Emulator, http: ClientSession) -> None:
    """Every token issued so far becomes 401."""
    headers = {"Authorization": f"Bearer {await get_token(http, emulator)}"}

    await ask(http, "POST", control_url(emulator, "revoke"))

    assert (await ask(http, "GET", calls_url(emulator), headers=headers)).status == 401


async def test_reset_forgets_all_but_tokens(http: ClientSession) -> None:
    """Requests, calls, faults, limits and the moved clock are gone; a token stays valid."""
    async with Emulator(calls_per_second=1, concurrent_calls=1, clock=lambda: NOW) as emulator:
        headers = {"Authorization": f"Bearer {await get_token(http, emulator)}"}
        await emulator.advance(60)
        await place_call(http, emulator)
        emulator.fault("*", status=500)

        await ask(http, "POST", control_url(emulator, "reset"))

        left = (emulator.requests, emulator.calls)
        listed = await ask(http, "GET", calls_url(emulator), headers=headers)
        placed = (await place(http, emulator)).json()

    assert (left, listed.json(), placed["enqueuedTime"]) == (([], []), [], NOW_TEXT)


async def test_a_call_before_the_reset_is_unknown_after_it(http: ClientSession) -> None:
    """Its id leads to no new call, and it does not count as one that has ended."""
    async with Emulator(concurrent_calls=1, clock=lambda: NOW) as emulator:
        old = await place_call(http, emulator)
        await ask(http, "POST", calls_url(emulator, old), json={"state": "completed"})

        emulator.reset()
        statuses = [(await place(http, emulator)).status for _ in range(2)]
        read = await ask(http, "GET", calls_url(emulator, old))

    assert (statuses, read.status) == ([201, 429], 404)


@pytest.mark.parametrize(("method", "name", "allowed"), [("POST", "requests", "GET"), ("GET", "faults", "POST")])
async def test_another_method_is_not_allowed(
    method: str, name: str, allowed: str, emulator: Emulator, http: ClientSession
) -> None:
    """The 405 says what is allowed."""
    reply = await ask(http, method, control_url(emulator, name))

    assert (reply.status, reply.headers["Allow"]) == (405, allowed)


@pytest.mark.parametrize("name", ["", "nothing", "calls/c-1"])
async def test_an_unknown_control_is_not_found(name: str, emulator: Emulator, http: ClientSession) -> None:
    """An unknown endpoint is 404, and is not recorded as a request to the API."""
    reply = await ask(http, "GET", control_url(emulator, name))

    assert (reply.status, reply.json()["type"], emulator.requests) == (404, "validation", [])
