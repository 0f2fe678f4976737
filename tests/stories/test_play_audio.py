"""PlayAudio: files of this machine are fetched, take their real length, and are missed where they are not."""

from __future__ import annotations

import base64
import io
import struct
import wave
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from support.application import Application
from support.stream_server import StreamServer

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Place = Callable[..., Awaitable[Call]]

PLAY = "<Response><PlayAudio>a.wav</PlayAudio></Response>"


def wav(seconds: float, rate: int = 8_000, channels: int = 1) -> bytes:
    """Return a WAV file of 16 bits."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(channels)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(bytes(round(seconds * rate) * 2 * channels))
    return file.getvalue()


def mu_law(seconds: float, length: int | None = None) -> bytes:
    """Return a WAV file of telephony, which has a chunk of odd length before the sound."""
    sound = b"\xff" * round(seconds * 8_000)
    head = (
        b"fmt " + struct.pack("<IHHIIHHH", 18, 7, 1, 8_000, 8_000, 1, 8, 0) + b"LIST" + struct.pack("<I", 3) + b"abc\0"
    )
    data = b"data" + struct.pack("<I", len(sound) if length is None else length) + sound
    return b"RIFF" + struct.pack("<I", 4 + len(head) + len(data)) + b"WAVE" + head + data


async def seconds(bandwidth: Emulator, place: Place, application: Application) -> float:
    """Play a call, and return how long it was up."""
    bandwidth.far_end("*", FarEnd().silence())
    call = await place(application)
    await bandwidth.run_until_idle()
    return ((call.end_time or 0) - (call.answer_time or 0)) / 1000


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (wav(2.5), 2.5),
        (wav(1.5, 44_100, 2), 1.5),
        (mu_law(3), 3),
        (mu_law(3, 0), 3),  # the length was not known when it was written
        (mu_law(3, 2**32 - 1), 3),
        (b"ID3 an mp3", 5),
        (b"RIFF\0\0\0\0WAVE", 5),
        (b"RIFF\0\0\0\0WAVEdata\x10\0\0\0", 5),
        (b"", 5),
    ],
)
async def test_a_file_takes_its_length(bandwidth: Emulator, place: Place, file: bytes, expected: float) -> None:
    """That of a WAV file is in its head. Any other takes `audio_seconds`."""
    async with Application(answer=PLAY) as application:
        application.files["/a.wav"] = file

        assert await seconds(bandwidth, place, application) == expected

    assert [request.method for request in application.fetched] == ["GET"]


async def test_a_file_elsewhere_is_not_fetched(bandwidth: Emulator, place: Place) -> None:
    """It takes `audio_seconds`, and is no problem."""
    reply = "<Response><PlayAudio>https://app.example/a.wav</PlayAudio></Response>"
    async with Application(answer=reply) as application:
        assert await seconds(bandwidth, place, application) == 5

    assert "played: https://app.example/a.wav" in bandwidth.calls[0].transcript()


async def test_a_mapped_file_is_fetched() -> None:
    """The timeline has its public URL."""
    reply = "<Response><PlayAudio>https://app.example/b/a.wav</PlayAudio></Response>"
    async with Application(initiate=reply) as application:
        application.files["/b/a.wav"] = wav(2)
        local = application.url.removesuffix("/hook")
        async with Emulator(moved_clock=True, map=[f"https://app.example={local}"]) as bandwidth:
            call = await bandwidth.inbound(to="+19195551234", from_="+19195554321", url=application.url)
            await bandwidth.run_until_idle()

    assert (call.end_time or 0) - call.created == 2_000
    assert "played: https://app.example/b/a.wav" in call.transcript()


@pytest.mark.parametrize("status", [404, 403, 302, 500])
async def test_a_missing_file(bandwidth: Emulator, place: Place, status: int) -> None:
    """Nothing is heard, and the call goes on. The problem names status and URL."""
    async with Application(answer=PLAY.replace("</Response>", "<Pause/></Response>")) as application:
        application.files["/a.wav"] = status
        assert await seconds(bandwidth, place, application) == 1

    (problem,) = bandwidth.expect_problems()
    assert f"GET {application.url.removesuffix('hook')}a.wav -> {status}" in problem
    bandwidth.calls[0].assert_never_heard("a.wav")
    assert f"not played: GET http://127.0.0.1:*/a.wav -> {status}" in bandwidth.calls[0].timeline()


async def test_a_redirect_is_not_followed(bandwidth: Emulator, place: Place) -> None:
    """It may lead anywhere, so it is a file that is missing."""
    async with Application(answer=PLAY) as application:
        application.files |= {"/a.wav": "/b.wav", "/b.wav": wav(2)}
        assert await seconds(bandwidth, place, application) == 0

    assert [request.path for request in application.fetched] == ["/a.wav"]
    assert "-> 302" in bandwidth.expect_problems()[0]


async def test_a_missing_file_may_end_the_call(place: Place) -> None:
    """With the setting the call ends as for a wrong document."""
    async with Emulator(moved_clock=True, end_on_missing_audio=True) as bandwidth:
        async with Application(initiate=PLAY.replace("</Response>", "<Pause/></Response>")) as application:
            application.files["/a.wav"] = 404
            call = await bandwidth.inbound(to="+19195551234", from_="+19195554321", url=application.url)
            await bandwidth.run_until_idle()

        assert (call.disconnect_cause, (call.end_time or 0) - call.created) == ("application-error", 0)
        assert len(bandwidth.expect_problems()) == 1


async def test_nobody_has_the_file(bandwidth: Emulator, place: Place) -> None:
    """The problem asks whether the application runs, once for each address."""
    async with StreamServer() as gone:
        address = gone.url.removeprefix("ws://").removesuffix("/media")
    reply = f"<Response>{f'<PlayAudio>http://{address}/a.wav</PlayAudio>' * 2}</Response>"
    async with Application(answer=reply) as application:
        assert await seconds(bandwidth, place, application) == 0

    (problem,) = bandwidth.expect_problems()
    assert f"nothing listens on {address}: is your application running?" in problem


async def test_credentials_go_upon_a_challenge(bandwidth: Emulator, place: Place) -> None:
    """As those of webhooks do, so a server that asks for none never sees them."""
    asked: list[str | None] = []

    class Secret(Application):
        def _file(self, request: web.BaseRequest) -> web.Response:
            asked.append(request.headers.get("Authorization"))
            if asked[-1] is None:
                return web.Response(status=401, headers={"WWW-Authenticate": "Basic"})
            return super()._file(request)

    reply = '<Response><PlayAudio username="me" password="secret">a.wav</PlayAudio></Response>'
    async with Secret(answer=reply) as application:
        assert await seconds(bandwidth, place, application) == 5

    assert asked == [None, "Basic " + base64.b64encode(b"me:secret").decode()]


async def test_a_key_comes_while_a_file_is_fetched(place: Place) -> None:
    """It ends the audio of a Gather, and the file that comes later is not taken for another one."""
    bandwidth = Emulator(moved_clock=True)

    class Slow(Application):
        def _file(self, request: web.BaseRequest) -> web.Response:
            if request.path == "/a.wav":
                bandwidth.press(bandwidth.calls[0], "1")
            return super()._file(request)

    verbs = (
        '<Gather maxDigits="1"><PlayAudio>a.wav</PlayAudio></Gather><PlayAudio>b.wav</PlayAudio>'
        "<SpeakSentence>Bye</SpeakSentence>"
    )
    async with bandwidth, Slow(initiate=f"<Response>{verbs}</Response>") as application:
        application.files = {"/a.wav": wav(9), "/b.wav": wav(2)}
        call = await bandwidth.inbound(to="+19195551234", from_="+19195554321", url=application.url)
        await bandwidth.run_until_idle()

    call.assert_never_heard("a.wav")
    call.assert_heard("b.wav")
    assert (call.end_time or 0) - call.created == 2_200


async def test_a_conference_misses_a_file(bandwidth: Emulator, place: Place) -> None:
    """Documented: the next verb is played."""
    room = "<Response><Conference conferenceEventUrl='/hook'>room</Conference></Response>"
    reply = "<Response><PlayAudio>a.wav</PlayAudio><PlayAudio>b.wav</PlayAudio></Response>"
    async with Application(answer=room, conferenceCreated=reply) as application:
        application.files = {"/a.wav": 404, "/b.wav": wav(2)}
        bandwidth.far_end("*", FarEnd().silence().hang_up(after=10))
        call = await place(application)
        await bandwidth.run_until_idle()

    (problem,) = bandwidth.expect_problems()
    assert "a.wav -> 404" in problem
    played = [(entry.time - (call.answer_time or 0), entry.text) for entry in call.entries if entry.kind == "played"]
    assert played == [(2_000, f"{application.url.removesuffix('hook')}b.wav")]


async def test_a_far_end_hears_play_audio(bandwidth: Emulator, place: Place) -> None:
    """It is audio, from one file or several, also if the second is cut off by the hang-up. Speech is not."""
    bandwidth.far_end("*", FarEnd().silence().hear_audio(at_least=3).hang_up())
    verbs = f"<SpeakSentence>{'a' * 60}</SpeakSentence><PlayAudio>a.wav</PlayAudio><Pause/><PlayAudio>a.wav</PlayAudio>"
    async with Application(answer=f"<Response>{verbs}</Response>") as application:
        application.files["/a.wav"] = wav(2)
        call = await place(application)
        await bandwidth.run_until_idle()

    assert (call.end_time or 0) - (call.answer_time or 0) == 4_000 + 2_000 + 1_000 + 1_000
