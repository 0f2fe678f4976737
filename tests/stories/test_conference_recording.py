"""Recordings of conferences: the verbs, the event, and reading them."""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING

import pytest
from support.application import Application
from support.emulator_http import BXML_TYPE, Reply, ask
from support.schemas import validate

from bandwidth_calls.emulator import Call, Emulator, FarEnd
from bandwidth_calls.emulator.api.operations import ROUTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiohttp import ClientSession

    Place = Callable[..., Awaitable[Call]]
    Play = Callable[..., Awaitable[None]]
    Read = Callable[..., Awaitable[Reply]]

ROOM = '<Response><Conference conferenceEventUrl="/hook" tag="c">room-1</Conference></Response>'
START = '<StartRecording recordingAvailableUrl="/hook"/>'
AVAILABLE = "conferenceRecordingAvailable"
NUMBER = "+14155551231"


@pytest.fixture
async def application(bandwidth: Emulator) -> AsyncIterator[Application]:
    """An application that leads calls, which are silent, into a conference."""
    bandwidth.far_end("*", FarEnd().silence())
    async with Application(answer=ROOM) as application:
        yield application


@pytest.fixture
def play(bandwidth: Emulator, http: ClientSession, application: Application) -> Play:
    """Return a function that plays verbs in the conference, and moves the clock after each."""

    async def play(*verbs: str, seconds: float = 5) -> None:
        url = f"{bandwidth.base_url}/accounts/{bandwidth.account_id}/conferences/{conference_id(application)}/bxml"
        for verb in verbs:
            bxml = f"<Bxml>{verb}</Bxml>".replace("/hook", application.url)
            reply = await ask(http, "PUT", url, data=bxml, headers=BXML_TYPE)
            assert reply.status == 204, reply.body
            await bandwidth.advance(seconds)

    return play


@pytest.fixture
def read(bandwidth: Emulator, http: ClientSession, application: Application) -> Read:
    """Return a function that fetches the list of the conference's recordings, or what is below."""

    async def read(*rest: str) -> Reply:
        return await ask(http, "GET", recordings_url(bandwidth, conference_id(application), *rest))

    return read


@pytest.fixture
async def member(bandwidth: Emulator, place: Place, application: Application) -> Call:
    """Return a call that is in the conference, two seconds after it was placed."""
    call = await place(application, to=NUMBER)
    await bandwidth.advance(2)
    return call


def conference_id(application: Application) -> str:
    """Return the id of the first conference."""
    return str(application.told("conferenceCreated")[0]["conferenceId"])


def recordings_url(bandwidth: Emulator, conference: str, *rest: str) -> str:
    """Return the URL of the recordings of a conference, or of what is below."""
    base = f"{bandwidth.base_url}/accounts/{bandwidth.account_id}/conferences"
    return "/".join([base, conference, "recordings", *rest])


def durations(application: Application) -> list[str]:
    """Return the durations in the events that a recording is available."""
    return [event["duration"] for event in application.told(AVAILABLE)]


async def test_what_the_event_tells(bandwidth: Emulator, place: Place, application: Application) -> None:
    """It has the documented fields. `transcribe`, `multiChannel` and `tag` of the verb have no effect."""
    more = 'recordingAvailableUrl="/hook" transcriptionAvailableUrl="/hook"'
    start = f'<StartRecording {more} transcribe="true" multiChannel="true" tag="mine"/>'
    speech = f"<SpeakSentence>{'a' * 75}</SpeakSentence>"
    application.replies["conferenceCreated"] = f"<Response>{start}{speech}<StopRecording/></Response>"
    await place(application)

    await bandwidth.run_until_idle()

    (event,) = application.told(AVAILABLE)
    url = recordings_url(bandwidth, conference_id(application), event["recordingId"])
    assert event["recordingId"].startswith("r-")
    assert event == {
        "eventType": AVAILABLE,
        "eventTime": "2026-01-01T00:00:09.000Z",
        "conferenceId": conference_id(application),
        "name": "room-1",
        "accountId": bandwidth.account_id,
        "recordingId": event["recordingId"],
        "channels": 1,
        "startTime": "2026-01-01T00:00:02.000Z",
        "endTime": "2026-01-01T00:00:07.000Z",
        "duration": "PT5S",
        "fileFormat": "wav",
        "mediaUrl": f"{url}/media",
        "tag": "c",
        "status": "complete",
    }
    assert "transcriptionAvailable" not in application.types


