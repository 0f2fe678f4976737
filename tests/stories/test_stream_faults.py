"""Media streams that go wrong: destinations that refuse, applications that send nonsense, and lost connections."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from support.application import Application
from support.moved_clock import PATIENCE
from support.stream_server import StreamServer, play

from bandwidth_calls.emulator import Call, ClockHeldError, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Place = Callable[..., Awaitable[Call]]

PAUSE = '<Pause duration="10"/>'


def document(url: str, mode: str = "bidirectional", wait: str = PAUSE) -> str:
    """Return a document with a stream to a URL, and ten seconds more."""
    verb = f'<StartStream name="a" mode="{mode}" destination="{url}" streamEventUrl="/hook"/>'
    return f"<Response>{verb}{wait}</Response>"


async def rejected(bandwidth: Emulator, place: Place, url: str) -> tuple[dict[str, Any], list[str]]:
    """Play a call whose stream is rejected. Return the event and the problems; the document goes on."""
    async with Application(answer=document(url)) as application:
        call = await place(application)
        await bandwidth.run_until_idle()
    (event,) = application.told("mediaStreamRejected")
    assert application.types == ["answer", "mediaStreamRejected", "disconnect"]
    assert (call.end_time or 0) - call.created == 12_000
    return event, bandwidth.expect_problems()


@pytest.mark.parametrize("status", [401, 403, 404, 500, 200])
async def test_a_refused_upgrade(bandwidth: Emulator, place: Place, status: int) -> None:
    """Event and problem name the status."""
    async with StreamServer(refuse=status) as streams:
        event, (problem,) = await rejected(bandwidth, place, streams.url)

    assert event["cause"] == "connection-error"
    assert event["errorMessage"] in problem
    assert str(status) in problem
    assert streams.url in problem


async def test_nobody_listens(bandwidth: Emulator, place: Place) -> None:
    """The problem asks whether the application runs, once for each address."""
    async with StreamServer() as streams:
        url = streams.url
    address = url.removeprefix("ws://").removesuffix("/media")

    event, (problem,) = await rejected(bandwidth, place, url)
    assert event["cause"] == "connection-error"
    assert f"nothing listens on {address}: is your application running?" in problem

    async with Application(answer=document(url)) as application:
        for _ in range(3):
            await place(application)
        await bandwidth.run_until_idle()
    assert len(bandwidth.expect_problems()) == 1


async def test_a_host_elsewhere(bandwidth: Emulator, place: Place) -> None:
    """It is not called. The problem names the host and the setting."""
    event, (problem,) = await rejected(bandwidth, place, "wss://app.example/media")

    assert event["cause"] == "connection-error"
    assert "host app.example is not mapped" in problem
    assert "--map" in problem


async def test_the_emulator_itself(bandwidth: Emulator, place: Place) -> None:
    """It is not called."""
    own = bandwidth.base_url.replace("http:", "ws:").replace("127.0.0.1", "localhost")

    _, (problem,) = await rejected(bandwidth, place, own)

    assert "leads to the emulator itself" in problem


async def test_a_redirect_is_not_followed(bandwidth: Emulator, place: Place) -> None:
    """The credentials would else go to another host."""

    async def redirect(request: web.BaseRequest) -> web.Response:
        return web.Response(status=307, headers={"Location": elsewhere.url.replace("ws:", "http:")})

    async with StreamServer() as elsewhere:
        runner = web.ServerRunner(web.Server(redirect))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"ws://127.0.0.1:{runner.addresses[0][1]}/"
        _, (problem,) = await rejected(bandwidth, place, url)
        await runner.cleanup()

    assert "307" in problem
    assert elsewhere.requests == []


async def test_the_call_ends_while_it_connects(bandwidth: Emulator, place: Place) -> None:
    """The socket that comes too late is closed, and no stream has begun."""
    async with StreamServer() as streams, Application(answer=document(streams.url)) as application:
        call = await place(application)

        class Server(StreamServer):
            async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
                bandwidth.hang_up(call)
                return await super()._handle(request)

        async with Server() as late:
            application.replies["answer"] = document(late.url)
            await bandwidth.run_until_idle()
            await wait_for_close(late)
            assert (len(late.sockets), late.frames) == (1, [])

        assert application.types == ["answer", "disconnect"]


MESSAGES: dict[str, tuple[list[Any], str]] = {
    "no JSON": (["{"], "a frame that is no JSON"),
    "no object": (["[1]"], "a frame that is no JSON object"),
    "no event": ([{"eventType": "mark"}], "an unknown eventType 'mark'"),
    "type": ([play(b"a", "audio/ogg")], "playAudio with unknown contentType 'audio/ogg'"),
    "rate": ([play(b"ab", "audio/pcm;rate=44100")], "unknown contentType 'audio/pcm;rate=44100'"),
    "odd": (
        [play(b"abc", "audio/pcm;rate=8000;channels=1;bit-depth=16;endian=little;encoding=signed")],
        "odd number of bytes",
    ),
    "no media": ([{"eventType": "playAudio"}], "playAudio without media"),
    "no base64": (
        [{"eventType": "playAudio", "media": {"contentType": "audio/pcmu", "payload": "%"}}],
        "payload is no base64",
    ),
    "number": (
        [{"eventType": "playAudio", "media": {"contentType": "audio/pcmu", "payload": 1}}],
        "payload is no base64",
    ),
    "bytes": ([b"\x11"], "a binary frame: send JSON as text"),
    "often": (["{"] * 5, "a frame that is no JSON"),
}


@pytest.mark.parametrize("name", MESSAGES)
async def test_a_message_that_makes_no_sense(bandwidth: Emulator, place: Place, name: str) -> None:
    """It is one problem, which names the stream. The stream goes on, and the next sound is played."""
    messages, told = MESSAGES[name]

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["eventType"] == "start":
            for message in messages:
                await send(socket, message)
            await socket.send_json(play(b"\x11" * 160))

    async with StreamServer(hear) as streams, Application(answer=document(streams.url)) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    (problem,) = bandwidth.expect_problems()
    assert told in problem
    assert "stream a to" in problem
    assert [entry.detail for entry in call.entries if entry.kind == "played"] == [{"stream": "a", "seconds": 0.02}]
    assert application.told("mediaStreamStopped")[0]["mediaStream"]["duration"] == "PT10S"


async def send(socket: web.WebSocketResponse, message: object) -> None:
    """Send a message as it is, and an object as JSON."""
    if isinstance(message, bytes):
        await socket.send_bytes(message)
    elif isinstance(message, str):
        await socket.send_str(message)
    else:
        await socket.send_json(message)


@pytest.mark.parametrize("message", [play(b"\x11" * 160), {"eventType": "clear"}])
async def test_a_stream_in_one_direction(bandwidth: Emulator, place: Place, message: dict[str, Any]) -> None:
    """Nothing is played. The problem says how the stream must be started."""

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["eventType"] == "start":
            await socket.send_json(message)

    async with StreamServer(hear) as streams, Application(answer=document(streams.url, "unidirectional")) as app:
        call = await place(app)
        await bandwidth.run_until_idle()

    (problem,) = bandwidth.expect_problems()
    assert f"{message['eventType']}, but it is not bidirectional" in problem
    assert "played" not in [entry.kind for entry in call.entries]
    assert call.stream().received == [message]


@pytest.mark.parametrize(("code", "cause"), [(1000, "closed"), (1001, "closed"), (1011, "connection-error")])
async def test_the_application_closes(bandwidth: Emulator, place: Place, code: int, cause: str) -> None:
    """With the code of a failure it is a problem, else it is not."""

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame.get("sequenceNumber") == "50":
            await socket.close(code=code)

    async with StreamServer(hear) as streams, Application(answer=document(streams.url)) as application:
        await place(application)
        await bandwidth.run_until_idle()

    (stopped,) = application.told("mediaStreamStopped")
    assert (stopped["cause"], stopped["mediaStream"]["duration"]) == (cause, "PT1S")
    problems = bandwidth.expect_problems()
    assert len(problems) == (code == 1011)
    assert all("stream a" in problem and "1011" in problem for problem in problems)


async def test_the_connection_is_lost(bandwidth: Emulator, place: Place) -> None:
    """The stream ends with a problem, and the call goes on."""

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame.get("sequenceNumber") == "50":
            transport = streams.requests[0].transport
            assert transport is not None
            transport.abort()

    async with StreamServer(hear) as streams, Application(answer=document(streams.url)) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    (stopped,) = application.told("mediaStreamStopped")
    (problem,) = bandwidth.expect_problems()
    assert (stopped["cause"], stopped["errorMessage"]) == ("connection-error", "the connection was lost")
    assert "stream a" in problem
    assert "the connection was lost" in problem
    assert (call.end_time or 0) - call.created == 12_000


@pytest.fixture
async def impatient() -> AsyncIterator[Emulator]:
    """An emulator that waits for an answer for a moment only."""
    async with Emulator(moved_clock=True, patience=0.2) as emulator:
        yield emulator


async def ring(bandwidth: Emulator, application: Application) -> Call:
    """Let a silent caller call the application."""
    far_end = FarEnd().silence()
    return await bandwidth.inbound(to="+19195551234", from_="+19195554321", url=application.url, far_end=far_end)


async def test_an_application_that_does_not_answer_pings(impatient: Emulator) -> None:
    """The clock is held, and the error names the stream and its URL."""

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame.get("sequenceNumber") == "50":
            await asyncio.Event().wait()

    async with StreamServer(hear) as streams, Application(initiate=document(streams.url)) as application:
        await ring(impatient, application)

        with pytest.raises(ClockHeldError, match=rf"stream a to {streams.url}"):
            await impatient.run_until_idle()


async def test_an_upgrade_that_is_not_answered(impatient: Emulator) -> None:
    """The clock is held, and the error names the URL."""

    class Server(StreamServer):
        async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
            await asyncio.Event().wait()
            raise AssertionError

    async with Server() as streams, Application(initiate=document(streams.url)) as application:
        await ring(impatient, application)

        with pytest.raises(ClockHeldError, match=streams.url):
            await impatient.run_until_idle()


async def test_an_application_that_does_not_read() -> None:
    """On a running clock the stream is closed before the frames fill the memory."""
    over = asyncio.Event()

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        await asyncio.Event().wait()

    def stopped(event: dict[str, Any]) -> int:
        over.set()
        return 204

    async with Emulator(speed=500, patience=0.5) as bandwidth, StreamServer(hear) as streams:
        replies: dict[str, Any] = {
            "initiate": document(streams.url, wait='<Pause duration="86400"/>'),
            "mediaStreamStopped": stopped,
        }
        async with Application(**replies) as application:
            await ring(bandwidth, application)
            async with asyncio.timeout(PATIENCE):
                await over.wait()
            (event,) = application.told("mediaStreamStopped")
            (problem,) = bandwidth.expect_problems()

    assert event["cause"] == "connection-error"
    assert "has not read for 0.5 s" in problem


async def test_the_emulator_stops_with_a_stream() -> None:
    """The socket is closed, and no task is left behind."""
    before = len(asyncio.all_tasks())
    async with StreamServer() as streams, Application(initiate=document(streams.url)) as application:
        async with Emulator(moved_clock=True) as bandwidth:
            await ring(bandwidth, application)
            await bandwidth.advance(5)
            assert streams.sockets[0].closed is False
        await wait_for_close(streams)

    assert len(asyncio.all_tasks()) == before


async def test_a_reset_drops_the_stream(bandwidth: Emulator) -> None:
    """The application sees that its socket is closed."""
    async with StreamServer() as streams, Application(initiate=document(streams.url)) as application:
        await ring(bandwidth, application)
        await bandwidth.advance(5)

        bandwidth.reset()

        await wait_for_close(streams)


async def wait_for_close(streams: StreamServer) -> None:
    """Wait until a socket is closed."""
    async with asyncio.timeout(PATIENCE):
        await streams.over.wait()
