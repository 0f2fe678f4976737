"""Bandwidth's OpenAPI file against the emulator: routes, schemas of responses, and every limit of a request's field.

The file is found by the environment variable BANDWIDTH_OPENAPI; without it these tests are skipped.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from support.emulator_http import BXML, BXML_TYPE, CALL, NOW, Reply, ask, calls_url, list_pages, place, place_call
from support.schemas import FORMATS

from bandwidth_calls.emulator import Emulator
from bandwidth_calls.emulator.api import calls, conferences, recordings, statistics, transcriptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp import ClientSession

if "BANDWIDTH_OPENAPI" not in os.environ:
    pytest.skip("BANDWIDTH_OPENAPI does not say where Bandwidth's OpenAPI file is", allow_module_level=True)

SPEC: dict[str, Any] = json.loads(Path(os.environ["BANDWIDTH_OPENAPI"]).read_text())
PATHS = {
    "createCall": ("/accounts/{accountId}/calls", "post"),
    "listCalls": ("/accounts/{accountId}/calls", "get"),
    "getCallState": ("/accounts/{accountId}/calls/{callId}", "get"),
    "updateCall": ("/accounts/{accountId}/calls/{callId}", "post"),
    "updateCallBxml": ("/accounts/{accountId}/calls/{callId}/bxml", "put"),
}
REDIRECT = {"redirectUrl": "https://app.example/redirect"}
DETECTION = {"mode": "sync"}


def resolve(node: Any) -> Any:
    """Return the node without references, and with `nullable` as JSON Schema has it."""
    if isinstance(node, list):
        return [resolve(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target: Any = SPEC
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return resolve(target)
    schema = {key: resolve(value) for key, value in node.items()}
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return schema


def check(operation: str, reply: Reply) -> None:
    """Check a response against what the operation declares for its status: content type, schema, headers."""
    path, method = PATHS[operation]
    declared = resolve(SPEC["paths"][path][method]["responses"][str(reply.status)])
    for header in declared.get("headers", {}):
        assert header in reply.headers
    if "content" not in declared:
        assert reply.body == b""
        return
    assert reply.headers["Content-Type"].partition(";")[0] in declared["content"]
    schema = declared["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator(schema, format_checker=FORMATS).validate(reply.json())


def properties(name: str) -> dict[str, Any]:
    """Return the fields of a schema."""
    fields: dict[str, Any] = resolve(SPEC["components"]["schemas"][name])["properties"]
    return fields


def fields() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every field of every request: the schema's name, the field's name, and its rules."""
    for name in ("createCall", "machineDetectionConfiguration", "updateCall"):
        for field, rules in properties(name).items():
            yield name, field, rules


def types(rules: dict[str, Any]) -> list[str]:
    """Return the JSON types of a field."""
    declared = rules["type"]
    return declared if isinstance(declared, list) else [declared]


WRONG: dict[str, list[object]] = {
    "string": [1, True, [], {}],
    "boolean": ["true", 1, []],
    "number": ["15", True, []],
    "integer": ["5", True, 2.5],
    "object": ["text", 1, []],
}


def wrong_values(rules: dict[str, Any]) -> Iterator[object]:
    """Yield values that break one rule each."""
    kind, *nullable = types(rules)
    yield from WRONG[kind]
    if not nullable:
        yield None
    if "maxLength" in rules:
        yield long_text(rules, rules["maxLength"] + 1)
    if "minimum" in rules:
        yield from (rules["minimum"] - 1, rules["maximum"] + 1)
    if "enum" in rules:
        yield from ("", "other", rules["enum"][0].swapcase())
    if rules.get("format") == "uri":
        yield from ("", "nowhere", "/path")


def right_values(rules: dict[str, Any]) -> Iterator[object]:
    """Yield values at the limit of each rule."""
    if len(types(rules)) > 1:
        yield None
    if "maxLength" in rules:
        yield long_text(rules, rules["maxLength"])
    if "minimum" in rules:
        yield from (rules["minimum"], rules["maximum"])
    yield from rules.get("enum", [])
    if rules.get("format") == "double":
        yield 1.5
    if types(rules)[0] == "boolean":
        yield from (True, False)
    if rules.get("format") == "uri":
        yield "http://app.example"


def long_text(rules: dict[str, Any], length: int) -> str:
    """Return text of so many characters, as a URL if the field is one."""
    return ("https://a.example/" if rules.get("format") == "uri" else "").ljust(length, "a")


def cases(values: Any) -> list[tuple[str, str, object]]:
    """Return each field with each of its values."""
    return [(name, field, value) for name, field, rules in fields() for value in values(rules)]


def unnamed(path: str) -> str:
    """Return a path template without the names of its ids, which are spelt differently."""
    return re.sub(r"\{\w+\}", "{}", path)


async def send(name: str, field: str, value: object, emulator: Emulator, http: ClientSession) -> Reply:
    """Send a request of this schema, with this value in this field."""
    if name == "updateCall":
        call_id = await place_call(http, emulator)
        # A completed call may have no redirectUrl.
        base = {} if value == "completed" else REDIRECT
        return await ask(http, "POST", calls_url(emulator, call_id), json={**base, field: value})
    if name == "machineDetectionConfiguration":
        needed = {"callbackUrl": "https://app.example/detected", **DETECTION}
        return await place(http, emulator, machineDetection={**needed, field: value})
    return await place(http, emulator, **{field: value})


@pytest.mark.parametrize(("name", "field", "value"), cases(wrong_values))
async def test_every_declared_rule_is_enforced(
    name: str, field: str, value: object, emulator: Emulator, http: ClientSession
) -> None:
    """A wrong type, length, range or word gets a 400 of the declared shape."""
    reply = await send(name, field, value, emulator, http)

    assert reply.status == 400, (field, value)
    assert field in reply.json()["description"]
    check("createCall", reply)