@pytest.mark.usefixtures("member")
async def test_the_declared_shapes(application: Application, play: Play, read: Read) -> None:
    """The event and the metadata are those of Bandwidth's OpenAPI file."""
    await play(START, "<StopRecording/>")

    (metadata,) = (await read()).json()

    validate("conferenceRecordingAvailableCallback", application.told(AVAILABLE)[0])
    validate("conferenceRecordingMetadata", metadata)


@pytest.mark.usefixtures("member")
async def test_metadata(bandwidth: Emulator, application: Application, play: Play, read: Read) -> None:
    """One recording is the same alone and in the list, which has the order of their ends."""
    await play(START, "<StopRecording/>", START, "<StopRecording/>")

    first, second = (await read()).json()

    url = recordings_url(bandwidth, conference_id(application), first["recordingId"])
    assert (await read(first["recordingId"])).json() == first
    assert second["startTime"] > first["endTime"]
    assert first == {
        "accountId": bandwidth.account_id,
        "conferenceId": conference_id(application),
        "name": "room-1",
        "recordingId": first["recordingId"],
        "duration": "PT5S",
        "startTime": "2026-01-01T00:00:02.000Z",
        "endTime": "2026-01-01T00:00:07.000Z",
        "fileFormat": "wav",
        "channels": 1,
        "status": "complete",
        "mediaUrl": f"{url}/media",
    }


@pytest.mark.usefixtures("member")
async def test_one_recording_at_a_time(application: Application, play: Play) -> None:
    """A second StartRecording is ignored. After StopRecording another recording may begin."""
    await play(START, START.replace("/>", ' fileFormat="mp3"/>'), "<StopRecording/>", START, "<StopRecording/>")

    told = [(event["duration"], event["fileFormat"]) for event in application.told(AVAILABLE)]

    assert told == [("PT10S", "wav"), ("PT5S", "wav")]


@pytest.mark.usefixtures("member")
async def test_a_pause_is_left_out(application: Application, play: Play) -> None:
    """A pause does not count. StopRecording also ends a paused recording."""
    await play(START, "<PauseRecording/>", "<ResumeRecording/>", "<PauseRecording/>", "<StopRecording/>")

    (event,) = application.told(AVAILABLE)

    assert event["duration"] == "PT10S"
    assert (event["startTime"], event["endTime"]) == ("2026-01-01T00:00:02.000Z", "2026-01-01T00:00:22.000Z")


async def test_nothing_is_recorded(bandwidth: Emulator, member: Call, play: Play, read: Read) -> None:
    """Stop, pause and resume have no effect then, and the rest of the document is played."""
    await play("<StopRecording/><PauseRecording/><ResumeRecording/><SpeakSentence>Well</SpeakSentence>")

    listed = (await read()).json()

    assert (listed, bandwidth.problems) == ([], [])
    member.assert_heard("well")


@pytest.mark.parametrize(
    ("paused", "leaves", "duration"),
    [
        ("", "completed", "PT5S"),
        ("", "hang-up", "PT6S"),
        ("<PauseRecording/>", "completed", "PT0S"),
        ("<PauseRecording/>", "hang-up", "PT0S"),
    ],
)
async def test_the_last_member_ends_it(
    bandwidth: Emulator,
    http: ClientSession,
    place: Place,
    application: Application,
    play: Play,
    paused: str,
    leaves: str,
    duration: str,
) -> None:
    """The recording ends when the last member leaves, for any reason, and is available afterwards."""
    bandwidth.far_end("+14155551232", FarEnd().silence().hang_up(after=4))
    if leaves == "hang-up":
        bandwidth.far_end(NUMBER, FarEnd().silence().hang_up(after=6))
    for number in (NUMBER, "+14155551232"):
        await place(application, to=number)
    await bandwidth.advance(2)
    await play(START + paused)
    if leaves == "completed":
        url = f"{bandwidth.base_url}/accounts/{bandwidth.account_id}/conferences/{conference_id(application)}"
        await ask(http, "POST", url, json={"status": "completed"})

    await bandwidth.run_until_idle()

    assert durations(application) == [duration]
    assert application.types.index("conferenceCompleted") < application.types.index(AVAILABLE)


async def test_the_end_of_the_conference_in_the_middle_of_a_document(
    bandwidth: Emulator, place: Place, application: Application
) -> None:
    """If a speech makes the last member leave, the rest is not played."""
    bandwidth.far_end(NUMBER, FarEnd().silence().press("1", after=0.2).hear("goodbye").hang_up())
    reply = f"<Response><SpeakSentence>Goodbye</SpeakSentence>{START}</Response>"
    application.replies["conferenceCreated"] = reply
    await place(application, to=NUMBER)

    await bandwidth.run_until_idle()

    assert (application.types[-1], bandwidth.problems) == ("disconnect", [])
    assert AVAILABLE not in application.types


