"""The models of the Recordings resource; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Recordings.

Fields have the API's names in snake_case, with `from_` for `from`. None means: not sent, or not in the answer. The
`extra` of an answer keeps unknown fields under their names on the wire, and what came of a field of a wrong type.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from bandwidth_calls import checks
from bandwidth_calls.models.callbacks import TAG_LENGTH, Method, check_callbacks


@attrs.frozen(kw_only=True)
class TranscribeRecording:
    """How a recording is transcribed; everything is optional.

    The event `transcriptionAvailable` is sent to `callback_url`. `callback_timeout` is 1 to 25 seconds, the service's
    default 15. `tag` has at most 4,096 characters. With `detect_language` the service finds out which of English,
    French and Spanish is spoken, and without it takes English. A wrong value is a ValueError that names the field.
    """

    callback_url: str | None = None
    callback_method: Method | None = None
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)
    tag: str | None = None
    callback_timeout: float | None = None
    detect_language: bool | None = None

    def __attrs_post_init__(self) -> None:
        check_callbacks(self, ("callback_url",), ("callback_method",))
        if self.tag is not None:
            checks.text("tag", self.tag, most=TAG_LENGTH)
        if self.callback_timeout is not None:
            checks.number("callback_timeout", self.callback_timeout, 1, 25)
        if self.detect_language is not None:
            checks.flag("detect_language", self.detect_language)


@attrs.frozen(kw_only=True, weakref_slot=False)
class RecordingTranscriptionMetadata:
    """Whether a recording has a transcription.

    `status` is an open word. Known are none, processing, available, error, timeout, file-size-too-big and
    file-size-too-small.
    """

    id: str | None = None
    status: str | None = None
    completed_time: datetime | None = None
    url: str | None = None
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)


@attrs.frozen(kw_only=True, weakref_slot=False)
class CallRecordingMetadata:
    """A recording of a call. It may take minutes after its end to be available, and is kept for 30 days.

    `start_time` and `end_time` (aware) are those of the recording. `status` is an open word. Known are processing,
    partial (parts are missing), complete, deleted and error. `media_url` is there once the media can be fetched, which
    needs the account's credentials: see `client.recordings.download`. `channels` is 1 or 2, `file_format` wav or mp3.
    """

    recording_id: str
    account_id: str | None = None
    application_id: str | None = None
    call_id: str | None = None
    parent_call_id: str | None = None
    to: str | None = None
    from_: str | None = None
    transfer_caller_id: str | None = None
    transfer_to: str | None = None
    recording_name: str | None = None
    duration: timedelta | None = None
    direction: str | None = None
    channels: int | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    file_format: str | None = None
    status: str | None = None
    media_url: str | None = None
    transcription: RecordingTranscriptionMetadata | None = None
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)


@attrs.frozen(kw_only=True, weakref_slot=False)
class ConferenceRecordingMetadata:
    """A recording of a conference. The fields are as in `CallRecordingMetadata`; `name` is the conference's."""

    recording_id: str
    account_id: str | None = None
    conference_id: str | None = None
    name: str | None = None
    recording_name: str | None = None
    duration: timedelta | None = None
    channels: int | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    file_format: str | None = None
    status: str | None = None
    media_url: str | None = None
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Transcription:
    """The text of one channel of a recording. `confidence` is 0 to 1, `speaker` counts from 0."""

    speaker: int | None = None
    text: str | None = None
    confidence: float | None = None
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)


@attrs.frozen(kw_only=True, weakref_slot=False)
class RecordingTranscriptionClip:
    """What one speaker said without a pause. Times are in seconds from the start of the recording."""

    speaker: int | None = None
    text: str | None = None
    confidence: float | None = None
    start_time_seconds: float | None = None
    end_time_seconds: float | None = None
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)


@attrs.frozen(kw_only=True, weakref_slot=False)
class RecordingTranscriptions:
    """The text of a recording: one transcript for each channel, by position, and the clips that each speaker said.

    The first channel is the party or the A-leg, the second what was played or the B-leg. Older transcriptions have no
    clips and no speakers.
    """

    transcripts: list[Transcription] | None = attrs.field(default=None, hash=False)
    clips: list[RecordingTranscriptionClip] | None = attrs.field(default=None, hash=False)
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)
