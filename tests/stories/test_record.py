"""The verb Record: how it ends, and what the application is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.application import Application
from support.emulator_http import ask, calls_url
from support.recordings import AVAILABLE, LONG, NUMBER, SILENT, durations, pause, response
from support.schemas import validate

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import ClientSession

    Place = Callable[..., Awaitable[Call]]
    Update = Callable[..., Awaitable[int]]

URLS = f'recordCompleteUrl="/hook" {AVAILABLE}'
BYE = "<Response><SpeakSentence>Goodbye</SpeakSentence></Response>"


async def control(bandwidth: Emulator, http: ClientSession, call: Call, state: str) -> int:
    """Send updateCallRecordingState, and return the status."""
    reply = await ask(http, "PUT", calls_url(bandwidth, call.call_id, "recording"), json={"state": state})
    return reply.status


async def test_what_the_events_tell(bandwidth: Emulator, place: Place) -> None:
    """Each has the documented fields, with the times of the recording."""
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
    """Bandwidth's OpenAPI file has a fitting schema for these two."""
    async with Application(answer=response(f"<Record {URLS}/>"), recordComplete=BYE) as application:
        await place(application)
        await bandwidth.run_until_idle()

    validate(schema, application.told(event)[0])


async def test_the_events_of_a_leg(bandwidth: Emulator, place: Place) -> None:
    """They have the call that the leg belongs to, and the callee of the leg."""
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
    """A terminating key, the maximum duration, or silence of the far end ends it."""
    bandwidth.far_end(NUMBER, far_end)
    async with Application(answer=response(f"<Record {URLS} {attributes}/>"), recordComplete=BYE) as application:
        call = await place(application)

        await bandwidth.run_until_idle()

    assert [event["duration"] for event in application.told("recordComplete")] == [f"PT{seconds:g}S"]
    call.assert_heard("goodbye")


async def test_silence_before_the_recording_does_not_count(bandwidth: Emulator, place: Place) -> None:
    """The silence is counted from the beginning of the recording."""
    bandwidth.far_end(NUMBER, SILENT)
    document = response(pause(10), f'<Record {URLS} silenceTimeout="4"/>')
    async with Application(answer=document, recordComplete=BYE) as application:
        await place(application)

        await bandwidth.run_until_idle()

    assert durations(application) == ["PT4S"]


async def test_record_without_urls(bandwidth: Emulator, place: Place) -> None:
    """There is no event, and the next verb follows."""
    async with Application(answer=response('<Record maxDuration="5" transcribe="true"/>', pause(1))) as application:
        call = await place(application)

        await bandwidth.run_until_idle()

    assert application.types == ["answer", "disconnect"]
    assert (call.end_time or 0) - call.created == 8_000
    assert "transcription: r-" in call.timeline()


async def test_a_recording_that_a_hang_up_ends(bandwidth: Emulator, place: Place) -> None:
    """There is no recordComplete, but it is available after the call, with the tag of its verb."""
    bandwidth.far_end(NUMBER, SILENT.hang_up(after=5))
    async with Application(answer=response(f'<Record {URLS} tag="mine"/>'), recordComplete=BYE) as application:
        await place(application)

        await bandwidth.run_until_idle()

    assert application.types == ["answer", "disconnect", "recordingAvailable"]
    assert (durations(application), application.events[2]["tag"]) == (["PT5S"], "mine")


async def test_a_redirect_breaks_record_off(bandwidth: Emulator, place: Place, update: Update) -> None:
    """The new document is played, there is no recordComplete, and the recording is available."""
    async with Application(answer=response(f"<Record {URLS}/>"), redirect=LONG) as application:
        call = await place(application)
        await bandwidth.advance(5)

        await update(call, redirectUrl=application.url)

        await bandwidth.run_until_idle()
    assert application.types == ["answer", "redirect", "recordingAvailable", "disconnect"]
    assert durations(application) == ["PT3S"]


async def test_the_api_pauses_a_record(bandwidth: Emulator, place: Place, http: ClientSession) -> None:
    """The pause counts neither for the maximum duration nor as silence, which starts again."""
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
    """The recording has what came before the pause."""
    bandwidth.far_end(NUMBER, SILENT.press("#", after=90))
    async with Application(answer=response(f"<Record {URLS}/>"), recordComplete=BYE) as application:
        call = await place(application)
        await bandwidth.advance(6)
        await control(bandwidth, http, call, "paused")

        await bandwidth.run_until_idle()

    assert durations(application) == ["PT4S"]
