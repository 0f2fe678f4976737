"""Media streams: the frames that go to the application, and what comes back."""

from __future__ import annotations

import asyncio
import base64
import struct
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from support.application import Application
from support.moved_clock import PATIENCE
from support.stream_server import SILENCE, StreamServer, play

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Place = Callable[..., Awaitable[Call]]
    Update = Callable[..., Awaitable[int]]

QUIET = FarEnd().silence()
TWO_WAY = '<StartStream name="a" mode="bidirectional" destination="WS"/>'
BOTH = '<StartStream name="a" mode="bidirectional" tracks="both" destination="WS"/>'


async def run(bandwidth: Emulator, place: Place, streams: StreamServer, document: str, far_end: FarEnd = QUIET) -> Call:
    """Play a call with a document to its end, and return it."""
    bandwidth.far_end("*", far_end)
    async with Application(answer=f"<Response>{document}</Response>".replace("WS", streams.url)) as application:
        call = await place(application)
        await bandwidth.run_until(call.ended)
        await bandwidth.run_until_idle()
    return call


def played(call: Call) -> list[tuple[int, dict[str, Any]]]:
    """Return what was played to the far end: milliseconds since the call was created, and the detail."""
    entries = [entry for entry in call.entries if entry.kind == "played"]
    return [(entry.time - call.created, dict(entry.detail or {})) for entry in entries]


async def test_the_frames_are_those_of_the_documentation(bandwidth: Emulator, place: Place) -> None:
    """First comes start, with parameters only where there are any, then media, then stop; names stand in order."""
    document = '<StartStream name="a" tracks="both" destination="WS"><StreamParam name="k" value="v"/></StartStream>'
    async with StreamServer() as streams:
        call = await run(bandwidth, place, streams, f'{document}<Pause duration="1"/>')

    form = {"encoding": "PCMU", "sampleRate": 8000}
    metadata = {
        "accountId": bandwidth.account_id,
        "callId": call.call_id,
        "streamId": call.stream().stream_id,
        "streamName": "a",
        "tracks": [{"name": "inbound", "mediaFormat": form}, {"name": "outbound", "mediaFormat": form}],
    }
    start, first, second, third, *_, stop = [list(frame.items()) for frame in streams.frames]
    assert start == [("metadata", metadata), ("streamParams", {"k": "v"}), ("eventType", "start")]
    payload = ("payload", base64.b64encode(SILENCE).decode())
    media = ("eventType", "media")
    assert first == [("track", "inbound"), payload, ("sequenceNumber", "1"), media]
    assert second == [("track", "outbound"), payload, ("sequenceNumber", "2"), media]
    assert third == [("track", "inbound"), payload, ("sequenceNumber", "3"), media]
    assert stop == [("metadata", metadata), ("eventType", "stop")]


async def test_without_parameters_start_has_none(bandwidth: Emulator, place: Place) -> None:
    """The name is left out, not null or empty; a stream without a name is called by its id."""
    async with StreamServer() as streams:
        call = await run(bandwidth, place, streams, '<StartStream destination="WS"/><Pause/>')

    start = streams.frames[0]
    assert list(start) == ["metadata", "eventType"]
    assert start["metadata"]["streamName"] == start["metadata"]["streamId"] == call.stream().name


@pytest.mark.parametrize(
    ("tracks", "inbound", "outbound"), [("inbound", 500, 0), ("outbound", 0, 500), ("both", 500, 500)]
)
async def test_a_frame_comes_every_20_ms(
    bandwidth: Emulator, place: Place, tracks: str, inbound: int, outbound: int
) -> None:
    """A stream of ten seconds has 500 frames a track, and its socket is closed after them."""
    verb = f'<StartStream destination="WS" tracks="{tracks}"/><Pause duration="10"/>'
    async with StreamServer() as streams:
        await run(bandwidth, place, streams, verb)

    assert (len(streams.media("inbound")), len(streams.media("outbound"))) == (inbound, outbound)
    assert [frame["sequenceNumber"] for frame in streams.frames[1:-1]] == [
        str(n + 1) for n in range(inbound + outbound)
    ]
    assert streams.sockets[0].close_code == 1000


