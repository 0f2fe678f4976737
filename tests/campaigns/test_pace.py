"""The pace: no second is too full, whoever dials, and a 429 stops all."""

from __future__ import annotations

import asyncio

import pytest
from support.campaign import Rows, call, dialled, keys, of, outcomes, until
from support.program import free_port

from bandwidth_calls import BandwidthClient, BasicCredentials
from bandwidth_calls.campaigns import Dialler, Pace, Progress
from bandwidth_calls.emulator import Emulator

from .conftest import MakeDialler


def fullest_second(bandwidth: Emulator) -> int:
    """Return how many create-calls arrived in the fullest second."""
    times = sorted(request.time for request in bandwidth.requests if request.operation == "createCall")
    return max(sum(first <= time < first + 1000 for time in times) for first in times)


async def test_no_second_is_too_full(make_dialler: MakeDialler, bandwidth: Emulator) -> None:
    """Two campaigns of one account, in two diallers each, share the limit."""
    pace = Pace(per_second=40)
    diallers = [make_dialler(pace=pace, campaign=campaign) for campaign in ("june", "june", "july", "july")]
    for dialler in diallers:
        await dialler.__aenter__()
    for dialler in (diallers[0], diallers[2]):
        await dialler.add(keys(30))

    await asyncio.gather(*(outcomes(dialler) for dialler in diallers))
    for dialler in diallers:
        await dialler.__aexit__(None, None, None)

    assert len(bandwidth.calls) == 60
    assert fullest_second(bandwidth) <= 40


async def test_a_rate_limit_stops_the_whole_fleet(make_dialler: MakeDialler, bandwidth: Emulator, rows: Rows) -> None:
    """One dialler is told to come back in an hour; another one takes nothing either, and no key is lost."""
    bandwidth.fault("createCall", status=429, headers={"Retry-After": "3600"})
    async with make_dialler(at_once=1) as one, make_dialler() as other:
        await one.add(keys(3))
        running = [asyncio.create_task(outcomes(dialler)) for dialler in (one,)]
        await until(lambda: bool(bandwidth.requests))
        await until(lambda: rows.are("waiting", "waiting", "waiting"))
        running.append(asyncio.create_task(outcomes(other)))
        ((held,),) = await rows("SELECT count(*) FROM bw_pace WHERE paused_until > next_at + 3000")
        assert held == 1
        await rows("UPDATE bw_pace SET paused_until = 0")

        found = await running[1]
        await rows("UPDATE bw_pace SET paused_until = 0")
        for task in running:
            task.cancel()

    assert len(of("placed", found.values())) == 3
    assert max(dialled(bandwidth).values()) == 1


async def test_without_a_word_a_rate_limit_holds_for_a_second(dialler: Dialler, bandwidth: Emulator) -> None:
    """The key is sent again and placed."""
    bandwidth.fault("createCall", status=429)

    found = await outcomes(dialler, keys(1))

    assert of("placed", found.values()) == ["key-0"]
    first, second = (request.time for request in bandwidth.requests if request.operation == "createCall")
    assert second - first >= 1000


async def test_a_network_that_is_away_is_waited_for(make_dialler: MakeDialler) -> None:
    """Keys wait, and few requests are tried."""
    nobody = BandwidthClient("9900000", BasicCredentials("a", "b"), base_url=f"http://127.0.0.1:{free_port()}")
    async with nobody, make_dialler(client=nobody, at_once=3) as dialler:
        await dialler.add(keys(10))
        running = asyncio.create_task(outcomes(dialler))
        await asyncio.wait([running], timeout=1.2)
        assert not running.done()
        running.cancel()
        await asyncio.wait([running])
        assert await dialler.progress() == Progress(waiting=10)


@pytest.mark.parametrize(
    ("field", "value"),
    [("per_second", 0), ("per_second", "5"), ("concurrent", 0), ("margin", -1), ("longest_call", 0)],
)
def test_a_wrong_pace_is_refused(field: str, value: object) -> None:
    """The error names the field."""
    with pytest.raises(ValueError, match=f"^{field}: "):
        Pace(**{field: value})  # type: ignore[arg-type]  # the point


async def test_paused_fleets_take_nothing(make_dialler: MakeDialler, bandwidth: Emulator, rows: Rows) -> None:
    """A pause from another process holds, until it is resumed; a run stays meanwhile."""
    async with make_dialler() as dialler, make_dialler() as other:
        await other.pause()
        running = asyncio.create_task(outcomes(dialler, keys(3)))
        await until(lambda: rows.are("waiting", "waiting", "waiting"))
        assert (await other.progress()).waiting == 3
        assert bandwidth.requests == []

        await other.resume()

        assert len(await running) == 3


async def test_cancelled_keys_are_not_dialled(dialler: Dialler, bandwidth: Emulator) -> None:
    """Some, or all that wait; those that have ended stay."""
    await outcomes(dialler, keys(1))
    await dialler.add([(f"late-{index}", call(index)) for index in range(2500)])

    assert await dialler.cancel(["late-0", "late-1", "key-0", "nobody"]) == 2
    assert await dialler.cancel() == 2498

    assert await dialler.progress() == Progress(placed=1, cancelled=2500)
    assert await outcomes(dialler) == {}
    assert len(bandwidth.calls) == 1
