"""Answers that are a little wrong: what is told is kept, whatever else is odd."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from support.scripted_api import ScriptedApi

from bandwidth_calls import (
    BadAnswerError,
    BandwidthClient,
    CallMayHaveBeenPlacedError,
    CreateCall,
    CreateCallResponse,
)

ODD: list[tuple[str, object]] = [
    ("callTimeout", "30"),
    ("callTimeout", 10**400),
    ("callbackTimeout", False),
    ("enqueuedTime", ""),
    ("tag", 5),
    ("priority", "5"),
    ("priority", 2.5),
    ("priority", True),
    ("from", {}),
    ("password", ["secret"]),
]


@pytest.mark.parametrize(("field", "value"), ODD, ids=lambda value: repr(value)[:20])
async def test_an_odd_field_of_a_created_call_is_none(
    api: ScriptedApi,
    client: BandwidthClient,
    a_call: CreateCall,
    created: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    field: str,
    value: object,
) -> None:
    """The caller learns the id; what came of the odd field is in `extra`, and a line names its place."""
    api.answers.append(web.json_response({**created, field: value}, status=201))

    placed = await client.calls.create_call(a_call)

    read = {"from": "from_", "callTimeout": "call_timeout", "callbackTimeout": "callback_timeout"}
    name = {**read, "enqueuedTime": "enqueued_time"}.get(field, field)
    assert (placed.call_id, placed.application_id) == (created["callId"], "1234-qwer")
    assert (getattr(placed, name), placed.extra) == (None, {field: value})
    assert f"$.{field} is " in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "field", ["accountId", "answerMethod", "answerUrl", "applicationId", "callUrl", "disconnectMethod", "from", "to"]
)
@pytest.mark.parametrize("null", [True, False])
async def test_a_created_call_needs_nothing_but_its_id(
    api: ScriptedApi,
    client: BandwidthClient,
    a_call: CreateCall,
    created: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    field: str,
    null: bool,
) -> None:
    """A field that the OpenAPI file requires may be null or absent, and nothing is logged."""
    answered = {**created, field: None}
    if not null:
        del answered[field]
    api.answers.append(web.json_response(answered, status=201))

    placed = await client.calls.create_call(a_call)

    assert (placed.call_id, placed.extra) == (created["callId"], {})
    assert "WARNING" not in caplog.text


async def test_a_created_call_of_nothing_but_its_id(
    api: ScriptedApi, client: BandwidthClient, a_call: CreateCall
) -> None:
    """The id is enough."""
    api.answers.append(web.json_response({"callId": "c-1"}, status=201))

    assert await client.calls.create_call(a_call) == CreateCallResponse(call_id="c-1")


async def test_a_time_without_a_zone_of_a_created_call_is_utc(
    api: ScriptedApi, client: BandwidthClient, a_call: CreateCall, created: dict[str, Any]
) -> None:
    """A time without a zone is UTC, as the documentation says of all times."""
    api.answers.append(web.json_response({**created, "enqueuedTime": "2026-01-01T00:00:00"}, status=201))

    placed = await client.calls.create_call(a_call)

    assert placed.enqueued_time == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("call_id", [None, 5, ["c-1"], {"id": "c-1"}])
async def test_a_created_call_without_a_readable_id_is_in_doubt(
    api: ScriptedApi, client: BandwidthClient, a_call: CreateCall, created: dict[str, Any], call_id: object
) -> None:
    """The one field that a created call cannot do without."""
    api.answers.append(web.json_response({**created, "callId": call_id}, status=201))

    with pytest.raises(CallMayHaveBeenPlacedError) as caught:
        await client.calls.create_call(a_call)

    cause = caught.value.__cause__
    assert isinstance(cause, BadAnswerError)
    assert cause.where == "$.callId"
    assert pickle.loads(pickle.dumps(caught.value)).reason == caught.value.reason


async def test_a_state_may_be_the_one_element_of_an_array(api: ScriptedApi, client: BandwidthClient) -> None:
    """Both forms have been seen, and mean the same."""
    api.answers += [
        web.json_response({"callId": "c-1", "state": "answered"}),
        web.json_response([{"callId": "c-1", "state": "answered"}]),
    ]

    first = await client.calls.get_call_state("c-1")

    assert await client.calls.get_call_state("c-1") == first


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ([], "$"),
        ([{"callId": "c-1"}, {"callId": "c-1"}], "$"),
        ([["c-1"]], "$[0]"),
        ([{"state": "answered"}], "$[0].callId"),
        ({"callId": 1}, "$.callId"),
        ("c-1", "$"),
    ],
)
async def test_another_array_is_no_state(api: ScriptedApi, client: BandwidthClient, body: object, where: str) -> None:
    """An array of none or of several, and what has no id, is a BadAnswerError with the place."""
    api.answers.append(web.json_response(body))

    with pytest.raises(BadAnswerError) as caught:
        await client.calls.get_call_state("c-1")

    assert caught.value.where == where


async def test_an_odd_field_of_a_state_is_none(
    api: ScriptedApi, client: BandwidthClient, caplog: pytest.LogCaptureFixture
) -> None:
    """What is told of a call is given, whatever else is odd."""
    api.answers.append(web.json_response({"callId": "c-1", "state": "answered", "answerTime": "soon"}))

    found = await client.calls.get_call_state("c-1")

    assert (found.state, found.answer_time, found.extra) == ("answered", None, {"answerTime": "soon"})
    assert "$.answerTime is " in caplog.text
    assert "soon" not in caplog.text
