"""Ending a call, finding calls between two numbers, and looking for a call that may have been placed."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from support.moved_clock import MovedClock, until
from support.raw_server import never
from support.scripted_api import ScriptedApi

from bandwidth_calls import (
    BandwidthClient,
    CallMayHaveBeenPlacedError,
    ClientClosedError,
    CreateCall,
    ServerError,
)

SENT = datetime(2026, 11, 26, 12, tzinfo=UTC)
NUMBERS = {"to": "+19195551234", "from_": "+19195554321"}


@pytest.fixture
def doubt(a_call: CreateCall) -> CallMayHaveBeenPlacedError:
    """The error of a call that may have been placed at noon."""
    return CallMayHaveBeenPlacedError("perhaps", a_call, SENT)


def call(name: str, *, queued: float | None = None, began: float | None = None) -> dict[str, Any]:
    """Return a call that was queued and began some seconds after noon."""
    times = {"enqueuedTime": queued, "startTime": began}
    told = {field: (SENT + timedelta(seconds=at)).isoformat() for field, at in times.items() if at is not None}
    return {"callId": name, **told}


@pytest.mark.parametrize(("status", "ended"), [(200, True), (404, False), (409, False)])
async def test_hanging_up_tells_whether_there_was_a_call(
    api: ScriptedApi, client: BandwidthClient, status: int, ended: bool
) -> None:
    """A call that has ended already is no error."""
    api.answers.append(web.Response(status=status))

    assert await client.calls.hang_up("c-1") is ended

    (seen,) = api.requests
    assert (seen.method, seen.path) == ("POST", "/api/v2/accounts/9900000/calls/c-1")
    assert json.loads(seen.body) == {"state": "completed"}


async def test_hanging_up_raises_another_error(api: ScriptedApi, client: BandwidthClient) -> None:
    """What may be repeated was repeated, in vain."""
    api.answers += [web.Response(status=500) for _ in range(3)]

    with pytest.raises(ServerError) as caught:
        await client.calls.hang_up("c-1")

    assert caught.value.attempts == 3
    assert caught.value.may_have_taken_effect


async def test_calls_since_a_time_are_found(api: ScriptedApi, client: BandwidthClient) -> None:
    """The time of queueing counts, else that of the start; a call that tells neither may be meant."""
    api.answers.append(
        web.json_response(
            [
                call("too early", queued=-1, began=5),
                call("queued", queued=0),
                call("began", began=1),
                call("too early too", began=-1),
                call("untold"),
            ]
        )
    )

    found = await client.calls.find_calls(**NUMBERS, since=SENT)

    assert [each.call_id for each in found] == ["queued", "began", "untold"]
    assert api.requests[0].query == "to=%2B19195551234&from=%2B19195554321"


@pytest.mark.parametrize("since", [datetime(2026, 1, 1), "today", None])
async def test_a_time_without_a_zone_is_refused(api: ScriptedApi, client: BandwidthClient, since: Any) -> None:
    """Nothing is sent."""
    with pytest.raises(ValueError, match=r"^since: "):
        await client.calls.find_calls(**NUMBERS, since=since)

    assert api.requests == []


async def test_a_call_in_doubt_is_looked_for_until_it_shows(
    api: ScriptedApi, client: BandwidthClient, doubt: CallMayHaveBeenPlacedError, moved: MovedClock
) -> None:
    """The clocks may differ by some seconds, and all that may be it are returned."""
    early = call("another", queued=-6)
    api.answers += [
        web.json_response([]),
        web.json_response([early]),
        web.json_response([early, call("c-1", queued=-4), call("c-2", queued=1)]),
    ]

    found = await client.calls.reconcile(doubt)

    assert [each.call_id for each in found] == ["c-1", "c-2"]
    assert moved.sleeps == sorted(moved.sleeps)
    assert len(moved.sleeps) == 2


async def test_the_skew_is_a_setting(
    api: ScriptedApi, client: BandwidthClient, doubt: CallMayHaveBeenPlacedError
) -> None:
    """With none, only calls since the moment of sending count."""
    api.otherwise = _earlier

    assert await client.calls.reconcile(doubt, skew=0, timeout=5) == []
    assert len(await client.calls.reconcile(doubt, skew=1, timeout=5)) == 1


async def _earlier(_: web.Request) -> web.Response:
    return web.json_response([call("c-1", queued=-1)])


async def test_a_call_that_was_not_seen_is_an_empty_list(
    api: ScriptedApi, client: BandwidthClient, doubt: CallMayHaveBeenPlacedError, moved: MovedClock
) -> None:
    """It is looked for as long as is wanted."""
    assert await client.calls.reconcile(doubt, timeout=60) == []

    assert 40 < moved.seconds <= 60
    assert len(api.requests) > 5


async def test_closing_ends_the_search(
    api: ScriptedApi, client: BandwidthClient, doubt: CallMayHaveBeenPlacedError
) -> None:
    """An empty list would say too much."""
    api.otherwise = never
    task = asyncio.create_task(client.calls.reconcile(doubt))
    await until(lambda: api.requests)

    await client.close()

    with pytest.raises(ClientClosedError):
        await task


@pytest.mark.parametrize(("field", "value"), [("timeout", -1), ("skew", -1), ("skew", "5"), ("error", ValueError())])
async def test_a_wrong_argument_is_refused(
    api: ScriptedApi, client: BandwidthClient, doubt: CallMayHaveBeenPlacedError, field: str, value: Any
) -> None:
    """The error names it, and nothing is sent."""
    arguments: dict[str, Any] = {"error": doubt, field: value}

    with pytest.raises(ValueError, match=f"^{field}: "):
        await client.calls.reconcile(**arguments)

    assert api.requests == []
