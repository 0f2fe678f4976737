"""Recordings within calls: Record and its ends, StartRecording beside other verbs, and what is told afterwards."""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING, Any

import pytest
from support.application import Application
from support.emulator_http import ask, calls_url
from support.schemas import validate
from support.served import load, served

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import ClientSession

    Place = Callable[..., Awaitable[Call]]
    Update = Callable[..., Awaitable[int]]

NUMBER = "+19195551234"
URLS = 'recordCompleteUrl="/hook" recordingAvailableUrl="/hook" transcriptionAvailableUrl="/hook"'
AVAILABLE = 'recordingAvailableUrl="/hook" transcriptionAvailableUrl="/hook"'
BYE = "<Response><SpeakSentence>Goodbye</SpeakSentence></Response>"
LONG = '<Response><Pause duration="60"/></Response>'
SILENT = FarEnd().silence()


def response(*verbs: str) -> str:
    """A document of these verbs."""
    return f"<Response>{''.join(verbs)}</Response>"


def pause(seconds: int) -> str:
    """A verb that lets time pass."""
    return f'<Pause duration="{seconds}"/>'


def start(more: str = "") -> str:
    """StartRecording with its events going to the application."""
    return f"<StartRecording {AVAILABLE} {more}/>"


def durations(application: Application) -> list[str]:
    """How long the recordings are that were told as available."""
    return [event["duration"] for event in application.told("recordingAvailable")]


async def control(bandwidth: Emulator, http: ClientSession, call: Call, state: str) -> int:
    """Send updateCallRecordingState; return the status."""
    reply = await ask(http, "PUT", calls_url(bandwidth, call.call_id, "recording"), json={"state": state})
    return reply.status


async def test_a_voicemail(bandwidth: Emulator, http: ClientSession) -> None:
    """The example greets, records what a caller says until #, thanks, and is told where the message can be fetched."""
    example = load("voicemail")
    far_end = FarEnd().hear("when you are done").say("Please call me back about the parcel").press("#", after=1)
    async with served(example.webhooks) as url:
        call = await bandwidth.inbound(to="+19195554321", from_=NUMBER, url=url, far_end=far_end)
        await bandwidth.run_until_idle()

    bandwidth.assert_no_problems()
    call.assert_heard("Thank you for 3 seconds")
    (message,) = example.messages
    media = await ask(http, "GET", message.media_url)
    with wave.open(io.BytesIO(media.body)) as sound:
        shape = sound.getnchannels(), sound.getsampwidth(), sound.getframerate()
        seconds = sound.getnframes() / sound.getframerate()
    assert (message.from_, message.status, shape) == (NUMBER, "complete", (1, 2, 8000))
    assert seconds == pytest.approx(36 / 15 + 1, abs=0.001)
    assert message.duration.total_seconds() == pytest.approx(seconds, abs=0.001)


async def test_what_the_events_tell(bandwidth: Emulator, place: Place) -> None:
    """Each has the fields that are documented for it, its times being those of the recording."""
    bandwidth.far_end(NUMBER, SILENT)
    verb = f'<Record {URLS} transcribe="true" maxDuration="7.5" tag="new"/>'
    async with Application(answer=response(pause(1), verb), recordComplete=BYE) as application:
        call = await place(application, tag="old")

        await bandwidth.run_until_idle()

    complete, available, transcribed = (
        application.told(name)[0] for name in ("recordComplete", "recordingAvailable", "transcriptionAvailable")
    )
    recording_id = complete["recordingId"]
    url = calls_url(bandwidth, call.call_id, "recordings", recording_id)
    base = {
        "accountId": bandwidth.account_id,
        "applicationId": call.application_id,
        "from": call.from_,
        "to": call.to,
        "direction": "outbound",
        "callId": call.call_id,
        "callUrl": calls_url(bandwidth, call.call_id),
        "enqueuedTime": "2026-01-01T00:00:00.000Z",
        "startTime": "2026-01-01T00:00:03.000Z",
        "endTime": "2026-01-01T00:00:10.500Z",
        "tag": "new",
        "recordingId": recording_id,
        "mediaUrl": f"{url}/media",
        "duration": "PT7.5S",
        "fileFormat": "wav",
    }
    done = {"status": "available", "completedTime": "2026-01-01T00:00:15.500Z", "url": f"{url}/transcription"}
    assert recording_id.startswith("r-")
    assert complete == {
        **base,
        "eventType": "recordComplete",
        "eventTime": "2026-01-01T00:00:10.500Z",
        "answerTime": "2026-01-01T00:00:02.000Z",
        "channels": 1,
    }
    assert available == {
        **base,
        "eventType": "recordingAvailable",
        "eventTime": "2026-01-01T00:00:12.500Z",
        "channels": 1,
        "status": "complete",
    }
    assert transcribed == {
        **base,
        "eventType": "transcriptionAvailable",
        "eventTime": "2026-01-01T00:00:15.500Z",
        "transcription": {"id": transcribed["transcription"]["id"], **done},
    }
    assert transcribed["transcription"]["id"].startswith("t-")


