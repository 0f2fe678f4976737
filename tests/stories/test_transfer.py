"""Bridged calls: Transfer with its legs, and Bridge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.application import Application

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Place = Callable[..., Awaitable[Call]]
    Update = Callable[..., Awaitable[int]]

AGENT, OTHER = "+14155550141", "+14155550142"
TRANSFER = (
    '<Response><Transfer transferCompleteUrl="/hook" callTimeout="20" tag="a">'
    '<PhoneNumber transferAnswerUrl="/hook" transferDisconnectUrl="/hook" tag="leg">+14155550141</PhoneNumber>'
    '<PhoneNumber transferAnswerUrl="/hook" transferDisconnectUrl="/hook">+14155550142</PhoneNumber>'
    "</Transfer></Response>"
)
WHISPER = "<Response><SpeakSentence>A call for you</SpeakSentence></Response>"
GOODBYE = "<Response><SpeakSentence>Goodbye</SpeakSentence></Response>"
WAIT = '<Response><Pause duration="100"/></Response>'


def legs_of(bandwidth: Emulator, call: Call) -> dict[str, Call]:
    """Return the legs of a call, by their callees."""
    return {leg.to: leg for leg in bandwidth.calls if leg.parent_call_id == call.call_id}


async def test_the_first_leg_to_answer_wins(bandwidth: Emulator, place: Place) -> None:
    """The other leg ends with the cause hangup and no answer time, before the winner hears its document."""
    bandwidth.far_end(AGENT, FarEnd().answer(after=3).hang_up(after=10))
    bandwidth.far_end(OTHER, FarEnd().answer(after=5))
    async with Application(answer=TRANSFER, transferAnswer=WHISPER, transferComplete=GOODBYE) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    expected = [
        "answer",
        "transferDisconnect",
        "transferAnswer",
        "transferDisconnect",
        "transferComplete",
        "disconnect",
    ]
    assert application.types == expected
    loser, winner = application.told("transferDisconnect")
    assert (loser["to"], loser["cause"], "answerTime" in loser) == (OTHER, "hangup", False)
    assert (winner["to"], winner["cause"], "answerTime" in winner) == (AGENT, "hangup", True)
    (answer,) = application.told("transferAnswer")
    assert (answer["parentCallId"], answer["transferTo"], answer["tag"]) == (call.call_id, AGENT, "leg")
    (complete,) = application.told("transferComplete")
    assert (complete["cause"], complete["transferTo"], complete["tag"]) == ("hangup", AGENT, "a")
    legs_of(bandwidth, call)[AGENT].assert_heard("a call for you")
    call.assert_never_heard("a call for you")
    call.assert_heard("goodbye")


async def test_those_who_are_joined_hear_each_other(bandwidth: Emulator, place: Place) -> None:
    """What one far end says, the other hears."""
    bandwidth.far_end("+19195551234", FarEnd().hear("how can I help").say("I want to buy").hear("thank you").hang_up())
    bandwidth.far_end("+14155550141", FarEnd().say("How can I help?", after=2).hear("want to buy").say("Thank you."))
    reply = "<Response><Transfer><PhoneNumber>+14155550141</PhoneNumber></Transfer></Response>"
    async with Application(answer=reply) as application:
        call = await place(application)
        await bandwidth.run_until(call.ended)

    leg = legs_of(bandwidth, call)[AGENT]
    assert (call.disconnect_cause, leg.disconnect_cause, leg.end_time) == ("hangup", "hangup", call.end_time)
    assert "far end said: I want to buy" in call.transcript()
    assert (call.timeline().count("joined: with"), call.timeline().count("parted: from")) == (1, 1)


async def test_what_is_cut_off_was_not_heard(bandwidth: Emulator, place: Place, update: Update) -> None:
    """A far end that waits for the end of a cut-off sentence goes on waiting."""
    bandwidth.far_end("+19195551234", FarEnd().hear("very end").hang_up())
    bandwidth.far_end("+14155550141", FarEnd().silence().say("This is long, and here is the very end", after=0.5))
    reply = "<Response><Transfer><PhoneNumber>+14155550141</PhoneNumber></Transfer><Pause duration='60'/></Response>"
    async with Application(answer=reply) as application:
        call = await place(application)
        await bandwidth.advance(5)
        leg = legs_of(bandwidth, call)[AGENT]
        status = await update(leg, state="completed")
        await bandwidth.run_until_idle()

    assert status == 200
    assert "far end said: This is ... (cut off)" in leg.transcript()
    assert "far end: hung up" not in call.timeline()


@pytest.mark.parametrize(
    ("far_end", "cause"),
    [
        (FarEnd().busy(), "busy"),
        (FarEnd().no_answer(), "timeout"),
        (FarEnd().reject(), "rejected"),
        (FarEnd().fail(), "error"),
    ],
)
async def test_nobody_answers(bandwidth: Emulator, place: Place, far_end: FarEnd, cause: str) -> None:
    """Each leg has its cause, and so has transferComplete. Then the call goes on."""
    bandwidth.far_end("+1415*", far_end)
    async with Application(answer=TRANSFER, transferComplete=GOODBYE) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    assert [event["cause"] for event in application.told("transferDisconnect")] == [cause, cause]
    (complete,) = application.told("transferComplete")
    assert complete["cause"] == cause
    assert complete["errorMessage"]
    call.assert_heard("goodbye")


async def test_without_a_url_the_next_verb_follows(bandwidth: Emulator, place: Place) -> None:
    """After a transfer the next verb is played."""
    bandwidth.far_end("+1415*", FarEnd().busy())
    reply = (
        "<Response><Transfer><PhoneNumber>+14155550141</PhoneNumber></Transfer>"
        "<SpeakSentence>Nobody is there</SpeakSentence></Response>"
    )
    async with Application(answer=reply) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    call.assert_heard("nobody is there")


@pytest.mark.parametrize("after", [1, 4, 4.5, 20])
async def test_the_caller_hangs_up_at_any_moment(bandwidth: Emulator, place: Place, after: float) -> None:
    """While legs ring, hear a document or talk, they end, and there is no transferComplete."""
    bandwidth.far_end("+19195551234", FarEnd().silence().hang_up(after=after))
    bandwidth.far_end("+1415*", FarEnd().answer(after=4))
    async with Application(answer=TRANSFER, transferAnswer=WHISPER) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    assert application.types.count("transferDisconnect") == 2
    assert application.told("transferComplete") == []
    assert [leg.disconnect_cause for leg in bandwidth.calls] == ["hangup", "hangup", "hangup"]
    assert {leg.end_time for leg in bandwidth.calls} >= {call.end_time}


async def test_a_leg_whose_document_hangs_up_ends_the_transfer(bandwidth: Emulator, place: Place) -> None:
    """An agent who declines is not bridged."""
    async with Application(
        answer=TRANSFER, transferAnswer="<Response><Hangup/></Response>", transferComplete=GOODBYE
    ) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    assert "joined" not in call.timeline()
    call.assert_heard("goodbye")


async def test_a_redirected_leg_leaves_the_transfer(bandwidth: Emulator, place: Place, update: Update) -> None:
    """The leg goes on by itself, and the parent call goes on too."""
    reply = (
        '<Response><Transfer transferCompleteUrl="/hook"><PhoneNumber>+14155550141</PhoneNumber></Transfer></Response>'
    )
    async with Application(answer=reply, redirect=WAIT, transferComplete=GOODBYE) as application:
        call = await place(application)
        await bandwidth.advance(10)
        leg = legs_of(bandwidth, call)[AGENT]

        status = await update(leg, redirectUrl=application.url)
        await bandwidth.advance(50)

    assert (status, call.ended(), leg.ended()) == (200, True, False)
    call.assert_heard("goodbye")


BRIDGE = '<Response><Bridge bridgeCompleteUrl="/hook" bridgeTargetCompleteUrl="/hook" tag="b">{}</Bridge></Response>'


async def bridged(bandwidth: Emulator, place: Place, application: Application) -> tuple[Call, Call]:
    """Return two calls; the second is bridged with the first."""
    target = await place(application)
    await bandwidth.advance(5)
    application.replies["answer"] = BRIDGE.format(target.call_id)
    originator = await place(application, to="+14155551234")
    await bandwidth.advance(5)
    return originator, target


async def test_the_target_of_a_bridge_leaves_first(bandwidth: Emulator, place: Place) -> None:
    """Its own document was cancelled. The originator gets bridgeComplete, and goes on."""
    bandwidth.far_end("+19195551234", FarEnd().hang_up(after=20))
    async with Application(answer=WAIT, bridgeComplete=GOODBYE) as application:
        originator, target = await bridged(bandwidth, place, application)
        await bandwidth.run_until_idle()

    (complete,) = application.told("bridgeComplete")
    assert (complete["callId"], complete["cause"], complete["tag"]) == (originator.call_id, "hangup", "b")
    assert application.told("bridgeTargetComplete") == []
    assert (target.disconnect_cause, originator.disconnect_cause) == ("hangup", "hangup")
    originator.assert_heard("goodbye")


async def test_the_originator_of_a_bridge_leaves_first(bandwidth: Emulator, place: Place) -> None:
    """The target gets bridgeTargetComplete, and goes on."""
    bandwidth.far_end("+14155551234", FarEnd().hang_up(after=10))
    async with Application(answer=WAIT, bridgeTargetComplete=GOODBYE) as application:
        _, target = await bridged(bandwidth, place, application)
        await bandwidth.run_until_idle()

    (complete,) = application.told("bridgeTargetComplete")
    assert complete["callId"] == target.call_id
    assert application.told("bridgeComplete") == []
    target.assert_heard("goodbye")


async def test_a_target_that_is_left_alone_without_a_url_is_hung_up(bandwidth: Emulator, place: Place) -> None:
    """Without a URL for the next document the target ends."""
    bandwidth.far_end("+14155551234", FarEnd().hang_up(after=10))
    async with Application(answer=WAIT) as application:
        target = await place(application)
        await bandwidth.advance(5)
        application.replies["answer"] = f"<Response><Bridge>{target.call_id}</Bridge></Response>"
        originator = await place(application, to="+14155551234")
        await bandwidth.run_until_idle()

    assert target.end_time == originator.end_time


async def test_a_bridge_that_was_left_has_no_say_any_more(bandwidth: Emulator, place: Place, update: Update) -> None:
    """A target that ends later does not disturb the originator, which was redirected."""
    bandwidth.far_end("+19195551234", FarEnd().hang_up(after=20))
    async with Application(answer=WAIT, bridgeTargetComplete=WAIT) as application:
        originator, target = await bridged(bandwidth, place, application)
        application.replies["answer"] = WAIT
        other = await place(application, to="+14155555678")
        await bandwidth.advance(3)
        status = await update(originator, bxml=f"<Bxml><Bridge>{other.call_id}</Bridge></Bxml>")
        await bandwidth.run_until(target.ended)
        await bandwidth.advance(1)

    assert (status, originator.ended(), originator.timeline().count("parted")) == (204, False, 1)


@pytest.mark.parametrize("state", ["unknown", "ringing", "itself"])
async def test_an_impossible_bridge(bandwidth: Emulator, place: Place, state: str) -> None:
    """For an unknown target, one that is not answered, or the call itself, bridgeComplete has the cause."""
    async with Application(bridgeComplete=GOODBYE) as application:
        call = await place(application)
        bandwidth.far_end("+14155551234", FarEnd().no_answer())
        other = await place(application, to="+14155551234")
        target = {"unknown": "c-1", "ringing": other.call_id, "itself": call.call_id}[state]
        application.replies["answer"] = BRIDGE.format(target)
        await bandwidth.run_until(call.ended)

    (complete,) = application.told("bridgeComplete")
    assert (complete["cause"], complete["errorMessage"]) == ("rejected", f"Call {target} cannot be bridged")
    call.assert_heard("goodbye")
