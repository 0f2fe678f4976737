"""The client against Bandwidth's own OpenAPI file: each operation, parameter, field and limit has its counterpart."""

from __future__ import annotations

import inspect
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from bandwidth_calls import CallState, CreateCall, CreateCallResponse, MachineDetectionConfiguration, UpdateCall
from bandwidth_calls.convert import wire_name
from bandwidth_calls.resources.calls import Calls

SPEC_FILE = os.environ.get("BANDWIDTH_OPENAPI", "")
SPEC: dict[str, Any] = json.loads(Path(SPEC_FILE).read_text()) if SPEC_FILE else {}
pytestmark = pytest.mark.skipif(
    not SPEC, reason="set BANDWIDTH_OPENAPI to Bandwidth's OpenAPI file, which is not ours to distribute"
)

MODELS: dict[str, type[attrs.AttrsInstance]] = {
    "createCall": CreateCall,
    "updateCall": UpdateCall,
    "machineDetectionConfiguration": MachineDetectionConfiguration,
    "createCallResponse": CreateCallResponse,
    "callState": CallState,
}
OPERATIONS = ["createCall", "listCalls", "getCallState", "updateCall", "updateCallBxml"]
VALID: dict[str, dict[str, Any]] = {
    "createCall": {"to": "+19195551234", "from_": "+19195554321", "application_id": "a", "answer_url": "https://a.b/"},
    "updateCall": {"redirect_url": "https://a.b/"},
    "machineDetectionConfiguration": {},
}


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference within the file."""
    while "$ref" in node:
        target: Any = SPEC
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def schema(name: str) -> dict[str, Any]:
    """Return a schema by its name."""
    found: dict[str, Any] = SPEC["components"]["schemas"][name]
    return found


def snake(name: str) -> str:
    """Return the Python name of a name on the wire."""
    return re.sub(r"([A-Z])", lambda letter: "_" + letter[1].lower(), name) + ("_" if name == "from" else "")


def limits() -> Iterator[Any]:
    """Yield each limit of the request schemas, with a value at the limit and one beyond it."""
    for name in VALID if SPEC else ():
        for field, node in schema(name)["properties"].items():
            rule = resolve(node)
            if "maxLength" in rule:
                start = "https://a.b/" if rule.get("format") == "uri" else ""
                good = start + "x" * (rule["maxLength"] - len(start))
                yield pytest.param(name, snake(field), good, good + "x", id=f"{name}.{field} maxLength")
            for bound, step in (("minimum", -0.5), ("maximum", 0.5)):
                if bound in rule:
                    bad = rule[bound] + (step * 2 if rule["type"] == "integer" else step)
                    bad = int(bad) if rule["type"] == "integer" else bad
                    yield pytest.param(name, snake(field), rule[bound], bad, id=f"{name}.{field} {bound}")
            if "enum" in rule and field != "state":
                yield pytest.param(name, snake(field), rule["enum"][0], "other", id=f"{name}.{field} enum")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_has_its_coroutine(operation: str) -> None:
    """The operation ids of the file are the method names, in snake_case."""
    known = {
        item.get("operationId") for way in SPEC["paths"].values() for item in way.values() if isinstance(item, dict)
    }

    assert operation in known
    assert callable(getattr(Calls, snake(operation)))


def test_each_parameter_of_the_listing_has_its_argument() -> None:
    """Each query parameter of listCalls can be given; pageToken by the cursor."""
    listing = SPEC["paths"]["/accounts/{accountId}/calls"]["get"]
    wanted = {node["name"] for node in map(resolve, listing["parameters"]) if node["in"] == "query"}

    arguments = set(inspect.signature(Calls.list_calls).parameters) - {"self", "cursor"}

    assert {wire_name(argument) for argument in arguments} == wanted - {"pageToken"}


@pytest.mark.parametrize("name", MODELS)
def test_each_property_has_its_field(name: str) -> None:
    """A model has the fields of its schema, no more and no fewer, under the one rule of renaming."""
    fields = {wire_name(field.name) for field in attrs.fields(MODELS[name])} - {"extra"}

    assert fields == set(schema(name)["properties"])


def test_each_required_property_is_required() -> None:
    """What the schema of a request requires has no default, and nothing else is without one."""
    required = {wire_name(field.name) for field in attrs.fields(CreateCall) if field.default is attrs.NOTHING}

    assert required == set(schema("createCall")["required"])


@pytest.mark.parametrize("model", [CreateCallResponse, CallState])
def test_an_answer_requires_its_id_only(model: type[attrs.AttrsInstance]) -> None:
    """What an answer lacks costs itself only, also where the schema requires it; without the id it is of no use."""
    required = [field.name for field in attrs.fields(model) if field.default is attrs.NOTHING]

    assert required == ["call_id"]


@pytest.mark.parametrize(("name", "field", "good", "bad"), list(limits()))
def test_each_limit_is_enforced(name: str, field: str, good: Any, bad: Any) -> None:
    """A value at the limit of the schema is taken, and one beyond it is refused by the field's name."""
    model: Any = MODELS[name]

    model(**{**VALID[name], field: good})

    with pytest.raises(ValueError, match=f"^{field}"):
        model(**{**VALID[name], field: bad})


def test_the_page_size_has_the_limits_of_the_file() -> None:
    """page_size is checked against what the file says."""
    listing = SPEC["paths"]["/accounts/{accountId}/calls"]["get"]
    rule = next(node["schema"] for node in map(resolve, listing["parameters"]) if node["name"] == "pageSize")

    assert (rule["minimum"], rule["maximum"]) == (1, 10_000)
