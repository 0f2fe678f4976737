"""Bandwidth's own SDK and this one on the emulator: they read the same data, and send the same changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import attrs
import bandwidth as official
import pytest
from support.played import Played

from bandwidth_calls import (
    BandwidthClient,
    BasicCredentials,
    CreateCall,
    TranscribeRecording,
    UpdateCall,
    UpdateConference,
    UpdateConferenceMember,
)
from bandwidth_calls.emulator import Emulator
from bandwidth_calls.wire import wire_name

ACCOUNT = "9900000"
ONE, TWO = "+14155551231", "+14155551232"
BXML = '<?xml version="1.0" encoding="UTF-8"?><Response><SpeakSentence>Hello</SpeakSentence></Response>'
URL = "https://app.example/x"


@attrs.frozen
class Story:
    """A client of each SDK, and the ids of what was played."""

    bandwidth: Emulator
    client: BandwidthClient
    apis: official.ApiClient
    ids: Played

    def api(self, name: str) -> Any:
        """Return one of the classes of the official SDK."""
        return getattr(official, f"{name}Api")(self.apis)


@pytest.fixture
async def story(bandwidth: Emulator, played: Played) -> AsyncIterator[Story]:
    """Clients of a service where a call and a conference were played."""
    async with BandwidthClient(ACCOUNT, BasicCredentials("user", "password"), base_url=bandwidth.base_url) as client:
        yield Story(bandwidth, client, _official(bandwidth), played)


def _official(bandwidth: Emulator) -> official.ApiClient:
    """Return the official client. Its hosts are constants, so they are replaced."""
    client = official.ApiClient(official.Configuration(username="user", password="password"))
    call_api, its_own = client.call_api, "https://voice.bandwidth.com/api/v2"

    def to_the_emulator(method: str, url: str, *rest: Any, **more: Any) -> Any:
        return call_api(method, url.replace(its_own, bandwidth.base_url), *rest, **more)

    client.call_api = to_the_emulator
    return client


def plain(value: Any) -> Any:
    """Return an answer of either SDK as plain values under the names of the wire, without what is None."""
    if attrs.has(type(value)):
        fields = {wire_name(each.name): getattr(value, each.name) for each in attrs.fields(type(value))}
        assert fields.pop("extra") == {}, "a field of the emulator that this SDK does not know"
        return plain(fields)
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, timedelta):
        return f"PT{value.total_seconds():g}S"
    if isinstance(value, datetime):
        return value.timestamp()
    return value.value if isinstance(value, Enum) else value


async def listed(listing: Any) -> list[Any]:
    """Return all items of a listing."""
    return [each async for each in listing]


Ours = Callable[[Story], Awaitable[Any]]
Theirs = Callable[[Story], Any]
READS: dict[str, tuple[Ours, Theirs]] = {
    "listCalls": (lambda s: listed(s.client.calls.list_calls()), lambda s: s.api("Calls").list_calls(ACCOUNT)),
    "getCallState": (
        lambda s: s.client.calls.get_call_state(s.ids.call_id),
        lambda s: s.api("Calls").get_call_state(ACCOUNT, s.ids.call_id),
    ),
    "listAccountCallRecordings": (
        lambda s: listed(s.client.recordings.list_account_call_recordings()),
        lambda s: s.api("Recordings").list_account_call_recordings(ACCOUNT),
    ),
    "listCallRecordings": (
        lambda s: listed(s.client.recordings.list_call_recordings(s.ids.call_id)),
        lambda s: s.api("Recordings").list_call_recordings(ACCOUNT, s.ids.call_id),
    ),
    "getCallRecording": (
        lambda s: s.client.recordings.get_call_recording(s.ids.call_id, s.ids.recording_id),
        lambda s: s.api("Recordings").get_call_recording(ACCOUNT, s.ids.call_id, s.ids.recording_id),
    ),
    "downloadCallRecording": (
        lambda s: s.client.recordings.download_call_recording(s.ids.call_id, s.ids.recording_id).read(),
        lambda s: bytes(s.api("Recordings").download_call_recording(ACCOUNT, s.ids.call_id, s.ids.recording_id)),
    ),
    "getRecordingTranscription": (
        lambda s: s.client.recordings.get_recording_transcription(s.ids.call_id, s.ids.recording_id),
        lambda s: s.api("Recordings").get_recording_transcription(ACCOUNT, s.ids.call_id, s.ids.recording_id),
    ),
    "listRealTimeTranscriptions": (
        lambda s: listed(s.client.transcriptions.list_real_time_transcriptions(s.ids.call_id)),
        lambda s: s.api("Transcriptions").list_real_time_transcriptions(ACCOUNT, s.ids.call_id),
    ),
    "getRealTimeTranscription": (
        lambda s: s.client.transcriptions.get_real_time_transcription(s.ids.call_id, s.ids.transcription_id),
        lambda s: s.api("Transcriptions").get_real_time_transcription(ACCOUNT, s.ids.call_id, s.ids.transcription_id),
    ),
    "listConferences": (
        lambda s: listed(s.client.conferences.list_conferences()),
        lambda s: s.api("Conferences").list_conferences(ACCOUNT),
    ),
    "getConference": (
        lambda s: s.client.conferences.get_conference(s.ids.conference_id),
        lambda s: s.api("Conferences").get_conference(ACCOUNT, s.ids.conference_id),
    ),
    "getConferenceMember": (
        lambda s: s.client.conferences.get_conference_member(s.ids.conference_id, s.ids.member_id),
        lambda s: s.api("Conferences").get_conference_member(ACCOUNT, s.ids.conference_id, s.ids.member_id),
    ),
    "listConferenceRecordings": (
        lambda s: listed(s.client.conferences.list_conference_recordings(s.ids.conference_id)),
        lambda s: s.api("Conferences").list_conference_recordings(ACCOUNT, s.ids.conference_id),
    ),
    "getConferenceRecording": (
        lambda s: s.client.conferences.get_conference_recording(s.ids.conference_id, s.ids.conference_recording_id),
        lambda s: s.api("Conferences").get_conference_recording(
            ACCOUNT, s.ids.conference_id, s.ids.conference_recording_id
        ),
    ),
    "downloadConferenceRecording": (
        lambda s: s.client.conferences.download_conference_recording(
            s.ids.conference_id, s.ids.conference_recording_id
        ).read(),
        lambda s: bytes(
            s.api("Conferences").download_conference_recording(
                ACCOUNT, s.ids.conference_id, s.ids.conference_recording_id
            )
        ),
    ),
    "getStatistics": (
        lambda s: s.client.statistics.get_statistics(),
        lambda s: s.api("Statistics").get_statistics(ACCOUNT),
    ),
}
CALL = {"to": ONE, "from": TWO, "applicationId": "a", "answerUrl": URL, "tag": "mine", "callTimeout": 20.5}
OUR_CALL = CreateCall(to=ONE, from_=TWO, application_id="a", answer_url=URL, tag="mine", call_timeout=20.5)
TEXT = {"callbackUrl": URL, "callbackMethod": "GET", "tag": "mine", "callbackTimeout": 2.5, "detectLanguage": True}
OUR_TEXT = TranscribeRecording(
    callback_url=URL, callback_method="GET", tag="mine", callback_timeout=2.5, detect_language=True
)
CHANGES: dict[str, tuple[Ours, Theirs]] = {
    "createCall": (
        lambda s: s.client.calls.create_call(OUR_CALL),
        lambda s: s.api("Calls").create_call(ACCOUNT, official.CreateCall.from_dict(CALL)),
    ),
    "updateCall": (
        lambda s: s.client.calls.update_call(s.ids.member_id, UpdateCall(redirect_url=URL, state="active")),
        lambda s: s.api("Calls").update_call(ACCOUNT, s.ids.member_id, official.UpdateCall(redirectUrl=URL)),
    ),
    "updateCallBxml": (
        lambda s: s.client.calls.update_call_bxml(s.ids.member_id, BXML),
        lambda s: s.api("Calls").update_call_bxml(ACCOUNT, s.ids.member_id, BXML),
    ),
    "updateCallRecordingState": (
        lambda s: s.client.recordings.update_call_recording_state(s.ids.member_id, "paused"),
        lambda s: s.api("Recordings").update_call_recording_state(
            ACCOUNT, s.ids.member_id, official.UpdateCallRecording(state="paused")
        ),
    ),
    "transcribeCallRecording": (
        lambda s: s.client.recordings.transcribe_call_recording(s.ids.call_id, s.ids.recording_id, OUR_TEXT),
        lambda s: s.api("Recordings").transcribe_call_recording(
            ACCOUNT, s.ids.call_id, s.ids.recording_id, official.TranscribeRecording.from_dict(TEXT)
        ),
    ),
    "deleteRecording": (
        lambda s: s.client.recordings.delete_recording(s.ids.call_id, s.ids.recording_id),
        lambda s: s.api("Recordings").delete_recording(ACCOUNT, s.ids.call_id, s.ids.recording_id),
    ),
    "deleteRecordingMedia": (
        lambda s: s.client.recordings.delete_recording_media(s.ids.call_id, s.ids.recording_id),
        lambda s: s.api("Recordings").delete_recording_media(ACCOUNT, s.ids.call_id, s.ids.recording_id),
    ),
    "deleteRecordingTranscription": (
        lambda s: s.client.recordings.delete_recording_transcription(s.ids.call_id, s.ids.recording_id),
        lambda s: s.api("Recordings").delete_recording_transcription(ACCOUNT, s.ids.call_id, s.ids.recording_id),
    ),
    "deleteRealTimeTranscription": (
        lambda s: s.client.transcriptions.delete_real_time_transcription(s.ids.call_id, s.ids.transcription_id),
        lambda s: s.api("Transcriptions").delete_real_time_transcription(
            ACCOUNT, s.ids.call_id, s.ids.transcription_id
        ),
    ),
    "updateConference": (
        lambda s: s.client.conferences.update_conference(
            s.ids.conference_id, UpdateConference(status="active", redirect_url=URL, redirect_method="POST")
        ),
        lambda s: s.api("Conferences").update_conference(
            ACCOUNT, s.ids.conference_id, official.UpdateConference(redirectUrl=URL)
        ),
    ),
    "updateConferenceBxml": (
        lambda s: s.client.conferences.update_conference_bxml(s.ids.conference_id, BXML),
        lambda s: s.api("Conferences").update_conference_bxml(ACCOUNT, s.ids.conference_id, BXML),
    ),
    "updateConferenceMember": (
        lambda s: s.client.conferences.update_conference_member(
            s.ids.conference_id, s.ids.member_id, UpdateConferenceMember(mute=True, call_ids_to_coach=["c-1"])
        ),
        lambda s: s.api("Conferences").update_conference_member(
            ACCOUNT,
            s.ids.conference_id,
            s.ids.member_id,
            official.UpdateConferenceMember(mute=True, callIdsToCoach=["c-1"]),
        ),
    ),
}


def test_each_operation_is_compared() -> None:
    """Sixteen that read, and twelve that change."""
    assert (len(READS), len(CHANGES)) == (16, 12)


@pytest.mark.parametrize("operation", READS)
async def test_both_read_the_same(story: Story, operation: str) -> None:
    """Whatever the official SDK reads this one reads too, and nothing of the answer is left over."""
    ours, theirs = READS[operation]

    read, expected = await ours(story), await asyncio.to_thread(theirs, story)

    assert read
    assert plain(read) == plain(expected)
    assert [each.operation for each in story.bandwidth.requests][-2:] == [operation] * 2


@pytest.mark.parametrize("operation", CHANGES)
async def test_both_send_the_same(story: Story, operation: str) -> None:
    """The requests are the same: method, path, type and body. The official SDK writes the defaults out."""
    ours, theirs = CHANGES[operation]

    await ours(story)
    with suppress(official.ApiException):  # what is deleted already may be refused the second time
        await asyncio.to_thread(theirs, story)

    first, second = story.bandwidth.requests[-2:]
    assert (first.operation, first.method, first.path) == (operation, second.method, second.path)
    assert (first.status or 0) < 300
    defaults = official_defaults(operation)
    assert {**defaults, **body(first.body)} == {**defaults, **body(second.body)}
    if first.body:
        assert first.headers["Content-Type"] == second.headers["Content-Type"]


def body(text: str) -> dict[str, Any]:
    """Return a body to compare: JSON, or the text of BXML."""
    if not text or text.startswith("<"):
        return {"text": text}
    return {name: value for name, value in json.loads(text).items() if value is not None}


def official_defaults(operation: str) -> dict[str, Any]:
    """Return what the official SDK sends where nothing is said: the documented defaults."""
    kinds = {"createCall": official.CreateCall, "updateCall": official.UpdateCall}
    kind = kinds.get(operation) or getattr(official, operation[0].upper() + operation[1:], None)
    if kind is None:
        return {}
    fields = {each.alias or name: each.default for name, each in kind.model_fields.items()}
    return {name: plain(value) for name, value in fields.items() if not callable(value) and value is not None}
