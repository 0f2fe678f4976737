"""The running clock: timers fire without a test that moves it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from support.application import Application
from support.emulator_http import place_call
from support.moved_clock import PATIENCE

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import ClientSession

HELLO = (
    '<Response><SpeakSentence>Hello</SpeakSentence><Pause duration="60"/><SpeakSentence>Bye</SpeakSentence></Response>'
)


@pytest.fixture
async def fast() -> AsyncIterator[Emulator]:
    """An emulator on which a minute passes in some milliseconds."""
    async with Emulator(speed=6000) as emulator:
        yield emulator


async def test_a_call_plays_by_itself(fast: Emulator, http: ClientSession) -> None:
    """The call goes from the queue to the disconnect event."""
    over = asyncio.Event()

    def disconnected(_: dict[str, Any]) -> int:
        over.set()
        return 204

    async with Application(answer=HELLO, disconnect=disconnected) as application:
        await place_call(http, fast, answerUrl=application.url, disconnectUrl=application.url)
        async with asyncio.timeout(PATIENCE):
            await over.wait()

    (call,) = fast.calls
    assert (call.disconnect_cause, application.types) == ("hangup", ["answer", "disconnect"])
    assert call.end_time is not None
    assert call.answer_time is not None
    assert call.end_time - call.answer_time >= 60_000
    call.assert_heard("bye")


async def test_it_can_be_moved_ahead(http: ClientSession) -> None:
    """`advance` returns when everything that is due has happened, in order."""
    async with Application(answer=HELLO) as application, Emulator() as emulator:
        await place_call(http, emulator, answerUrl=application.url, disconnectUrl=application.url)

        await emulator.advance(100)

        (call,) = emulator.calls
        assert (call.disconnect_cause, application.types) == ("hangup", ["answer", "disconnect"])


async def test_closing_breaks_everything_off(http: ClientSession) -> None:
    """Calls that are up, and webhooks under way, leave no task."""
    never, asked = asyncio.Event(), asyncio.Event()

    async def hang(_: web.BaseRequest) -> web.Response:
        asked.set()
        await never.wait()
        return web.Response()

    runner = web.ServerRunner(web.Server(hang))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    before = asyncio.all_tasks()
    async with Emulator(speed=6000) as emulator:
        await place_call(http, emulator, answerUrl=f"http://127.0.0.1:{runner.addresses[0][1]}/")
        async with asyncio.timeout(PATIENCE):
            await asked.wait()

    left = asyncio.all_tasks() - before
    never.set()
    await runner.cleanup()
    assert [task for task in left if "emulator" in repr(task)] == []


async def test_a_reset_forgets_the_calls(bandwidth: Emulator, http: ClientSession) -> None:
    """Nothing of them happens any more, and the ids start again."""
    async with Application(answer=HELLO) as application:
        first = await place_call(http, bandwidth, answerUrl=application.url)
        await bandwidth.advance(3)
        bandwidth.far_end("*", FarEnd().busy())

        bandwidth.reset()

        await bandwidth.run_until_idle()
        again = await place_call(http, bandwidth, answerUrl=application.url)
        await bandwidth.advance(3)
        (call,) = bandwidth.calls

    assert (first, call.state) == (again, "answered")
    assert application.types == ["answer", "answer"]


async def test_with_a_barrier_the_story_is_the_same(http: ClientSession) -> None:
    """The webhooks of one moment are sent together, and their replies are applied in order."""
    timelines: list[list[str]] = []
    for barrier in (False, True):
        async with Application(answer=HELLO) as application, Emulator(moved_clock=True, barrier=barrier) as emulator:
            for _ in range(5):
                await place_call(http, emulator, answerUrl=application.url, disconnectUrl=application.url)
            await emulator.run_until_idle()
            timelines.append([call.timeline() for call in emulator.calls])

    assert timelines[0] == timelines[1]


async def test_at_once_where_calls_are_not_played(http: ClientSession) -> None:
    """With `no_webhooks` a call is answered at once, and no event is sent."""
    async with Application() as application, Emulator(no_webhooks=True, moved_clock=True) as emulator:
        await place_call(http, emulator, answerUrl=application.url, disconnectUrl=application.url)
        await emulator.run_until_idle()
        calls: list[Call] = emulator.calls

    assert ([call.state for call in calls], application.events) == (["answered"], [])


async def test_only_so_many_timelines_are_kept(http: ClientSession) -> None:
    """The newest ended calls keep theirs. An older call says that it is gone, and keeps its state."""
    async with Application(answer=HELLO) as application, Emulator(moved_clock=True, keep_timelines=2) as emulator:
        for _ in range(3):
            await place_call(http, emulator, answerUrl=application.url)
            await emulator.run_until_idle()
        first, *others = emulator.calls

    assert (first.state, first.disconnect_cause) == ("disconnected", "hangup")
    assert first.timeline().splitlines()[1:] == [
        "    62.533  forgotten: 12 steps, as keep_timelines of later calls are kept"
    ]
    for call in others:
        call.assert_heard("bye")
