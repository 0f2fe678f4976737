"""Conferences: who hears whom, their events, and the documents that all members hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.application import Application

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Place = Callable[..., Awaitable[Call]]

ONE, TWO, THREE = "+14155551231", "+14155551232", "+14155551233"


def room(attributes: str = "") -> str:
    """Return a document that leads into a conference."""
    return f'<Response><Conference conferenceEventUrl="/hook" tag="c" {attributes}>room-1</Conference></Response>'


async def test_the_events_of_a_conference(bandwidth: Emulator, place: Place) -> None:
    """Created, each join, each exit and completed are told in this order."""
    bandwidth.far_end(ONE, FarEnd().hang_up(after=20))
    bandwidth.far_end(TWO, FarEnd().hang_up(after=10))
    async with Application(answer=room()) as application:
        first, second = await place(application, to=ONE), await place(application, to=TWO)
        await bandwidth.run_until_idle()

    events = [event for event in application.events if event["eventType"].startswith("conference")]
    assert [(event["eventType"], event.get("callId")) for event in events] == [
        ("conferenceCreated", None),
        ("conferenceMemberJoin", first.call_id),
        ("conferenceMemberJoin", second.call_id),
        ("conferenceMemberExit", second.call_id),
        ("conferenceMemberExit", first.call_id),
        ("conferenceCompleted", None),
    ]
    assert {(event["name"], event["tag"], len(event["conferenceId"])) for event in events} == {("room-1", "c", 50)}
    assert (events[1]["to"], events[1]["from"]) == (ONE, first.from_)
    assert all("accountId" not in event for event in events)


@pytest.mark.parametrize(
    ("speaker", "listener", "heard"),
    [
        ("", "", True),
        ('mute="true"', "", False),
        ("", 'hold="true"', False),
        ('callIdsToCoach="c-other"', "", False),
    ],
)
async def test_who_hears_whom(bandwidth: Emulator, place: Place, speaker: str, listener: str, heard: bool) -> None:
    """A muted member is not heard, one on hold hears nothing, and a coach is heard only by the coached."""
    bandwidth.far_end(ONE, FarEnd().hear("buy").hang_up())
    bandwidth.far_end(TWO, FarEnd().answer(after=3).say("I buy", after=2).hang_up(after=10))
    async with Application(answer=lambda event: room(speaker if event["to"] == TWO else listener)) as application:
        one, two = await place(application, to=ONE), await place(application, to=TWO)
        await bandwidth.run_until(two.ended)

    assert one.ended() is heard


async def test_the_timeline_tells_who_joined_and_left(bandwidth: Emulator, place: Place) -> None:
    """Each member has a line for the beginning and one for the end."""
    bandwidth.far_end("*", FarEnd().hang_up(after=5))
    async with Application(answer=room()) as application:
        call = await place(application, to=ONE)
        await bandwidth.run_until_idle()

    notes = [entry.text for entry in call.entries if entry.kind == "conference"]
    assert notes == ["joined room-1", "left room-1"]


async def test_a_coach_is_heard_by_the_coached(bandwidth: Emulator, place: Place) -> None:
    """A coach is heard by the coached call, and by no other."""
    for number in (ONE, TWO):
        bandwidth.far_end(number, FarEnd().hear("say yes").hang_up())
    bandwidth.far_end(THREE, FarEnd().say("Say yes", after=1))
    async with Application(answer=room()) as application:
        coached, customer = await place(application, to=ONE), await place(application, to=TWO)
        await bandwidth.advance(5)
        application.replies["answer"] = room(f'callIdsToCoach="{coached.call_id}"')
        await place(application, to=THREE)
        await bandwidth.advance(10)

    assert (coached.ended(), customer.ended()) == (True, False)


async def test_a_second_coach_cannot_join(bandwidth: Emulator, place: Place) -> None:
    """A conference has one coach: the call of a second one ends, and says why."""
    async with Application(answer=room('callIdsToCoach="c-1"')) as application:
        await place(application, to=ONE)
        second = await place(application, to=TWO)
        await bandwidth.run_until(second.ended)

    assert second.disconnect_cause == "application-error"
    assert "has a coach already" in (second.error_message or "")


async def test_a_reply_is_heard_by_all_members(bandwidth: Emulator, place: Place) -> None:
    """Documents are played one after the other. A member on hold does not hear them."""
    welcome = "<Response><SpeakSentence>Somebody joined</SpeakSentence></Response>"
    async with Application(
        answer=lambda event: room('hold="true"' if event["to"] == TWO else ""), conferenceMemberJoin=welcome
    ) as application:
        one, two = await place(application, to=ONE), await place(application, to=TWO)
        await bandwidth.run_until_idle()

    assert one.transcript().count("said: Somebody joined") == 2
    two.assert_never_heard("somebody joined")


async def test_a_verb_that_is_not_for_conferences(bandwidth: Emulator, place: Place) -> None:
    """The whole document is rejected, and the conference goes on."""
    reply = "<Response><SpeakSentence>Never</SpeakSentence><Hangup/></Response>"
    async with Application(answer=room(), conferenceMemberJoin=reply) as application:
        call = await place(application, to=ONE)
        await bandwidth.run_until_idle()

    assert call.ended() is False
    call.assert_never_heard("never")
    assert "Response > Hangup: not allowed here" in bandwidth.problems[0]


async def test_an_error_in_one_verb_leads_to_the_next(bandwidth: Emulator, place: Place) -> None:
    """Audio that is not supported does not end a conference."""
    reply = "<Response><PlayAudio>a.ogg</PlayAudio><SpeakSentence>Next</SpeakSentence></Response>"
    async with Application(answer=room(), conferenceMemberJoin=reply) as application:
        call = await place(application, to=ONE)
        await bandwidth.run_until_idle()

    call.assert_heard("next")
    assert "unsupported audio" in bandwidth.problems[0]


async def test_a_conference_holds_twenty_calls(bandwidth: Emulator, place: Place) -> None:
    """The 21st call is refused."""
    async with Application(answer=room()) as application:
        calls = [await place(application, to=ONE) for _ in range(21)]
        await bandwidth.run_until_idle()

    assert [call.disconnect_cause for call in calls] == [None] * 20 + ["application-error"]


async def test_a_conference_without_a_url_is_silent(bandwidth: Emulator, place: Place) -> None:
    """It sends no event. The attributes of later members do not count."""
    async with Application(answer="<Response><Conference>room-1</Conference></Response>") as application:
        await place(application, to=ONE)
        await bandwidth.advance(5)
        application.replies["answer"] = room()
        await place(application, to=TWO)
        await bandwidth.advance(5)

    assert application.types == ["answer", "answer"]


async def test_who_leaves_in_the_middle_of_a_sentence(bandwidth: Emulator, place: Place) -> None:
    """The member heard a part of it. After the last member has left, nothing more is played."""
    bandwidth.far_end(ONE, FarEnd().silence().hang_up(after=1))
    reply = "<Response><SpeakSentence>Somebody joined the room</SpeakSentence><PlayAudio>a.ogg</PlayAudio></Response>"
    async with Application(answer=room(), conferenceMemberJoin=reply) as application:
        call = await place(application, to=ONE)
        await bandwidth.run_until_idle()

    assert "said: Somebody joined... (cut off)" in call.transcript()
    assert bandwidth.problems == []


async def test_a_room_that_everybody_left_is_another_one_later(bandwidth: Emulator, place: Place) -> None:
    """The next conference of the same name has another id."""
    bandwidth.far_end("*", FarEnd().hang_up(after=5))
    async with Application(answer=room()) as application:
        for _ in range(2):
            await place(application, to=ONE)
            await bandwidth.run_until_idle()

    first, second = application.told("conferenceCreated")
    assert first["conferenceId"] != second["conferenceId"]