async def test_without_a_url(member: Call, application: Application, play: Play, read: Read) -> None:
    """No event is sent, but the recording can be read, and the timeline has it."""
    await play("<StartRecording/>", "<StopRecording/>")

    (recording,) = (await read()).json()

    assert recording["status"] == "complete"
    assert AVAILABLE not in application.types
    for what in ("of conference room-1 began", "ended after 5 s", "available"):
        assert f"{recording['recordingId']} {what}" in member.timeline()


@pytest.mark.usefixtures("member")
async def test_the_media(play: Play, read: Read) -> None:
    """The media are a WAV file of the recording's length on one channel."""
    await play(START.replace("/>", ' multiChannel="true"/>'), "<StopRecording/>")
    (recording,) = (await read()).json()

    media = await read(recording["recordingId"], "media")

    with wave.open(io.BytesIO(media.body)) as sound:
        shape = sound.getnchannels(), sound.getframerate(), sound.getnframes()
    assert (media.status, media.headers["Content-Type"], shape) == (200, "audio/vnd.wave", (1, 8000, 40_000))


@pytest.mark.usefixtures("member")
async def test_mp3_media_of_a_conference(play: Play, read: Read) -> None:
    """They are mp3, as those of a call."""
    await play('<StartRecording fileFormat="mp3"/>', "<StopRecording/>")
    (recording,) = (await read()).json()

    media = await read(recording["recordingId"], "media")

    assert (media.status, media.headers["Content-Type"]) == (200, "audio/mpeg")


@pytest.mark.usefixtures("member")
async def test_before_it_is_available(play: Play, read: Read) -> None:
    """An active recording cannot be read. After its end it is `processing`, without media."""
    await play(START)
    before = (await read()).json()
    await play("<StopRecording/>", seconds=1)

    (recording,) = (await read()).json()

    assert before == []
    assert (recording["status"], recording["mediaUrl"]) == ("processing", None)
    assert (await read(recording["recordingId"], "media")).status == 404


@pytest.mark.usefixtures("member")
async def test_a_recording_is_kept_for_thirty_days(bandwidth: Emulator, play: Play, read: Read) -> None:
    """After 30 days it is in no list."""
    await play(START, "<StopRecording/>", seconds=5)
    (recording,) = (await read()).json()

    await bandwidth.advance(30 * 86_400 - 6)
    kept = (await read(recording["recordingId"])).status
    await bandwidth.advance(2)

    assert kept == 200
    gone = [(await read(recording["recordingId"], *part)).status for part in ([], ["media"])]
    assert (gone, (await read()).json()) == ([404, 404], [])


@pytest.mark.usefixtures("member")
async def test_what_nobody_knows(bandwidth: Emulator, http: ClientSession, play: Play, read: Read) -> None:
    """An unknown recording is 404, also one of another conference. An unknown conference has an empty list."""
    await play(START, "<StopRecording/>")
    (recording,) = (await read()).json()
    elsewhere = recordings_url(bandwidth, "conf-1", recording["recordingId"])

    statuses = [(await read("r-1")).status, (await read("r-1", "media")).status, (await read("r-1", "x")).status]
    statuses += [(await ask(http, "GET", f"{elsewhere}{part}")).status for part in ("", "/media")]

    assert statuses == [404] * 5
    assert (await ask(http, "GET", recordings_url(bandwidth, "conf-1"))).json() == []


async def test_the_time_for_a_reply_is_the_conferences(
    bandwidth: Emulator, place: Place, application: Application, play: Play
) -> None:
    """The conference's callbackTimeout also bounds the event of a recording."""
    application.replies["answer"] = ROOM.replace("<Conference", '<Conference callbackTimeout="2"')
    await place(application)
    await bandwidth.advance(2)
    bandwidth.webhook_fault(AVAILABLE, delay=3)

    await play(START, "<StopRecording/>")

    assert ["no reply within 2 s" in problem for problem in bandwidth.expect_problems()] == [True]


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("listConferenceRecordings", []),
        ("getConferenceRecording", ["r-1"]),
        ("downloadConferenceRecording", ["r-1", "media"]),
    ],
)
async def test_every_operation_has_its_name(
    bandwidth: Emulator, http: ClientSession, operation: str, path: list[str]
) -> None:
    """A fault can be set for the operation, and the journal has its name."""
    bandwidth.fault(operation, status=503)

    reply = await ask(http, "GET", recordings_url(bandwidth, "conf-1", *path))

    assert (reply.status, bandwidth.requests[-1].operation) == (503, operation)
    assert operation in ROUTES.operations
