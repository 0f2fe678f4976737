"""A run dials each key once, and says what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from support.campaign import Rows, call, dialled, keys, number, of, outcomes

from bandwidth_calls import AuthenticationError, BandwidthClient, BasicCredentials, CreateCall, Timeout
from bandwidth_calls.campaigns import Dialler, Job, Outcome, Progress
from bandwidth_calls.emulator import Emulator

from .conftest import MakeDialler


async def test_each_key_is_placed(dialler: Dialler, bandwidth: Emulator) -> None:
    """Every row is dialled once, and its outcome has the id of its call."""
    found = await outcomes(dialler, keys(25))

    ids = {call.to: call.call_id for call in bandwidth.calls}
    assert found == {f"key-{index}": Outcome(f"key-{index}", "placed", ids[number(index)]) for index in range(25)}
    assert len(bandwidth.calls) == 25


async def test_the_tag_is_campaign_and_key(dialler: Dialler, bandwidth: Emulator) -> None:
    """So a webhook says whose call it is of."""
    await outcomes(dialler, keys(1))

    assert bandwidth.calls[0].tag == "june/key-0"


async def test_a_second_run_dials_nobody(make_dialler: MakeDialler, bandwidth: Emulator) -> None:
    """The journal knows who was dialled, whoever runs the campaign again."""
    for expected in (3, 0):
        async with make_dialler() as dialler:
            assert len(await outcomes(dialler, keys(3))) == expected

    assert set(dialled(bandwidth).values()) == {1}


async def test_two_campaigns_may_dial_one_person(make_dialler: MakeDialler, bandwidth: Emulator) -> None:
    """A key is unique within its campaign."""
    for campaign in ("june", "july"):
        async with make_dialler(campaign=campaign) as dialler:
            await outcomes(dialler, keys(1))

    assert dialled(bandwidth) == {number(0): 2}


async def test_rows_may_come_one_by_one(dialler: Dialler, bandwidth: Emulator) -> None:
    """An asynchronous generator is read while calls are placed, and the run waits for its end."""

    async def rows() -> AsyncIterator[Job]:
        for key, one in keys(3):
            await asyncio.sleep(0)
            yield Job(key, one)

    assert sorted(of("placed", (await outcomes(dialler, rows())).values())) == ["key-0", "key-1", "key-2"]


async def test_an_empty_campaign_ends(dialler: Dialler) -> None:
    """A run without rows has no outcomes."""
    assert await outcomes(dialler) == {}
    assert await outcomes(dialler, []) == {}
    assert await dialler.progress() == Progress()


async def test_what_the_api_refuses_is_refused(make_dialler: MakeDialler, bandwidth: Emulator) -> None:
    """A 400 concerns the one request. The reason is the API's."""
    bandwidth.fault("createCall", status=400, body='{"type": "validation", "description": "no such number"}')

    async with make_dialler(at_once=1) as dialler:
        found = await outcomes(dialler, keys(2))

    assert of("refused", found.values()) == ["key-0"]
    assert found["key-0"].reason == "no such number"
    assert of("placed", found.values()) == ["key-1"]


async def test_doubt_is_unknown_and_stays_so(make_dialler: MakeDialler, bandwidth: Emulator) -> None:
    """A call whose answer is lost is not dialled again, in no later run."""
    bandwidth.fault("createCall", drop="after")
    async with make_dialler() as dialler:
        found = await outcomes(dialler, keys(1))
    async with make_dialler() as dialler:
        again = await outcomes(dialler, keys(1))

    assert found["key-0"].state == "unknown"
    assert "disconnected" in (found["key-0"].reason or "").lower()
    assert again == {}
    assert dialled(bandwidth) == {number(0): 1}


async def test_a_wrong_login_ends_the_run_and_refuses_nobody(make_dialler: MakeDialler, bandwidth: Emulator) -> None:
    """The error is raised, and every key waits for the next run."""
    wrong = BandwidthClient("9900000", BasicCredentials("user", "wrong"), base_url=bandwidth.base_url)
    async with wrong, make_dialler(client=wrong) as dialler:
        with pytest.raises(AuthenticationError):
            await outcomes(dialler, keys(5))
        assert await dialler.progress() == Progress(waiting=5)

    async with make_dialler() as dialler:
        assert len(await outcomes(dialler)) == 5


async def test_a_dialler_runs_again_after_an_error(dialler: Dialler, bandwidth: Emulator) -> None:
    """The error ends the run and not the dialler."""
    bandwidth.fault("createCall", status=403)
    with pytest.raises(Exception, match="Access is denied"):
        await outcomes(dialler, keys(1))

    assert of("placed", (await outcomes(dialler)).values()) == ["key-0"]