async def test_who_speaks_is_heard_on_a_track(bandwidth: Emulator, place: Place) -> None:
    """The far end is on the inbound track, and what is spoken to it on the outbound one, each as long as it lasts."""
    verbs = f'{BOTH}<SpeakSentence>{"a" * 30}</SpeakSentence><Pause duration="2"/>'
    async with StreamServer() as streams:
        await run(bandwidth, place, streams, verbs, far_end=QUIET.say("b" * 15, after=2.5))

    loud = [n for n, frame in enumerate(streams.media("inbound")) if frame["payload"] != streams.frames[1]["payload"]]
    assert (streams.loud("inbound"), streams.loud("outbound")) == (50, 100)
    assert loud == list(range(125, 175))


async def test_a_tone_is_heard_in_each_frame(bandwidth: Emulator, place: Place) -> None:
    """Its peak is at least 56 of 32,768, of which mu-law makes codes other than those of silence."""
    async with StreamServer() as streams:
        await run(bandwidth, place, streams, f"{BOTH}<SpeakSentence>{'a' * 15}</SpeakSentence>")

    quiet = {code for code in range(256) if ~code & 0x7F < 7}  # the codes below 56
    frames = [base64.b64decode(frame["payload"]) for frame in streams.media("outbound")]
    assert len(frames) == 50
    assert all(set(frame) - quiet for frame in frames)


async def test_a_bridged_call_is_heard(bandwidth: Emulator, place: Place) -> None:
    """What the callee of a transfer says goes to the caller, so it is on the outbound track."""
    bandwidth.far_end("+19195550199", QUIET.answer(after=0).say("b" * 30, after=1).hang_up(after=1))
    transfer = "<Transfer><PhoneNumber>+19195550199</PhoneNumber></Transfer>"
    async with Application() as application, StreamServer() as streams:
        application.replies["answer"] = f"<Response>{BOTH}{transfer}</Response>".replace("WS", streams.url)
        bandwidth.far_end("+19195551234", QUIET)
        await place(application)
        await bandwidth.run_until_idle()

    assert (streams.loud("inbound"), streams.loud("outbound")) == (0, 100)


async def test_the_url_and_the_credentials_arrive(bandwidth: Emulator, place: Place) -> None:
    """Path and query are kept, and the credentials go at once."""
    verb = '<StartStream destination="WS/b?c=d&amp;e=f" destinationUsername="me" destinationPassword="secret"/>'
    async with StreamServer() as streams:
        await run(bandwidth, place, streams, verb)

    (request,) = streams.requests
    assert request.path_qs == "/media/b?c=d&e=f"
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"me:secret").decode()


async def test_a_public_destination_is_mapped() -> None:
    """The stream goes to this machine. Its event tells the public URL."""
    async with StreamServer() as streams, Application() as application:
        local = streams.url.removesuffix("/media")
        async with Emulator(moved_clock=True, map=[f"wss://app.example={local}"]) as bandwidth:
            verb = '<StartStream destination="wss://app.example/media?x=1" streamEventUrl="/hook"/><Pause/>'
            application.replies["initiate"] = f"<Response>{verb}</Response>"
            await bandwidth.inbound(to="+19195551234", from_="+19195554321", url=application.url)
            await bandwidth.run_until_idle()

    (started,) = application.told("mediaStreamStarted")
    assert started["mediaStream"]["destination"] == "wss://app.example/media?x=1"
    assert streams.requests[0].path_qs == "/media?x=1"


async def once(frame: dict[str, Any], number: str, act: Callable[[], Awaitable[object]]) -> None:
    """Do something at the frame of this number."""
    if frame.get("sequenceNumber") == number:
        await act()


