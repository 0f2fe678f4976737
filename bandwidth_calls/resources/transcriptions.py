"""The Transcriptions resource; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Transcriptions."""

from __future__ import annotations

import attrs

from bandwidth_calls.fast import load_one
from bandwidth_calls.filters import start_of
from bandwidth_calls.models.transcriptions import CallTranscriptionMetadata, CallTranscriptionResponse
from bandwidth_calls.page_stream import PageSource
from bandwidth_calls.pages import Listing
from bandwidth_calls.transport.retry import Operation
from bandwidth_calls.transport.sending import Sender
from bandwidth_calls.wire import path as fill_path


@attrs.frozen
class Transcriptions:
    """/accounts/{accountId}/calls/{callId}/transcriptions: what `StartTranscription` wrote during a call.

    The text of a recording is at `client.recordings`.
    """

    _sender: Sender

    def list_real_time_transcriptions(
        self, call_id: str, *, cursor: str | None = None
    ) -> Listing[CallTranscriptionMetadata]:
        """List the transcriptions of a call. They may appear as late as a minute after its end."""
        path = self._path(call_id)
        source = PageSource(self._sender, path, CallTranscriptionMetadata, lambda found: found.transcription_id)
        return Listing(source, start_of(path, cursor))

    async def get_real_time_transcription(self, call_id: str, transcription_id: str) -> CallTranscriptionResponse:
        """Fetch what was said, by tracks."""
        path = self._path(call_id, transcription_id)
        return load_one(await self._sender.send("GET", path, Operation.READ), CallTranscriptionResponse)

    async def delete_real_time_transcription(self, call_id: str, transcription_id: str) -> None:
        """Delete a transcription. A 404 after an answer that was lost means that it is deleted."""
        await self._sender.finish("DELETE", self._path(call_id, transcription_id))

    def _path(self, call_id: str, transcription_id: str | None = None) -> str:
        path = self._sender.account_path + fill_path("/calls/{call_id}/transcriptions", call_id=call_id)
        if transcription_id is None:
            return path
        return path + fill_path("/{transcription_id}", transcription_id=transcription_id)
