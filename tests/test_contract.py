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

from bandwidth_calls import (
    AccountStatistics,
    BandwidthClient,
    BasicCredentials,
    CallRecordingMetadata,
    CallState,
    CallTranscription,
    CallTranscriptionMetadata,
    CallTranscriptionResponse,
    Conference,
    ConferenceMember,
    ConferenceRecordingMetadata,
    CreateCall,
    CreateCallResponse,
    MachineDetectionConfiguration,
    RecordingTranscriptionClip,
    RecordingTranscriptionMetadata,
    RecordingTranscriptions,
    TranscribeRecording,
    Transcription,
    UpdateCall,
    UpdateConference,
    UpdateConferenceMember,
)
from bandwidth_calls.resources.calls import Calls
from bandwidth_calls.resources.conferences import Conferences
from bandwidth_calls.resources.recordings import Recordings
from bandwidth_calls.resources.statistics import Statistics
from bandwidth_calls.resources.transcriptions import Transcriptions
from bandwidth_calls.wire import wire_name

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
    "callRecordingMetadata": CallRecordingMetadata,
    "recordingTranscriptionMetadata": RecordingTranscriptionMetadata,
    "recordingTranscriptions": RecordingTranscriptions,
    "transcription": Transcription,
    "recordingTranscriptionClip": RecordingTranscriptionClip,
    "transcribeRecording": TranscribeRecording,
    "callTranscriptionMetadata": CallTranscriptionMetadata,
    "callTranscriptionResponse": CallTranscriptionResponse,
    "callTranscription": CallTranscription,
    "conference": Conference,
    "conferenceMember": ConferenceMember,
    "updateConference": UpdateConference,
    "updateConferenceMember": UpdateConferenceMember,
    "conferenceRecordingMetadata": ConferenceRecordingMetadata,
    "accountStatistics": AccountStatistics,
}
RESOURCES: dict[str, type] = {
    "Calls": Calls,
    "Recordings": Recordings,
    "Conferences": Conferences,
    "Transcriptions": Transcriptions,
    "Statistics": Statistics,
}
# What an answer is of no use without; the file requires nothing of answers but of createCallResponse.
REQUIRED = {
    CreateCallResponse: ["call_id"],
    CallState: ["call_id"],
    CallRecordingMetadata: ["recording_id"],
    ConferenceRecordingMetadata: ["recording_id"],
    CallTranscriptionMetadata: ["transcription_id"],
    CallTranscriptionResponse: ["transcription_id"],
    Conference: ["id"],
    ConferenceMember: ["call_id"],
    RecordingTranscriptionMetadata: [],
    RecordingTranscriptions: [],
    Transcription: [],
    RecordingTranscriptionClip: [],
    CallTranscription: [],
    AccountStatistics: [],
}
VALID: dict[str, dict[str, Any]] = {
    "createCall": {"to": "+19195551234", "from_": "+19195554321", "application_id": "a", "answer_url": "https://a.b/"},
    "updateCall": {"redirect_url": "https://a.b/"},
    "machineDetectionConfiguration": {},
    "transcribeRecording": {},
    "updateConference": {"redirect_url": "https://a.b/"},
    "updateConferenceMember": {"mute": True},
}


def operations() -> dict[str, Any]:
    """Return the operations of Voice by their ids."""
    items = [item for way in SPEC.get("paths", {}).values() for item in way.values() if isinstance(item, dict)]
    return {item["operationId"]: item for item in items if item.get("tags", [""])[0] in RESOURCES}


def method(operation: str) -> Any:
    """Return the method of an operation, which its resource has under the id in snake_case."""
    return getattr(RESOURCES[operations()[operation]["tags"][0]], snake(operation))


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
            if "enum" in rule and field not in ("state", "status"):
                yield pytest.param(name, snake(field), rule["enum"][0], "other", id=f"{name}.{field} enum")


def test_there_are_28_operations() -> None:
    """Those are the operations of Voice."""
    assert len(operations()) == 28


