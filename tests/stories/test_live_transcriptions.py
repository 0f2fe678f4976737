"""Real-time transcriptions through the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support import schemas
from support.application import Application
from support.emulator_http import Reply, ask, calls_url

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import ClientSession

    Place = Callable[..., Awaitable[Call]]
    Send = Callable[..., Awaitable[Reply]]

STORY = (
    "<Response><SpeakSentence>Not this</SpeakSentence><StartTranscription name='live' tracks='both' "
    "transcriptionEventUrl='/hook'/><SpeakSentence>What do you want</SpeakSentence><Pause duration='5'/>"
    "<StopTranscription/><SpeakSentence>Nor this</SpeakSentence></Response>"
)


@pytest.fixture
async def call(bandwidth: Emulator, place: Place) -> Call:
    """Return a call of which a part was transcribed, half a second ago."""
    bandwidth.far_end("*", FarEnd().silence().hear("want").say("A pizza"))
    async with Application(answer=STORY) as application:
        call = await place(application)
        await bandwidth.run_until(call.ended)
        assert application.told("realTimeTranscriptionAvailable") == []
        await bandwidth.run_until_idle()
    return call


@pytest.fixture
def send(bandwidth: Emulator, http: ClientSession) -> Send:
    """Return a function that sends a request about the transcriptions of a call."""

    async def send(method: str, call_id: str, *rest: str) -> Reply:
        return await ask(http, method, calls_url(bandwidth, call_id, "transcriptions", *rest))

    return send


async def test_they_are_listed(call: Call, send: Send) -> None:
    """Each has its name and a URL that leads to it. A call without any has an empty list."""
    listed, none = (await send("GET", call.call_id)).json(), (await send("GET", "c-1")).json()

    (transcription,) = listed
    url = transcription["transcriptionUrl"]
    assert (transcription["transcriptionName"], none) == ("live", [])
    assert url.endswith(f"/calls/{call.call_id}/transcriptions/{transcription['transcriptionId']}")
    schemas.validate("callTranscriptionMetadata", transcription)


async def test_what_was_said_is_told_for_each_track(call: Call, send: Send) -> None:
    """Each track has what was said while it was transcribed."""
    (transcription,) = (await send("GET", call.call_id)).json()

    read = (await send("GET", call.call_id, transcription["transcriptionId"])).json()

    said = {track["track"]: track["transcript"] for track in read["tracks"]}
    assert said == {"inbound": "A pizza", "outbound": "What do you want"}
    schemas.validate("callTranscriptionResponse", read)


async def test_one_is_deleted(call: Call, send: Send) -> None:
    """The answer is an empty 200. Then the transcription is 404, and in no list."""
    (transcription,) = (await send("GET", call.call_id)).json()
    path = call.call_id, transcription["transcriptionId"]

    deleted = await send("DELETE", *path)

    statuses = [(await send(method, *path)).status for method in ("GET", "DELETE")]
    assert (deleted.status, deleted.body, statuses) == (200, b"", [404, 404])
    assert (await send("GET", call.call_id)).json() == []


async def test_one_is_kept_for_thirty_days(bandwidth: Emulator, call: Call, send: Send) -> None:
    """After 30 days it is 404, and in no list."""
    (transcription,) = (await send("GET", call.call_id)).json()
    await bandwidth.advance(30 * 86_400)

    gone = await send("GET", call.call_id, transcription["transcriptionId"])

    assert (gone.status, (await send("GET", call.call_id)).json()) == (404, [])


async def test_one_belongs_to_its_call(call: Call, send: Send) -> None:
    """Under another call it is 404. Other methods and paths are refused."""
    (transcription,) = (await send("GET", call.call_id)).json()
    transcription_id = transcription["transcriptionId"]

    statuses = [
        (await send("GET", "c-1", transcription_id)).status,
        (await send("PUT", call.call_id, transcription_id)).status,
        (await send("GET", call.call_id, transcription_id, "media")).status,
    ]

    assert statuses == [404, 405, 404]
