from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from support.application import Application
from support.emulator_http import CALL, Reply, ask, control_url, place_call

from bandwidth_calls.emulator import Emulator, FarEnd

if TYPE_CHECKING:
    from aiohttp import ClientSession

HELLO = "<Response><SpeakSentence>Hello, this is the shop.</SpeakSentence></Response>"
NUMBERS = {"to": "+19195554321", "from": "+19195551234"}


async def post(http: ClientSession, emulator: Emulator, name: str, body: object = None) -> Reply:
    """Send a control request."""
    return await ask(http, "POST", control_url(emulator, name), json={} if body is None else body)


async def place(http: ClientSession, emulator: Emulator, application: Application) -> str:
    """Place a call to a number, whose events go to an application."""
    return await place_call(http, emulator, **{**CALL, "answerUrl": application.url})


async def test_a_call_comes_in(bandwidth: Emulator, http: ClientSession) -> None:
    """The response is the call that rings, and its far end follows its script."""
    steps = [{"do": "hear", "phrase": "shop"}, {"do": "hang_up"}]
    async with Application(initiate=HELLO) as application:
        body = {**NUMBERS, "url": application.url, "application_id": "shop", "far_end": {"steps": steps}}

        reply = await post(http, bandwidth, "inbound", body)

        await bandwidth.run_until_idle()
    (call,) = bandwidth.calls
    assert (reply.json()["callId"], reply.json()["state"]) == (call.call_id, "initiated")
    assert (call.from_, call.application_id, application.types) == ("+19195551234", "shop", ["initiate"])
    assert "far end: hung up" in call.timeline()


async def test_the_clock_runs_until_idle(bandwidth: Emulator, http: ClientSession) -> None:
    """The response comes when nothing more is due."""
    async with Application(answer=HELLO) as application:
        await place(http, bandwidth, application)

        reply = await post(http, bandwidth, "run_until_idle")

    assert (reply.status, reply.json(), bandwidth.calls[0].state) == (200, {}, "disconnected")


async def test_what_does_not_come_to_rest_is_a_conflict(bandwidth: Emulator, http: ClientSession) -> None:
    """The 409 has the timelines of the calls that are up."""
    async with Application(answer='<Response><Pause duration="60"/></Response>') as application:
        call_id = await place(http, bandwidth, application)

        reply = await post(http, bandwidth, "run_until_idle", {"within": 10})

    assert reply.status == 409
    first, clock, timeline = reply.json()["description"].split("\n", 2)
    assert first == "there is more to come after 10 seconds"
    assert clock == "the clock shows 2026-01-01T00:00:03.500Z, next is due at 2026-01-01T00:01:02.000Z"
    assert timeline.startswith(f"{call_id} outbound")


@pytest.mark.parametrize("state", ["initiated", "answered", "disconnected"])
async def test_the_clock_runs_until_a_call_is_in_a_state(state: str, bandwidth: Emulator, http: ClientSession) -> None:
    """The response is the call in that state."""
    async with Application(answer=HELLO) as application:
        call_id = await place(http, bandwidth, application)

        reply = await post(http, bandwidth, "run_until", {"call_id": call_id, "state": state})

    assert (reply.status, reply.json()["callId"], reply.json()["state"]) == (200, call_id, state)


async def test_a_state_that_a_call_misses_is_a_conflict(bandwidth: Emulator, http: ClientSession) -> None:
    """The clock stands where the call ended, and the 409 has its timeline."""
    bandwidth.far_end("*", FarEnd().busy())
    async with Application() as application:
        call_id = await place(http, bandwidth, application)

        reply = await post(http, bandwidth, "run_until", {"call_id": call_id, "state": "answered"})

    assert reply.status == 409
    assert "was waited for until it is answered" in reply.json()["description"]
    assert "disconnected: busy" in reply.json()["description"]


async def test_a_clock_that_is_held_is_a_conflict(http: ClientSession) -> None:
    """The 409 names what holds the clock."""
    async with Emulator(moved_clock=True, patience=0.01) as emulator, emulator.hold("a test"):
        reply = await post(http, emulator, "advance", {"seconds": 1})

    assert (reply.status, reply.json()["description"]) == (
        409,
        "the clock was held for 0.01 real seconds by a test",
    )


