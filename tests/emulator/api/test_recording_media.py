from __future__ import annotations

import io
import sys
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


async def test_media_are_as_long_as_the_recording(
    http: ClientSession, bandwidth: Emulator, application: Application
) -> None:
    """Two hours of sound are two hours of media, of which the end can be had alone."""
    url = await play(http, bandwidth, application, "<StartRecording/>", 7200)
    size = 44 + 7200 * 8000 * 2

    reply = await ask(http, "GET", f"{url}/media", headers={"Range": "bytes=-100"})

    assert (reply.status, len(reply.body)) == (206, 100)
    assert reply.headers["Content-Range"] == f"bytes {size - 100}-{size - 1}/{size}"


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-99", 10, 99),
        ("bytes=16100-", 16_100, 40_043),
        ("bytes=40043-99999", 40_043, 40_043),
        ("bytes=-44", 40_000, 40_043),
        ("bytes=-99999", 0, 40_043),
    ],
)
async def test_a_part_of_media(
    http: ClientSession, bandwidth: Emulator, application: Application, wanted: str, first: int, last: int
) -> None:
    """A range is answered by its bytes, and says which they are."""
    url = await play(http, bandwidth, application, "<StartRecording/>", 2.5)
    whole = await ask(http, "GET", f"{url}/media")

    part = await ask(http, "GET", f"{url}/media", headers={"Range": wanted})

    assert whole.headers["Accept-Ranges"] == "bytes"
    assert (part.status, part.headers["Content-Range"]) == (206, f"bytes {first}-{last}/40044")
    assert part.body == whole.body[first : last + 1]


@pytest.mark.parametrize("wanted", ["bytes=5-4", "bytes=-", "bytes=0-1,5-6", "lines=1-2", "bytes=x-"])
async def test_a_range_that_cannot_be_read_is_ignored(
    http: ClientSession, bandwidth: Emulator, application: Application, wanted: str
) -> None:
    """The whole media come."""
    url = await play(http, bandwidth, application, "<StartRecording/>", 2.5)

    reply = await ask(http, "GET", f"{url}/media", headers={"Range": wanted})

    assert (reply.status, len(reply.body)) == (200, 40_044)


async def test_a_range_beyond_the_end(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """It is a 416 that tells the size."""
    url = await play(http, bandwidth, application, "<StartRecording/>", 2.5)

    reply = await ask(http, "GET", f"{url}/media", headers={"Range": "bytes=40044-"})

    assert (reply.status, reply.headers["Content-Range"]) == (416, "bytes */40044")


@pytest.mark.parametrize(("more", "channels"), [("", 1), ('multiChannel="true"', 2)])
async def test_mp3_media(
    http: ClientSession, bandwidth: Emulator, application: Application, more: str, channels: int
) -> None:
    """They are frames of mp3, 16 kbit a second for each channel, and the same each time."""
    url = await play(http, bandwidth, application, f'<StartRecording fileFormat="mp3" {more}/>', 60)

    replies = [await ask(http, "GET", f"{url}/media") for _ in range(2)]

    assert (replies[0].status, replies[0].headers["Content-Type"]) == (200, "audio/mpeg")
    assert replies[0].body == replies[1].body
    assert replies[0].body.startswith(b"\xff\xe3")
    assert 60 * 2000 * channels <= len(replies[0].body) < 61 * 2000 * channels


async def test_mp3_media_without_an_encoder(
    http: ClientSession, bandwidth: Emulator, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A download gets a 501 that says what to install."""
    monkeypatch.setitem(sys.modules, "lameenc", None)
    url = await play(http, bandwidth, application, '<StartRecording fileFormat="mp3"/>', 3.3)

    reply = await ask(http, "GET", f"{url}/media")

    assert reply.status == 501
    assert reply.json()["description"] == "mp3 media need an encoder: pip install 'bandwidth-calls[mp3]'"
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
