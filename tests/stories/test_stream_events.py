"""Media streams: their events, and what these hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.application import Application
from support.stream_server import StreamServer

from bandwidth_calls.emulator import Call, Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Respond = Callable[..., str]
    Place = Callable[..., Awaitable[Call]]
    Update = Callable[..., Awaitable[int]]

PAUSE = '<Pause duration="10"/>'


def stream(name: str = "", tracks: str = "inbound", url: str = "/hook") -> str:
    """Return a StartStream to the server of the test; its id is its name by default."""
    named = f' name="{name}"' if name else ""
    return f'<StartStream{named} destination="WS" tracks="{tracks}" streamEventUrl="{url}"/>'


@pytest.fixture
async def streams() -> AsyncIterator[StreamServer]:
    """A server that takes every stream, and does nothing."""
    async with StreamServer() as server:
        yield server


@pytest.fixture
def response(streams: StreamServer) -> Callable[..., str]:
    """Return a function that returns a document of verbs."""
    return lambda *verbs: f"<Response>{''.join(verbs)}</Response>".replace("WS", streams.url)


def summary(application: Application) -> list[tuple[str, str | None]]:
    """Return the type and the cause of each event but answer and disconnect, in order."""
    return [
        (event["eventType"], event.get("cause"))
        for event in application.events
        if event["eventType"] not in ("answer", "disconnect")
    ]


async def test_a_stream_starts_and_is_stopped(
    bandwidth: Emulator, place: Place, response: Respond, streams: StreamServer
) -> None:
    """Both events have its properties, the second also the duration."""
    document = response(stream("music", "both"), PAUSE, '<StopStream name="music"/>', PAUSE)
    async with Application(answer=document) as application:
        await place(application, tag="a")

        await bandwidth.run_until_idle()

    (started,), (stopped,) = application.told("mediaStreamStarted"), application.told("mediaStreamStopped")
    facts = started["mediaStream"]
    assert facts.pop("id").startswith("s-")
    assert facts == {
        "name": "music",
        "destination": streams.url,
        "type": "WebSocket",
        "tracks": ["inbound", "outbound"],
        "startTime": "2026-01-01T00:00:02.000Z",
    }
    assert (started["tag"], started["answerTime"]) == ("a", "2026-01-01T00:00:02.000Z")
    assert (stopped["mediaStream"]["duration"], stopped["cause"]) == ("PT10S", "closed")
    assert stopped["eventTime"] == "2026-01-01T00:00:12.000Z"


async def test_a_stream_is_called_by_its_id(bandwidth: Emulator, place: Place, response: Respond) -> None:
    """Without a name the id is the name."""
    async with Application(answer=response(stream(), PAUSE)) as application:
        await place(application)

        await bandwidth.run_until_idle()

    (started,) = application.told("mediaStreamStarted")
    assert started["mediaStream"]["name"] == started["mediaStream"]["id"]


async def test_a_stream_ends_with_the_call(bandwidth: Emulator, place: Place, response: Respond) -> None:
    """StartStream does not block. As the last verb it leads to the end of the call and of the stream."""
    async with Application(answer=response(stream())) as application:
        call = await place(application)

        await bandwidth.run_until_idle()

    assert application.types == ["answer", "mediaStreamStarted", "mediaStreamStopped", "disconnect"]
    assert application.events[2]["mediaStream"]["duration"] == "PT0S"
    assert (call.disconnect_cause, (call.end_time or 0) - call.created) == ("hangup", 2_000)


async def test_a_stream_outlives_the_document(
    bandwidth: Emulator, place: Place, response: Respond, update: Update
) -> None:
    """After a redirect the stream goes on until it is stopped."""
    later = response(PAUSE, '<StopStream name="a"/>')
    async with Application(answer=response(stream("a"), PAUSE), redirect=later) as application:
        call = await place(application)
        await bandwidth.advance(5)
        await update(call, redirectUrl=application.url)

        await bandwidth.run_until_idle()

    (stopped,) = application.told("mediaStreamStopped")
    assert stopped["mediaStream"]["duration"] == "PT13S"


async def test_a_name_is_used_once(bandwidth: Emulator, place: Place, response: Respond) -> None:
    """A second stream of the same name is rejected. The event has the first one, which goes on."""
    async with Application(answer=response(stream("a"), PAUSE, stream("a", "outbound"), PAUSE)) as application:
        await place(application)

        await bandwidth.run_until_idle()

    (started,), (rejected,) = application.told("mediaStreamStarted"), application.told("mediaStreamRejected")
    assert (rejected["cause"], bool(rejected["errorMessage"])) == ("duplicate", True)
    assert rejected["originalMediaStream"] == started["mediaStream"]
    assert rejected["mediaStream"]["tracks"] == ["outbound"]
    assert rejected["mediaStream"]["id"] != started["mediaStream"]["id"]
    assert application.told("mediaStreamStopped")[0]["mediaStream"]["duration"] == "PT20S"


async def test_a_name_is_free_again(bandwidth: Emulator, place: Place, response: Respond) -> None:
    """After a stream was stopped, another may have its name."""
    document = response(stream("a"), '<StopStream name="a"/>', stream("a"))
    async with Application(answer=document) as application:
        await place(application)

        await bandwidth.run_until_idle()

    assert summary(application) == [("mediaStreamStarted", None), ("mediaStreamStopped", "closed")] * 2


async def test_four_tracks_are_streamed_at_most(bandwidth: Emulator, place: Place, response: Respond) -> None:
    """Both tracks count as two. A stream that was stopped does not count."""
    verbs = stream("a", "both"), stream("b"), stream("c", "both"), stream("d"), '<StopStream name="a"/>', stream("e")
    async with Application(answer=response(*verbs)) as application:
        await place(application)

        await bandwidth.run_until_idle()

    names = [event["mediaStream"]["name"] for event in application.told("mediaStreamStarted")]
    (rejected,) = application.told("mediaStreamRejected")
    assert names == ["a", "b", "d", "e"]
    assert (rejected["mediaStream"]["name"], rejected["cause"]) == ("c", "track-limit")
    assert "originalMediaStream" not in rejected


@pytest.mark.parametrize("wait", ["false", "true"])
async def test_stopping_a_stream_that_is_not_there(
    bandwidth: Emulator, place: Place, response: Respond, wait: str
) -> None:
    """It has no effect, and does not wait."""
    async with Application(answer=response(stream("a"), f'<StopStream name="b" wait="{wait}"/>', PAUSE)) as application:
        call = await place(application)

        await bandwidth.run_until(call.ended)

    assert (call.end_time or 0) - call.created == 12_000
    assert call.disconnect_cause == "hangup"


async def test_a_stream_without_a_url_is_not_told(bandwidth: Emulator, place: Place, response: Respond) -> None:
    """No event is sent. The timeline has the stream."""
    async with Application(answer=response('<StartStream name="a" destination="WS"/>', PAUSE)) as application:
        call = await place(application)

        await bandwidth.run_until_idle()

    assert application.types == ["answer", "disconnect"]
    assert "mediaStream started: a" in call.timeline()


async def test_an_event_of_a_stream_that_fails(bandwidth: Emulator, place: Place, response: Respond) -> None:
    """A problem is noted, and the call goes on."""
    replies: dict[str, Any] = {"answer": response(stream(), PAUSE), "mediaStreamStarted": 500}
    async with Application(**replies) as application:
        call = await place(application)

        await bandwidth.run_until_idle()

    assert call.disconnect_cause == "hangup"
    assert [problem.split(":")[0] for problem in bandwidth.expect_problems()] == ["mediaStreamStarted"]
