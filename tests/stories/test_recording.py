"""StartRecording beside other verbs, pauses, and the transcription of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.application import Application
from support.emulator_http import ask, calls_url
from support.recordings import AVAILABLE, LONG, NUMBER, durations, pause, response

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import ClientSession

    Place = Callable[..., Awaitable[Call]]
    Update = Callable[..., Awaitable[int]]


def start(more: str = "") -> str:
    """Return a StartRecording whose events go to the application."""
    return f"<StartRecording {AVAILABLE} {more}/>"


async def test_a_transcription_only_where_it_is_wanted(bandwidth: Emulator, place: Place) -> None:
    """A URL for its event is not enough."""
    async with Application(answer=response(start(), pause(5))) as application:
        await place(application)

        await bandwidth.run_until_idle()

    assert application.types == ["answer", "disconnect", "recordingAvailable"]


@pytest.mark.parametrize(
    ("seconds", "status"), [(0.5, "file-size-too-small"), (0.6, "available"), (14_400, "file-size-too-big")]
)
async def test_what_can_be_transcribed(bandwidth: Emulator, place: Place, seconds: float, status: str) -> None:
    """More than half a second and less than four hours can. Otherwise the status says why there is no text."""
    document = response(start('transcribe="true"'), f'<Pause duration="{seconds}"/>')
    async with Application(answer=document) as application:
        await place(application)

        await bandwidth.run_until_idle()

    (event,) = application.told("transcriptionAvailable")
    assert event["transcription"]["status"] == status


async def test_a_recording_beside_other_verbs(bandwidth: Emulator, place: Place) -> None:
    """It does not block, and goes on until StopRecording."""
    document = response(start('tag="mine"'), pause(5), "<StopRecording/>", pause(60))
    async with Application(answer=document) as application:
        call = await place(application)

        await bandwidth.run_until_idle()

    (event,) = application.told("recordingAvailable")
    assert (event["duration"], event["channels"], event["tag"]) == ("PT5S", 1, "mine")
    assert (call.end_time or 0) - call.created == 67_000


async def test_a_recording_outlives_the_document(bandwidth: Emulator, place: Place, update: Update) -> None:
    """After a redirect it goes on until the call ends."""
    async with Application(answer=response(start(), pause(60)), redirect=LONG) as application:
        call = await place(application)
        await bandwidth.advance(12)
        await update(call, redirectUrl=application.url)

        await bandwidth.run_until_idle()

    assert durations(application) == ["PT70S"]
    assert application.types[-2:] == ["disconnect", "recordingAvailable"]


async def test_one_recording_at_a_time(bandwidth: Emulator, place: Place) -> None:
    """A second StartRecording is ignored, with its tag. After StopRecording another recording may begin."""
    document = response(
        start('tag="a"'), pause(5), start('tag="b"'), pause(5), "<StopRecording/>", start('fileFormat="mp3"'), pause(3)
    )
    async with Application(answer=document) as application:
        await place(application)

        await bandwidth.run_until_idle()

    told = [(event["duration"], event["fileFormat"], event["tag"]) for event in application.told("recordingAvailable")]
    assert told == [("PT10S", "wav", "a"), ("PT3S", "mp3", "a")]


async def test_a_pause_is_left_out(bandwidth: Emulator, place: Place) -> None:
    """A pause is not in the duration. StopRecording also ends a paused recording."""
    parts = start(), pause(5), "<PauseRecording/>", pause(7), "<ResumeRecording/>", pause(2), "<PauseRecording/>"
    async with Application(answer=response(*parts, pause(9), "<StopRecording/>", pause(60))) as application:
        await place(application)

        await bandwidth.run_until_idle()

    (event,) = application.told("recordingAvailable")
    assert (event["duration"], event["startTime"], event["endTime"]) == (
        "PT7S",
        "2026-01-01T00:00:02.000Z",
        "2026-01-01T00:00:25.000Z",
    )


async def test_pausing_twice_is_pausing_once(bandwidth: Emulator, place: Place) -> None:
    """A second pause has no effect, and neither has a second resumption."""
    twice = "<PauseRecording/>", pause(1), "<PauseRecording/>", pause(1), "<ResumeRecording/>", pause(1)
    async with Application(answer=response(start(), *twice, "<ResumeRecording/>", pause(1))) as application:
        await place(application)

        await bandwidth.run_until_idle()

    assert durations(application) == ["PT2S"]


async def test_nothing_is_recorded(bandwidth: Emulator, place: Place) -> None:
    """Stop, pause and resume have no effect then."""
    document = response("<StopRecording/><PauseRecording/><ResumeRecording/>", "<SpeakSentence>Well</SpeakSentence>")
    async with Application(answer=document) as application:
        call = await place(application)

        await bandwidth.run_until_idle()

    assert (call.disconnect_cause, application.types) == ("hangup", ["answer", "disconnect"])
    call.assert_heard("well")


@pytest.mark.parametrize(
    ("attributes", "texts"),
    [("", ["Welcome Hello? Good morning"]), ('multiChannel="true"', ["Hello? Good morning", "Welcome"])],
)
async def test_what_is_transcribed(
    bandwidth: Emulator, place: Place, http: ClientSession, attributes: str, texts: list[str]
) -> None:
    """The text is what both sides said while it was recorded, on its channel or together on one."""
    bandwidth.far_end(NUMBER, FarEnd().hear("welcome").say("Good morning").say("Secret", after=3).say("Late", after=9))
    said = "<SpeakSentence>Welcome</SpeakSentence>"
    paused = "<PauseRecording/>", pause(4), "<ResumeRecording/>", pause(1), "<StopRecording/>", said, pause(20)
    document = response(start(f'transcribe="true" {attributes}'), said, pause(2), *paused)
    async with Application(answer=document) as application:
        await place(application)
        await bandwidth.run_until_idle()

    (event,) = application.told("transcriptionAvailable")
    reply = await ask(http, "GET", event["transcription"]["url"])
    assert [each["text"] for each in reply.json()["transcripts"]] == texts
    assert [each["speaker"] for each in reply.json()["transcripts"]] == list(range(len(texts)))
    assert reply.json()["clips"][-1] == {
        "speaker": 0,
        "text": "Good morning",
        "confidence": 0.9,
        "startTimeSeconds": pytest.approx(1.5, abs=0.002),
        "endTimeSeconds": pytest.approx(2.3, abs=0.002),
    }


async def test_a_recording_that_is_deleted_before_it_is_available(
    bandwidth: Emulator, place: Place, http: ClientSession
) -> None:
    """No event is sent."""
    async with Application(answer=response(start('transcribe="true"'), pause(5))) as application:
        call = await place(application)
        await bandwidth.advance(8)
        (recording,) = (await ask(http, "GET", calls_url(bandwidth, call.call_id, "recordings"))).json()
        await ask(http, "DELETE", calls_url(bandwidth, call.call_id, "recordings", recording["recordingId"]))

        await bandwidth.run_until_idle()

    assert (recording["status"], recording["mediaUrl"]) == ("processing", None)
    assert application.types == ["answer", "disconnect"]


async def test_an_event_of_a_recording_that_fails(bandwidth: Emulator, place: Place) -> None:
    """A problem is noted, and nothing else happens."""
    replies: dict[str, Any] = {"answer": response(start(), pause(5)), "recordingAvailable": 500}
    async with Application(**replies) as application:
        await place(application)

        await bandwidth.run_until_idle()

    assert [problem.split(":")[0] for problem in bandwidth.expect_problems()] == ["recordingAvailable"]
