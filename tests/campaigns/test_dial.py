"""One key at a time, as a job of a task queue dials it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from support.campaign import Rows, call, dialled, keys, number, until

from bandwidth_calls import BandwidthClient, BasicCredentials, PermissionDeniedError
from bandwidth_calls.campaigns import Dialler, Progress
from bandwidth_calls.emulator import Emulator

from .conftest import MakeDialler


async def test_a_key_is_dialled_and_waited_for(dialler: Dialler, bandwidth: Emulator) -> None:
    """The outcome has the id of the call."""
    outcome = await dialler.dial("a", call())

    assert (outcome.key, outcome.state, outcome.call_id) == ("a", "placed", bandwidth.calls[0].call_id)


async def test_jobs_that_come_twice_dial_once(dialler: Dialler, bandwidth: Emulator) -> None:
    """All of them get the same outcome, at once and later."""
    outcomes = await asyncio.gather(*(dialler.dial("a", call()) for _ in range(5)))

    assert len(set(outcomes)) == 1
    assert await dialler.dial("a", call()) == outcomes[0]
    assert dialled(bandwidth) == {number(0): 1}


async def test_two_processes_dial_once(make_dialler: MakeDialler, bandwidth: Emulator) -> None:
    """Two diallers on one journal get the same outcome; one of them sent."""
    async with make_dialler() as one, make_dialler() as other:
        outcomes = await asyncio.gather(one.dial("a", call()), other.dial("a", call()))

    assert outcomes[0] == outcomes[1]
    assert dialled(bandwidth) == {number(0): 1}


async def test_only_its_own_key_is_taken(dialler: Dialler, bandwidth: Emulator) -> None:
    """Keys that were added for a run wait for the run."""
    await dialler.add(keys(3))

    await dialler.dial("key-1", call(1))

    assert dialled(bandwidth) == {number(1): 1}
    assert await dialler.progress() == Progress(waiting=2, placed=1)


async def test_a_dial_beside_a_run(dialler: Dialler, bandwidth: Emulator) -> None:
    """Both get the outcome of the key."""
    await dialler.add(keys(3))
    dialling = asyncio.create_task(dialler.dial("key-1", call(1)))

    found = [outcome async for outcome in dialler.run()]

    assert await dialling in found
    assert set(dialled(bandwidth).values()) == {1}


async def test_an_error_of_the_account_is_raised(make_dialler: MakeDialler, bandwidth: Emulator) -> None:
    """All who wait get it, and the keys wait."""
    bandwidth.fault("createCall", status=403, times=2)
    async with make_dialler() as dialler:
        results = await asyncio.gather(*(dialler.dial(key, one) for key, one in keys(2)), return_exceptions=True)

        assert {type(result) for result in results} == {PermissionDeniedError}
        assert await dialler.progress() == Progress(waiting=2)


async def test_a_wait_that_is_cancelled_changes_nothing(dialler: Dialler, bandwidth: Emulator) -> None:
    """Who waits no longer does not take the request back; the key ends all the same."""
    bandwidth.fault("createCall", delay=0.05)
    waiting = asyncio.create_task(dialler.dial("a", call()))
    await until(lambda: bool(bandwidth.requests))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert (await dialler.dial("a", call())).state == "placed"
    assert dialled(bandwidth) == {number(0): 1}


async def test_a_key_that_is_too_late_is_cancelled(dialler: Dialler, bandwidth: Emulator, rows: Rows) -> None:
    """After `not_after` nobody is dialled."""
    now = datetime.now(UTC)

    outcome = await dialler.dial("a", call(), not_before=now - timedelta(2), not_after=now - timedelta(1))

    assert (outcome.state, outcome.reason) == ("cancelled", "not_after has passed")
    assert bandwidth.calls == []


async def test_a_key_that_waits_for_its_time(dialler: Dialler, bandwidth: Emulator, rows: Rows) -> None:
    """Before `not_before` it is not taken."""
    waiting = asyncio.create_task(dialler.dial("a", call(), not_before=datetime.now(UTC) + timedelta(hours=1)))
    await until(lambda: rows.are("waiting"))
    await dialler.dial("b", call(1))
    assert dialled(bandwidth) == {number(1): 1}

    await rows("UPDATE bw_dial SET not_before = not_before - 4000 WHERE key = 'a'")

    assert (await waiting).state == "placed"


async def test_who_waits_when_the_dialler_closes_is_told(make_dialler: MakeDialler, rows: Rows) -> None:
    """A wait for tomorrow ends with the dialler."""
    async with make_dialler() as dialler:
        waiting = asyncio.create_task(dialler.dial("a", call(), not_before=datetime.now(UTC) + timedelta(hours=1)))
        await until(lambda: rows.are("waiting"))

    with pytest.raises(Exception, match="closed"):
        await waiting


async def test_a_closed_client_gives_keys_back(make_dialler: MakeDialler, bandwidth: Emulator) -> None:
    """Its error is raised, and the key waits for another process."""
    other = BandwidthClient("9900000", BasicCredentials("user", "password"), base_url=bandwidth.base_url)
    await other.close()
    async with make_dialler(client=other) as dialler:
        with pytest.raises(Exception, match="closed"):
            await dialler.dial("a", call())
        assert await dialler.progress() == Progress(waiting=1)
