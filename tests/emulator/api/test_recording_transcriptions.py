from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.emulator_http import ask, calls_url
from support.recorded_calls import play, status
from support.schemas import validate

from bandwidth_calls.emulator import FarEnd

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from support.application import Application

    from bandwidth_calls.emulator import Emulator


async def test_a_transcription(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """A transcription has the declared shape."""
    bandwidth.far_end("*", FarEnd().say("Good morning", after=1))
    url = await play(http, bandwidth, application, '<StartRecording transcribe="true"/>')

    reply = await ask(http, "GET", f"{url}/transcription")

    assert [clip["text"] for clip in reply.json()["clips"]] == ["Hello?", "Good morning"]
    validate("recordingTranscriptions", reply.json())


async def test_a_transcription_is_deleted(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """A recording whose transcription was deleted can be transcribed again."""
    url = await play(http, bandwidth, application, '<StartRecording transcribe="true"/>')

    deleted = await ask(http, "DELETE", f"{url}/transcription")

    gone = [await status(http, method, f"{url}/transcription") for method in ("GET", "DELETE", "POST")]
    assert (deleted.status, deleted.body, gone) == (204, b"", [404, 404, 204])
    await bandwidth.run_until_idle()
    assert await status(http, "GET", f"{url}/transcription") == 200


async def test_a_recording_is_transcribed(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """After three seconds the event goes to the URL of the request, with the tag of the request."""
    url = await play(http, bandwidth, application, "<StartRecording/>", tag="the call's")
    body = {"callbackUrl": application.url, "tag": "mine"}

    reply = await ask(http, "POST", f"{url}/transcription", json=body)

    states = [(await ask(http, "GET", url)).json()["transcription"]["status"]]
    states.append(await status(http, "GET", f"{url}/transcription"))
    await bandwidth.run_until_idle()
    states.append((await ask(http, "GET", url)).json()["transcription"]["status"])
    (event,) = application.told("transcriptionAvailable")
    assert (reply.status, reply.body, states) == (204, b"", ["processing", 404, "available"])
    assert (event["tag"], event["eventTime"]) == ("mine", "2026-01-01T00:00:12.000Z")
    assert event["transcription"]["url"] == f"{url}/transcription"


@pytest.mark.parametrize("body", [{}, {"tag": None, "detectLanguage": True}])
async def test_a_transcription_that_is_not_told(
    http: ClientSession, bandwidth: Emulator, application: Application, body: dict[str, object]
) -> None:
    """Without a URL no event is sent."""
    url = await play(http, bandwidth, application, "<StartRecording/>")

    reply = await ask(http, "POST", f"{url}/transcription", json=body)

    await bandwidth.run_until_idle()
    assert (reply.status, application.types) == (204, ["answer"])
    assert await status(http, "GET", f"{url}/transcription") == 200


async def test_transcribing_again(http: ClientSession, bandwidth: Emulator, application: Application) -> None:
    """A second request replaces the first, so that one event is sent, with the call's tag."""
    url = await play(http, bandwidth, application, "<StartRecording/>", tag="the call's")
    for _ in range(2):
        await ask(http, "POST", f"{url}/transcription", json={"callbackUrl": application.url})

    await bandwidth.run_until_idle()

    (event,) = application.told("transcriptionAvailable")
    transcription = (await ask(http, "GET", url)).json()["transcription"]
    assert (event["transcription"], event["tag"]) == (transcription, "the call's")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("callbackUrl", "nowhere"),
        ("callbackUrl", None),
        ("callbackMethod", "PUT"),
        ("username", "u" * 1025),
        ("password", 1),
        ("tag", 1),
        ("callbackTimeout", 0.5),
        ("callbackTimeout", 26),
        ("detectLanguage", "yes"),
    ],
)
async def test_what_transcribing_refuses(field: str, value: object, http: ClientSession, bandwidth: Emulator) -> None:
    """A wrong value gets a 400 that names the field, before any 404."""
    url = calls_url(bandwidth, "c-1", "recordings", "r-1", "transcription")

    reply = await ask(http, "POST", url, json={field: value})

    assert reply.status == 400
    assert reply.json()["description"].startswith(f"Invalid {field}: ")
