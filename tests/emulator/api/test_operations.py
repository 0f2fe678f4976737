from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from support.emulator_http import BXML, BXML_TYPE, CALL, NOW_TEXT, ask, calls_url, place, place_call

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from bandwidth_calls.emulator import Emulator


async def test_a_placed_call_comes_back_with_defaults(emulator: Emulator, http: ClientSession) -> None:
    """The 201 echoes the request, defaults filled in, and says where the call is."""
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
    """A password is never echoed, a name is."""
    logins = {"username": "u", "password": "p", "fallbackUsername": "f", "fallbackPassword": "q"}

    reply = await place(http, emulator, answerFallbackUrl="https://app.example/f", **logins)

    echoed = {name: reply.json()[name] for name in logins}
    assert echoed == {**logins, "password": "*****", "fallbackPassword": "*****"}


async def test_call_ids_have_the_real_shape(emulator: Emulator, http: ClientSession) -> None:
    """An id has 47 characters in the groups of Bandwidth's own."""
    call_id = await place_call(http, emulator)

    assert re.fullmatch(r"c-[0-9a-f]{8}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", call_id)


@pytest.mark.parametrize("content_type", ["application/xml", "application/xml; charset=utf-8", "Application/XML"])
async def test_bxml_is_taken(content_type: str, emulator: Emulator, http: ClientSession) -> None:
    """A document is taken with an empty 204, whatever its charset is said to be."""
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


@pytest.mark.parametrize("path", ["calls", "calls/c-1", "nothing"])
async def test_another_account_is_forbidden(path: str, emulator: Emulator, http: ClientSession) -> None:
    """An account that does not exist is 403, not 404, whatever is asked of it."""
    reply = await ask(http, "GET", f"{emulator.base_url}/accounts/9900001/{path}")

    error = {"type": "authorization-error", "description": "Access is denied", "id": None}
    assert (reply.status, reply.json()) == (403, error)


@pytest.mark.parametrize(
    "path", ["", "/accounts", "/accounts/9900000", "/accounts/9900000/calls/", "/accounts/9900000/calls//bxml", "/%2e"]
)
async def test_an_unknown_path_is_not_found(path: str, emulator: Emulator, http: ClientSession) -> None:
    """A path that leads nowhere is 404."""
    reply = await ask(http, "GET", emulator.base_url + path)

    assert (reply.status, reply.json()) == (404, {"type": "validation", "description": "Not Found", "id": None})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", [], "GET, POST"),
        ("OPTIONS", [], "GET, POST"),
        ("PUT", ["c-1"], "GET, POST"),
        ("GET", ["c-1", "bxml"], "PUT"),
    ],
)
async def test_another_method_is_not_allowed(
    method: str, path: list[str], allowed: str, emulator: Emulator, http: ClientSession
) -> None:
    """The 405 has the documented body, and says what is allowed."""
    reply = await ask(http, method, calls_url(emulator, *path))

    error = {"type": "validation", "description": "Method Not Allowed", "id": None}
    assert (reply.status, reply.json(), reply.headers["Allow"]) == (405, error, allowed)


async def test_head_is_not_allowed(emulator: Emulator, http: ClientSession) -> None:
    """HEAD is no method of the API."""
    reply = await ask(http, "HEAD", calls_url(emulator))

    assert (reply.status, reply.body) == (405, b"")


@pytest.mark.parametrize(
    ("method", "path", "content_type"),
    [
        ("POST", [], "text/plain;charset=UTF-8"),
        ("POST", [], "application/jsonx"),
        ("POST", ["c-1"], "application/xml"),
        ("PUT", ["c-1", "bxml"], "text/xml"),
        ("PUT", ["c-1", "bxml"], "application/json"),
    ],
)
async def test_another_content_type_is_not_supported(
    method: str, path: list[str], content_type: str, emulator: Emulator, http: ClientSession
) -> None:
    """The 415 names the content type that came."""
    reply = await ask(http, method, calls_url(emulator, *path), data=b"{}", headers={"Content-Type": content_type})

    error = {"type": "validation", "description": f"Content type '{content_type}' not supported", "id": None}
    assert (reply.status, reply.json()) == (415, error)


@pytest.mark.parametrize(
    ("status", "method", "path", "body", "headers"),
    [
        (401, "DELETE", "accounts/1/calls/c-1", b"", {"Authorization": "Bearer x"}),
        (403, "DELETE", "accounts/1/calls/c-1", b"", {}),
        (405, "DELETE", "accounts/9900000/calls/c-1", b"", {}),
        (415, "POST", "accounts/9900000/calls/c-1", b"no json", {"Content-Type": "text/plain"}),
        (400, "POST", "accounts/9900000/calls/c-1", b"no json", {"Content-Type": "application/json"}),
        (400, "PUT", "accounts/9900000/calls/c-1/bxml", b"no xml", BXML_TYPE),
        (404, "POST", "accounts/9900000/calls/c-1", b'{"state": "completed"}', {"Content-Type": "application/json"}),
    ],
)
async def test_checks_come_in_order(
    status: int,
    method: str,
    path: str,
    body: bytes,
    headers: dict[str, str],
    emulator: Emulator,
    http: ClientSession,
) -> None:
    """Each request breaks the rule of its status and every later one."""
    reply = await ask(http, method, f"{emulator.base_url}/{path}", data=body, headers=headers)

    assert reply.status == status


async def test_an_invalid_update_of_an_ended_call_is_400(emulator: Emulator, http: ClientSession) -> None:
    """400 comes before 409."""
    call_id = await place_call(http, emulator)
    await ask(http, "POST", calls_url(emulator, call_id), json={"state": "completed"})

    reply = await ask(http, "POST", calls_url(emulator, call_id), json={})

    assert reply.status == 400


async def test_errors_are_json(emulator: Emulator, http: ClientSession) -> None:
    """Every error says that it is JSON, in the words of the documentation."""
    reply = await ask(http, "GET", calls_url(emulator, "c-unknown"))

    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
