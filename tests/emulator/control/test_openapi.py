"""control.openapi.json against the emulator: every route is in it, and what it says of the answers is true."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import TYPE_CHECKING, Any

import attrs
import jsonschema
import pytest
from support.application import Application
from support.emulator_http import Reply, ask, control_url, place_call

from bandwidth_calls.emulator import Emulator
from bandwidth_calls.emulator.api.faults import Fault
from bandwidth_calls.emulator.api.operations import FALLIBLE
from bandwidth_calls.emulator.control.control import PREFIX, Control
from bandwidth_calls.emulator.control.page.page import EVENTS_PATH
from bandwidth_calls.emulator.delivery.faults import WebhookFault
from bandwidth_calls.emulator.far_end.json import read_far_end

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import ClientSession

SPEC: dict[str, Any] = json.loads(
    resources.files("bandwidth_calls.emulator.control").joinpath("control.openapi.json").read_text("utf-8")
)
GATHER = '<Response><Gather gatherUrl="/hook" maxDigits="3"/></Response>'


def check(schema: object, value: object) -> None:
    """Hold a value to a schema of the file."""
    jsonschema.Draft202012Validator({**SPEC, "$id": "urn:control", "allOf": [schema]}).validate(value)


def is_valid(name: str, value: object) -> bool:
    """Whether a value is as the file's schema of this name says."""
    schema = {**SPEC, "$id": "urn:control", "allOf": [{"$ref": f"#/components/schemas/{name}"}]}
    return bool(jsonschema.Draft202012Validator(schema).is_valid(value))


def declared(method: str, name: str) -> dict[str, Any]:
    """Return what the file says of a control request, any call's id in its path."""
    path = re.sub(r"calls/[^/?]+", "calls/{call_id}", name.partition("?")[0])
    found: dict[str, Any] = SPEC["paths"][PREFIX + path][method.lower()]
    return found


@pytest.fixture
async def moved() -> AsyncIterator[Emulator]:
    """An emulator whose clock stands still until it is moved, and whose application asks for keys."""
    async with (
        Application(initiate=GATHER, gather=500) as application,
        Emulator(moved_clock=True, inbound_url=application.url) as emulator,
    ):
        yield emulator


async def checked(http: ClientSession, emulator: Emulator, method: str, name: str, body: object = None) -> Reply:
    """Send what the file lets one send, and hold the answer to what it says of it."""
    operation = declared(method, name)
    if method == "POST":
        check(operation["requestBody"]["content"]["application/json"]["schema"], body)
    reply = await ask(http, method, control_url(emulator, name), json=body)
    answer = operation["responses"][str(reply.status)]
    if "$ref" in answer:
        answer = SPEC["components"]["responses"]["Refused"]
    ((media_type, content),) = answer["content"].items()
    assert reply.headers["Content-Type"].partition(";")[0] == media_type
    check(content["schema"], reply.json() if media_type == "application/json" else reply.body.decode())
    return reply


def test_every_route_is_declared(emulator: Emulator) -> None:
    """The paths and methods of the file are those that are answered."""
    control = Control(emulator)

    answered = {(f"{PREFIX}{name}", "get") for name in control.gets} | {(EVENTS_PATH, "get")}
    answered |= {(f"{PREFIX}{name}", "post") for name in control.posts}

    assert {(path, method) for path, methods in SPEC["paths"].items() for method in methods} == answered


def test_every_route_may_be_refused() -> None:
    """Each operation declares the 403 for another host and for a foreign page."""
    operations = [operation for methods in SPEC["paths"].values() for operation in methods.values()]

    assert [operation["operationId"] for operation in operations if "403" not in operation["responses"]] == []


