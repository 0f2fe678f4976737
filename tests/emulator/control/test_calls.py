from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.application import Application
from support.emulator_http import Reply, ask, control_url, place_call

from bandwidth_calls.emulator import Call, Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import ClientSession

GATHER = '<Response><Gather gatherUrl="/hook" maxDigits="3"/></Response>'
LONG = '<Response><SpeakSentence>Hello there.</SpeakSentence><Pause duration="60"/></Response>'


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    """Serve an application that takes calls, and asks for three keys."""
    async with Application(initiate=GATHER) as application:
        yield application


@pytest.fixture
async def call(bandwidth: Emulator, application: Application) -> Call:
    """Return an inbound call that rings."""
    return await bandwidth.inbound(to="+19195554321", from_="+19195551234", url=application.url)


async def act(http: ClientSession, emulator: Emulator, call: Call, name: str, **body: object) -> Reply:
    """Make the far end of a call act."""
    return await ask(http, "POST", control_url(emulator, f"calls/{call.call_id}/{name}"), json=body)


async def test_a_call_is_shown_with_its_steps(call: Call, bandwidth: Emulator, http: ClientSession) -> None:
    """Each step has its time and kind; a webhook also has its event and reply."""
    await bandwidth.advance(1)

    shown = (await ask(http, "GET", control_url(bandwidth, f"calls/{call.call_id}"))).json()

    assert (shown["callId"], shown["state"], shown["entryCount"]) == (call.call_id, "answered", len(call.entries))
    assert shown["entries"][0] == {
        "time": "2026-01-01T00:00:00.000Z",
        "kind": "initiated",
        "text": "+19195551234 -> +19195554321",
        "detail": None,
    }
    (detail,) = (entry["detail"] for entry in shown["entries"] if entry["kind"] == "webhook initiate")
    assert (detail["event"]["eventType"], detail["reply"]) == ("initiate", GATHER)


async def test_the_newest_steps_alone_can_be_asked_for(call: Call, bandwidth: Emulator, http: ClientSession) -> None:
    """`entryCount` still counts all steps."""
    await bandwidth.advance(1)

    shown = (await ask(http, "GET", control_url(bandwidth, f"calls/{call.call_id}?newest=1"))).json()

    assert [entry["kind"] for entry in shown["entries"]] == [call.entries[-1].kind]
    assert shown["entryCount"] == len(call.entries) > 1


@pytest.mark.parametrize("newest", ["0", "-1", "x", "", "1e3", "\u0661", "9" * 5000])
async def test_a_senseless_number_of_steps_is_refused(
    newest: str, call: Call, bandwidth: Emulator, http: ClientSession
) -> None:
    """The 400 names the parameter."""
    reply = await ask(http, "GET", control_url(bandwidth, f"calls/{call.call_id}"), params={"newest": newest})

    assert (reply.status, reply.json()["description"].partition(":")[0]) == (400, "newest")


async def test_the_timeline_is_text(call: Call, bandwidth: Emulator, http: ClientSession) -> None:
    """It is the same as in Python."""
    reply = await ask(http, "GET", control_url(bandwidth, f"calls/{call.call_id}/timeline"))

    assert reply.headers["Content-Type"] == "text/plain;charset=UTF-8"
    assert reply.body.decode() == call.timeline()


async def test_the_transcript_is_text(bandwidth: Emulator, http: ClientSession) -> None:
    """It is the same as in Python."""
    async with Application(initiate=LONG) as application:
        call = await bandwidth.inbound(to="+19195554321", from_="+19195551234", url=application.url)
        await bandwidth.advance(10)

    reply = await ask(http, "GET", control_url(bandwidth, f"calls/{call.call_id}/transcript"))

    assert reply.body.decode() == call.transcript() == "said: Hello there."


async def test_the_far_end_presses_keys(
    call: Call, bandwidth: Emulator, application: Application, http: ClientSession
) -> None:
    """Keys are pressed in order, and the application gets them."""
    await bandwidth.advance(1)

    reply = await act(http, bandwidth, call, "press", keys="1#2")

    await bandwidth.advance(1)
    assert (reply.status, reply.json()) == (200, {})
    assert application.told("gather")[0]["digits"] == "1#2"
    assert "pressed: 1\npressed: #\npressed: 2" in call.transcript()


