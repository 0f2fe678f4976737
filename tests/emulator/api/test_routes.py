from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import pytest
from support.emulator_http import ask, calls_url
from yarl import URL

from bandwidth_calls.emulator.api import calls, conferences, recordings, statistics, transcriptions
from bandwidth_calls.emulator.api.operations import ROUTES
from bandwidth_calls.emulator.api.routes import RouteTable

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from bandwidth_calls.emulator import Emulator
    from bandwidth_calls.emulator.api.messages import HttpRequest
    from bandwidth_calls.emulator.api.routes import Route, Target

RESOURCES = (calls, statistics, recordings, conferences, transcriptions)
ALL_ROUTES = [route for resource in RESOURCES for route in resource.ROUTES]


@pytest.mark.parametrize(
    "path", ["", "/accounts", "/accounts/9900000", "/accounts/9900000/calls/", "/accounts/9900000/calls//bxml", "/%2e"]
)
async def test_an_unknown_path_is_not_found(path: str, emulator: Emulator, http: ClientSession) -> None:
    """An unknown path gets a 404."""
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
    """The 405 has the documented body, and names the allowed methods."""
    reply = await ask(http, method, calls_url(emulator, *path))

    error = {"type": "validation", "description": "Method Not Allowed", "id": None}
    assert (reply.status, reply.json(), reply.headers["Allow"]) == (405, error, allowed)


async def test_head_is_not_allowed(emulator: Emulator, http: ClientSession) -> None:
    """A HEAD request gets a 405."""
    reply = await ask(http, "HEAD", calls_url(emulator))

    assert (reply.status, reply.body) == (405, b"")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("recordings", "GET"),
        ("calls/c-1/recording", "PUT"),
        ("calls/c-1/recordings", "GET"),
        ("calls/c-1/recordings/r-1", "GET, DELETE"),
        ("calls/c-1/recordings/r-1/media", "GET, DELETE"),
        ("calls/c-1/recordings/r-1/transcription", "GET, POST, DELETE"),
    ],
)
async def test_paths_are_checked_in_order(path: str, allowed: str, http: ClientSession, bandwidth: Emulator) -> None:
    """Invalid credentials get 401, then another account 403, then another method 405."""
    url = calls_url(bandwidth).replace("calls", path)

    unknown = await ask(http, "PATCH", url, headers={"Authorization": "Bearer x"})
    foreign = await ask(http, "PATCH", url.replace(bandwidth.account_id, "1"))
    wrong = await ask(http, "PATCH", url)

    assert [unknown.status, foreign.status, wrong.status] == [401, 403, 405]
    assert wrong.headers["Allow"] == allowed


@pytest.mark.parametrize(
    "path",
    ["recordings/", "calls//recording", "calls//recordings", "calls/c-1/recordings/", "calls/c-1/recordings/r-1/other"],
)
async def test_paths_that_lead_nowhere(path: str, http: ClientSession, bandwidth: Emulator) -> None:
    """An unknown path below the account gets a 404."""
    reply = await ask(http, "GET", calls_url(bandwidth).replace("calls", path))

    assert (reply.status, reply.json()["description"]) == (404, "Not Found")


@pytest.mark.parametrize(
    ("operation", "method", "path"),
    [
        ("listAccountCallRecordings", "GET", "recordings"),
        ("updateCallRecordingState", "PUT", "calls/c-1/recording"),
        ("listCallRecordings", "GET", "calls/c-1/recordings"),
        ("getCallRecording", "GET", "calls/c-1/recordings/r-1"),
        ("deleteRecording", "DELETE", "calls/c-1/recordings/r-1"),
        ("downloadCallRecording", "GET", "calls/c-1/recordings/r-1/media"),
        ("deleteRecordingMedia", "DELETE", "calls/c-1/recordings/r-1/media"),
        ("getRecordingTranscription", "GET", "calls/c-1/recordings/r-1/transcription"),
        ("transcribeCallRecording", "POST", "calls/c-1/recordings/r-1/transcription"),
        ("deleteRecordingTranscription", "DELETE", "calls/c-1/recordings/r-1/transcription"),
    ],
)
async def test_every_operation_has_its_name(
    operation: str, method: str, path: str, http: ClientSession, bandwidth: Emulator
) -> None:
    """A fault can name each operation, and the journal records its name."""
    bandwidth.fault(operation, status=503)

    reply = await ask(http, method, calls_url(bandwidth).replace("calls", path))

    assert (reply.status, bandwidth.requests[-1].operation) == (503, operation)
    assert operation in ROUTES.operations


@pytest.mark.parametrize("route", ALL_ROUTES, ids=lambda route: route.operation)
def test_a_handler_takes_the_ids_of_its_path(route: Route) -> None:
    """The ids in the path are the handler's arguments, after the account and the request."""
    arguments = list(inspect.signature(route.handler).parameters)[2:]

    assert arguments == re.findall(r"\{(\w+)\}", route.path)


@pytest.mark.parametrize(("path", "call_id"), [("c%2D1", "c-1"), ("a%2Fb", "a/b"), ("%7Bcall_id%7D", "{call_id}")])
async def test_an_id_is_decoded(path: str, call_id: str, emulator: Emulator, http: ClientSession) -> None:
    """An id is percent-decoded. An encoded slash does not end it."""
    reply = await ask(http, "GET", URL(calls_url(emulator, path), encoded=True))

    assert (reply.status, reply.json()["description"]) == (404, f"Call [{call_id}] not found")


async def test_a_request_is_routed_once(
    emulator: Emulator, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table is searched once, for the journal, for faults and for the handler alike."""
    searched: list[str] = []
    find = RouteTable.find

    def counted(table: RouteTable, request: HttpRequest) -> Target:
        searched.append(request.path)
        return find(table, request)

    monkeypatch.setattr(RouteTable, "find", counted)
    emulator.fault("getCallState", status=503, process=True)

    await ask(http, "GET", calls_url(emulator, "c-1"))

    assert len(searched) == 1