async def test_what_is_played_comes_back(bandwidth: Emulator, place: Place) -> None:
    """Sound of PCMU is on the outbound track byte for byte, from the next frame on; then it is silent again."""
    sound = bytes(range(200)) * 4

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        await once(frame, "20", lambda: socket.send_json(play(sound)))

    async with StreamServer(hear) as streams:
        call = await run(bandwidth, place, streams, f'{BOTH}<Pause duration="1"/>')

    heard = streams.sound("outbound")
    assert heard == (SILENCE * 10 + sound).ljust(8_000, b"\xff")
    assert played(call) == [(2_300, {"stream": "a", "seconds": 0.1})]


async def test_sounds_are_queued(bandwidth: Emulator, place: Place) -> None:
    """One begins where the other ends, in the middle of a frame too. Each is an entry when it is over."""
    first, second = b"\x11" * 8_100, b"\x22" * 100

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["eventType"] == "start":
            await socket.send_json(play(first))
            await socket.send_json(play(second))

    async with StreamServer(hear) as streams:
        call = await run(bandwidth, place, streams, f'{BOTH}<Pause duration="2"/>')

    assert streams.sound("outbound").rstrip(b"\xff") == first + second
    details = [{"stream": "a", "seconds": seconds} for seconds in (1.0125, 0.0125)]
    assert played(call) == [(3_020, details[0]), (3_040, details[1])]


async def test_clear_cuts_off(bandwidth: Emulator, place: Place) -> None:
    """The sound that plays ends at once and is noted with what was heard. What was never heard is no entry."""

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["eventType"] == "start":
            for _ in range(3):
                await socket.send_json(play(b"\x11" * 8_000))
        await once(frame, "50", lambda: socket.send_json({"eventType": "clear"}))

    async with StreamServer(hear) as streams:
        call = await run(bandwidth, place, streams, f'{TWO_WAY}<Pause duration="5"/>')

    assert played(call) == [(3_000, {"stream": "a", "seconds": 1.0})]


async def test_clear_in_the_middle(bandwidth: Emulator, place: Place) -> None:
    """The entry says that it was cut off, and when."""

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["eventType"] == "start":
            await socket.send_json(play(b"\x11" * 8_000))
        await once(frame, "25", lambda: socket.send_json({"eventType": "clear"}))

    async with StreamServer(hear) as streams:
        call = await run(bandwidth, place, streams, f'{TWO_WAY}<Pause duration="5"/>')

    assert played(call) == [(2_500, {"stream": "a", "seconds": 0.5})]
    assert "0.5 s of sound from stream a (cut off)" in call.timeline()


