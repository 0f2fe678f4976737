"""Cancelled requests: the cancellation passes unchanged, and a request that may dial leaves a trace if it had left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from support.moved_clock import LoopTime, turns, until
from support.raw_server import never
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import BandwidthClient, BasicCredentials, CreateCall

PATH = "/accounts/9900000/calls"
LABEL = "POST /api/v2/accounts/9900000/calls"
CALL = CreateCall(
    to="+19195551234", from_="+19195554321", application_id="1234-qwer", answer_url="https://app.example/answer"
)
Send = Callable[[BandwidthClient], Any]

MAY_DIAL = [
    pytest.param(lambda client: client.calls.create_call(CALL), id="create"),
    pytest.param(lambda client: client.request("POST", PATH, json={"to": "+19195551234"}), id="post"),
]


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.WARNING]


def _notes(error: BaseException | None) -> list[str]:
    return getattr(error, "__notes__", [])


async def _half(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(status=201, headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b"{")
    await asyncio.Event().wait()
    return response


@pytest.mark.parametrize("send", MAY_DIAL)
@pytest.mark.parametrize("answer", [never, _half], ids=["before the answer", "in its body"])
async def test_what_is_cancelled_after_it_left_leaves_a_trace(
    api: ScriptedApi,
    make_client: MakeClient,
    basic: BasicCredentials,
    caplog: pytest.LogCaptureFixture,
    answer: Any,
    send: Send,
) -> None:
    """The CancelledError is the caller's, with a note of the time; a WARNING names the request, and no number."""
    api.otherwise = answer
    task = asyncio.create_task(send(make_client(auth=basic)))
    await until(lambda: api.requests)
    await turns()

    task.cancel("mine")
    with pytest.raises(asyncio.CancelledError) as caught:
        await task

    assert caught.value.args == ("mine",)
    assert _notes(caught.value) == [
        f"{LABEL}: cancelled after it was sent at 2026-11-24T12:00:00+00:00: a phone may ring"
    ]
    assert _warnings(caplog) == [f"{LABEL}: cancelled after it was sent: a phone may ring (attempt 1)"]


@pytest.mark.parametrize("send", MAY_DIAL)
async def test_what_is_cancelled_before_it_left_leaves_none(
    api: ScriptedApi,
    make_client: MakeClient,
    basic: BasicCredentials,
    caplog: pytest.LogCaptureFixture,
    send: Send,
) -> None:
    """A request that waits for a connection dials nobody, so nothing is said."""
    api.otherwise = never
    client = make_client(auth=basic, connections=1)
    holding = asyncio.create_task(client.request("GET", PATH))
    await until(lambda: api.requests)
    task = asyncio.create_task(send(client))
    await turns()

    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task

    assert _notes(caught.value) == _warnings(caplog) == []
    assert len(api.requests) == 1
    holding.cancel()


@pytest.mark.parametrize("send", MAY_DIAL)
async def test_what_is_cancelled_while_it_waits_for_a_token_leaves_none(
    api: ScriptedApi, make_client: MakeClient, caplog: pytest.LogCaptureFixture, send: Send
) -> None:
    """A request without a token dials nobody, so nothing is said."""
    api.token_answers.append(never)
    task = asyncio.create_task(send(make_client()))
    await until(lambda: api.token_requests)

    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task

    assert _notes(caught.value) == _warnings(caplog) == []


@pytest.mark.parametrize("send", MAY_DIAL)
@pytest.mark.parametrize("bound", ["timeout", "wait_for"])
async def test_a_callers_timeout_leaves_a_trace_too(
    api: ScriptedApi,
    make_client: MakeClient,
    basic: BasicCredentials,
    caplog: pytest.LogCaptureFixture,
    loop_time: LoopTime,
    bound: str,
    send: Send,
) -> None:
    """The caller's TimeoutError comes of a cancellation that has the note."""

    async def bounded() -> None:
        if bound == "wait_for":
            await asyncio.wait_for(send(client), 1)
        async with asyncio.timeout(1):
            await send(client)

    api.otherwise = never
    client = make_client(auth=basic)
    task = asyncio.create_task(bounded())
    await until(lambda: api.requests)

    await loop_time.advance(2)
    with pytest.raises(TimeoutError) as caught:
        await task

    assert len(_notes(caught.value.__cause__)) == len(_warnings(caplog)) == 1


async def test_a_cancelled_read_leaves_none(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, caplog: pytest.LogCaptureFixture
) -> None:
    """Reading dials nobody, so nothing is said."""
    api.otherwise = never
    task = asyncio.create_task(make_client(auth=basic).request("GET", PATH))
    await until(lambda: api.requests)

    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task

    assert _notes(caught.value) == _warnings(caplog) == []