@pytest.mark.parametrize(
    ("event", "schema"),
    [("recordComplete", "recordingCompleteCallback"), ("recordingAvailable", "recordingAvailableCallback")],
)
async def test_the_events_are_of_the_declared_shape(bandwidth: Emulator, place: Place, event: str, schema: str) -> None:
    """Bandwidth's OpenAPI file has a schema for these two that fits what its documentation says."""
    async with Application(answer=response(f"<Record {URLS}/>"), recordComplete=BYE) as application:
        await place(application)
        await bandwidth.run_until_idle()

    validate(schema, application.told(event)[0])


async def test_the_events_of_a_leg(bandwidth: Emulator, place: Place) -> None:
    """They name the call that the leg belongs to, and whom it was to reach."""
    leg = '<PhoneNumber transferAnswerUrl="/hook">+19195550000</PhoneNumber>'
    bandwidth.far_end("+19195550000", FarEnd().hang_up(after=5))
    document = response(f"<Transfer>{leg}</Transfer>")
    async with Application(
        answer=document, transferAnswer=response(f'<Record {URLS} maxDuration="2"/>'), recordComplete=response()
    ) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    for event in [*application.told("recordComplete"), *application.told("recordingAvailable")]:
        assert (event["parentCallId"], event["transferTo"]) == (call.call_id, "+19195550000")
        assert (event["transferCallerId"], "enqueuedTime" in event) == (call.from_, False)
    assert len(application.told("recordingAvailable")) == 1


@pytest.mark.parametrize(
    ("attributes", "far_end", "seconds"),
    [
        ("", SILENT, 60),
        ('maxDuration="0"', SILENT, 0),
        ('maxDuration="10"', SILENT.press("1#", after=3), 3.25),
        ('maxDuration="10" terminatingDigits="12"', SILENT.press("#2", after=3), 3.25),
        ('maxDuration="10" terminatingDigits=""', SILENT.press("#", after=3), 10),
        ('silenceTimeout="4"', SILENT, 4),
        ('silenceTimeout="4"', SILENT.say("a" * 30, after=3).say("b" * 15, after=3.5), 13.5),
        ('silenceTimeout="4"', SILENT.say("a" * 75), 9),
        ('silenceTimeout="4" maxDuration="8"', SILENT.say("a" * 75), 8),
    ],
)
async def test_the_ends_of_record(
    bandwidth: Emulator, place: Place, attributes: str, far_end: FarEnd, seconds: float
) -> None:
    """A terminating key, the longest duration, or so much silence of the far end since it spoke, or since the start."""
    bandwidth.far_end(NUMBER, far_end)
    async with Application(answer=response(f"<Record {URLS} {attributes}/>"), recordComplete=BYE) as application:
        call = await place(application)

        await bandwidth.run_until_idle()

    assert [event["duration"] for event in application.told("recordComplete")] == [f"PT{seconds:g}S"]
    call.assert_heard("goodbye")


async def test_silence_before_the_recording_does_not_count(bandwidth: Emulator, place: Place) -> None:
    """The time until it is too long begins with the recording."""
    bandwidth.far_end(NUMBER, SILENT)
    document = response(pause(10), f'<Record {URLS} silenceTimeout="4"/>')
    async with Application(answer=document, recordComplete=BYE) as application:
        await place(application)

        await bandwidth.run_until_idle()

    assert durations(application) == ["PT4S"]


