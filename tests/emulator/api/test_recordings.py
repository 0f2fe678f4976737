"""The operations on recordings: lists, metadata, media, transcriptions, and the order of checks."""

from __future__ import annotations

import io
import wave
from array import array
from typing import TYPE_CHECKING

import pytest
from support.application import Application
from support.emulator_http import CALL, Reply, ask, calls_url, place_call
from support.schemas import validate

from bandwidth_calls.emulator import Emulator, FarEnd
from bandwidth_calls.emulator.api.operations import ROUTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import ClientSession

PARTS = [("", "GET"), ("", "DELETE"), ("/media", "GET"), ("/media", "DELETE")]
STATES = ["recording", "paused", "paused", "recording"]
TRANSCRIPTION_PARTS = [("/transcription", "GET"), ("/transcription", "POST"), ("/transcription", "DELETE")]


@pytest.fixture
async def bandwidth() -> AsyncIterator[Emulator]:
    """An emulator on the moved clock, where everybody is silent."""
    async with Emulator(moved_clock=True) as emulator:
        emulator.far_end("*", FarEnd().silence())
        yield emulator


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    """An application that takes every event."""
    async with Application() as application:
        yield application


async def play(
    http: ClientSession, bandwidth: Emulator, application: Application, verb: str, seconds: float = 5, **changes: str
) -> str:
    """Play a call with a verb that records it and a pause, to its end; return the URL of its only recording."""
    application.replies["answer"] = f'<Response>{verb}<Pause duration="{seconds}"/></Response>'
    call_id = await place_call(http, bandwidth, **{**CALL, "answerUrl": application.url, **changes})
    await bandwidth.run_until_idle()
    (recording,) = (await ask(http, "GET", calls_url(bandwidth, call_id, "recordings"))).json()
    return calls_url(bandwidth, call_id, "recordings", recording["recordingId"])


def account_url(bandwidth: Emulator) -> str:
    """The URL of all recordings of the account."""
    return calls_url(bandwidth).replace("/calls", "/recordings")


async def status(http: ClientSession, method: str, url: str) -> int:
    """The status that a request without a body gets."""
    return (await ask(http, method, url, json={} if method == "POST" else None)).status