async def test_a_run_that_is_left_gives_back_and_waits(make_dialler: MakeDialler, bandwidth: Emulator) -> None:
    """What is out is waited for and written; the rest waits for the next run."""
    async with make_dialler(at_once=2) as dialler:
        async with aclosing(dialler.run(keys(50))) as run:
            await anext(run)
        progress = await dialler.progress()
        assert progress.sending == 0
        assert progress.placed == len(bandwidth.calls)
        for _ in range(50):
            assert await dialler.progress() == progress
        assert progress.total == 50

        await outcomes(dialler)

    assert set(dialled(bandwidth).values()) == {1}
    assert len(bandwidth.calls) == 50


async def test_a_run_at_a_time(dialler: Dialler) -> None:
    """A second run in one dialler is an error that says so; its outcomes would be the first one's."""
    run = dialler.run(keys(2))
    await anext(run)

    with pytest.raises(ValueError, match=r"^run: "):
        await anext(dialler.run())
    await run.aclose()


async def test_a_wrong_row_ends_the_run(dialler: Dialler) -> None:
    """Those before it are added, and the error names the field."""
    with pytest.raises(ValueError, match=r"^call.tag: "):
        await outcomes(dialler, [*keys(2), ("bad", call(3, tag="mine")), ("after", call(4))])

    assert (await dialler.progress()).total == 2


@pytest.mark.parametrize("rows", [5, [5], [("key",)], ["ab"]])
async def test_rows_of_a_wrong_shape(dialler: Dialler, rows: object) -> None:
    """They are refused by their name."""
    with pytest.raises(ValueError, match=r"^rows: "):
        await dialler.add(rows)  # type: ignore[arg-type]  # the point


async def test_adding_counts_what_is_new(dialler: Dialler, rows: Rows) -> None:
    """A key that is there stays as it is."""
    assert await dialler.add(keys(3)) == 3
    assert await dialler.add([*keys(4), ("key-0", call(99))]) == 1

    ((request,),) = await rows("SELECT request FROM bw_dial WHERE key = 'key-0'")
    assert number(0) in request


async def test_prepare_adds_what_is_not_stored(make_dialler: MakeDialler, bandwidth: Emulator, rows: Rows) -> None:
    """A password is in the request, and not in the journal."""

    def prepare(key: str, one: CreateCall) -> CreateCall:
        assert (key, one.tag) == ("key-0", "june/key-0")
        return call(0, tag=one.tag, username="user", password="very-secret")

    async with make_dialler(prepare=prepare) as dialler:
        await outcomes(dialler, keys(1))

    assert bandwidth.calls[0].request["password"] == "very-secret"
    assert "secret" not in str(await rows("SELECT * FROM bw_dial"))


@pytest.mark.parametrize("changes", [{"to": number(7)}, {"tag": "other"}, {"tag": None}])
async def test_prepare_keeps_callee_and_tag(
    make_dialler: MakeDialler, bandwidth: Emulator, changes: dict[str, str | None]
) -> None:
    """Another callee or tag ends the run, and nobody is dialled."""
    async with make_dialler(prepare=lambda key, one: call(0, **{"tag": one.tag, **changes})) as dialler:
        with pytest.raises(ValueError, match=r"^prepare: "):
            await outcomes(dialler, keys(1))
        assert await dialler.progress() == Progress(waiting=1)

    assert bandwidth.calls == []


async def test_what_prepare_raises_ends_the_run(make_dialler: MakeDialler) -> None:
    """It is raised as it is, and the key waits."""

    def prepare(key: str, one: CreateCall) -> CreateCall:
        raise LookupError(key)

    async with make_dialler(prepare=prepare) as dialler:
        with pytest.raises(LookupError, match="key-0"):
            await outcomes(dialler, keys(1))
        assert await dialler.progress() == Progress(waiting=1)


async def test_outcomes_and_outcome(dialler: Dialler) -> None:
    """They are read from the journal, all or of one state, in the order of adding."""
    await outcomes(dialler, keys(3))
    await dialler.add([("late", call(9))])
    await dialler.cancel(["late"])

    assert [one.key async for one in dialler.outcomes()] == ["key-0", "key-1", "key-2", "late"]
    assert [one.key async for one in dialler.outcomes("cancelled")] == ["late"]
    assert (await dialler.outcome("late")) == Outcome("late", "cancelled", None, "cancelled")
    assert await dialler.outcome("nobody") is None


async def test_a_client_with_long_limits_is_used_as_it_is(dialler: Dialler, client: BandwidthClient) -> None:
    """The dialler is told what the client's limits are."""
    assert client.timeout == Timeout()
    assert client.account_id == "9900000"
