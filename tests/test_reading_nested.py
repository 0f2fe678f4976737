"""Models that hold models, lists and durations: what is odd in a part costs that part only."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from bandwidth_calls import (
    Answer,
    BadAnswerError,
    CallRecordingMetadata,
    CallTranscription,
    CallTranscriptionResponse,
    Conference,
    ConferenceMember,
    RecordingTranscriptionMetadata,
    RecordingTranscriptions,
    Transcription,
)
from bandwidth_calls.fast import load_one
from bandwidth_calls.page_stream import PageReader
from bandwidth_calls.reading import Notes, Unreadable, load_list

RECORDING = {
    "recordingId": "r-1",
    "accountId": "1",
    "applicationId": "a",
    "callId": "c-1",
    "parentCallId": None,
    "to": "+1",
    "from": "Private",
    "transferCallerId": None,
    "transferTo": None,
    "recordingName": "mine",
    "duration": "PT13.67S",
    "direction": "inbound",
    "channels": 2,
    "startTime": "2026-11-26T12:00:00.123Z",
    "endTime": "2026-11-26T12:00:13.790Z",
    "fileFormat": "wav",
    "status": "complete",
    "mediaUrl": "https://media.example/r-1",
    "transcription": {"id": "t-1", "status": "available", "completedTime": "2026-11-26T12:01:00Z", "url": "u"},
}


def answer(payload: object) -> Answer:
    """Make an answer of some JSON."""
    return Answer(200, CIMultiDictProxy(CIMultiDict()), json.dumps(payload).encode(), "GET /x")


def test_a_recording_comes_back_typed() -> None:
    """Every field is read, with what it holds."""
    assert load_one(answer(RECORDING), CallRecordingMetadata) == CallRecordingMetadata(
        recording_id="r-1",
        account_id="1",
        application_id="a",
        call_id="c-1",
        to="+1",
        from_="Private",
        recording_name="mine",
        duration=timedelta(seconds=13.67),
        direction="inbound",
        channels=2,
        start_time=datetime(2026, 11, 26, 12, 0, 0, 123_000, UTC),
        end_time=datetime(2026, 11, 26, 12, 0, 13, 790_000, UTC),
        file_format="wav",
        status="complete",
        media_url="https://media.example/r-1",
        transcription=RecordingTranscriptionMetadata(
            id="t-1", status="available", completed_time=datetime(2026, 11, 26, 12, 1, tzinfo=UTC), url="u"
        ),
    )


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("duration", "13 seconds", "no duration"),
        ("duration", 13.67, "a duration was expected"),
        ("duration", "P999999999DT24H", "too long"),
        ("channels", "2", "a whole number was expected"),
        ("transcription", "t-1", "an object was expected"),
        ("transcription", [], "an object was expected"),
    ],
)
def test_an_odd_field_costs_itself_only(caplog: pytest.LogCaptureFixture, name: str, value: object, why: str) -> None:
    """It is None, stays in `extra`, and has one line in the log."""
    recording = load_one(answer({**RECORDING, name: value}), CallRecordingMetadata)

    assert getattr(recording, name) is None
    assert recording.recording_id == "r-1"
    assert recording.extra == {name: value}
    assert [why in line for line in caplog.messages] == [True]


def test_an_odd_field_of_a_part_costs_itself_only(caplog: pytest.LogCaptureFixture) -> None:
    """The rest of the part is read; the part and the whole keep what came."""
    part = {"id": 5, "status": "available", "new": 1}

    recording = load_one(answer({"recordingId": "r-1", "transcription": part}), CallRecordingMetadata)

    transcription = RecordingTranscriptionMetadata(status="available", extra={"id": 5, "new": 1})
    assert recording.transcription == transcription
    assert recording.extra == {"transcription": part}
    assert caplog.messages == ["GET /x: $.transcription.id is a number, where text was expected"]


@pytest.mark.parametrize(
    ("kind", "payload", "whole"),
    [
        (
            Conference,
            {"id": "f", "activeMembers": [{"mute": True}, {"callId": "c-1"}, None, {"callId": 5}]},
            Conference(id="f", active_members=[ConferenceMember(call_id="c-1")]),
        ),
        (
            ConferenceMember,
            {"callId": "c-1", "callIdsToCoach": ["c-2", 5, None]},
            ConferenceMember(call_id="c-1", call_ids_to_coach=["c-2"]),
        ),
        (
            RecordingTranscriptions,
            {"transcripts": [{"text": "Hi", "speaker": 0}, "Hi"]},
            RecordingTranscriptions(transcripts=[Transcription(text="Hi", speaker=0)]),
        ),
        (
            CallTranscriptionResponse,
            {"transcriptionId": "t", "tracks": [[], {"track": "inbound", "confidence": 1}]},
            CallTranscriptionResponse(
                transcription_id="t", tracks=[CallTranscription(track="inbound", confidence=1.0)]
            ),
        ),
    ],
    ids=["members", "ids", "transcripts", "tracks"],
)
def test_a_part_that_cannot_be_read_is_left_out(
    caplog: pytest.LogCaptureFixture, kind: Any, payload: dict[str, Any], whole: Any
) -> None:
    """The other parts are read, the whole keeps what came in `extra`, and one line tells of it for each place."""
    caplog.set_level(logging.WARNING)
    found = load_one(answer(payload), kind)

    name = next(name for name, value in payload.items() if isinstance(value, list))
    assert found.extra == {name: payload[name]}
    assert attrs.evolve(found, extra={}) == whole
    assert caplog.messages


def test_lists_that_are_absent_are_none() -> None:
    """As every other field, and an empty list is an empty list."""
    absent = load_one(answer({}), RecordingTranscriptions)
    empty = load_one(answer({"transcripts": [], "clips": None}), RecordingTranscriptions)

    assert (absent.transcripts, absent.clips) == (None, None)
    assert (empty.transcripts, empty.clips) == ([], None)


def test_a_recording_without_an_id_is_a_bad_answer() -> None:
    """The place is told."""
    with pytest.raises(BadAnswerError, match=r"\$\.recordingId is null"):
        load_one(answer({**RECORDING, "recordingId": None}), CallRecordingMetadata)


values = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.none() | st.text(max_size=3))
recordings = st.builds(
    lambda base, odd: {**base, **odd},
    st.sampled_from([RECORDING, {"recordingId": "r-2"}]),
    st.dictionaries(st.sampled_from(sorted(RECORDING)), values, max_size=2),
)


@given(st.lists(recordings, max_size=6), st.integers(1, 400))
def test_slices_give_what_the_whole_page_gives(page: list[dict[str, Any]], size: int) -> None:
    """However a page of such models is cut, its records are the same."""
    body = json.dumps(page, separators=(",", ":")).encode()
    reader: PageReader[CallRecordingMetadata] = PageReader(CallRecordingMetadata, size, Notes("GET /x"))
    records = list[CallRecordingMetadata | Unreadable]()
    for start in range(0, len(body), 97):
        reader.put(body[start : start + 97])
        while reader.ready:
            records += reader.slice()

    records += reader.end(answer(None))

    assert records == load_list(answer(page), CallRecordingMetadata, Notes("GET /x"))
