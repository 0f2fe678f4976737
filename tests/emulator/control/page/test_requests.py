"""What the page asks of the emulator: a call with its recordings, a search, a webhook again, a test of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.application import Application
from support.emulator_http import ask, control_url, place_call
from support.page_story import MENU, THANKS, play
from support.pytester_runs import run_pytest

from bandwidth_calls.emulator import Emulator, FarEnd

if TYPE_CHECKING:
    from aiohttp import ClientSession

pytest_plugins = ("pytester",)


async def test_a_call_is_shown(bandwidth: Emulator, http: ClientSession) -> None:
    """Its webhooks have status, time and headers; its recording has its text, and media that can be played."""
    async with Application(initiate=MENU, gather=THANKS) as application:
        call = await play(bandwidth, application)
        url = control_url(bandwidth, f"page/calls/{call.call_id}")
        shown = (await ask(http, "GET", url)).json()
        (recording,) = shown["recordings"]
        media = await ask(http, "GET", f"{url}/recordings/{recording['recordingId']}")

    (sent,) = [step["delivery"] for step in shown["entries"] if step["kind"] == "webhook initiate"]
    assert (sent["method"], sent["url"], sent["status"], sent["failure"]) == ("POST", application.url, 200, None)
    assert ["Content-Type", "application/xml; charset=utf-8"] in sent["headers"]
    assert recording["transcripts"][0]["text"] == "Thank you. Bye now"
    assert (media.status, media.headers["Content-Type"]) == (200, "audio/vnd.wave")


async def test_a_long_call_is_shown_from_its_newest_steps(bandwidth: Emulator, http: ClientSession) -> None:
    """Older steps are counted, and a step keeps its number."""
    many = f"<Response>{'<Pause/>' * 400}</Response>"
    async with Application(initiate=many) as application:
        call = await play(bandwidth, application)
        shown = (await ask(http, "GET", control_url(bandwidth, f"page/calls/{call.call_id}"))).json()

    steps = shown["entries"]
    assert (len(steps), shown["entryCount"]) == (300, len(call.entries))
    assert [step["number"] for step in (steps[0], steps[-1])] == [len(call.entries) - 300, len(call.entries) - 1]


async def test_a_webhook_is_sent_again(bandwidth: Emulator, http: ClientSession) -> None:
    """The application gets the edited event. The call takes no notice, and no fault is used up."""
    async with Application(initiate=MENU, gather=THANKS) as application:
        call = await play(bandwidth, application)
        bandwidth.webhook_fault("gather", drop=True)
        url = control_url(bandwidth, f"page/calls/{call.call_id}")
        number = next(n for n, entry in enumerate(call.entries) if entry.kind == "webhook gather")
        event = {**application.told("gather")[0], "digits": "99"}
        state = call.as_state()

        sent = await ask(http, "POST", f"{url}/resend", json={"number": number, "event": event})
        refused = [
            await ask(http, "POST", f"{url}/resend", json=body)
            for body in (
                {"number": 0, "event": event},
                {"number": 10**6, "event": event},
                {"number": number, "event": 1},
            )
        ]

    assert (sent.json()["status"], sent.json()["reply"]) == (200, THANKS)
    assert application.told("gather")[-1]["digits"] == "99"
    assert call.as_state() == state
    assert call.entries[-1].kind == "resent"
    assert "no part of the call" in call.entries[-1].text
    assert [reply.status for reply in refused] == [400] * 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["b", "a"]),
        ("text=5678", ["b"]),
        ("text=TAG-A", ["a"]),
        ("state=disconnected", ["b", "a"]),
        ("cause=busy", ["b"]),
        ("problems=1", ["a"]),
        ("text=nothing", []),
    ],
)
async def test_calls_are_found(bandwidth: Emulator, http: ClientSession, query: str, found: list[str]) -> None:
    """By a part of a number, an id or a tag, by state and cause, and by problems; the newest comes first."""
    bandwidth.far_end("+19195555678", FarEnd().busy())
    async with Application(answer=500) as application:
        await place_call(http, bandwidth, answerUrl=application.url, tag="Tag-a")
        await place_call(http, bandwidth, answerUrl=application.url, tag="Tag-b", to="+19195555678")
        await bandwidth.run_until_idle()

    answer = (await ask(http, "GET", control_url(bandwidth, f"page/search?{query}"))).json()

    assert [call["tag"] for call in answer["newest"]] == [f"Tag-{name}" for name in found]
    assert answer["total"] == len(found)


async def test_past_calls_are_found(http: ClientSession) -> None:
    """Those that ended before the start come after the others, and only the newest 200 are told."""
    async with Emulator(no_webhooks=True, calls=300) as emulator:
        await place_call(http, emulator)
        answer = (await ask(http, "GET", control_url(emulator, "page/search"))).json()

    assert (answer["total"], len(answer["newest"])) == (301, 200)
    assert ["past" in call for call in answer["newest"]] == [False] + [True] * 199


async def test_an_armed_fault_is_cancelled(emulator: Emulator, http: ClientSession) -> None:
    """Each kind by its id; one that is gone is no error."""
    emulator.fault("createCall", status=503)
    emulator.webhook_fault("answer", delay=2)
    url = control_url(emulator, "page/faults/cancel")

    for kind in ("api", "webhook", "api"):
        assert (await ask(http, "POST", url, json={"kind": kind, "id": 0})).status == 200

    assert (await ask(http, "POST", url, json={"kind": "other", "id": 0})).status == 400
    await place_call(http, emulator)


async def test_a_call_is_exported_as_a_test(
    bandwidth: Emulator, http: ClientSession, pytester: pytest.Pytester
) -> None:
    """The test repeats what the far end did, expects what it heard, and passes."""
    async with Application(initiate=MENU, gather=THANKS) as application:
        call = await play(bandwidth, application)
        exported = await ask(http, "GET", control_url(bandwidth, f"page/calls/{call.call_id}/pytest"))
        text = exported.body.decode()
        process = await run_in_a_process(pytester, text)

    assert ".press('12'" in text
    assert "call.assert_heard('Thank you.')" in text
    process.assert_outcomes(passed=1)


async def run_in_a_process(pytester: pytest.Pytester, text: str) -> pytest.RunResult:
    """Run a test file while the application of this test goes on."""
    import asyncio

    return await asyncio.to_thread(run_pytest, pytester, text, "--asyncio-mode=strict")


async def test_a_call_that_cannot_be_exported(bandwidth: Emulator, http: ClientSession) -> None:
    """The error says why."""
    bandwidth.far_end("*", FarEnd().busy())
    call_id = await place_call(http, bandwidth)
    await bandwidth.run_until_idle()
    bandwidth.expect_problems()

    reply = await ask(http, "GET", control_url(bandwidth, f"page/calls/{call_id}/pytest"))

    assert (reply.status, "was not answered" in reply.json()["description"]) == (400, True)


async def test_a_leg_is_not_exported(bandwidth: Emulator, http: ClientSession) -> None:
    """The error names the call that the leg belongs to."""
    transfer = "<Response><Transfer><PhoneNumber>+19195550123</PhoneNumber></Transfer></Response>"
    async with Application(initiate=transfer) as application:
        await play(bandwidth, application)
    parent, leg = bandwidth.calls

    reply = await ask(http, "GET", control_url(bandwidth, f"page/calls/{leg.call_id}/pytest"))

    assert (reply.status, f"export {parent.call_id}" in reply.json()["description"]) == (400, True)


async def test_a_call_that_goes_on_is_exported(http: ClientSession, pytester: pytest.Pytester) -> None:
    """In the test the far end hangs up, and the emulator has the options of this one."""
    endless = '<Response><SpeakSentence>Please hold.</SpeakSentence><Pause duration="80000"/></Response>'
    async with (
        Application(initiate=endless) as application,
        Emulator(moved_clock=True, characters_per_second=5) as emulator,
    ):
        call = await emulator.inbound(to="+19195554321", from_="+19195551234", url=application.url)
        await emulator.advance(10)
        exported = await ask(http, "GET", control_url(emulator, f"page/calls/{call.call_id}/pytest"))
        text = exported.body.decode()
        process = await run_in_a_process(pytester, text)

    assert "@pytest.mark.bandwidth_emulator(characters_per_second=5)" in text
    assert ".hear('Please hold.').hang_up()" in text
    process.assert_outcomes(passed=1)