async def test_two_may_not_move_the_clock_at_once(bandwidth: Emulator, http: ClientSession) -> None:
    """The second request is a 409."""
    async with asyncio.TaskGroup() as tasks, bandwidth.hold("the second"):
        tasks.create_task(bandwidth.advance(1))

        reply = await post(http, bandwidth, "advance", {"seconds": 1})

    assert reply.status == 409
    assert "is being moved already" in reply.json()["description"]


async def test_a_far_end_is_set(bandwidth: Emulator, http: ClientSession) -> None:
    """A pattern sets the far end of many numbers."""
    reply = await post(http, bandwidth, "far_ends", {"number": "+1919*", "far_end": {"outcome": "busy"}})

    async with Application() as application:
        await place(http, bandwidth, application)
        await bandwidth.run_until_idle()
    assert (reply.json(), bandwidth.calls[0].disconnect_cause) == ({}, "busy")


async def test_a_webhook_fails_as_asked(bandwidth: Emulator, http: ClientSession) -> None:
    """A field that is null counts as left out."""
    fault = {"event": "answer", "duplicate": True, "nth": 2, "call_id": None}

    reply = await post(http, bandwidth, "webhook_faults", fault)

    async with Application() as application:
        for _ in range(3):
            await place(http, bandwidth, application)
        await bandwidth.run_until_idle()
    assert reply.status == 200
    assert len(application.told("answer")) == 4


async def test_problems_are_told_until_they_are_expected(bandwidth: Emulator, http: ClientSession) -> None:
    """`expect_problems` returns the problems and forgets them."""
    async with Application(answer=500) as application:
        await place(http, bandwidth, application)
        await bandwidth.run_until_idle()

    told = await ask(http, "GET", control_url(bandwidth, "problems"))
    taken = await post(http, bandwidth, "expect_problems")

    assert (len(told.json()), taken.json(), bandwidth.problems) == (1, told.json(), [])
    assert "answer: POST" in told.json()[0]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("inbound", {"from": "+19195551234"}, "to: must be a string"),
        ("inbound", {"to": "nobody", "from": "+19195551234", "url": "http://localhost"}, "to: must be an E164"),
        ("inbound", {"to": "+19195554321", "url": "http://localhost"}, "from: must be a string"),
        ("inbound", {**NUMBERS}, "url: set it here"),
        ("inbound", {**NUMBERS, "url": "nowhere"}, "url: only http and https"),
        ("inbound", {**NUMBERS, "url": "http://localhost", "far_end": {"steps": 1}}, "far_end.steps must be an array"),
        ("inbound", {**NUMBERS, "from_": "x"}, "unknown: from_"),
        ("far_ends", {"far_end": {}}, "number: must be a string"),
        ("far_ends", {"number": "*"}, "far_end must be an object"),
        ("webhook_faults", {"delay": "long"}, "delay: must be a number"),
        ("webhook_faults", {"drop": 1}, "drop: must be true or false"),
        ("webhook_faults", {"nth": 0}, "nth: must be between 1 and"),
        ("webhook_faults", {"often": 1}, "unknown: often"),
        ("run_until", {"call_id": 1}, "call_id: must be a string"),
        ("run_until_idle", {"within": -1}, "within: must be between 0"),
        ("run_until_idle", {"until": 1}, "unknown: until"),
        ("expect_problems", {"all": 1}, "unknown: all"),
    ],
)
async def test_what_makes_no_sense_is_named(
    name: str, body: object, said: str, bandwidth: Emulator, http: ClientSession
) -> None:
    """The 400 begins with the field, and nothing happens."""
    reply = await post(http, bandwidth, name, body)

    assert (reply.status, reply.json()["type"], bandwidth.calls) == (400, "validation", [])
    assert reply.json()["description"].startswith(said)


@pytest.mark.parametrize(
    ("call_id", "state", "status"), [("c-1", "answered", 404), ("", "answered", 400), ("known", "asleep", 400)]
)
async def test_only_a_known_call_and_state_can_be_waited_for(
    call_id: str, state: str, status: int, bandwidth: Emulator, http: ClientSession
) -> None:
    """An unknown call or state is refused, and the clock is not moved."""
    call = await bandwidth.inbound(to="+19195554321", from_="+19195551234", url="http://localhost:1")
    body = {"call_id": call.call_id if call_id == "known" else call_id, "state": state}

    reply = await post(http, bandwidth, "run_until", body)

    assert (reply.status, call.state) == (status, "initiated")