async def test_the_end_of_the_call_cuts_off(bandwidth: Emulator, place: Place) -> None:
    """What was heard by then is noted before the call is over."""

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["eventType"] == "start":
            await socket.send_json(play(b"\x11" * 80_000))

    async with StreamServer(hear) as streams:
        call = await run(bandwidth, place, streams, TWO_WAY, far_end=QUIET)
        assert played(call) == []
        call = await run(bandwidth, place, streams, f'{TWO_WAY}<Pause duration="3"/>')

    assert played(call) == [(5_000, {"stream": "a", "seconds": 3.0})]


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000])
async def test_linear_sound_is_converted(bandwidth: Emulator, place: Place, rate: int) -> None:
    """Samples of 16 bits come back as PCMU of the same length, whatever their rate."""
    kind = f"audio/pcm;rate={rate};channels=1;bit-depth=16;endian=little;encoding=signed"
    loud = struct.pack("<h", 32_635) * (rate // 2) + struct.pack("<h", -32_635) * (rate // 2)

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["eventType"] == "start":
            await socket.send_json(play(loud, kind))

    async with StreamServer(hear) as streams:
        call = await run(bandwidth, place, streams, f'{BOTH}<Pause duration="2"/>')

    assert streams.sound("outbound").rstrip(b"\xff") == b"\x80" * 4_000 + b"\x00" * 4_000
    assert played(call)[0][1]["seconds"] == 1.0


async def test_a_test_sees_what_the_application_sent(bandwidth: Emulator, place: Place) -> None:
    """The stream is one and the same object, also after the call. Its frames are dicts."""

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        await once(frame, "1", lambda: socket.send_json(play(b"\x11")))
        await once(frame, "2", lambda: socket.send_json({"eventType": "clear"}))

    async with StreamServer(hear) as streams, Application() as application:
        application.replies["answer"] = f"<Response>{TWO_WAY}<Pause/></Response>".replace("WS", streams.url)
        call = await place(application)
        await bandwidth.advance(2.5)
        during = call.stream("a")
        await bandwidth.run_until_idle()

    assert call.stream() is call.stream("a") is during
    assert during.received == [play(b"\x11"), {"eventType": "clear"}]


async def test_a_test_sends_audio(bandwidth: Emulator, place: Place) -> None:
    """It is on the inbound track from the next frame on, and ends in silence."""
    async with StreamServer() as streams, Application() as application:
        verb = '<StartStream destination="WS"/><Pause duration="1"/>'
        application.replies["answer"] = f"<Response>{verb}</Response>".replace("WS", streams.url)
        bandwidth.far_end("*", QUIET)
        call = await place(application)
        await bandwidth.advance(2.1)
        call.stream().send_audio(b"\x11" * 100)
        call.stream().send_audio(b"\x22" * 100)
        await bandwidth.run_until_idle()

    assert streams.sound() == (SILENCE * 5 + b"\x11" * 100 + b"\x22" * 100).ljust(8_000, b"\xff")


async def test_audio_that_nobody_gets(bandwidth: Emulator, place: Place) -> None:
    """A stream that has ended, or that has no inbound track, refuses it; so does anything but bytes."""
    async with StreamServer() as streams:
        ended = await run(bandwidth, place, streams, '<StartStream name="b" destination="WS"/><Pause/>')
        one_way = '<StartStream name="c" tracks="outbound" destination="WS"/><Pause duration="60"/>'
        async with Application(answer=f"<Response>{one_way}</Response>".replace("WS", streams.url)) as application:
            call = await place(application)
            await bandwidth.advance(5)

            with pytest.raises(RuntimeError, match="'b' has ended"):
                ended.stream().send_audio(b"\x11")
            with pytest.raises(RuntimeError, match="'c' has no inbound track"):
                call.stream().send_audio(b"\x11")
            with pytest.raises(TypeError, match="bytes"):
                call.stream().send_audio("\x11")  # type: ignore[arg-type]


async def test_a_stream_that_never_started(bandwidth: Emulator, place: Place) -> None:
    """The error says which streams the call had, and that several need a name."""
    verbs = '<StartStream name="b" destination="WS"/><StartStream name="c" destination="WS"/><Pause/>'
    async with StreamServer() as streams:
        none = await run(bandwidth, place, streams, "<Pause/>")
        two = await run(bandwidth, place, streams, verbs)

    with pytest.raises(LookupError, match="none has started"):
        none.stream()
    with pytest.raises(LookupError, match="name one of them: b, c"):
        two.stream()
    with pytest.raises(LookupError, match="no stream 'a': the call had b, c"):
        two.stream("a")


async def test_a_far_end_hears_audio(bandwidth: Emulator, place: Place) -> None:
    """It goes on when it has heard enough, over several sounds and PlayAudio; it is not speech."""

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        for number in ("25", "100"):
            await once(frame, number, lambda: socket.send_json(play(b"\x11" * 4_000)))

    far_end = QUIET.hear_audio().hang_up()
    async with StreamServer(hear) as streams:
        call = await run(bandwidth, place, streams, f'{TWO_WAY}<Pause duration="60"/>', far_end=far_end)

    assert (call.end_time or 0) - call.created == 2_000 + 2_500


async def test_a_far_end_hears_no_audio(bandwidth: Emulator, place: Place) -> None:
    """It hangs up in the end, and says how much it heard."""

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        await once(frame, "25", lambda: socket.send_json(play(b"\x11" * 4_000)))

    far_end = QUIET.hear_audio(at_least=2).else_hang_up(after=10)
    async with StreamServer(hear) as streams:
        call = await run(bandwidth, place, streams, f'{TWO_WAY}<Pause duration="60"/>', far_end=far_end)

    assert "waited 10 s for 2 s of audio, heard 0.5 s" in call.timeline()
    assert (call.end_time or 0) - call.created == 12_000


async def test_the_application_closes_the_stream(bandwidth: Emulator, place: Place) -> None:
    """The stream ends, and so does the wait of StopStream."""

    async def hear(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        await once(frame, "100", socket.close)

    verbs = '<StartStream name="a" destination="WS" streamEventUrl="/hook"/><StopStream name="a" wait="true"/>'
    async with StreamServer(hear) as streams, Application() as application:
        application.replies["answer"] = f"<Response>{verbs}<Pause/></Response>".replace("WS", streams.url)
        call = await place(application)
        await bandwidth.run_until_idle()

    (stopped,) = application.told("mediaStreamStopped")
    assert (stopped["cause"], stopped["mediaStream"]["duration"]) == ("closed", "PT2S")
    assert (call.end_time or 0) - call.created == 5_000


async def test_waiting_for_a_stream(bandwidth: Emulator, place: Place, update: Update) -> None:
    """If the application does not close it, the verb lasts until the API ends the call."""
    verbs = '<StartStream name="a" destination="WS" streamEventUrl="/hook"/><StopStream name="a" wait="true"/>'
    async with StreamServer() as streams, Application() as application:
        application.replies["answer"] = f"<Response>{verbs}</Response>".replace("WS", streams.url)
        call = await place(application)
        await bandwidth.advance(60)
        waiting = call.state
        await update(call, state="completed")
        await bandwidth.run_until_idle()

    (stopped,) = application.told("mediaStreamStopped")
    assert (waiting, stopped["mediaStream"]["duration"]) == ("answered", "PT58S")
    assert len(streams.media()) == 58 * 50


async def test_one_seed_gives_one_timeline() -> None:
    """A story with a stream that is played twice is the same, byte for byte, in its timeline and its frames."""
    told = []
    for _ in range(2):
        async with Emulator(moved_clock=True, seed=3) as bandwidth, StreamServer(echo) as streams, Application() as app:
            document = f"<Response>{BOTH}<SpeakSentence>Hello</SpeakSentence><Pause duration='9'/></Response>"
            app.replies["initiate"] = document.replace("WS", streams.url)
            far_end = QUIET.say("Hello", after=1).hear_audio(at_least=2).say("Bye").hang_up()
            call = await bandwidth.inbound(to="+19195551234", from_="+19195554321", url=app.url, far_end=far_end)
            await bandwidth.run_until_idle()
            told.append((call.timeline(), call.stream().received, streams.frames))

    assert told[0] == told[1]
    assert len(told[0][1]) > 100


async def echo(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
    """Play every frame of the far end back."""
    if frame.get("track") == "inbound":
        await socket.send_json(play(base64.b64decode(frame["payload"])))


async def test_a_running_clock() -> None:
    """Frames come as time passes, none is lost, and what is played is heard."""
    over = asyncio.Event()

    def stopped(_: dict[str, Any]) -> int:
        over.set()
        return 204

    async with Emulator(speed=20) as bandwidth, StreamServer(echo) as streams:
        document = TWO_WAY.replace("name", 'streamEventUrl="/hook" name').replace("WS", streams.url)
        replies: dict[str, Any] = {
            "initiate": f'<Response>{document}<Pause duration="600"/></Response>',
            "mediaStreamStopped": stopped,
        }
        async with Application(**replies) as application:
            far_end = QUIET.hear_audio().hang_up()
            numbers = {"to": "+19195551234", "from_": "+19195554321"}
            call = await bandwidth.inbound(**numbers, url=application.url, far_end=far_end)
            async with asyncio.timeout(PATIENCE):
                await over.wait()

    order = [int(frame["sequenceNumber"]) for frame in streams.media()]
    assert order == list(range(1, len(order) + 1))
    assert len(order) > 50
    assert round(sum(detail["seconds"] for _, detail in played(call)), 2) >= 1
