"""How calls begin and end: states, times, causes, far ends, magic numbers, and changes through the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.application import Application

from bandwidth_calls.emulator import Call, Emulator, FarEnd
from bandwidth_calls.webhooks import AnswerEvent, InitiateEvent, parse_event

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Place = Callable[..., Awaitable[Call]]
    Update = Callable[..., Awaitable[int]]

HELLO = "<Response><SpeakSentence>Hello, this is the shop speaking.</SpeakSentence></Response>"
GATHER = '<Response><Gather gatherUrl="/hook" maxDigits="1"/></Response>'
DELAYED = {"delayResult": True, "detectionTimeout": 60}
LONG = '<Response><Pause duration="60"/></Response>'


def seconds(call: Call, time: int | None) -> float | None:
    """Return a time of a call, in seconds since it was placed."""
    return None if time is None else (time - call.created) / 1000


async def test_a_call_goes_through_its_states(bandwidth: Emulator, place: Place) -> None:
    """It is queued, initiated, answered, and disconnected at the end of its document."""
    async with Application(answer=HELLO) as application:
        call = await place(application)

        states = [call.state]
        for step in (0, 2, 10):
            await bandwidth.advance(step)
            states.append(call.state)

    assert states == ["queued", "initiated", "answered", "disconnected"]
    times = [seconds(call, time) for time in (call.enqueued_time, call.start_time, call.answer_time, call.end_time)]
    assert times == [0, 0, 2, pytest.approx(2 + 33 / 15, abs=0.001)]
    assert (call.disconnect_cause, call.error_message, application.types) == ("hangup", None, ["answer", "disconnect"])


@pytest.mark.parametrize(
    ("far_end", "number", "cause", "after"),
    [
        (FarEnd().busy(after=1), "+12015550110", "busy", 0),
        (FarEnd().no_answer(), "+12015550111", "timeout", 30),
        (FarEnd().reject(after=1), "+12015550112", "rejected", 1),
        (FarEnd().fail(), "+12015550113", "error", 0),
        (FarEnd().not_reachable(), "+12015550114", "cancel", 30),
    ],
)
async def test_a_call_that_is_not_answered(
    bandwidth: Emulator, place: Place, far_end: FarEnd, number: str, cause: str, after: float
) -> None:
    """A magic number does the same as its far end at another number: only disconnect is sent, with the cause."""
    bandwidth.far_end("+19195551234", far_end)
    async with Application() as application:
        magic, scripted = await place(application, to=number), await place(application)

        await bandwidth.run_until_idle()

    assert (magic.disconnect_cause, scripted.disconnect_cause) == (cause, cause)
    assert seconds(magic, magic.end_time) == after
    assert application.types == ["disconnect", "disconnect"]
    assert {event["cause"] for event in application.events} == {cause}
    assert all("answerTime" not in event and event["errorMessage"] for event in application.events)


async def test_the_call_timeout_counts_from_ringing(bandwidth: Emulator, place: Place) -> None:
    """A callee who takes longer to answer is not reached."""
    bandwidth.far_end("*", FarEnd().answer(after=5))
    async with Application() as application:
        call = await place(application, callTimeout=5)

        await bandwidth.run_until_idle()

    assert (call.disconnect_cause, seconds(call, call.end_time)) == ("timeout", 5)


async def test_a_person_hangs_up_in_the_middle_of_a_sentence(bandwidth: Emulator, place: Place) -> None:
    """The sentence is cut off, and the only later event is disconnect."""
    async with Application(answer=HELLO) as application:
        call = await place(application, to="+12015550140")

        await bandwidth.run_until_idle()

    assert (call.disconnect_cause, application.types) == ("hangup", ["answer", "disconnect"])
    assert "cut off" in call.transcript()


async def test_the_last_pattern_that_fits_counts(bandwidth: Emulator, place: Place) -> None:
    """A far end may be set for many numbers, and another for some of them."""
    bandwidth.far_end("*", FarEnd().busy())
    bandwidth.far_end("+1919*", FarEnd().reject())
    async with Application() as application:
        near, far = await place(application), await place(application, to="+14155551234")

        await bandwidth.run_until_idle()

    assert (near.disconnect_cause, far.disconnect_cause) == ("rejected", "busy")


@pytest.mark.parametrize(("moved", "status", "cause"), [(0, 200, "cancel"), (2, 200, "hangup"), (80, 409, "hangup")])
async def test_completing_a_call(
    bandwidth: Emulator, place: Place, update: Update, moved: float, status: int, cause: str
) -> None:
    """A call that rings is cancelled, an answered one is hung up, and later it is 409."""
    async with Application(answer=LONG) as application:
        call = await place(application)
        await bandwidth.advance(moved)

        answered = await update(call, state="completed")

        await bandwidth.run_until_idle()
    assert (answered, call.disconnect_cause, application.types[-1]) == (status, cause, "disconnect")


async def test_a_redirect_breaks_off_what_is_played(bandwidth: Emulator, place: Place, update: Update) -> None:
    """The new document is asked for at once, with the new tag, and played instead."""
    async with Application(answer=LONG, redirect=HELLO) as application:
        call = await place(application, tag="old")
        await bandwidth.advance(5)

        status = await update(call, redirectUrl=application.url, tag="new")

        await bandwidth.run_until_idle()
    (redirect,) = application.told("redirect")
    assert (status, redirect["tag"]) == (200, "new")
    assert seconds(call, call.end_time) == pytest.approx(5 + 33 / 15, abs=0.001)
    call.assert_heard("this is the shop")


async def test_bxml_replaces_what_is_played(bandwidth: Emulator, place: Place, update: Update) -> None:
    """There is no event."""
    async with Application(answer=LONG) as application:
        call = await place(application)
        await bandwidth.advance(5)

        status = await update(call, bxml="<Bxml><SpeakSentence>Closing time</SpeakSentence></Bxml>")

        await bandwidth.run_until_idle()
    assert (status, application.types) == (204, ["answer", "disconnect"])
    call.assert_heard("closing time")


@pytest.mark.parametrize("body", [{"redirectUrl": "http://127.0.0.1/"}, {"bxml": "<Bxml/>"}])
async def test_a_call_that_rings_cannot_be_redirected(
    bandwidth: Emulator, place: Place, update: Update, body: dict[str, Any]
) -> None:
    """Before the answer a redirect is 409."""
    async with Application() as application:
        call = await place(application)
        await bandwidth.advance(1)

        status = await update(call, **body)

    assert (status, call.state) == (409, "initiated")


async def test_an_inbound_call_is_asked_about_and_answered_by_its_verbs() -> None:
    """The application gets initiate, no answer event, and disconnect at the status URL."""
    async with (
        Application(initiate=HELLO) as application,
        Emulator(moved_clock=True, inbound_url=application.url, status_url=application.url) as emulator,
    ):
        far_end = FarEnd().press("1", after=1)
        call = await emulator.inbound(to="+19195554321", from_="+19195551234", far_end=far_end)
        await emulator.run_until_idle()

    assert application.types == ["initiate", "disconnect"]
    assert (call.direction, call.enqueued_time, call.disconnect_cause) == ("inbound", None, "hangup")
    assert application.events[0]["direction"] == "inbound"
    assert "tag" not in application.events[0]
    assert call.transcript().splitlines() == ["pressed: 1", "said: Hello, this is the shop speaking."]


async def test_an_inbound_call_is_rejected_by_a_hangup(bandwidth: Emulator) -> None:
    """Hangup does not answer, and neither do a tag and a silent ring before it."""
    reply = '<Response><Tag>a</Tag><Ring answerCall="false" duration="2"/><Hangup/></Response>'
    async with Application(initiate=reply) as application:
        call = await bandwidth.inbound(to="+19195554321", from_="+19195551234", url=application.url)

        await bandwidth.run_until_idle()

    assert (call.disconnect_cause, call.answer_time, seconds(call, call.end_time)) == ("rejected", None, 2)


async def test_an_inbound_call_needs_an_application(bandwidth: Emulator) -> None:
    """Without a URL the call is refused."""
    with pytest.raises(ValueError, match="url: set it here, or inbound_url"):
        await bandwidth.inbound(to="+19195554321", from_="+19195551234")


@pytest.mark.parametrize(
    ("number", "detection", "value", "after"),
    [
        ("+19195551234", {}, "human", 6.5),
        ("+12015550120", {}, "answering-machine", 10.5),
        ("+12015550120", DELAYED, "answering-machine", 25.5),
        ("+12015550120", {**DELAYED, "machineSpeechEndThreshold": 1}, "answering-machine", 21.5),
        ("+12015550121", {}, "silence", 10),
        ("+19195551234", {"silenceTimeout": 0.25}, "silence", 0.25),
        ("+12015550120", {"detectionTimeout": 4}, "timeout", 4),
    ],
)
async def test_machine_detection(
    bandwidth: Emulator, place: Place, number: str, detection: dict[str, Any], value: str, after: float
) -> None:
    """In sync mode the answer event waits for the result. In async mode the result has an event of its own."""
    result = {"value": value, "duration": f"PT{after:g}S"}
    async with Application(answer=LONG) as application:
        sync = await place(application, to=number, machineDetection={"mode": "sync", **detection})
        async_ = {"mode": "async", "callbackUrl": application.url, **detection}
        other = await place(application, to=number, machineDetection=async_)

        await bandwidth.run_until_idle()

    answer = next(event for event in application.told("answer") if event["callId"] == sync.call_id)
    (complete,) = application.told("machineDetectionComplete")
    assert (answer["machineDetectionResult"], complete["machineDetectionResult"]) == (result, result)
    assert complete["callId"] == other.call_id
    started = seconds(sync, sync.end_time)
    assert started is not None
    assert started == pytest.approx(2 + after + 60)


async def test_no_result_of_machine_detection_after_the_call(bandwidth: Emulator, place: Place) -> None:
    """After the end of the call no result is sent."""
    async with Application(answer="<Response/>") as application:
        await place(application, machineDetection={"callbackUrl": application.url})

        await bandwidth.run_until_idle()

    assert application.types == ["answer", "disconnect"]


async def test_the_same_story_gives_the_same_timeline() -> None:
    """Two emulators with one seed give the same bytes, also the ids, on any port."""
    timelines = []
    for _ in range(2):
        async with (
            Application(
                answer='<Response><Gather gatherUrl="/hook" maxDigits="1"/></Response>', gather=HELLO
            ) as application,
            Emulator(moved_clock=True, seed=7) as emulator,
        ):
            for number in range(5):
                far_end = FarEnd().press(str(number), after=1)
                await emulator.inbound(
                    to="+19195554321", from_=f"+1919555123{number}", url=application.url, far_end=far_end
                )
            application.replies["initiate"] = application.replies["answer"]
            await emulator.run_until_idle()
            timelines.append("\n".join(call.timeline() for call in emulator.calls))

    assert timelines[0] == timelines[1]
    assert "gathered: '4'" in timelines[0]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, (False, "")),
        ({"displayName": "Example Ltd"}, (False, "Example Ltd")),
        ({"privacy": True, "displayName": "Anonymous"}, (True, "Anonymous")),
        ({"privacy": False, "displayName": None}, (False, "")),
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_an_answer_tells_what_the_callee_is_shown(
    bandwidth: Emulator, place: Place, asked: dict[str, Any], told: tuple[bool, str], method: str
) -> None:
    """Privacy and the name of the caller come as createCall asked."""
    async with Application(answer=HELLO) as application:
        await place(application, answerMethod=method, **asked)
        await bandwidth.run_until_idle()

    event = parse_event(application.told("answer")[0], strict=True)
    assert isinstance(event, AnswerEvent)
    assert (event.privacy, event.caller_display_name) == told


async def test_an_inbound_call_shows_no_name(bandwidth: Emulator) -> None:
    """Nobody asked for a name, so it is empty, as real traffic has it."""
    async with Application(initiate=HELLO) as application:
        await bandwidth.inbound(to="+19195554321", from_="+19195551234", url=application.url)
        await bandwidth.run_until_idle()

    event = parse_event(application.told("initiate")[0], strict=True)
    assert isinstance(event, InitiateEvent)
    assert (event.privacy, event.caller_display_name) == (False, "")
