"""Unknown keys are settled by the listing of calls, or stay unknown where nobody can tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from support.campaign import Rows, call, keys, number, outcomes
from support.scripted_api import ScriptedApi

from bandwidth_calls import BandwidthClient, BasicCredentials
from bandwidth_calls.campaigns import Dialler, Progress
from bandwidth_calls.emulator import Emulator

from .conftest import MakeDialler


async def lose(dialler: Dialler, bandwidth: Emulator, count: int = 1, drop: str = "after") -> None:
    """Let the answers of some calls be lost, after or before they were placed."""
    bandwidth.fault("createCall", drop=drop, times=count)
    await outcomes(dialler, keys(count))
    assert await dialler.progress() == Progress(unknown=count)


async def test_a_listed_call_places_its_key(dialler: Dialler, bandwidth: Emulator) -> None:
    """The key gets the id of the call."""
    await lose(dialler, bandwidth)

    assert await dialler.reconcile() == 1

    outcome = await dialler.outcome("key-0")
    assert outcome is not None
    assert (outcome.state, outcome.call_id) == ("placed", bandwidth.calls[0].call_id)


async def test_a_call_that_is_not_listed_is_absent_after_a_while(
    dialler: Dialler, bandwidth: Emulator, rows: Rows
) -> None:
    """For an hour it may still be listed late. Absent keys are not dialled again."""
    await lose(dialler, bandwidth, drop="before")

    assert await dialler.reconcile() == 0
    await rows.age(3601)
    assert await dialler.reconcile() == 1

    assert await dialler.progress() == Progress(absent=1)
    assert await outcomes(dialler) == {}
    assert bandwidth.calls == []


async def test_a_call_of_another_key_is_not_taken(dialler: Dialler, bandwidth: Emulator) -> None:
    """Two keys of one number, of which one was placed: its call is its own, and the other's is not listed."""
    await dialler.add([("known", call(0))])
    await outcomes(dialler)
    bandwidth.fault("createCall", drop="before")
    await dialler.add([("lost", call(0))])
    await outcomes(dialler)

    assert await dialler.reconcile(absent_after=0) == 1

    assert await dialler.progress() == Progress(placed=1, absent=1)


@pytest.mark.parametrize("drops", [("after", "after"), ("after", "before")])
async def test_two_keys_of_one_number(dialler: Dialler, bandwidth: Emulator, drops: tuple[str, str]) -> None:
    """Two calls are theirs. Of one call nobody can say whose it is, so both stay unknown."""
    for index, drop in enumerate(drops):
        bandwidth.fault("createCall", drop=drop)
        await dialler.add([(f"key-{index}", call(0))])
        await outcomes(dialler)

    settled = await dialler.reconcile(absent_after=0)

    both = drops == ("after", "after")
    assert settled == (2 if both else 0)
    assert await dialler.progress() == (Progress(placed=2) if both else Progress(unknown=2))


LISTED: dict[str, dict[str, Any]] = {
    "another application": {"applicationId": "b"},
    "inbound": {"direction": "inbound"},
    "long before": {"enqueuedTime": (datetime.now(UTC) - timedelta(hours=1)).isoformat()},
    "long after": {"enqueuedTime": (datetime.now(UTC) + timedelta(hours=1)).isoformat()},
}


@pytest.mark.parametrize("changes", [*LISTED.values(), {}], ids=[*LISTED, "its own"])
async def test_which_calls_may_be_a_keys_own(
    make_dialler: MakeDialler, bandwidth: Emulator, api: ScriptedApi, changes: dict[str, Any]
) -> None:
    """An outbound call of the same application, between the numbers, in the minutes around the request."""
    listed = {
        "callId": "c-1",
        "to": number(0),
        "from": "+19195554321",
        "applicationId": "a",
        "direction": "outbound",
        "enqueuedTime": datetime.now(UTC).isoformat(),
        **changes,
    }
    async with make_dialler() as dialler:
        await lose(dialler, bandwidth)
    api.otherwise = _answer([listed])
    other = BandwidthClient("9900000", BasicCredentials("user", "password"), base_url=api.base_url)
    async with other, make_dialler(client=other) as dialler:
        assert await dialler.reconcile() == (0 if changes else 1)


async def test_a_call_without_times_keeps_a_key_unknown(
    make_dialler: MakeDialler, bandwidth: Emulator, api: ScriptedApi
) -> None:
    """It may be the one, so the key is neither placed nor absent."""
    listed = {"callId": "c-1", "applicationId": "a", "direction": "outbound"}
    async with make_dialler() as dialler:
        await lose(dialler, bandwidth)
    api.otherwise = _answer([listed])
    other = BandwidthClient("9900000", BasicCredentials("user", "password"), base_url=api.base_url)
    async with other, make_dialler(client=other) as dialler:
        assert await dialler.reconcile(absent_after=0) == 0
        assert await dialler.progress() == Progress(unknown=1)


async def test_many_unknown_keys_are_one_listing(dialler: Dialler, bandwidth: Emulator, rows: Rows) -> None:
    """More than a thousand are not looked up one by one."""
    await dialler.add(keys(1_002))
    await lose_rest(rows)
    bandwidth.fault("createCall", drop="after")
    await dialler.add([("last", call(2_000))])
    await outcomes(dialler)

    assert await dialler.reconcile(absent_after=0) == 1_003

    assert await dialler.progress() == Progress(placed=1, absent=1_002)
    assert sum(request.operation == "listCalls" for request in bandwidth.requests) == 1


async def lose_rest(rows: Rows) -> None:
    """Let all that wait be in doubt, as if their worker had been killed."""
    now = datetime.now(UTC).timestamp()
    await rows(f"UPDATE bw_dial SET state = 'unknown', sent_at = {now}")


@pytest.mark.parametrize(("field", "value"), [("absent_after", -1), ("skew", "1")])
async def test_a_wrong_limit_is_refused(dialler: Dialler, field: str, value: object) -> None:
    """The error names the argument."""
    with pytest.raises(ValueError, match=f"^{field}: "):
        await dialler.reconcile(**{field: value})  # type: ignore[arg-type]  # the point


def _answer(listed: list[dict[str, Any]]) -> Any:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(listed)

    return answer
