from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.emulator_http import BXML_TYPE, ask, calls_url, place_call

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from bandwidth_calls.emulator import Emulator


@pytest.mark.parametrize("path", ["calls", "calls/c-1", "nothing"])
async def test_another_account_is_forbidden(path: str, emulator: Emulator, http: ClientSession) -> None:
    """Any path of an unknown account gets a 403, not a 404."""
    reply = await ask(http, "GET", f"{emulator.base_url}/accounts/9900001/{path}")

    error = {"type": "authorization-error", "description": "Access is denied", "id": None}
    assert (reply.status, reply.json()) == (403, error)


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
    """The 415 names the content type of the request."""
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
    """Each request breaks the rule of its status and every later rule."""
    reply = await ask(http, method, f"{emulator.base_url}/{path}", data=body, headers=headers)

    assert reply.status == status


async def test_an_invalid_update_of_an_ended_call_is_400(emulator: Emulator, http: ClientSession) -> None:
    """The check for 400 comes before that for 409."""
    call_id = await place_call(http, emulator)
    await ask(http, "POST", calls_url(emulator, call_id), json={"state": "completed"})

    reply = await ask(http, "POST", calls_url(emulator, call_id), json={})

    assert reply.status == 400


async def test_errors_are_json(emulator: Emulator, http: ClientSession) -> None:
    """An error has the documented content type."""
    reply = await ask(http, "GET", calls_url(emulator, "c-unknown"))

    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "calls/c-1/recording"), ("POST", "calls/c-1/recordings/r-1/transcription")]
)
async def test_the_content_type_is_checked_first(
    method: str, path: str, http: ClientSession, bandwidth: Emulator
) -> None:
    """A content type that is not JSON gets a 415, with any body."""
    reply = await ask(
        http, method, calls_url(bandwidth).replace("calls", path), data=b"{", headers={"Content-Type": "text/plain"}
    )

    assert reply.status == 415
