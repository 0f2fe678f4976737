"""The Recordings resource; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Recordings."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, cast

import attrs
import msgspec

from bandwidth_calls import checks
from bandwidth_calls.convert import JSON_TYPE, dump
from bandwidth_calls.downloads import Download
from bandwidth_calls.errors import NotFoundError, TranscriptionUnavailableError
from bandwidth_calls.fast import load_one
from bandwidth_calls.filters import start_of
from bandwidth_calls.models.recordings import CallRecordingMetadata, RecordingTranscriptions, TranscribeRecording
from bandwidth_calls.page_stream import PageSource
from bandwidth_calls.pages import Listing
from bandwidth_calls.transport.retry import Operation
from bandwidth_calls.transport.sending import Sender
from bandwidth_calls.waits import check_wait, wait_until
from bandwidth_calls.windows import WindowListing, start_of_windows
from bandwidth_calls.wire import path as fill_path

if TYPE_CHECKING:
    from bandwidth_calls.models.recordings import ConferenceRecordingMetadata
    from bandwidth_calls.webhooks import (
        ConferenceRecordingAvailableEvent,
        RecordCompleteEvent,
        RecordingAvailableEvent,
        TranscriptionAvailableEvent,
    )

_PENDING = (None, "none", "processing")  # of a transcription that may still come


@attrs.frozen
class Recordings:
    """/accounts/{accountId}/recordings, and the recordings of one call with their media and transcriptions."""

    _sender: Sender

    def list_account_call_recordings(
        self,
        *,
        to: str | None = None,
        from_: str | None = None,
        min_start_time: datetime | None = None,
        max_start_time: datetime | None = None,
        cursor: str | None = None,
    ) -> WindowListing[CallRecordingMetadata]:
        """List the recordings of all calls of the last 30 days, oldest first, by the start of the recording.

        Both times are aware; the first is inclusive, the second exclusive. The API answers with 1,000 at most. Where
        there are more, the time is divided until each part has fewer. A thousand within one millisecond are a
        BadAnswerError. `cursor`, of a page or of an error, continues from there with the same filters, so no filter may
        be given beside it.
        """
        path = self._sender.account_path + "/recordings"
        start = start_of_windows(path, cursor, min_start_time, max_start_time, to, from_)
        source = PageSource(self._sender, path, CallRecordingMetadata, lambda recording: recording.recording_id)
        return WindowListing(source, lambda recording: recording.start_time, start)

    def list_call_recordings(self, call_id: str, *, cursor: str | None = None) -> Listing[CallRecordingMetadata]:
        """List the recordings of a call. An unknown call has none."""
        path = self._sender.account_path + fill_path("/calls/{call_id}/recordings", call_id=call_id)
        source = PageSource(self._sender, path, CallRecordingMetadata, lambda recording: recording.recording_id)
        return Listing(source, start_of(path, cursor))

    async def get_call_recording(self, call_id: str, recording_id: str) -> CallRecordingMetadata:
        """Fetch what is known of a recording; NotFoundError while it is too new, and after 30 days."""
        path = self._path(call_id, recording_id)
        return load_one(await self._sender.send("GET", path, Operation.READ), CallRecordingMetadata)

    async def update_call_recording_state(self, call_id: str, state: Literal["paused", "recording"]) -> None:
        """Pause what a call records now, or go on; NotFoundError where nothing is recorded."""
        checks.one_of("state", state, ("paused", "recording"))
        path = self._sender.account_path + fill_path("/calls/{call_id}/recording", call_id=call_id)
        body = msgspec.json.encode({"state": state})
        await self._sender.send("PUT", path, Operation.SET, body=body, content_type=JSON_TYPE)

    def download_call_recording(self, call_id: str, recording_id: str) -> Download:
        """Return the download of a recording's media, which starts when it is used."""
        return Download(self._sender, self._path(call_id, recording_id) + "/media", recording_id)

    def download(
        self,
        recording: CallRecordingMetadata
        | ConferenceRecordingMetadata
        | RecordCompleteEvent
        | RecordingAvailableEvent
        | TranscriptionAvailableEvent
        | ConferenceRecordingAvailableEvent,
    ) -> Download:
        """Return the download of what an answer or a webhook tells of, of a call or of a conference.

        It goes by the ids, never by the URL: a webhook must not say where credentials go. ValueError without ids.
        """
        recording_id = recording.recording_id
        owner, owner_id = "call", getattr(recording, "call_id", None)
        if not owner_id:
            owner, owner_id = "conference", getattr(recording, "conference_id", None)
        if not recording_id or not owner_id:
            raise ValueError("recording: must have a recording_id, and a call_id or a conference_id")
        template = f"/{owner}s/{{{owner}_id}}/recordings/{{recording_id}}/media"
        path = fill_path(template, **{f"{owner}_id": owner_id, "recording_id": recording_id})
        return Download(self._sender, self._sender.account_path + path, recording_id)

    async def transcribe_call_recording(
        self,
        call_id: str,
        recording_id: str,
        request: TranscribeRecording = TranscribeRecording(),  # noqa: B008 - a frozen value
    ) -> None:
        """Ask for the text of a recording of more than 500 ms and less than 4 hours: see `wait_for_transcription`.

        It is not sent again after doubt, since it might be billed twice.
        """
        checks.model("request", request, TranscribeRecording)
        path = self._path(call_id, recording_id) + "/transcription"
        await self._sender.send("POST", path, Operation.CHANGE, body=dump(request), content_type=JSON_TYPE)

    async def get_recording_transcription(self, call_id: str, recording_id: str) -> RecordingTranscriptions:
        """Fetch the text of a recording; NotFoundError before one was asked for, and after it was deleted."""
        path = self._path(call_id, recording_id) + "/transcription"
        return load_one(await self._sender.send("GET", path, Operation.READ), RecordingTranscriptions)

    async def delete_recording(self, call_id: str, recording_id: str) -> None:
        """Delete a recording with its media and its text. A 404 after an answer that was lost means: deleted."""
        await self._sender.finish("DELETE", self._path(call_id, recording_id))

    async def delete_recording_media(self, call_id: str, recording_id: str) -> None:
        """Delete the media; the metadata stays. A 404 after an answer that was lost means: deleted."""
        await self._sender.finish("DELETE", self._path(call_id, recording_id) + "/media")

    async def delete_recording_transcription(self, call_id: str, recording_id: str) -> None:
        """Delete the text of a recording. A 404 after an answer that was lost means: deleted."""
        await self._sender.finish("DELETE", self._path(call_id, recording_id) + "/transcription")

    async def wait_for_recording(
        self,
        call_id: str,
        recording_id: str | None = None,
        *,
        timeout: float = 300.0,  # noqa: ASYNC109 - it bounds many requests and the pauses between them
        unseen_for: float = 300.0,
    ) -> CallRecordingMetadata:
        """Fetch a recording again and again, with growing pauses, until it is no longer in the making.

        It may have come to something else than `complete`: look at `.status`. Without an id it is the first recording
        of the call, once there is one. For the first `unseen_for` seconds a 404 counts as "not yet". WaitTimeoutError
        after `timeout` seconds; its `last` is what was seen last. Another error of a request ends the wait.
        """
        check_wait(timeout, unseen_for)

        async def fetch(sender: Sender) -> CallRecordingMetadata | None:
            recordings = Recordings(sender)
            if recording_id is not None:
                return await recordings.get_call_recording(call_id, recording_id)
            async for first in recordings.list_call_recordings(call_id):
                return first
            return None

        found = await wait_until(
            lambda recording: recording is not None and recording.status not in (None, "processing"),
            fetch,
            self._sender,
            f"call {call_id}: no recording that is ready",
            timeout=timeout,
            unseen_for=unseen_for,
        )
        return cast(CallRecordingMetadata, found)

    async def wait_for_transcription(
        self,
        call_id: str,
        recording_id: str,
        *,
        timeout: float = 300.0,  # noqa: ASYNC109 - as above
        unseen_for: float = 300.0,
    ) -> RecordingTranscriptions:
        """Wait, with growing pauses, until a recording's transcription is available, and fetch it.

        TranscriptionUnavailableError where it came to something else, such as `error`. Ask for one by
        `transcribe_call_recording` first. The other limits and errors are those of `wait_for_recording`.
        """
        check_wait(timeout, unseen_for)

        async def fetch(sender: Sender) -> RecordingTranscriptions | CallRecordingMetadata:
            recordings = Recordings(sender)
            recording = await recordings.get_call_recording(call_id, recording_id)
            status = recording.transcription.status if recording.transcription is not None else None
            if status == "available":
                try:
                    return await recordings.get_recording_transcription(call_id, recording_id)
                except NotFoundError:  # it may be readable a moment later
                    return recording
            if status in _PENDING:
                return recording
            raise TranscriptionUnavailableError(f"recording {recording_id}: its transcription is {status}", status)

        found = await wait_until(
            lambda seen: isinstance(seen, RecordingTranscriptions),
            fetch,
            self._sender,
            f"recording {recording_id}: no transcription",
            timeout=timeout,
            unseen_for=unseen_for,
        )
        return cast(RecordingTranscriptions, found)

    def _path(self, call_id: str, recording_id: str) -> str:
        template = "/calls/{call_id}/recordings/{recording_id}"
        return self._sender.account_path + fill_path(template, call_id=call_id, recording_id=recording_id)
