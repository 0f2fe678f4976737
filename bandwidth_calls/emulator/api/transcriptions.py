"""The three operations on real-time transcriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.api.messages import ApiError, HttpRequest, HttpResponse, json_response
from bandwidth_calls.emulator.api.routes import Route
from bandwidth_calls.emulator.calls.audio import KEPT

if TYPE_CHECKING:
    from bandwidth_calls.emulator.api.routes import Account
    from bandwidth_calls.emulator.calls.transcriptions import LiveTranscription

_TRANSCRIPTION = "/calls/{call_id}/transcriptions/{transcription_id}"


def list_real_time_transcriptions(account: Account, request: HttpRequest, call_id: str) -> HttpResponse:
    """Answer with the transcriptions of a call. An unknown call has none: a choice."""
    url = account.url(request, "calls", call_id, "transcriptions")
    return json_response(
        [
            {"transcriptionId": each.id, "transcriptionName": each.name, "transcriptionUrl": f"{url}/{each.id}"}
            for each in account.engine.world.transcriptions.values()
            if each.call.call_id == call_id and _is_kept(account, each)
        ]
    )


def get_real_time_transcription(account: Account, _: HttpRequest, call_id: str, transcription_id: str) -> HttpResponse:
    """Answer with the text of each track of a transcription."""
    transcription = _find(account, call_id, transcription_id)
    return json_response(
        {
            "accountId": account.account_id,
            "callId": call_id,
            "transcriptionId": transcription.id,
            "tracks": [transcription.track(name) for name in transcription.tracks],
        }
    )


def delete_real_time_transcription(
    account: Account, _: HttpRequest, call_id: str, transcription_id: str
) -> HttpResponse:
    """Delete a transcription. The OpenAPI file declares 200, not 204."""
    del account.engine.world.transcriptions[_find(account, call_id, transcription_id).id]
    return HttpResponse(200)


def _find(account: Account, call_id: str, transcription_id: str) -> LiveTranscription:
    transcription = account.engine.world.transcriptions.get(transcription_id)
    if transcription is None or transcription.call.call_id != call_id or not _is_kept(account, transcription):
        raise ApiError(404, f"Transcription [{transcription_id}] not found")
    return transcription


def _is_kept(account: Account, transcription: LiveTranscription) -> bool:
    return transcription.end > account.clock.now() - KEPT


ROUTES = (
    Route("GET", "/calls/{call_id}/transcriptions", "listRealTimeTranscriptions", list_real_time_transcriptions),
    Route("GET", _TRANSCRIPTION, "getRealTimeTranscription", get_real_time_transcription),
    Route("DELETE", _TRANSCRIPTION, "deleteRealTimeTranscription", delete_real_time_transcription),
)