async def test_record_without_urls(bandwidth: Emulator, place: Place) -> None:
    """Nothing is told, and the next verb follows."""
    async with Application(answer=response('<Record maxDuration="5" transcribe="true"/>', pause(1))) as application:
        call = await place(application)

        await bandwidth.run_until_idle()

    assert application.types == ["answer", "disconnect"]
    assert (call.end_time or 0) - call.created == 8_000
    assert "transcription: r-" in call.timeline()


async def test_a_recording_that_a_hang_up_ends(bandwidth: Emulator, place: Place) -> None:
    """No recordComplete comes, but it is available after the call, with the tag of its verb."""
    bandwidth.far_end(NUMBER, SILENT.hang_up(after=5))
    async with Application(answer=response(f'<Record {URLS} tag="mine"/>'), recordComplete=BYE) as application:
        await place(application)

        await bandwidth.run_until_idle()

    assert application.types == ["answer", "disconnect", "recordingAvailable"]
    assert (durations(application), application.events[2]["tag"]) == (["PT5S"], "mine")


async def test_a_redirect_breaks_record_off(bandwidth: Emulator, place: Place, update: Update) -> None:
    """The new document is played, no recordComplete comes, and what was recorded is available."""
    async with Application(answer=response(f"<Record {URLS}/>"), redirect=LONG) as application:
        call = await place(application)
        await bandwidth.advance(5)

        await update(call, redirectUrl=application.url)

        await bandwidth.run_until_idle()
    assert application.types == ["answer", "redirect", "recordingAvailable", "disconnect"]
    assert durations(application) == ["PT3S"]


async def test_a_transcription_only_where_it_is_wanted(bandwidth: Emulator, place: Place) -> None:
    """A URL for it does not make one."""
    async with Application(answer=response(start(), pause(5))) as application:
        await place(application)

        await bandwidth.run_until_idle()

    assert application.types == ["answer", "disconnect", "recordingAvailable"]


@pytest.mark.parametrize(
    ("seconds", "status"), [(0.5, "file-size-too-small"), (0.6, "available"), (14_400, "file-size-too-big")]
)
async def test_what_can_be_transcribed(bandwidth: Emulator, place: Place, seconds: float, status: str) -> None:
    """More than half a second and less than four hours; else the event says why there is no text."""
    document = response(start('transcribe="true"'), f'<Pause duration="{seconds}"/>')
    async with Application(answer=document) as application:
        await place(application)

        await bandwidth.run_until_idle()

    (event,) = application.told("transcriptionAvailable")
    assert event["transcription"]["status"] == status


async def test_a_recording_beside_other_verbs(bandwidth: Emulator, place: Place) -> None:
    """It blocks nothing, and goes on until StopRecording."""
    document = response(start('tag="mine"'), pause(5), "<StopRecording/>", pause(60))
    async with Application(answer=document) as application:
        call = await place(application)

        await bandwidth.run_until_idle()

    (event,) = application.told("recordingAvailable")
    assert (event["duration"], event["channels"], event["tag"]) == ("PT5S", 1, "mine")
    assert (call.end_time or 0) - call.created == 67_000


async def test_a_recording_outlives_the_document(bandwidth: Emulator, place: Place, update: Update) -> None:
    """The API sends the call elsewhere: it goes on until the call ends."""
    async with Application(answer=response(start(), pause(60)), redirect=LONG) as application:
        call = await place(application)
        await bandwidth.advance(12)
        await update(call, redirectUrl=application.url)

        await bandwidth.run_until_idle()

    assert durations(application) == ["PT70S"]
    assert application.types[-2:] == ["disconnect", "recordingAvailable"]


async def test_one_recording_at_a_time(bandwidth: Emulator, place: Place) -> None:
    """A second StartRecording is ignored, with its tag; after StopRecording another begins."""
    document = response(
        start('tag="a"'), pause(5), start('tag="b"'), pause(5), "<StopRecording/>", start('fileFormat="mp3"'), pause(3)
    )
    async with Application(answer=document) as application:
        await place(application)

        await bandwidth.run_until_idle()

    told = [(event["duration"], event["fileFormat"], event["tag"]) for event in application.told("recordingAvailable")]
    assert told == [("PT10S", "wav", "a"), ("PT3S", "mp3", "a")]


