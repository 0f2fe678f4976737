from __future__ import annotations

import io
import wave
from array import array
from typing import TYPE_CHECKING

import pytest
from support.emulator_http import ask
from support.recorded_calls import play, status

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from support.application import Application

    from bandwidth_calls.emulator import Emulator


@pytest.mark.parametrize(("more", "channels"), [("", 1), ('multiChannel="true"', 2)])
async def test_media(
    http: ClientSession, bandwidth: Emulator, application: Application, more: str, channels: int
) -> None:
    """The media are a WAV file of the recording's length, with a different quiet tone on each channel."""
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
    """The media of a recording of two hours end after ten minutes."""
    url = await play(http, bandwidth, application, "<StartRecording/>", 7200)

    reply = await ask(http, "GET", f"{url}/media")

    assert len(reply.body) == 44 + 600 * 8000 * 2


async def test_mp3_media_is_not_emulated(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """A download of mp3 gets a 501 that says why."""
    url = await play(http, bandwidth, application, '<StartRecording fileFormat="mp3"/>')

    reply = await ask(http, "GET", f"{url}/media")

    assert (reply.status, reply.json()["description"]) == (501, "mp3 media is not emulated")
    assert (await ask(http, "GET", url)).json()["fileFormat"] == "mp3"


async def test_media_is_deleted(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """The metadata stays, with the status `deleted`. The recording can no longer be transcribed."""
    url = await play(http, bandwidth, application, '<StartRecording transcribe="true"/>')

    deleted = await ask(http, "DELETE", f"{url}/media")

    metadata = (await ask(http, "GET", url)).json()
    gone = [
        await status(http, method, f"{url}/{part}")
        for method, part in [("GET", "media"), ("DELETE", "media"), ("POST", "transcription")]
    ]
    assert (deleted.status, metadata["status"], metadata["mediaUrl"], gone) == (204, "deleted", None, [404] * 3)
    assert await status(http, "GET", f"{url}/transcription") == 200