@pytest.mark.parametrize("operation", operations())
def test_each_operation_has_its_method(operation: str) -> None:
    """The operation ids of the file are the method names, in snake_case, of the resource that has the tag's name."""
    assert callable(method(operation))


@pytest.mark.parametrize("operation", operations())
def test_each_parameter_has_its_argument(operation: str) -> None:
    """Each parameter of the path and of the query can be given; the account by the client, pageToken by the cursor."""
    wanted = {node["name"] for node in map(resolve, operations()[operation].get("parameters", []))}

    arguments = set(inspect.signature(method(operation)).parameters) - {"self", "cursor"}

    body = {"call", "update", "bxml", "request", "state"}
    assert {wire_name(argument) for argument in arguments - body} == wanted - {"accountId", "pageToken"}


@pytest.mark.parametrize("operation", operations())
def test_each_listing_takes_a_cursor(operation: str) -> None:
    """What answers with an array goes on from a cursor; nothing else has one."""
    answers = operations()[operation]["responses"]
    content = resolve(answers.get("200", {})).get("content", {}).get("application/json", {})
    is_list = resolve(content.get("schema", {})).get("type") == "array"

    assert ("cursor" in inspect.signature(method(operation)).parameters) == is_list


@pytest.mark.parametrize("operation", operations())
def test_each_body_has_its_argument(operation: str) -> None:
    """An operation that takes a body has the argument for it, and no other has one."""
    takes_body = "requestBody" in operations()[operation]
    body = {"call", "update", "bxml", "request", "state"}

    assert bool(body & set(inspect.signature(method(operation)).parameters)) == takes_body


@pytest.mark.parametrize("name", MODELS)
def test_each_property_has_its_field(name: str) -> None:
    """A model has the fields of its schema, no more and no fewer, under the one rule of renaming."""
    fields = {wire_name(field.name) for field in attrs.fields(MODELS[name])} - {"extra"}

    assert fields == set(schema(name)["properties"])


@pytest.mark.parametrize("name", VALID)
def test_each_required_property_is_required(name: str) -> None:
    """What the schema of a request requires has no default, and nothing else is without one."""
    required = {wire_name(field.name) for field in attrs.fields(MODELS[name]) if field.default is attrs.NOTHING}

    assert required == set(schema(name).get("required", []))


def test_each_answer_is_known() -> None:
    """Every model is a request that is checked, or an answer whose required fields are told here."""
    assert set(MODELS.values()) == set(REQUIRED) | {MODELS[name] for name in VALID}


@pytest.mark.parametrize("model", REQUIRED)
def test_an_answer_requires_its_id_only(model: type[attrs.AttrsInstance]) -> None:
    """What an answer lacks costs itself only, also where the schema requires it; without the id it is of no use."""
    required = [field.name for field in attrs.fields(model) if field.default is attrs.NOTHING]

    assert required == REQUIRED[model]


@pytest.mark.parametrize(("name", "field", "good", "bad"), list(limits()))
def test_each_limit_is_enforced(name: str, field: str, good: Any, bad: Any) -> None:
    """A value at the limit of the schema is taken, and one beyond it is refused by the field's name."""
    model: Any = MODELS[name]

    model(**{**VALID[name], field: good})

    with pytest.raises(ValueError, match=f"^{field}"):
        model(**{**VALID[name], field: bad})


@pytest.mark.parametrize(("operation", "most"), [("listCalls", 10_000), ("listConferences", 1_000)])
def test_the_page_size_has_the_limits_of_the_file(operation: str, most: int) -> None:
    """page_size is checked against what the file says."""
    parameters = map(resolve, operations()[operation]["parameters"])
    rule = next(node["schema"] for node in parameters if node["name"] == "pageSize")
    client = BandwidthClient("1", BasicCredentials("a", "b"))
    listing = client.calls.list_calls if operation == "listCalls" else client.conferences.list_conferences

    assert (rule["minimum"], rule["maximum"]) == (1, most)
    listing(page_size=most)
    with pytest.raises(ValueError, match="page_size"):
        listing(page_size=most + 1)