async def test_the_far_end_says_something(call: Call, bandwidth: Emulator, http: ClientSession) -> None:
    """The words are in the transcript when they have been said."""
    await bandwidth.advance(1)

    await act(http, bandwidth, call, "say", words="Good morning")

    await bandwidth.advance(1)
    assert call.transcript() == "far end said: Good morning"


async def test_the_far_end_hangs_up(call: Call, bandwidth: Emulator, http: ClientSession) -> None:
    """The call is over at once."""
    await bandwidth.advance(1)

    await act(http, bandwidth, call, "hang_up")

    assert (call.state, call.disconnect_cause) == ("disconnected", "hangup")


async def test_who_calls_may_give_up_while_it_rings(call: Call, bandwidth: Emulator, http: ClientSession) -> None:
    """A caller who hangs up while the call rings cancels it."""
    reply = await act(http, bandwidth, call, "hang_up")

    assert (reply.status, call.disconnect_cause) == (200, "cancel")


async def test_what_is_going_on_ends_with_the_call(call: Call, bandwidth: Emulator, http: ClientSession) -> None:
    """The keys that are left are not pressed."""
    await bandwidth.advance(1)
    await act(http, bandwidth, call, "press", keys="1234")

    await act(http, bandwidth, call, "hang_up")

    await bandwidth.run_until_idle()
    assert [entry.text for entry in call.entries if entry.kind == "pressed"] == ["1"]


@pytest.mark.parametrize("name", ["press", "say", "hang_up"])
async def test_who_has_not_answered_does_nothing(name: str, bandwidth: Emulator, http: ClientSession) -> None:
    """A call that was placed and rings is 409."""
    call_id = await place_call(http, bandwidth)
    body = {"press": {"keys": "1"}, "say": {"words": "Hello"}, "hang_up": {}}[name]

    reply = await act(http, bandwidth, bandwidth.calls[0], name, **body)

    assert (reply.status, reply.json()["description"]) == (409, f"the far end of call [{call_id}] is not on the line")


async def test_a_call_that_is_over_is_a_conflict(call: Call, bandwidth: Emulator, http: ClientSession) -> None:
    """Pressing keys after the end of the call is 409."""
    await act(http, bandwidth, call, "hang_up")

    reply = await act(http, bandwidth, call, "press", keys="1")

    assert reply.status == 409


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("press", {}, "keys: must be a string"),
        ("press", {"keys": "x"}, "keys must be of 0-9"),
        ("say", {"words": " "}, "words: must not be blank"),
        ("say", {"keys": "1"}, "unknown: keys"),
        ("hang_up", {"after": 1}, "unknown: after"),
    ],
)
async def test_what_makes_no_sense_is_named(
    name: str, body: dict[str, object], said: str, call: Call, bandwidth: Emulator, http: ClientSession
) -> None:
    """The 400 begins with the field."""
    await bandwidth.advance(1)

    reply = await act(http, bandwidth, call, name, **body)

    assert reply.status == 400
    assert reply.json()["description"].startswith(said)


@pytest.mark.parametrize("path", ["", "/timeline", "/transcript", "/press", "/say", "/hang_up"])
async def test_an_unknown_call_is_not_found(path: str, bandwidth: Emulator, http: ClientSession) -> None:
    """The 404 names the call."""
    post = path in ("/press", "/say", "/hang_up")
    body = {"/press": {"keys": "1"}, "/say": {"words": "a"}}.get(path, {})

    reply = await ask(http, "POST" if post else "GET", control_url(bandwidth, f"calls/c-1{path}"), json=body)

    assert (reply.status, reply.json()["description"]) == (404, "Call [c-1] not found")


async def test_a_foreign_page_may_not_press(call: Call, bandwidth: Emulator, http: ClientSession) -> None:
    """A request of another origin that changes a call is refused."""
    url = control_url(bandwidth, f"calls/{call.call_id}/hang_up")

    reply = await ask(http, "POST", url, headers={"Origin": "http://evil.example"})

    assert (reply.status, call.state) == (403, "initiated")