def test_the_file_is_sound() -> None:
    """Its schemas are schemas, each reference leads somewhere, and each operation has a name of its own."""
    text = json.dumps(SPEC)
    names = re.findall(r'"operationId": "(\w+)"', text)

    for schema in SPEC["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)

    assert len(set(names)) == len(names)
    for _, kind, name in re.findall(r'"#/(components)/(\w+)/(\w+)"', text):
        assert name in SPEC["components"][kind]


async def test_the_answers_about_a_call_are_as_declared(moved: Emulator, http: ClientSession) -> None:
    """From the call that comes in, through its steps, to its problem."""
    far_end = {"steps": [{"do": "press", "keys": "12", "after": 1}]}
    body = {"to": "+19195554321", "from": "+19195551234", "far_end": far_end}
    call_id = (await checked(http, moved, "POST", "inbound", body)).json()["callId"]
    await checked(http, moved, "POST", "run_until", {"call_id": call_id, "state": "answered"})
    await checked(http, moved, "POST", f"calls/{call_id}/say", {"words": "Hello"})
    await checked(http, moved, "POST", f"calls/{call_id}/press", {"keys": "3#"})
    await checked(http, moved, "POST", "advance", {"seconds": 5})

    for name in ("calls", f"calls/{call_id}?newest=3", f"calls/{call_id}/timeline", f"calls/{call_id}/transcript"):
        await checked(http, moved, "GET", name)

    assert (await checked(http, moved, "GET", "problems")).json()
    assert (await checked(http, moved, "POST", "expect_problems", {})).json()
    assert (await checked(http, moved, "POST", f"calls/{call_id}/hang_up", {})).status == 409


async def test_the_other_answers_are_as_declared(moved: Emulator, http: ClientSession) -> None:
    """Faults, far ends, requests, the clock, and the call of createCall."""
    fault = {"operation": "listCalls", "status": 503, "headers": {"Retry-After": "1"}}
    await checked(http, moved, "POST", "faults", fault)
    await checked(http, moved, "POST", "far_ends", {"number": "*", "far_end": {"outcome": "busy"}})
    await checked(http, moved, "POST", "webhook_faults", {"event": "disconnect", "drop": True, "nth": 2})
    await ask(http, "GET", f"{moved.base_url}/accounts/9900000/calls")
    await place_call(http, moved)

    replies = [await checked(http, moved, "POST", "run_until_idle", {"within": 60})]
    replies += [await checked(http, moved, "GET", name) for name in ("requests", "calls")]
    replies += [await checked(http, moved, "POST", name, {}) for name in ("revoke", "reset")]

    assert [reply.status for reply in replies] == [200] * 5
    assert replies[1].json()[0]["fault"] == "status 503"
    assert replies[2].json()[0]["request"]["priority"] == 5


async def test_what_is_sent_to_the_page_is_as_declared(moved: Emulator, http: ClientSession) -> None:
    """The data of an event is a Snapshot."""
    await moved.inbound(to="+19195554321", from_="+19195551234")
    await place_call(http, moved)
    async with http.get(control_url(moved, "events")) as stream:
        line = await stream.content.readline()

    snapshot = json.loads(line.removeprefix(b"data: "))
    check({"$ref": "#/components/schemas/Snapshot"}, snapshot)
    assert snapshot["operations"] == list(FALLIBLE)
    assert (snapshot["calls"]["total"], snapshot["requests"]["total"]) == (2, 1)


@pytest.mark.parametrize("kind", [Fault, WebhookFault])
def test_the_fields_of_a_fault_are_declared(kind: type[attrs.AttrsInstance]) -> None:
    """The file has the fields that the class has, with their defaults."""
    declared = SPEC["components"]["schemas"][kind.__name__]["properties"]

    assert sorted(declared) == sorted(attrs.fields_dict(kind))
    for name, schema in declared.items():
        if "default" in schema:
            assert schema["default"] == attrs.fields_dict(kind)[name].default


@pytest.mark.parametrize(
    "value",
    [
        {"status": 200},
        {"status": 599, "times": None, "headers": {"Retry-After": "1"}, "process": True},
        {"drop": "before", "times": 1_000_000, "status": None},
        {"delay": 3600, "truncate": 2**30},
        {"status": 600},
        {"status": 500, "body": 7},
        {"status": 500, "headers": {"Retry-After": 1}},
        {"drop": "now"},
        {"drop": "after", "times": 0},
        {"delay": 3601},
        {"truncate": 2**30 + 1},
        {"truncate": -1},
        {"status": 500, "state": 1},
    ],
)
async def test_a_fault_is_declared_as_it_is_read(
    value: dict[str, Any], emulator: Emulator, http: ClientSession
) -> None:
    """The schema and the endpoint agree on what is a fault."""
    body = {"operation": "createCall", **value}

    reply = await ask(http, "POST", control_url(emulator, "faults"), json=body)

    assert is_valid("Fault", body) == (reply.status == 200)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"event": None, "url": None, "call_id": None, "nth": None, "times": None, "drop": None, "delay": None},
        {"event": "answer", "url": "*/hook", "call_id": "c-1", "nth": 2, "times": 1_000_000},
        {"delay": 86_400, "late": 0, "duplicate": False},
        {"event": " "},
        {"url": ""},
        {"call_id": 1},
        {"nth": 0},
        {"times": 1_000_001},
        {"delay": 86_401},
        {"late": -1},
        {"drop": "before"},
        {"often": 1},
    ],
)
async def test_a_webhook_fault_is_declared_as_it_is_read(
    value: dict[str, Any], emulator: Emulator, http: ClientSession
) -> None:
    """The schema and the endpoint agree on what is a fault of webhooks."""
    reply = await ask(http, "POST", control_url(emulator, "webhook_faults"), json=value)

    assert is_valid("WebhookFault", value) == (reply.status == 200)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"outcome": "reject", "after": 1, "greeting": "machine", "greeting_seconds": 4},
        {"steps": [{"do": "hear", "phrase": "a", "else_hang_up": 3}, {"do": "hang_up"}, {"do": "say", "words": "b"}]},
        {"outcome": "asleep"},
        {"outcom": "busy"},
        {"after": -1},
        {"steps": [{"do": "press", "keys": "E"}]},
        {"steps": [{"do": "press"}]},
        {"steps": [{"do": "hear", "phrase": "a", "after": 1}]},
        {"steps": [{"do": "say", "words": " "}]},
    ],
)
def test_a_far_end_is_declared_as_it_is_read(value: dict[str, Any]) -> None:
    """The schema and the reader agree on what is a far end."""
    try:
        read_far_end(value)
    except ValueError:
        is_read = False
    else:
        is_read = True

    assert is_valid("FarEnd", value) == is_read
