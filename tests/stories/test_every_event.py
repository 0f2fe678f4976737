"""Every documented event is sent, and has the shape of Bandwidth's OpenAPI file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support import schemas
from support.application import Application
from support.stream_server import StreamServer

from bandwidth_calls import webhooks
from bandwidth_calls.emulator import Call, Emulator, FarEnd
from bandwidth_calls.webhooks import UnknownEvent, parse_event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiohttp import ClientSession

    Place = Callable[..., Awaitable[Call]]

GOODBYE = "<Response><SpeakSentence>Goodbye</SpeakSentence></Response>"
LEG = "<PhoneNumber transferAnswerUrl='/hook' transferDisconnectUrl='/hook' tag='leg'>+14155550141</PhoneNumber>"
STORIES = {
    "gather": "<StartGather dtmfUrl='/hook'/><Pause/><Pause/><Gather gatherUrl='/hook' maxDigits='1'/>",
    "redirect": "<Redirect redirectUrl='/hook'/>",
    "record": "<Record recordCompleteUrl='/hook' recordingAvailableUrl='/hook' maxDuration='5' transcribe='true' "
    "transcriptionAvailableUrl='/hook'/>",
    "transfer": f"<Transfer transferCompleteUrl='/hook'>{LEG}</Transfer>",
    "conference": "<Conference conferenceEventUrl='/hook'>room</Conference>",
    "stream": "<StartStream name='a' destination='WS' streamEventUrl='/hook'/>"
    "<StartStream name='a' destination='WS' streamEventUrl='/hook'/><StopStream name='a'/>"
    "<StartTranscription name='a' destination='wss://a.example/' transcriptionEventUrl='/hook'/>"
    "<StartTranscription name='a' destination='wss://a.example/' transcriptionEventUrl='/hook'/>"
    "<StopTranscription name='a'/><Pause duration='5'/>",
}
# Where the documentation goes beyond the file, or contradicts it: events without a schema, with another name there,
# with a field that it lacks, or with one that it gives the schema of something else.
WITHOUT_SCHEMA = ("refer", "mediaStream", "realTimeTranscription")
CALLER = {"privacy", "callerDisplayName"}
WRONG_FIELDS = {
    "initiate": CALLER,
    "answer": CALLER,
    "transferAnswer": {"parentCallId"},
    "transcriptionAvailable": {"transcription"},
}
RENAMED = {"recordComplete": "recordingComplete"}


@pytest.fixture
async def events(bandwidth: Emulator, place: Place, http: ClientSession) -> AsyncIterator[list[dict[str, Any]]]:
    """Return all events of all programs."""
    bandwidth.far_end("+19195551234", FarEnd().press("12", after=1).hang_up(after=20))
    bandwidth.far_end("+14155550141", FarEnd().answer(after=3).hang_up(after=5))
    asked = ("gather", "redirect", "recordComplete", "transferAnswer", "transferComplete", "bridgeComplete")
    replies = dict.fromkeys((*asked, "bridgeTargetComplete", "conferenceRedirect", "referComplete"), GOODBYE)
    async with Application(**replies) as application, StreamServer() as streams:
        for document in STORIES.values():
            application.replies["answer"] = f"<Response>{document}</Response>".replace("WS", streams.url)
            detection = {"callbackUrl": application.url}
            await place(application, tag="t", machineDetection=detection)
            await bandwidth.run_until_idle()
        await inbound(bandwidth, application)
        await bridged(bandwidth, place, application)
        await redirected_conference(bandwidth, place, application, http)
        yield application.events


async def inbound(bandwidth: Emulator, application: Application) -> None:
    """Play an inbound call that is referred elsewhere."""
    application.replies["initiate"] = (
        "<Response><Refer referCompleteUrl='/hook'><SipUri>sip:nobody@a.example</SipUri></Refer></Response>"
    )
    bandwidth.far_end("sip:*", FarEnd().busy())
    await bandwidth.inbound(to="sip:shop@a.example", from_="+19195551234", url=application.url)
    await bandwidth.run_until_idle()


async def bridged(bandwidth: Emulator, place: Place, application: Application) -> None:
    """Play two bridges: the target leaves the first, the originator leaves the second."""
    for number, other in (("+19195551234", "+14155551111"), ("+14155551111", "+19195551234")):
        application.replies["answer"] = "<Response><Pause duration='60'/></Response>"
        target = await place(application, to=number)
        await bandwidth.advance(5)
        urls = "bridgeCompleteUrl='/hook' bridgeTargetCompleteUrl='/hook'"
        application.replies["answer"] = f"<Response><Bridge {urls}>{target.call_id}</Bridge></Response>"
        await place(application, to=other)
        await bandwidth.run_until_idle()


async def redirected_conference(
    bandwidth: Emulator, place: Place, application: Application, http: ClientSession
) -> None:
    """Send a document to a conference through the API."""
    application.replies["answer"] = f"<Response>{STORIES['conference']}</Response>"
    await place(application)
    await bandwidth.advance(5)
    conference_id = application.told("conferenceCreated")[-1]["conferenceId"]
    url = f"{bandwidth.base_url}/accounts/{bandwidth.account_id}/conferences/{conference_id}"
    async with http.post(url, json={"redirectUrl": application.url}) as answer:
        assert answer.status == 204
    await bandwidth.run_until_idle()


def known_types() -> set[str]:
    """Return the type of every event that the package knows; a class with subclasses is no event itself."""
    classes = [getattr(webhooks, name) for name in webhooks.__all__ if name.endswith("Event")]
    names = {kind.__name__.removesuffix("Event") for kind in classes if not kind.__subclasses__()}
    return {name[0].lower() + name[1:] for name in names - {"Unknown"}}


async def test_every_event_is_sent(events: list[dict[str, Any]]) -> None:
    """No known event is missing."""
    sent = {event["eventType"] for event in events}

    # The first has stories of its own. The second is documented without any of its fields.
    assert known_types() - sent == {"conferenceRecordingAvailable", "partialGather"}


async def test_every_event_is_read(events: list[dict[str, Any]]) -> None:
    """The receiving half of the package, which shares no code with the emulator, reads all fields of each event."""
    for event in events:
        parsed = parse_event(event, strict=True)

        assert not isinstance(parsed, UnknownEvent)
        assert parsed.event_type == event["eventType"]


async def test_every_event_is_as_the_file_has_it(events: list[dict[str, Any]]) -> None:
    """Types, formats and names of fields are those of the file, if it declares the event."""
    for event in events:
        kind = event["eventType"]
        fields = {name: event[name] for name in event.keys() - WRONG_FIELDS.get(kind, set())}
        if not kind.startswith(WITHOUT_SCHEMA):
            schemas.validate(f"{RENAMED.get(kind, kind)}Callback", fields)
