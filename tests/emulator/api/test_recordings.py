from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.emulator_http import CALL, Reply, ask, calls_url, place_call
from support.recorded_calls import account_url, play, status
from support.schemas import validate

from bandwidth_calls.emulator import FarEnd

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from support.application import Application

    from bandwidth_calls.emulator import Emulator

PARTS = [("", "GET"), ("", "DELETE"), ("/media", "GET"), ("/media", "DELETE")]
STATES = ["recording", "paused", "paused", "recording"]
TRANSCRIPTION_PARTS = [("/transcription", "GET"), ("/transcription", "POST"), ("/transcription", "DELETE")]


async def test_metadata(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """The metadata has every documented field but `recordingName`, which this document does not set."""
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
    """The metadata has the declared shape, with a transcription and without."""
    urls = [
        await play(http, bandwidth, application, f'<StartRecording transcribe="{transcribe}"/>')
        for transcribe in ("true", "false")
    ]

    replies = [await ask(http, "GET", url) for url in urls]

    for reply in replies:
        validate("callRecordingMetadata", reply.json())


async def test_metadata_of_a_leg(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """The metadata of a leg names its parent, its caller and its callee."""
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
    """A recording can be read after its end. Its media follow two seconds later."""
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


async def test_a_recording_is_deleted(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """Deleting a recording deletes its media and its transcription."""
    url = await play(http, bandwidth, application, '<StartRecording transcribe="true"/>')

    deleted = await ask(http, "DELETE", url)

    gone = [await status(http, method, f"{url}{part}") for part, method in [*PARTS, *TRANSCRIPTION_PARTS]]
    assert (deleted.status, deleted.body, gone) == (204, b"", [404] * 7)
    assert (await ask(http, "GET", url.rpartition("/")[0])).json() == []


async def list_filtered(http: ClientSession, bandwidth: Emulator, query: dict[str, str]) -> list[str]:
    """Return the start times, in seconds, of the recordings that match."""
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
    """The first bound of the start time is inclusive, the second exclusive."""
    await play(http, bandwidth, application, "<StartRecording/>")
    await play(http, bandwidth, application, "<StartRecording/>", to="+14155550101")

    assert await list_filtered(http, bandwidth, query) == found


async def test_the_account_lists_by_start(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """The recording that began first comes first, though it ended last."""
    longer = '<Response><StartRecording/><Pause duration="60"/></Response>'
    application.replies["answer"] = longer
    await place_call(http, bandwidth, answerUrl=application.url)
    await bandwidth.advance(5)
    application.replies["answer"] = '<Response><StartRecording/><Pause duration="5"/></Response>'
    await place_call(http, bandwidth, answerUrl=application.url)
    await bandwidth.run_until_idle()

    listed = (await ask(http, "GET", account_url(bandwidth))).json()

    assert [each["duration"] for each in listed] == ["PT60S", "PT5S"]


@pytest.mark.parametrize("name", ["minStartTime", "maxStartTime"])
async def test_a_time_that_is_none(name: str, http: ClientSession, bandwidth: Emulator) -> None:
    """An invalid time gets a 400."""
    reply = await ask(http, "GET", account_url(bandwidth), params={name: "yesterday"})

    assert (reply.status, reply.json()["description"]) == (400, f"Invalid {name}: must be an ISO 8601 time")


async def test_a_thousand_are_listed_at_most(
    http: ClientSession, bandwidth: Emulator, application: Application
) -> None:
    """The account's list has the first thousand, without a link. A call's list has all of its recordings."""
    verbs = "<StartRecording/><StopRecording/>" * 1_001
    application.replies["answer"] = f"<Response>{verbs}</Response>"
    call_id = await place_call(http, bandwidth, answerUrl=application.url)
    await bandwidth.run_until_idle()

    of_account = await ask(http, "GET", account_url(bandwidth))
    of_call = await ask(http, "GET", calls_url(bandwidth, call_id, "recordings"))

    assert (len(of_account.json()), "Link" in of_account.headers, len(of_call.json())) == (1_000, False, 1_001)


async def test_a_call_that_is_not_known_has_no_recordings(http: ClientSession, bandwidth: Emulator) -> None:
    """The list of an unknown call is empty."""
    reply = await ask(http, "GET", calls_url(bandwidth, "c-1", "recordings"))

    assert (reply.status, reply.json()) == (200, [])


async def test_recordings_are_kept_for_thirty_days(
    http: ClientSession, bandwidth: Emulator, application: Application
) -> None:
    """A recording is kept longer than its call. After thirty days it is 404, and in no list."""
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
    """A recording is not found below another call."""
    url = await play(http, bandwidth, application, "<StartRecording/>")
    other = await place_call(http, bandwidth)

    reply = await ask(http, "GET", calls_url(bandwidth, other, "recordings", url.rpartition("/")[2]))

    assert reply.status == 404
    assert reply.json()["description"] == f"Recording [{url.rpartition('/')[2]}] not found"


async def test_a_reset_forgets_recordings(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """A reset deletes finished recordings, and those that are being made."""
    await play(http, bandwidth, application, "<StartRecording/>")
    application.replies["answer"] = "<Response><Record/></Response>"
    await place_call(http, bandwidth, answerUrl=application.url)
    await bandwidth.advance(5)

    bandwidth.reset()

    assert (await ask(http, "GET", account_url(bandwidth))).json() == []


async def pause_recording(http: ClientSession, bandwidth: Emulator, call_id: str, **more: object) -> Reply:
    """Pause what is recorded on a call."""
    return await ask(http, "PUT", calls_url(bandwidth, call_id, "recording"), **{"json": {"state": "paused"}, **more})


async def test_pausing_what_is_recorded(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """A change of state gets an empty 200, also if nothing changes."""
    application.replies["answer"] = '<Response><StartRecording/><Pause duration="60"/></Response>'
    call_id = await place_call(http, bandwidth, answerUrl=application.url)
    await bandwidth.advance(5)

    replies = [await pause_recording(http, bandwidth, call_id, json={"state": state}) for state in STATES]

    assert [(reply.status, reply.body) for reply in replies] == [(200, b"")] * len(STATES)


async def test_a_call_on_which_nothing_is_recorded(
    http: ClientSession, bandwidth: Emulator, application: Application
) -> None:
    """A call that is not recorded gets a 404, as one that has ended or is unknown."""
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
    """An invalid state gets a 400, before any 404."""
    reply = await pause_recording(http, bandwidth, "c-1", json=body)

    assert reply.status == 400
