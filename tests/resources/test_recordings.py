"""The recordings resource: waits, what is sent, and downloads by what an event tells."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web
from support.moved_clock import until
from support.raw_server import never
from support.scripted_api import ScriptedApi

from bandwidth_calls import (
    BandwidthClient,
    CallRecordingMetadata,
    ClientClosedError,
    ConferenceRecordingMetadata,
    NotFoundError,
    TranscribeRecording,
    TranscriptionUnavailableError,
    WaitTimeoutError,
)
from bandwidth_calls.webhooks import parse_event

ACCOUNT = "/api/v2/accounts/9900000"


def found(status: str | None, transcription: Any = None) -> web.Response:
    """Return an answer of getCallRecording."""
    return web.json_response({"recordingId": "r-1", "status": status, "transcription": transcription})


def written(status: str) -> web.Response:
    """Return an answer of getCallRecording that tells of its transcription."""
    return found("complete", {"id": "t-1", "status": status})


@pytest.mark.parametrize("status", ["complete", "partial", "error", "a new word"])
async def test_a_wait_ends_when_the_recording_came_to_something(
    api: ScriptedApi, client: BandwidthClient, status: str
) -> None:
    """Whatever it came to is returned, and 404 and no status are "not yet"."""
    api.answers += [web.Response(status=404), found(None), found("processing"), found(status)]

    recording = await client.recordings.wait_for_recording("c-1", "r-1")

    assert recording.status == status
    assert {seen.path for seen in api.requests} == {f"{ACCOUNT}/calls/c-1/recordings/r-1"}


async def test_a_wait_without_an_id_is_for_the_first_recording(api: ScriptedApi, client: BandwidthClient) -> None:
    """A call without a recording is asked again."""
    api.answers += [
        web.json_response([]),
        web.json_response([{"recordingId": "r-1", "status": "complete"}, {"recordingId": "r-2"}]),
    ]

    recording = await client.recordings.wait_for_recording("c-1")

    assert recording.recording_id == "r-1"
    assert {seen.path for seen in api.requests} == {f"{ACCOUNT}/calls/c-1/recordings"}


async def test_a_wait_ends_in_time(api: ScriptedApi, client: BandwidthClient) -> None:
    """The error tells what was seen last."""
    api.answers += [found("processing") for _ in range(30)]

    with pytest.raises(WaitTimeoutError, match="no recording that is ready within 20 s") as caught:
        await client.recordings.wait_for_recording("c-1", "r-1", timeout=20)

    assert caught.value.last == CallRecordingMetadata(recording_id="r-1", status="processing")


async def test_an_unknown_recording_is_not_waited_for_for_ever(api: ScriptedApi, client: BandwidthClient) -> None:
    """After `unseen_for` seconds a 404 is an error."""
    api.answers += [web.Response(status=404) for _ in range(30)]

    with pytest.raises(NotFoundError):
        await client.recordings.wait_for_recording("c-1", "r-1", unseen_for=5)


async def test_closing_ends_a_wait(api: ScriptedApi, client: BandwidthClient) -> None:
    """As it ends every request."""
    api.otherwise = never
    task = asyncio.create_task(client.recordings.wait_for_recording("c-1", "r-1"))
    await until(lambda: api.requests)

    await client.close()

    with pytest.raises(ClientClosedError):
        await task


@pytest.mark.parametrize("field", ["timeout", "unseen_for"])
@pytest.mark.parametrize("wait", ["wait_for_recording", "wait_for_transcription"])
async def test_a_wrong_limit_is_refused(api: ScriptedApi, client: BandwidthClient, wait: str, field: str) -> None:
    """Nothing is sent."""
    with pytest.raises(ValueError, match=f"^{field}: "):
        await getattr(client.recordings, wait)("c-1", "r-1", **{field: -1})

    assert api.requests == []


async def test_a_transcription_is_fetched_when_it_is_available(api: ScriptedApi, client: BandwidthClient) -> None:
    """The metadata are looked at, and a 404 for the text right after `available` is "not yet"."""
    text = {"transcripts": [{"text": "Hello", "confidence": 0.9}]}
    api.answers += [
        found("complete"),
        written("none"),
        written("processing"),
        written("available"),
        web.Response(status=404),
        written("available"),
        web.json_response(text),
    ]

    transcription = await client.recordings.wait_for_transcription("c-1", "r-1", unseen_for=0)

    assert transcription.transcripts is not None
    assert [each.text for each in transcription.transcripts] == ["Hello"]
    assert api.requests[-1].path == f"{ACCOUNT}/calls/c-1/recordings/r-1/transcription"


@pytest.mark.parametrize("status", ["error", "timeout", "file-size-too-big", "file-size-too-small", "a new word"])
async def test_a_transcription_that_came_to_nothing_is_an_error(
    api: ScriptedApi, client: BandwidthClient, status: str
) -> None:
    """The error tells the word, and the text is not asked for."""
    api.answers += [written("processing"), written(status)]

    with pytest.raises(TranscriptionUnavailableError, match=status) as caught:
        await client.recordings.wait_for_transcription("c-1", "r-1")

    assert caught.value.status == status
    assert len(api.requests) == 2


async def test_an_empty_request_for_a_transcription_is_an_empty_object(
    api: ScriptedApi, client: BandwidthClient
) -> None:
    """The API requires a body and its type."""
    api.answers.append(web.Response(status=204))

    await client.recordings.transcribe_call_recording("c-1", "r-1")

    (seen,) = api.requests
    assert (seen.method, seen.path) == ("POST", f"{ACCOUNT}/calls/c-1/recordings/r-1/transcription")
    assert (seen.body, seen.headers["Content-Type"]) == (b"{}", "application/json")


async def test_every_option_of_a_transcription_is_sent(api: ScriptedApi, client: BandwidthClient) -> None:
    """Under the names of the wire."""
    api.answers.append(web.Response(status=204))
    request = TranscribeRecording(
        callback_url="https://app.example/text",
        callback_method="GET",
        username="user",
        password="secret",
        tag="mine",
        callback_timeout=2.5,
        detect_language=True,
    )

    await client.recordings.transcribe_call_recording("c-1", "r-1", request)

    assert "secret" not in repr(request)
    assert json.loads(api.requests[0].body) == {
        "callbackUrl": "https://app.example/text",
        "callbackMethod": "GET",
        "username": "user",
        "password": "secret",
        "tag": "mine",
        "callbackTimeout": 2.5,
        "detectLanguage": True,
    }


async def test_what_is_recorded_is_paused_by_a_word(api: ScriptedApi, client: BandwidthClient) -> None:
    """The state is the whole request."""
    await client.recordings.update_call_recording_state("c-1", "paused")

    (seen,) = api.requests
    assert (seen.method, seen.path) == ("PUT", f"{ACCOUNT}/calls/c-1/recording")
    assert json.loads(seen.body) == {"state": "paused"}


@pytest.mark.parametrize("state", ["pause", "", None, "stopped"])
async def test_another_word_is_refused(api: ScriptedApi, client: BandwidthClient, state: Any) -> None:
    """Nothing is sent."""
    with pytest.raises(ValueError, match=r"^state: must be one of paused, recording"):
        await client.recordings.update_call_recording_state("c-1", state)

    assert api.requests == []


EVENT = {
    "callId": "c-1",
    "recordingId": "r-1",
    "mediaUrl": "https://evil.example/steal",
    "from": "+19195554321",
    "to": "+19195551234",
}
OF_CALLS = [
    CallRecordingMetadata(recording_id="r-1", call_id="c-1", media_url="https://evil.example/steal"),
    *(
        parse_event({**EVENT, "eventType": kind})
        for kind in ("recordComplete", "recordingAvailable", "transcriptionAvailable")
    ),
]
OF_CONFERENCES = [
    ConferenceRecordingMetadata(recording_id="r-1", conference_id="conf-1", media_url="https://evil.example/steal"),
    parse_event({"eventType": "conferenceRecordingAvailable", "conferenceId": "conf-1", "recordingId": "r-1"}),
]


@pytest.mark.parametrize(
    ("recording", "owner"),
    [*((each, "calls/c-1") for each in OF_CALLS), *((each, "conferences/conf-1") for each in OF_CONFERENCES)],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
async def test_whatever_tells_of_a_recording_can_be_downloaded(
    api: ScriptedApi, client: BandwidthClient, recording: Any, owner: str
) -> None:
    """It goes by the ids to the API, and never by a URL that a webhook holds."""
    api.answers.append(web.Response(body=b"sound", headers={"Content-Type": "audio/vnd.wave"}))

    assert await client.recordings.download(recording).read() == b"sound"

    assert [seen.path for seen in api.requests] == [f"{ACCOUNT}/{owner}/recordings/r-1/media"]


@pytest.mark.parametrize(
    "recording",
    [
        CallRecordingMetadata(recording_id="r-1"),
        parse_event({"eventType": "recordingAvailable", "callId": "c-1"}),
        parse_event({"eventType": "recordingAvailable", "callId": "", "recordingId": "r-1"}),
    ],
)
def test_what_lacks_an_id_cannot_be_downloaded(client: BandwidthClient, recording: Any) -> None:
    """The error names what is missing."""
    with pytest.raises(ValueError, match="recording_id, and a call_id"):
        client.recordings.download(recording)


def test_an_id_of_an_event_cannot_lead_elsewhere(client: BandwidthClient) -> None:
    """An id of a webhook is checked as any other."""
    event: Any = parse_event({"eventType": "recordingAvailable", "callId": "../../x", "recordingId": "r-1"})

    with pytest.raises(ValueError, match=r"^call_id: .* is not an id"):
        client.recordings.download(event)
