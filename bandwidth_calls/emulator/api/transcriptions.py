"""The three operations on real-time transcriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.api.messages import ApiError, HttpRequest, HttpResponse, json_response
from bandwidth_calls.emulator.calls.audio import KEPT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bandwidth_calls.emulator.api.operations import Target
    from bandwidth_calls.emulator.calls.transcriptions import LiveTranscription
    from bandwidth_calls.emulator.engine.engine import Engine
    from bandwidth_calls.emulator.simulation.clock import Clock

TRANSCRIPTION_OPERATIONS = ("listRealTimeTranscriptions", "getRealTimeTranscription", "deleteRealTimeTranscription")


def find_transcription(below: list[str]) -> tuple[str, str, Mapping[str, str]]:
    """Where a path below the account leads: a call, a transcription, and the operation of each method."""
    match below:
        case ["calls", call_id, "transcriptions"] if call_id:
            return call_id, "", {"GET": "listRealTimeTranscriptions"}
        case ["calls", call_id, "transcriptions", transcription_id] if call_id and transcription_id:
            methods = {"GET": "getRealTimeTranscription", "DELETE": "deleteRealTimeTranscription"}
            return call_id, transcription_id, methods
    return "", "", {}


class TranscriptionOperations:
    """Answers requests that concern them. They are kept for 30 days; a call that is unknown has none: a choice."""

    def __init__(self, engine: Engine, clock: Clock, calls_url: Callable[[HttpRequest], str]) -> None:
        self._written = engine.world.transcriptions
        self._clock = clock
        self._calls_url = calls_url
        self.handlers = {
            "listRealTimeTranscriptions": self._list,
            "getRealTimeTranscription": self._get,
            "deleteRealTimeTranscription": self._delete,
        }

    def _list(self, incoming: HttpRequest, target: Target) -> HttpResponse:
        url = f"{self._calls_url(incoming)}/{target.call_id}/transcriptions"
        return json_response(
            [
                {"transcriptionId": each.id, "transcriptionName": each.name, "transcriptionUrl": f"{url}/{each.id}"}
                for each in self._written.values()
                if each.call.call_id == target.call_id and self._is_kept(each)
            ]
        )

    def _get(self, _: HttpRequest, target: Target) -> HttpResponse:
        transcription = self._find(target)
        return json_response(
            {
                "accountId": transcription.call.account_id,
                "callId": transcription.call.call_id,
                "transcriptionId": transcription.id,
                "tracks": [transcription.track(name) for name in transcription.tracks],
            }
        )

    def _delete(self, _: HttpRequest, target: Target) -> HttpResponse:
        """Answered by 200, as the file has it."""
        del self._written[self._find(target).id]
        return HttpResponse(200)

    def _find(self, target: Target) -> LiveTranscription:
        transcription = self._written.get(target.transcription_id)
        if transcription is None or transcription.call.call_id != target.call_id or not self._is_kept(transcription):
            raise ApiError(404, f"Transcription [{target.transcription_id}] not found")
        return transcription

    def _is_kept(self, transcription: LiveTranscription) -> bool:
        return transcription.end > self._clock.now() - KEPT