async def test_metadata(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """All that is documented, but the name that nothing sets."""
    url = await play(http, bandwidth, application, '<StartRecording multiChannel="true" transcribe="true"/>')

    reply = await ask(http, "GET", url)

    metadata = reply.json()
    call_id, recording_id = url.split("/")[-3], url.split("/")[-1]
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json;charset=UTF-8")
    assert metadata == {
        "applicationId": CALL["applicationId"],
        "accountId": bandwidth.account_id,
        "callId": call_id,
        "recordingId": recording_id,
        "to": CALL["to"],
        "from": CALL["from"],
        "direction": "outbound",
        "duration": "PT5S",
        "channels": 2,
        "startTime": "2026-01-01T00:00:02.000Z",
        "endTime": "2026-01-01T00:00:07.000Z",
        "fileFormat": "wav",
        "status": "complete",
        "mediaUrl": f"{url}/media",
        "transcription": {
            "id": metadata["transcription"]["id"],
            "status": "available",
            "completedTime": "2026-01-01T00:00:12.000Z",
            "url": f"{url}/transcription",
        },
    }


async def test_metadata_is_of_the_declared_shape(
    http: ClientSession, bandwidth: Emulator, application: Application
) -> None:
    """With a transcription, and without one."""
    urls = [
        await play(http, bandwidth, application, f'<StartRecording transcribe="{transcribe}"/>')
        for transcribe in ("true", "false")
    ]

    replies = [await ask(http, "GET", url) for url in urls]

    for reply in replies:
        validate("callRecordingMetadata", reply.json())


async def test_metadata_of_a_leg(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """It tells whose leg it is, and whom it was to reach."""
    leg = f'<PhoneNumber transferAnswerUrl="{application.url}">+19195550000</PhoneNumber>'
    bandwidth.far_end("+19195550000", FarEnd().hang_up(after=3))
    application.replies["answer"] = f"<Response><Transfer>{leg}</Transfer></Response>"
    application.replies["transferAnswer"] = "<Response><StartRecording/></Response>"
    call_id = await place_call(http, bandwidth, answerUrl=application.url)
    await bandwidth.run_until_idle()

    (metadata,) = (await ask(http, "GET", account_url(bandwidth))).json()

    told = [metadata[name] for name in ("parentCallId", "transferCallerId", "transferTo")]
    assert told == [call_id, CALL["from"], "+19195550000"]
    validate("callRecordingMetadata", metadata)


async def test_a_recording_is_there_when_it_has_ended(
    http: ClientSession, bandwidth: Emulator, application: Application
) -> None:
    """Before, it cannot be read; then it is processed for two seconds, and for that long has no media."""
    application.replies["answer"] = '<Response><StartRecording/><Pause duration="5"/></Response>'
    call_id = await place_call(http, bandwidth, answerUrl=application.url)
    url = calls_url(bandwidth, call_id, "recordings")
    states = []
    for seconds in (6, 2, 2):
        await bandwidth.advance(seconds)
        listed = (await ask(http, "GET", url)).json()
        media = await status(http, "GET", f"{url}/{listed[0]['recordingId']}/media") if listed else None
        states.append([*(each["status"] for each in listed), media])

    assert states == [[None], ["processing", 404], ["complete", 200]]


@pytest.mark.parametrize(("more", "channels"), [("", 1), ('multiChannel="true"', 2)])
async def test_media(
    http: ClientSession, bandwidth: Emulator, application: Application, more: str, channels: int
) -> None:
    """A WAV file as long as the recording, in which each channel has a quiet tone of its own."""
    url = await play(http, bandwidth, application, f"<StartRecording {more}/>", 2.5)

    reply = await ask(http, "GET", f"{url}/media")

    with wave.open(io.BytesIO(reply.body)) as sound:
        shape = sound.getnchannels(), sound.getsampwidth(), sound.getframerate(), sound.getnframes()
        samples = array("h", sound.readframes(sound.getnframes()))
    tracks = [samples[channel::channels] for channel in range(channels)]
    assert (reply.status, reply.headers["Content-Type"]) == (200, "audio/vnd.wave")
    assert shape == (channels, 2, 8000, 20_000)
    assert all(900 < max(track) <= 1_000 for track in tracks)
    assert len({tuple(track) for track in tracks}) == channels


async def test_media_has_an_end(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """Of a recording of hours there are ten minutes."""
    url = await play(http, bandwidth, application, "<StartRecording/>", 7200)

    reply = await ask(http, "GET", f"{url}/media")

    assert len(reply.body) == 44 + 600 * 8000 * 2


async def test_mp3_media_is_not_emulated(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """That is 501, and says why."""
    url = await play(http, bandwidth, application, '<StartRecording fileFormat="mp3"/>')

    reply = await ask(http, "GET", f"{url}/media")

    assert (reply.status, reply.json()["description"]) == (501, "mp3 media is not emulated")
    assert (await ask(http, "GET", url)).json()["fileFormat"] == "mp3"


async def test_a_recording_is_deleted(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """With it go its media and its transcription."""
    url = await play(http, bandwidth, application, '<StartRecording transcribe="true"/>')

    deleted = await ask(http, "DELETE", url)

    gone = [await status(http, method, f"{url}{part}") for part, method in [*PARTS, *TRANSCRIPTION_PARTS]]
    assert (deleted.status, deleted.body, gone) == (204, b"", [404] * 7)
    assert (await ask(http, "GET", url.rpartition("/")[0])).json() == []


async def test_media_is_deleted(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """The rest stays, and says so; there is nothing to be transcribed any more."""
    url = await play(http, bandwidth, application, '<StartRecording transcribe="true"/>')

    deleted = await ask(http, "DELETE", f"{url}/media")

    metadata = (await ask(http, "GET", url)).json()
    gone = [
        await status(http, method, f"{url}/{part}")
        for method, part in [("GET", "media"), ("DELETE", "media"), ("POST", "transcription")]
    ]
    assert (deleted.status, metadata["status"], metadata["mediaUrl"], gone) == (204, "deleted", None, [404] * 3)
    assert await status(http, "GET", f"{url}/transcription") == 200


async def test_a_transcription(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """It has the declared shape."""
    bandwidth.far_end("*", FarEnd().say("Good morning", after=1))
    url = await play(http, bandwidth, application, '<StartRecording transcribe="true"/>')

    reply = await ask(http, "GET", f"{url}/transcription")

    assert [clip["text"] for clip in reply.json()["clips"]] == ["Hello?", "Good morning"]
    validate("recordingTranscriptions", reply.json())


async def test_a_transcription_is_deleted(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """The recording stays, and can be transcribed again."""
    url = await play(http, bandwidth, application, '<StartRecording transcribe="true"/>')

    deleted = await ask(http, "DELETE", f"{url}/transcription")

    gone = [await status(http, method, f"{url}/transcription") for method in ("GET", "DELETE", "POST")]
    assert (deleted.status, deleted.body, gone) == (204, b"", [404, 404, 204])
    await bandwidth.run_until_idle()
    assert await status(http, "GET", f"{url}/transcription") == 200


async def test_a_recording_is_transcribed(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """That takes three seconds, and is told at the URL of the request, with its tag instead of the call's."""
    url = await play(http, bandwidth, application, "<StartRecording/>", tag="the call's")
    body = {"callbackUrl": application.url, "tag": "mine"}

    reply = await ask(http, "POST", f"{url}/transcription", json=body)

    states = [(await ask(http, "GET", url)).json()["transcription"]["status"]]
    states.append(await status(http, "GET", f"{url}/transcription"))
    await bandwidth.run_until_idle()
    states.append((await ask(http, "GET", url)).json()["transcription"]["status"])
    (event,) = application.told("transcriptionAvailable")
    assert (reply.status, reply.body, states) == (204, b"", ["processing", 404, "available"])
    assert (event["tag"], event["eventTime"]) == ("mine", "2026-01-01T00:00:12.000Z")
    assert event["transcription"]["url"] == f"{url}/transcription"


@pytest.mark.parametrize("body", [{}, {"tag": None, "detectLanguage": True}])
async def test_a_transcription_that_is_not_told(
    http: ClientSession, bandwidth: Emulator, application: Application, body: dict[str, object]
) -> None:
    """Without a URL no event comes."""
    url = await play(http, bandwidth, application, "<StartRecording/>")

    reply = await ask(http, "POST", f"{url}/transcription", json=body)

    await bandwidth.run_until_idle()
    assert (reply.status, application.types) == (204, ["answer"])
    assert await status(http, "GET", f"{url}/transcription") == 200


async def test_transcribing_again(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """What is under way is given up for what was asked for last, and told once, by the call's tag."""
    url = await play(http, bandwidth, application, "<StartRecording/>", tag="the call's")
    for _ in range(2):
        await ask(http, "POST", f"{url}/transcription", json={"callbackUrl": application.url})

    await bandwidth.run_until_idle()

    (event,) = application.told("transcriptionAvailable")
    transcription = (await ask(http, "GET", url)).json()["transcription"]
    assert (event["transcription"], event["tag"]) == (transcription, "the call's")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("callbackUrl", "nowhere"),
        ("callbackUrl", None),
        ("callbackMethod", "PUT"),
        ("username", "u" * 1025),
        ("password", 1),
        ("tag", 1),
        ("callbackTimeout", 0.5),
        ("callbackTimeout", 26),
        ("detectLanguage", "yes"),
    ],
)
async def test_what_transcribing_refuses(field: str, value: object, http: ClientSession, bandwidth: Emulator) -> None:
    """A value that is not as declared is 400, which names the field, before the recording is looked for."""
    url = calls_url(bandwidth, "c-1", "recordings", "r-1", "transcription")

    reply = await ask(http, "POST", url, json={field: value})

    assert reply.status == 400
    assert reply.json()["description"].startswith(f"Invalid {field}: ")


async def list_filtered(http: ClientSession, bandwidth: Emulator, query: dict[str, str]) -> list[str]:
    """The times, in seconds, at which the recordings started that fit."""
    reply = await ask(http, "GET", account_url(bandwidth), params=query)
    return [recording["startTime"][17:19] for recording in reply.json()]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["02", "11"]),
        ({"to": "+14155550101"}, ["11"]),
        ({"from": CALL["from"]}, ["02", "11"]),
        ({"from": "+14155550101"}, []),
        ({"minStartTime": "2026-01-01T00:00:11Z"}, ["11"]),
        ({"minStartTime": "2026-01-01T00:00:11.0001Z"}, []),
        ({"maxStartTime": "2026-01-01T00:00:11Z"}, ["02"]),
        ({"maxStartTime": "2026-01-01T00:00:11.0001Z"}, ["02", "11"]),
        ({"minStartTime": "2026-01-01T00:00:02Z", "maxStartTime": "2026-01-01T00:00:02Z"}, []),
    ],
)
async def test_listing_the_account(
    query: dict[str, str], found: list[str], http: ClientSession, bandwidth: Emulator, application: Application
) -> None:
    """The first bound is in, the second is out; both are of the recording's start."""
    await play(http, bandwidth, application, "<StartRecording/>")
    await play(http, bandwidth, application, "<StartRecording/>", to="+14155550101")

    assert await list_filtered(http, bandwidth, query) == found


@pytest.mark.parametrize("name", ["minStartTime", "maxStartTime"])
async def test_a_time_that_is_none(name: str, http: ClientSession, bandwidth: Emulator) -> None:
    """It is 400."""
    reply = await ask(http, "GET", account_url(bandwidth), params={name: "yesterday"})

    assert (reply.status, reply.json()["description"]) == (400, f"Invalid {name}: must be an ISO 8601 time")


async def test_a_thousand_are_listed_at_most(
    http: ClientSession, bandwidth: Emulator, application: Application
) -> None:
    """The first of the account, with no link to others; a call's list has all of its own."""
    verbs = "<StartRecording/><StopRecording/>" * 1_001
    application.replies["answer"] = f"<Response>{verbs}</Response>"
    call_id = await place_call(http, bandwidth, answerUrl=application.url)
    await bandwidth.run_until_idle()

    of_account = await ask(http, "GET", account_url(bandwidth))
    of_call = await ask(http, "GET", calls_url(bandwidth, call_id, "recordings"))

    assert (len(of_account.json()), "Link" in of_account.headers, len(of_call.json())) == (1_000, False, 1_001)


async def test_a_call_that_is_not_known_has_no_recordings(http: ClientSession, bandwidth: Emulator) -> None:
    """Its list is empty."""
    reply = await ask(http, "GET", calls_url(bandwidth, "c-1", "recordings"))

    assert (reply.status, reply.json()) == (200, [])


async def test_recordings_are_kept_for_thirty_days(
    http: ClientSession, bandwidth: Emulator, application: Application
) -> None:
    """When their call is no longer kept they are still there; later they are 404, and in no list."""
    url = await play(http, bandwidth, application, "<StartRecording/>")
    found = []
    for days in (29, 1):
        await bandwidth.advance(days * 86_400)
        listed = await ask(http, "GET", account_url(bandwidth))
        call_url = url.rpartition("/recordings")[0]
        found.append([await status(http, "GET", url), len(listed.json()), await status(http, "GET", call_url)])

    assert found == [[200, 1, 404], [404, 0, 404]]


async def test_a_recording_belongs_to_its_call(
    http: ClientSession, bandwidth: Emulator, application: Application
) -> None:
    """Under another call it is not found."""
    url = await play(http, bandwidth, application, "<StartRecording/>")
    other = await place_call(http, bandwidth)

    reply = await ask(http, "GET", calls_url(bandwidth, other, "recordings", url.rpartition("/")[2]))

    assert reply.status == 404
    assert reply.json()["description"] == f"Recording [{url.rpartition('/')[2]}] not found"


async def test_a_reset_forgets_recordings(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """Those that have ended, and those that a call that is up is making."""
    await play(http, bandwidth, application, "<StartRecording/>")
    application.replies["answer"] = "<Response><Record/></Response>"
    await place_call(http, bandwidth, answerUrl=application.url)
    await bandwidth.advance(5)

    bandwidth.reset()

    assert (await ask(http, "GET", account_url(bandwidth))).json() == []


async def pause_recording(http: ClientSession, bandwidth: Emulator, call_id: str, **more: object) -> Reply:
    """Ask for a recording to be paused."""
    return await ask(http, "PUT", calls_url(bandwidth, call_id, "recording"), **{"json": {"state": "paused"}, **more})


async def test_pausing_what_is_recorded(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """It is 200 and empty, whatever the state is."""
    application.replies["answer"] = '<Response><StartRecording/><Pause duration="60"/></Response>'
    call_id = await place_call(http, bandwidth, answerUrl=application.url)
    await bandwidth.advance(5)

    replies = [await pause_recording(http, bandwidth, call_id, json={"state": state}) for state in STATES]

    assert [(reply.status, reply.body) for reply in replies] == [(200, b"")] * len(STATES)


async def test_a_call_on_which_nothing_is_recorded(
    http: ClientSession, bandwidth: Emulator, application: Application
) -> None:
    """It is 404, and so is one that is over or not known."""
    application.replies["answer"] = '<Response><Pause duration="60"/></Response>'
    call_id = await place_call(http, bandwidth, answerUrl=application.url)
    await bandwidth.advance(5)
    up = await pause_recording(http, bandwidth, call_id)
    await bandwidth.run_until_idle()

    over = await pause_recording(http, bandwidth, call_id)
    unknown = await pause_recording(http, bandwidth, "c-1")

    descriptions = [reply.json()["description"] for reply in (up, over, unknown)]
    assert [reply.status for reply in (up, over, unknown)] == [404, 404, 404]
    assert descriptions == [
        f"Call [{call_id}] is not being recorded",
        f"Call [{call_id}] not found",
        "Call [c-1] not found",
    ]


@pytest.mark.parametrize("body", [{}, {"state": None}, {"state": "stopped"}, []])
async def test_a_state_that_is_none(body: object, http: ClientSession, bandwidth: Emulator) -> None:
    """It is 400, before the call is looked for."""
    reply = await pause_recording(http, bandwidth, "c-1", json=body)

    assert reply.status == 400


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "calls/c-1/recording"), ("POST", "calls/c-1/recordings/r-1/transcription")]
)
async def test_the_content_type_is_checked_first(
    method: str, path: str, http: ClientSession, bandwidth: Emulator
) -> None:
    """What is no JSON by its type is 415, whatever it holds."""
    reply = await ask(
        http, method, calls_url(bandwidth).replace("calls", path), data=b"{", headers={"Content-Type": "text/plain"}
    )

    assert reply.status == 415


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("recordings", "GET"),
        ("calls/c-1/recording", "PUT"),
        ("calls/c-1/recordings", "GET"),
        ("calls/c-1/recordings/r-1", "GET, DELETE"),
        ("calls/c-1/recordings/r-1/media", "GET, DELETE"),
        ("calls/c-1/recordings/r-1/transcription", "GET, POST, DELETE"),
    ],
)
async def test_paths_are_checked_in_order(path: str, allowed: str, http: ClientSession, bandwidth: Emulator) -> None:
    """Bad credentials are 401, another account 403, and a method that is not for the path 405."""
    url = calls_url(bandwidth).replace("calls", path)

    unknown = await ask(http, "PATCH", url, headers={"Authorization": "Bearer x"})
    foreign = await ask(http, "PATCH", url.replace(bandwidth.account_id, "1"))
    wrong = await ask(http, "PATCH", url)

    assert [unknown.status, foreign.status, wrong.status] == [401, 403, 405]
    assert wrong.headers["Allow"] == allowed


@pytest.mark.parametrize(
    "path",
    ["recordings/", "calls//recording", "calls//recordings", "calls/c-1/recordings/", "calls/c-1/recordings/r-1/other"],
)
async def test_paths_that_lead_nowhere(path: str, http: ClientSession, bandwidth: Emulator) -> None:
    """They are 404."""
    reply = await ask(http, "GET", calls_url(bandwidth).replace("calls", path))

    assert (reply.status, reply.json()["description"]) == (404, "Not Found")


@pytest.mark.parametrize(
    ("operation", "method", "path"),
    [
        ("listAccountCallRecordings", "GET", "recordings"),
        ("updateCallRecordingState", "PUT", "calls/c-1/recording"),
        ("listCallRecordings", "GET", "calls/c-1/recordings"),
        ("getCallRecording", "GET", "calls/c-1/recordings/r-1"),
        ("deleteRecording", "DELETE", "calls/c-1/recordings/r-1"),
        ("downloadCallRecording", "GET", "calls/c-1/recordings/r-1/media"),
        ("deleteRecordingMedia", "DELETE", "calls/c-1/recordings/r-1/media"),
        ("getRecordingTranscription", "GET", "calls/c-1/recordings/r-1/transcription"),
        ("transcribeCallRecording", "POST", "calls/c-1/recordings/r-1/transcription"),
        ("deleteRecordingTranscription", "DELETE", "calls/c-1/recordings/r-1/transcription"),
    ],
)
async def test_every_operation_has_its_name(
    operation: str, method: str, path: str, http: ClientSession, bandwidth: Emulator
) -> None:
    """A fault can be set for it, and what arrived is recorded under it."""
    bandwidth.fault(operation, status=503)

    reply = await ask(http, method, calls_url(bandwidth).replace("calls", path))

    assert (reply.status, bandwidth.requests[-1].operation) == (503, operation)
    assert operation in ROUTES.operations
