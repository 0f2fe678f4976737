from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from support.emulator_http import NOW, ask, calls_url, list_pages

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from aiohttp import ClientSession

DAY = 86_400


async def test_past_calls_are_disconnected_oldest_first(http: ClientSession) -> None:
    """Each started after the one before, with several numbers and causes."""
    async with Emulator(calls=300, clock=lambda: NOW) as emulator:
        ((*calls,),) = await list_pages(http, calls_url(emulator))

    starts = [call["startTime"] for call in calls]
    assert starts == sorted(set(starts))
    assert {call["state"] for call in calls} == {"disconnected"}
    assert all(call["endTime"] > call["startTime"] for call in calls)
    assert [len({call[name] for call in calls}) for name in ("to", "from", "disconnectCause")] == [5, 4, 5]


async def test_past_ids_are_distinct_and_of_the_real_shape(http: ClientSession) -> None:
    """No id comes twice."""
    async with Emulator(calls=3000, clock=lambda: NOW) as emulator:
        pages = await list_pages(http, calls_url(emulator))

    ids = {call["callId"] for page in pages for call in page}
    assert len(ids) == 3000
    assert all(
        re.fullmatch(r"c-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", i)
        for i in ids
    )


async def test_only_calls_that_were_answered_have_an_answer_time(http: ClientSession) -> None:
    """A busy line was not answered, and only a fault has an error."""
    async with Emulator(calls=140, clock=lambda: NOW) as emulator:
        ((*calls,),) = await list_pages(http, calls_url(emulator))

    answered = {call["disconnectCause"] for call in calls if call["answerTime"]}
    failed = {call["disconnectCause"] for call in calls if call["errorId"]}
    assert (answered, failed) == ({"hangup", "error"}, {"error"})


async def test_past_calls_ring_for_five_seconds_and_last_a_minute(http: ClientSession) -> None:
    """The newest started ten minutes ago, and the others a minute before each other."""
    async with Emulator(calls=14, clock=lambda: NOW) as emulator:
        ((*calls,),) = await list_pages(http, calls_url(emulator))

    started = [datetime.fromisoformat(call["startTime"]).timestamp() for call in calls]
    answered = [datetime.fromisoformat(call["answerTime"]).timestamp() for call in calls if call["answerTime"]]
    ended = [datetime.fromisoformat(call["endTime"]).timestamp() for call in calls]
    assert started == [NOW - 600 - 60 * n for n in range(13, -1, -1)]
    assert {time - start for time, start in zip(ended, started, strict=True)} == {60}
    assert answered
    assert {time - 5 for time in answered} <= set(started)


async def test_a_past_call_can_be_read(http: ClientSession) -> None:
    """Its state is the same as in the list."""
    async with Emulator(calls=10, clock=lambda: NOW) as emulator:
        ((*calls,),) = await list_pages(http, calls_url(emulator))

        reply = await ask(http, "GET", calls_url(emulator, calls[7]["callId"]))

    assert reply.json() == calls[7]


async def test_an_id_that_is_almost_a_past_one_is_unknown(http: ClientSession) -> None:
    """A change in any part of an id gives a 404."""
    async with Emulator(calls=10, clock=lambda: NOW) as emulator:
        ((call, *_),) = await list_pages(http, calls_url(emulator))
        wrong = call["callId"][:-1] + ("0" if call["callId"][-1] != "0" else "1")

        reply = await ask(http, "GET", calls_url(emulator, wrong))

    assert reply.status == 404


async def test_a_past_call_cannot_be_changed(http: ClientSession) -> None:
    """It has ended, so a change is 409."""
    async with Emulator(calls=1, clock=lambda: NOW) as emulator:
        ((call,),) = await list_pages(http, calls_url(emulator))

        reply = await ask(http, "POST", calls_url(emulator, call["callId"]), json={"state": "completed"})

    assert reply.status == 409


async def test_past_calls_are_the_same_each_time(http: ClientSession) -> None:
    """At one time they are the same, and different for another account."""
    lists = []
    for account in ("9900000", "9900000", "1"):
        async with Emulator(calls=5, account=account, clock=lambda: NOW) as emulator:
            lists.append([call["callId"] for (*page,) in await list_pages(http, calls_url(emulator)) for call in page])

    assert lists[0] == lists[1]
    assert not set(lists[0]) & set(lists[2])


async def test_past_calls_are_kept_for_seven_days(http: ClientSession) -> None:
    """The newest is the last to go, seven days after its end."""
    async with Emulator(calls=10, clock=lambda: NOW) as emulator:
        ((*calls,),) = await list_pages(http, calls_url(emulator))
        # The newest started ten minutes ago, and lasted one.
        await emulator.advance(7 * DAY - 9 * 60 - 0.001)
        left = await list_pages(http, calls_url(emulator))
        read = await ask(http, "GET", calls_url(emulator, calls[8]["callId"]))
        await emulator.advance(0.001)
        nothing = await list_pages(http, calls_url(emulator))

    assert (left, read.status, nothing) == ([[calls[9]]], 404, [[]])


async def test_a_million_past_calls_are_there(http: ClientSession) -> None:
    """The last page of a million is read as fast as the first, and all calls are kept."""
    async with Emulator(calls=1_000_000, clock=lambda: NOW) as emulator:
        first = await ask(http, "GET", calls_url(emulator), params={"pageSize": "1"})
        rest = await list_pages(http, calls_url(emulator), minStartTime="2026-09-21T14:03:19.000Z")

    assert first.json()[0]["startTime"] > "2026-09-17"
    assert rest[0][-1]["startTime"] == "2026-09-21T14:03:20.000Z"
    assert len(rest[0]) == 3
