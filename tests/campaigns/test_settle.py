"""Webhooks settle keys: a call that sends events was placed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from support.campaign import Rows, call, dialled, keys, number, outcomes, until

from bandwidth_calls.campaigns import Dialler, Pace, Progress
from bandwidth_calls.emulator import Emulator
from bandwidth_calls.webhooks import Webhooks, parse_event

from .conftest import MakeDialler


def event(kind: str, call_id: str | None = "c-1", tag: str | None = "june/key-0", **more: Any) -> Any:
    """Return an event of a call."""
    fields = {"eventType": kind, "callId": call_id, "tag": tag, **more}
    return parse_event({name: value for name, value in fields.items() if value is not None})


@pytest.fixture
async def lost(dialler: Dialler, bandwidth: Emulator) -> Dialler:
    """A campaign with one key in doubt."""
    bandwidth.fault("createCall", drop="after")
    await outcomes(dialler, keys(1))
    return dialler


async def test_an_event_places_an_unknown_key(lost: Dialler) -> None:
    """The key gets the id of the call. The same event again changes nothing."""
    assert await lost.settle(event("answer"))
    assert not await lost.settle(event("answer"))

    outcome = await lost.outcome("key-0")
    assert outcome is not None
    assert (outcome.state, outcome.call_id, outcome.reason) == ("placed", "c-1", None)


@pytest.mark.parametrize(
    "told",
    [
        event("answer", tag="july/key-0"),
        event("answer", tag="june/key-9"),
        event("answer", tag="key-0"),
        event("answer", tag=None),
        event("answer", call_id=None),
        event("transferAnswer", parentCallId="c-0"),
    ],
    ids=["another campaign", "another key", "no campaign", "no tag", "no call", "the leg of a transfer"],
)
async def test_what_tells_nothing_of_a_key_settles_nothing(lost: Dialler, told: Any) -> None:
    """It is of no call of the campaign."""
    assert not await lost.settle(told)

    assert await lost.progress() == Progress(unknown=1)


async def test_an_absent_key_is_placed_by_a_late_event(lost: Dialler, rows: Rows) -> None:
    """Absence is no proof: a webhook that comes later is believed."""
    await rows("UPDATE bw_dial SET state = 'absent'")

    assert await lost.settle(event("answer"))

    assert await lost.progress() == Progress(placed=1)


@pytest.mark.parametrize("state", ["waiting", "refused", "cancelled", "placed"])
async def test_other_states_stay(lost: Dialler, rows: Rows, state: str) -> None:
    """An event does not place a key that did not leave, or whose end is known."""
    await rows(f"UPDATE bw_dial SET state = '{state}', call_id = 'c-other'")

    assert not await lost.settle(event("answer"))

    assert await rows.states() == {"key-0": state}


async def test_one_call_settles_one_key(lost: Dialler, bandwidth: Emulator) -> None:
    """The call of another key is not believed to be this one's."""
    await lost.add([("key-1", call(1))])
    await outcomes(lost)
    placed = await lost.outcome("key-1")
    assert placed is not None

    assert not await lost.settle(event("answer", call_id=placed.call_id))

    assert await lost.progress() == Progress(unknown=1, placed=1)


async def test_the_webhook_is_faster_than_the_answer(dialler: Dialler, bandwidth: Emulator) -> None:
    """The key is placed by the webhook, and the answer that comes later changes nothing."""
    bandwidth.fault("createCall", delay=0.05)
    running = asyncio.create_task(outcomes(dialler, keys(1)))
    await until(lambda: bool(bandwidth.requests))

    assert await dialler.settle(event("answer", call_id="c-webhook"))

    found = (await running)["key-0"]
    assert (found.state, found.call_id) == ("placed", "c-webhook")
    assert dialled(bandwidth) == {number(0): 1}


async def test_the_end_of_a_call_is_noted(lost: Dialler, rows: Rows) -> None:
    """By its id alone too, since BXML may change the tag of a call."""
    await lost.settle(event("answer"))
    assert await rows("SELECT ended_at FROM bw_dial") == [(None,)]

    assert await lost.settle(event("disconnect", tag="changed"))
    assert not await lost.settle(event("disconnect", tag="changed"))

    ((ended_at,),) = await rows("SELECT ended_at FROM bw_dial")
    assert ended_at is not None


async def test_attached_webhooks_settle_beside_the_handlers(lost: Dialler) -> None:
    """Every event is looked at, also one that no handler takes; a reply stays what it is."""
    webhooks = Webhooks()
    lost.attach(webhooks)

    reply = await webhooks.handle("POST", {}, {}, json.dumps(event("answer").raw).encode())

    assert reply.status == 204
    assert await lost.progress() == Progress(placed=1)


async def test_webhooks_of_another_event_loop(lost: Dialler) -> None:
    """A server in a thread of its own hands its events over."""
    webhooks = Webhooks()
    lost.attach(webhooks)
    body = json.dumps(event("answer").raw).encode()

    await asyncio.to_thread(lambda: asyncio.run(webhooks.handle("POST", {}, {}, body)))

    assert await lost.progress() == Progress(placed=1)


async def test_a_dialler_that_is_not_open(make_dialler: MakeDialler) -> None:
    """It cannot settle, and says so."""
    with pytest.raises(ValueError, match="not open"):
        await make_dialler().settle(event("answer"))


async def test_concurrent_calls_are_limited(make_dialler: MakeDialler, bandwidth: Emulator, rows: Rows) -> None:
    """So many are up at once; the end of one lets the next leave. A call whose end is not told counts for an hour."""
    async with make_dialler(pace=Pace(per_second=None, concurrent=2)) as dialler:
        running = asyncio.create_task(outcomes(dialler, keys(4)))
        await until(lambda: rows.are("placed", "placed", "waiting", "waiting"))
        ended = bandwidth.calls[0]
        await dialler.settle(event("disconnect", call_id=ended.call_id, tag=ended.tag))
        await until(lambda: rows.are("placed", "placed", "placed", "waiting"))
        await rows.age(3601)

        await running

    assert len(bandwidth.calls) == 4
