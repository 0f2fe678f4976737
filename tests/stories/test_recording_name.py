"""The name that an application gives to a recording, in the events and the metadata of the recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.application import Application
from support.emulator_http import ask
from support.schemas import validate

from bandwidth_calls.emulator import Call, Emulator, FarEnd
from bandwidth_calls.webhooks import RecordingAvailableEvent, parse_event

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import ClientSession

    Place = Callable[..., Awaitable[Call]]

URLS = (
    "recordingAvailableUrl='/hook' transcribe='true' transcriptionAvailableUrl='/hook' recordingName='Ann&apos;s order'"
)
RECORD = f"<Record recordCompleteUrl='/hook' maxDuration='5' {URLS}/>"
START = f"<StartRecording {URLS}/><Pause duration='5'/>"
IN_CONFERENCE = f"<Response><StartRecording {URLS}/></Response>"
CONFERENCE = "<Conference conferenceEventUrl='/hook'>room</Conference>"


async def recorded(bandwidth: Emulator, place: Place, *verbs: str, **replies: str) -> list[dict[str, Any]]:
    """Play a call to its end, and return the events of its recording."""
    bandwidth.far_end("*", FarEnd().silence().hang_up(after=20))
    async with Application(answer=f"<Response>{''.join(verbs)}</Response>", **replies) as application:
        await place(application)
        await bandwidth.run_until_idle()
    return [event for event in application.events if "recordingId" in event]


@pytest.mark.parametrize(
    ("verb", "types"),
    [
        (RECORD, ["recordComplete", "recordingAvailable", "transcriptionAvailable"]),
        (START, ["recordingAvailable", "transcriptionAvailable"]),
    ],
)
async def test_the_name_comes_back(bandwidth: Emulator, place: Place, verb: str, types: list[str]) -> None:
    """Each event of the recording has the name."""
    events = await recorded(bandwidth, place, verb)

    assert [(event["eventType"], event["recordingName"]) for event in events] == [
        (kind, "Ann's order") for kind in types
    ]


async def test_the_name_of_a_conference_recording_comes_back(bandwidth: Emulator, place: Place) -> None:
    """The event of a recording of a conference has the name too."""
    (event,) = await recorded(bandwidth, place, CONFERENCE, conferenceCreated=IN_CONFERENCE)

    assert (event["eventType"], event["recordingName"]) == ("conferenceRecordingAvailable", "Ann's order")


async def test_the_receiver_reads_the_name(bandwidth: Emulator, place: Place) -> None:
    """The receiving half of the package has a field for it."""
    events = await recorded(bandwidth, place, START)

    parsed = parse_event(events[0])

    assert isinstance(parsed, RecordingAvailableEvent)
    assert parsed.recording_name == "Ann's order"


@pytest.mark.parametrize("name", ["", "recordingName=''"])
async def test_without_a_name_there_is_none(bandwidth: Emulator, place: Place, name: str) -> None:
    """The property is absent, as every optional one."""
    events = await recorded(bandwidth, place, f"<Record recordCompleteUrl='/hook' maxDuration='5' {name}/>")

    assert ["recordingName" in event for event in events] == [False]


@pytest.mark.parametrize("verb", [RECORD, START])
async def test_the_metadata_have_the_name(bandwidth: Emulator, place: Place, http: ClientSession, verb: str) -> None:
    """The answer of getCallRecording has the declared property."""
    event = (await recorded(bandwidth, place, verb))[0]

    reply = await ask(http, "GET", event["mediaUrl"].removesuffix("/media"))

    assert reply.json()["recordingName"] == "Ann's order"
    validate("callRecordingMetadata", reply.json())


async def test_the_metadata_of_a_conference_have_the_name(
    bandwidth: Emulator, place: Place, http: ClientSession
) -> None:
    """The answer of getConferenceRecording has the declared property."""
    (event,) = await recorded(bandwidth, place, CONFERENCE, conferenceCreated=IN_CONFERENCE)

    reply = await ask(http, "GET", event["mediaUrl"].removesuffix("/media"))

    assert reply.json()["recordingName"] == "Ann's order"
    validate("conferenceRecordingMetadata", reply.json())
