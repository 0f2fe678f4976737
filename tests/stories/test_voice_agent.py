"""The voice agent of the examples, in played calls."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, WSMsgType, web
from support.served import load

from bandwidth_calls import BandwidthClient, BasicCredentials
from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import ModuleType

CALLER = FarEnd().hear("talk to me")


@pytest.fixture
async def bandwidth() -> AsyncIterator[Emulator]:
    """An emulator that fails the test for a problem of the application."""
    async with Emulator(moved_clock=True) as emulator:
        yield emulator
        emulator.assert_no_problems()


@asynccontextmanager
async def running(agent: ModuleType, bandwidth: Emulator, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Serve the agent, and yield the URL of its webhooks."""
    login = BasicCredentials("user", "password")
    client = BandwidthClient(bandwidth.account_id, login, base_url=bandwidth.base_url)
    runner = web.AppRunner(agent.application(client), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host = f"127.0.0.1:{runner.addresses[0][1]}"
    monkeypatch.setenv("MEDIA_URL", f"ws://{host}/media")
    yield f"http://{host}/webhooks"
    await runner.cleanup()


async def call_it(bandwidth: Emulator, url: str, far_end: FarEnd) -> Call:
    """Call the agent, until all is over."""
    call = await bandwidth.inbound(to="+19195554321", from_="+19195551234", url=url, far_end=far_end)
    await bandwidth.run_until_idle()
    return call


def played(call: Call) -> list[float]:
    """Return the seconds of each answer that the caller heard."""
    return [float(str((entry.detail or {})["seconds"])) for entry in call.entries if entry.kind == "played"]


async def test_it_repeats_what_it_hears(bandwidth: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the caller said comes back, as long as it was, half a second after it."""
    far_end = CALLER.say("a" * 30).hear_audio(at_least=2).say("b" * 15, after=1).hear_audio(at_least=1).hang_up()
    async with running(load("voice_agent"), bandwidth, monkeypatch) as url:
        call = await call_it(bandwidth, url, far_end)

    assert played(call) == pytest.approx([2.0, 1.0], abs=0.02)
    assert [frame["eventType"] for frame in call.stream().received] == ["clear", "playAudio"] * 2
    assert call.disconnect_cause == "hangup"


async def test_it_stops_when_it_is_interrupted(bandwidth: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller speaks into a long answer, which is cut off at once."""
    far_end = CALLER.say("a" * 150).hear_audio(at_least=1).say("b" * 15).hang_up(after=5)
    async with running(load("voice_agent"), bandwidth, monkeypatch) as url:
        call = await call_it(bandwidth, url, far_end)

    assert played(call) == pytest.approx([1.02, 1.0], abs=0.03)
    assert "(cut off)" in call.timeline()


async def test_it_hands_over(bandwidth: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """After three answers the caller talks to a person, and the stream is closed."""
    agent = load("voice_agent")
    bandwidth.far_end(agent.PERSON, FarEnd().say("Sales, good morning").hang_up(after=5))
    far_end = CALLER
    for _ in range(3):
        far_end = far_end.say("Hello there").hear_audio(at_least=0.5)
    async with running(agent, bandwidth, monkeypatch) as url:
        call = await call_it(bandwidth, url, far_end.say("A person, please", after=1).hear("good morning"))

    call.assert_heard("One moment, please.")
    assert bandwidth.assert_dialled_once(agent.PERSON).parent_call_id == call.call_id
    assert call.stream().ended
    assert len(played(call)) == 3


async def test_a_stranger_is_not_heard(bandwidth: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A WebSocket for a call that Bandwidth did not tell of is closed."""
    async with running(load("voice_agent"), bandwidth, monkeypatch) as url, ClientSession() as http:
        socket = await http.ws_connect(url.replace("/webhooks", "/media"))
        await socket.send_json({"metadata": {"callId": "c-1"}, "eventType": "start"})
        answer = await socket.receive()

    assert answer.type is WSMsgType.CLOSE