@pytest.mark.parametrize(("name", "field", "value"), cases(right_values))
async def test_every_declared_limit_can_be_reached(
    name: str, field: str, value: object, emulator: Emulator, http: ClientSession
) -> None:
    """A value at the limit is accepted. A redirect needs its URL, whatever the schema says."""
    reply = await send(name, field, value, emulator, http)

    expected = {"updateCall": 200}.get(name, 201)
    assert reply.status == (400 if (name, field, value) == ("updateCall", "redirectUrl", None) else expected), value


@pytest.mark.parametrize("field", SPEC["components"]["schemas"]["createCall"]["required"])
async def test_every_required_field_is_required(field: str, emulator: Emulator, http: ClientSession) -> None:
    """A request without a required field is refused."""
    body = {name: value for name, value in CALL.items() if name != field}

    reply = await ask(http, "POST", calls_url(emulator), json=body)

    assert reply.status == 400


async def test_every_field_of_a_call_is_declared(emulator: Emulator, http: ClientSession) -> None:
    """A new call and its state have exactly the declared fields."""
    reply = await place(http, emulator, tag="t", username="u", password="p")
    state = await ask(http, "GET", reply.json()["callUrl"])

    assert set(reply.json()) == set(properties("createCallResponse"))
    assert set(state.json()) == set(properties("callState"))


def test_every_operation_has_its_declared_route() -> None:
    """Methods, paths and operationIds are those of the file, all of them and no other."""
    declared = {
        (method.upper(), unnamed(path), operation["operationId"])
        for path, methods in SPEC["paths"].items()
        for method, operation in methods.items()
        if "operationId" in operation
    }

    routed = {
        (route.method, unnamed(f"/accounts/{{account_id}}{route.path}"), route.operation)
        for resource in (calls, statistics, recordings, conferences, transcriptions)
        for route in resource.ROUTES
    }

    assert routed == declared


async def test_a_new_call_is_of_the_declared_shape(emulator: Emulator, http: ClientSession) -> None:
    """The 201 has the declared headers and body."""
    check("createCall", await place(http, emulator))


async def test_states_are_of_the_declared_shape(emulator: Emulator, http: ClientSession) -> None:
    """The states before and after the end of a call, and the responses to its changes, are as declared."""
    call_id = await place_call(http, emulator)
    url = calls_url(emulator, call_id)

    check("getCallState", await ask(http, "GET", url))
    check("updateCallBxml", await ask(http, "PUT", f"{url}/bxml", data=BXML, headers=BXML_TYPE))
    check("updateCall", await ask(http, "POST", url, json={"state": "completed"}))
    check("getCallState", await ask(http, "GET", url))


async def test_lists_are_of_the_declared_shape(http: ClientSession) -> None:
    """A page with past and placed calls is as declared."""
    async with Emulator(calls=150, clock=lambda: NOW) as emulator:
        await place_call(http, emulator)
        reply = await ask(http, "GET", calls_url(emulator))

    assert len(reply.json()) == 151
    check("listCalls", reply)


async def test_page_sizes_are_those_declared(http: ClientSession) -> None:
    """The smallest and the largest page are accepted, and others are refused."""
    rules = SPEC["components"]["parameters"]["pageSizeCalls"]["schema"]
    sizes = [rules["minimum"] - 1, rules["minimum"], rules["maximum"], rules["maximum"] + 1]

    async with Emulator(calls=rules["default"] + 1, clock=lambda: NOW) as emulator:
        replies = [await ask(http, "GET", calls_url(emulator), params={"pageSize": size}) for size in sizes]
        pages = await list_pages(http, calls_url(emulator))

    assert [reply.status for reply in replies] == [400, 200, 200, 400]
    assert [len(page) for page in pages] == [rules["default"], 1]


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        (operation, int(status))
        for operation, (path, method) in PATHS.items()
        for status in SPEC["paths"][path][method]["responses"]
        if int(status) >= 400
    ],
)
async def test_errors_on_demand_are_of_the_declared_shape(
    operation: str, status: int, emulator: Emulator, http: ClientSession
) -> None:
    """A fault gives every error that an operation declares."""
    path, method = PATHS[operation]
    url = emulator.base_url + path.format(accountId=emulator.account_id, callId="c-1")
    emulator.fault(operation, status=status, headers={"Retry-After": "1"})

    check(operation, await ask(http, method.upper(), url))


async def test_errors_of_the_emulator_are_of_the_declared_shape(http: ClientSession) -> None:
    """Every error that the emulator makes by itself is as declared."""
    async with Emulator(concurrent_calls=1, clock=lambda: NOW) as emulator:
        url = calls_url(emulator)
        call_id = await place_call(http, emulator)
        await_429 = await place(http, emulator)
        await ask(http, "POST", f"{url}/{call_id}", json={"state": "completed"})
        replies = [
            ("createCall", await ask(http, "POST", url, json={})),
            ("createCall", await ask(http, "POST", url, headers={"Authorization": "Bearer x"})),
            ("createCall", await ask(http, "POST", url.replace("9900000", "1"))),
            ("getCallState", await ask(http, "GET", f"{url}/c-1")),
            ("createCall", await ask(http, "DELETE", url)),
            ("updateCall", await ask(http, "POST", f"{url}/{call_id}", json={"state": "completed"})),
            ("createCall", await ask(http, "POST", url, data=b"{}")),
            ("createCall", await_429),
        ]

    assert [reply.status for _, reply in replies] == [400, 401, 403, 404, 405, 409, 415, 429]
    for operation, reply in replies:
        check(operation, reply)