async def test_a_pause_is_left_out(bandwidth: Emulator, place: Place) -> None:
    """It counts neither for the duration nor in the file, and StopRecording ends what is paused, too."""
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
    """And so it is with resuming."""
    twice = "<PauseRecording/>", pause(1), "<PauseRecording/>", pause(1), "<ResumeRecording/>", pause(1)
    async with Application(answer=response(start(), *twice, "<ResumeRecording/>", pause(1))) as application:
        await place(application)

        await bandwidth.run_until_idle()

    assert durations(application) == ["PT2S"]


async def test_nothing_is_recorded(bandwidth: Emulator, place: Place) -> None:
    """Then to stop, pause or resume it has no effect."""
    document = response("<StopRecording/><PauseRecording/><ResumeRecording/>", "<SpeakSentence>Well</SpeakSentence>")
    async with Application(answer=document) as application:
        call = await place(application)

        await bandwidth.run_until_idle()

    assert (call.disconnect_cause, application.types) == ("hangup", ["answer", "disconnect"])
    call.assert_heard("well")


async def test_the_api_pauses_a_record(bandwidth: Emulator, place: Place, http: ClientSession) -> None:
    """The pause counts neither for the longest duration nor as silence, which begins anew."""
    bandwidth.far_end(NUMBER, SILENT)
    verb = f'<Record {URLS} maxDuration="10" silenceTimeout="9"/>'
    async with Application(answer=response(verb), recordComplete=BYE) as application:
        call = await place(application)
        await bandwidth.advance(6)
        statuses = [await control(bandwidth, http, call, "paused")]
        await bandwidth.advance(100)
        before = application.types

        statuses.append(await control(bandwidth, http, call, "recording"))

        await bandwidth.run_until_idle()
    (event,) = application.told("recordComplete")
    assert (statuses, before) == ([200, 200], ["answer"])
    assert (event["duration"], event["endTime"]) == ("PT10S", "2026-01-01T00:01:52.000Z")


async def test_a_key_ends_a_paused_record(bandwidth: Emulator, place: Place, http: ClientSession) -> None:
    """What was recorded before the pause is the recording."""
    bandwidth.far_end(NUMBER, SILENT.press("#", after=90))
    async with Application(answer=response(f"<Record {URLS}/>"), recordComplete=BYE) as application:
        call = await place(application)
        await bandwidth.advance(6)
        await control(bandwidth, http, call, "paused")

        await bandwidth.run_until_idle()

    assert durations(application) == ["PT4S"]


@pytest.mark.parametrize(
    ("attributes", "texts"),
    [("", ["Welcome Hello? Good morning"]), ('multiChannel="true"', ["Hello? Good morning", "Welcome"])],
)
async def test_what_is_transcribed(
    bandwidth: Emulator, place: Place, http: ClientSession, attributes: str, texts: list[str]
) -> None:
    """What both sides said while it was recorded, each on its channel, or together on one."""
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
    """Nothing more is told of it."""
    async with Application(answer=response(start('transcribe="true"'), pause(5))) as application:
        call = await place(application)
        await bandwidth.advance(8)
        (recording,) = (await ask(http, "GET", calls_url(bandwidth, call.call_id, "recordings"))).json()
        await ask(http, "DELETE", calls_url(bandwidth, call.call_id, "recordings", recording["recordingId"]))

        await bandwidth.run_until_idle()

    assert (recording["status"], recording["mediaUrl"]) == ("processing", None)
    assert application.types == ["answer", "disconnect"]


async def test_an_event_of_a_recording_that_fails(bandwidth: Emulator, place: Place) -> None:
    """A problem is noted, and nothing else comes of it."""
    replies: dict[str, Any] = {"answer": response(start(), pause(5)), "recordingAvailable": 500}
    async with Application(**replies) as application:
        await place(application)

        await bandwidth.run_until_idle()

    assert [problem.split(":")[0] for problem in bandwidth.expect_problems()] == ["recordingAvailable"]
