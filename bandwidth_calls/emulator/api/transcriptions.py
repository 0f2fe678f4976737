"""The three operations on real-time transcriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.api.messages import ApiError, HttpRequest, HttpResponse, json_response
from bandwidth_calls.emulator.api.routes import Route
from bandwidth_calls.emulator.calls.audio import KEPT

if TYPE_CHECKING:
    from bandwidth_calls.emulator.api.routes import Account
    from bandwidth_calls.emulator.calls.calls import Call

_TRANSCRIPTION = "/calls/{call_id}/transcriptions/{transcription_id}"
_CONFIDENCE = 0.9
# Which entries of a call's timeline are heard on which track.
_HEARD_ON = {"inbound": "far end said", "outbound": "said"}


@attrs.frozen(kw_only=True, eq=False)
class LiveTranscription:
    """What was said on a call between two times, in milliseconds since 1970; its text comes from the timeline."""

    id: str
    name: str
    call: Call
    tracks: tuple[str, ...]
    start: int
    end: int

    def track(self, name: str) -> dict[str, object]:
        """One of its tracks. The language is English: what is said is not looked at."""
        said = [entry.text for entry in self.call.entries if entry.kind == _HEARD_ON[name] and self._covers(entry.time)]
        return {
            "detectedLanguage": "en-US",
            "track": name,
            "transcript": " ".join(said),
            "confidence": _CONFIDENCE,
        }

    def _covers(self, time: int) -> bool:
        return self.start < time <= self.end


def list_real_time_transcriptions(account: Account, request: HttpRequest, call_id: str) -> HttpResponse:
    """Answer with the transcriptions of a call. An unknown call has none: a choice."""
    url = account.url(request, "calls", call_id, "transcriptions")
    return json_response(
        [
            {"transcriptionId": each.id, "transcriptionName": each.name, "transcriptionUrl": f"{url}/{each.id}"}
            for each in account.engine.transcriptions.values()
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
    del account.engine.transcriptions[_find(account, call_id, transcription_id).id]
    return HttpResponse(200)


def _find(account: Account, call_id: str, transcription_id: str) -> LiveTranscription:
    transcription = account.engine.transcriptions.get(transcription_id)
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
