"""Real-time transcriptions: their events, and what these hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.application import Application
from support.emulator_http import calls_url
from support.stream_server import StreamServer

from bandwidth_calls.emulator import Call, Emulator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Place = Callable[..., Awaitable[Call]]

WS = "wss://app.example/media"
PAUSE = '<Pause duration="10"/>'


def response(*verbs: str) -> str:
    """Return a document of these verbs."""
    return f"<Response>{''.join(verbs)}</Response>"


def transcription(name: str, tracks: str = "both", destination: str = f' destination="{WS}"') -> str:
    """Return a StartTranscription, by default with a destination."""
    return f'<StartTranscription name="{name}" tracks="{tracks}"{destination} transcriptionEventUrl="/hook"/>'


async def test_a_transcription_is_available_when_it_has_ended(bandwidth: Emulator, place: Place) -> None:
    """It has the events of a stream. A second after its end an event tells its URL."""
    document = response(transcription("words"), PAUSE, '<StopTranscription name="words"/>', PAUSE)
    async with Application(answer=document) as application:
        call = await place(application)

        await bandwidth.run_until_idle()

    started, stopped, available = (
        application.told(f"realTimeTranscription{what}")[0] for what in ("Started", "Stopped", "Available")
    )
    facts = started["realTimeTranscription"]
    url = calls_url(bandwidth, call.call_id, "transcriptions", facts["id"])
    completed = {"status": "available", "url": url, "completedTime": "2026-01-01T00:00:13.100Z"}
    assert facts["id"].startswith("t-")
    assert facts == {
        "id": facts["id"],
        "name": "words",
        "destination": WS,
        "stabilized": True,
        "tracks": ["inbound", "outbound"],
        "startTime": "2026-01-01T00:00:02.100Z",
    }
    assert (stopped["realTimeTranscription"], stopped["cause"]) == ({**facts, "duration": "PT10S"}, "closed")
    assert (available["realTimeTranscription"], available["eventTime"]) == (
        {**facts, **completed},
        completed["completedTime"],
    )


async def test_a_transcription_without_a_destination(bandwidth: Emulator, place: Place) -> None:
    """It starts at once. Its only event is that it is available, also after the call."""
    async with Application(answer=response(transcription("a", destination=""), PAUSE)) as application:
        await place(application)

        await bandwidth.run_until_idle()

    assert application.types == ["answer", "disconnect", "realTimeTranscriptionAvailable"]
    facts = application.events[2]["realTimeTranscription"]
    assert (facts["startTime"], {"destination", "stabilized"} & set(facts)) == ("2026-01-01T00:00:02.000Z", set())


@pytest.mark.parametrize(
    ("second", "cause", "more"),
    [
        (transcription("a", "inbound"), "duplicate", {"originalTranscription"}),
        (transcription("c", "both"), "track-limit", set()),
        (transcription("a", "inbound", destination=""), None, set()),
    ],
)
async def test_a_rejected_transcription(
    bandwidth: Emulator, place: Place, second: str, cause: str | None, more: set[str]
) -> None:
    """The rules are those of streams, counted separately. Without a destination there is no event."""
    async with StreamServer() as streams, Application() as application:
        started = '<StartStream name="a" tracks="both" destination="%s"/><StartStream tracks="both" destination="%s"/>'
        application.replies["answer"] = response(
            started % (streams.url, streams.url), transcription("a"), transcription("b", "inbound"), second
        )
        await place(application)

        await bandwidth.run_until_idle()

    rejected = application.told("realTimeTranscriptionRejected")
    assert [event["cause"] for event in rejected] == ([] if cause is None else [cause])
    assert all({"originalTranscription"} & set(event) == more for event in rejected)
    assert len(application.told("realTimeTranscriptionStarted")) == 2
    assert len(application.told("realTimeTranscriptionAvailable")) == 2


@pytest.mark.parametrize(
    ("stop", "names"), [('<StopTranscription name="b"/>', ["b"]), ("<StopTranscription/>", ["a", "b"])]
)
async def test_stopping_transcriptions(bandwidth: Emulator, place: Place, stop: str, names: list[str]) -> None:
    """The named one is stopped, or all of them, but no stream."""
    async with StreamServer() as streams, Application() as application:
        stream = f'<StartStream name="b" destination="{streams.url}" streamEventUrl="/hook"/>'
        application.replies["answer"] = response(stream, transcription("a"), transcription("b"), PAUSE, stop, PAUSE)
        await place(application)
        await bandwidth.advance(15)
        stopped = application.told("realTimeTranscriptionStopped")

        await bandwidth.run_until_idle()

    assert [event["realTimeTranscription"]["name"] for event in stopped] == names
    assert application.told("mediaStreamStopped")[0]["mediaStream"]["duration"] == "PT20.2S"
