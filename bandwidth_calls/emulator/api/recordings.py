"""The ten operations on recordings of calls and their transcriptions."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from bandwidth_calls.emulator.api import bodies
from bandwidth_calls.emulator.api.listing import read_time
from bandwidth_calls.emulator.api.messages import ApiError, HttpRequest, HttpResponse, json_response, need_type
from bandwidth_calls.emulator.delivery.courier import webhook_of
from bandwidth_calls.emulator.engine.verbs import recording as recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bandwidth_calls.emulator.api.operations import Target
    from bandwidth_calls.emulator.calls.audio import Audio
    from bandwidth_calls.emulator.calls.recordings import Recording
    from bandwidth_calls.emulator.engine.engine import Engine
    from bandwidth_calls.emulator.simulation.clock import Clock

    Place = tuple[str, str, Mapping[str, str]]

RECORDING_OPERATIONS = (
    *("listAccountCallRecordings", "updateCallRecordingState", "listCallRecordings", "getCallRecording"),
    *("deleteRecording", "downloadCallRecording", "deleteRecordingMedia", "getRecordingTranscription"),
    *("transcribeCallRecording", "deleteRecordingTranscription"),
)

_MOST_LISTED = 1_000


def find_recording(below: list[str]) -> Place:
    """Where a path below the account leads: a call, a recording, and the operation of each method; none, none, none."""
    match below:
        case ["recordings"]:
            return "", "", {"GET": "listAccountCallRecordings"}
        case ["calls", call_id, "recording"] if call_id:
            return call_id, "", {"PUT": "updateCallRecordingState"}
        case ["calls", call_id, "recordings"] if call_id:
            return call_id, "", {"GET": "listCallRecordings"}
        case ["calls", call_id, "recordings", recording_id, *part] if call_id and recording_id:
            return call_id, recording_id, _PARTS.get("/".join(part), {})
    return "", "", {}


_PARTS: Mapping[str, Mapping[str, str]] = {
    "": {"GET": "getCallRecording", "DELETE": "deleteRecording"},
    "media": {"GET": "downloadCallRecording", "DELETE": "deleteRecordingMedia"},
    "transcription": {
        "GET": "getRecordingTranscription",
        "POST": "transcribeCallRecording",
        "DELETE": "deleteRecordingTranscription",
    },
}


def media_response(audio: Audio) -> HttpResponse:
    """The answer to a download, of a call's recording or a conference's; raises 404 where there is no sound."""
    _need_media(audio)
    if audio.file_format == "mp3":
        problem = {"type": "not-emulated", "description": "mp3 media is not emulated", "id": None}
        return json_response(problem, 501)
    return HttpResponse(200, audio.media(), {"Content-Type": "audio/vnd.wave"})


class RecordingOperations:
    """Answers requests about recordings of calls. `calls_url` makes the URL of the account's calls for a request.

    None of them is ever 409, which is declared for none: a call on which nothing is recorded is 404.
    """

    def __init__(self, engine: Engine, clock: Clock, calls_url: Callable[[HttpRequest], str]) -> None:
        self._engine = engine
        self._clock = clock
        self._calls_url = calls_url
        self.handlers = {
            "listAccountCallRecordings": self._list_account,
            "updateCallRecordingState": self._update_state,
            "listCallRecordings": self._list_call,
            "getCallRecording": self._get,
            "deleteRecording": self._delete,
            "downloadCallRecording": self._download,
            "deleteRecordingMedia": self._delete_media,
            "getRecordingTranscription": self._get_transcription,
            "transcribeCallRecording": self._transcribe,
            "deleteRecordingTranscription": self._delete_transcription,
        }

    def _list_account(self, incoming: HttpRequest, _: Target) -> HttpResponse:
        """The first thousand that fit, in the order in which they ended; the times are those of the recordings."""
        query, calls_url = incoming.query, self._calls_url(incoming)
        # Both bounds are rounded up: the first is in, the second is out.
        first, last = (read_time(query, name, round_up=True) for name in ("minStartTime", "maxStartTime"))
        fitting = (
            recording.metadata(calls_url)
            for recording in self._engine.world.recordings.kept(self._clock.now())
            if query.get("to") in (None, recording.call.to)
            and query.get("from") in (None, recording.call.from_)
            and (first is None or first <= recording.audio.start // 1000)
            and (last is None or recording.audio.start // 1000 < last)
        )
        return json_response(list(islice(fitting, _MOST_LISTED)))

    def _list_call(self, incoming: HttpRequest, target: Target) -> HttpResponse:
        calls_url = self._calls_url(incoming)
        kept = self._engine.world.recordings.kept(self._clock.now())
        return json_response([each.metadata(calls_url) for each in kept if each.call.call_id == target.call_id])

    def _update_state(self, incoming: HttpRequest, target: Target) -> HttpResponse:
        need_type(incoming, "application/json")
        state = bodies.update_recording(incoming)
        line = self._engine.lines.find(target.call_id)
        if line is None:
            raise ApiError(404, call_id=target.call_id)
        if not line.recordings:
            raise ApiError(404, f"Call [{target.call_id}] is not being recorded")
        recorder.set_state(line, state)
        return HttpResponse(200)

    def _get(self, incoming: HttpRequest, target: Target) -> HttpResponse:
        return json_response(self._find(target).metadata(self._calls_url(incoming)))

    def _delete(self, _: HttpRequest, target: Target) -> HttpResponse:
        self._engine.world.recordings.delete(self._find(target))
        return HttpResponse(204)

    def _download(self, _: HttpRequest, target: Target) -> HttpResponse:
        return media_response(self._find(target).audio)

    def _delete_media(self, _: HttpRequest, target: Target) -> HttpResponse:
        """The rest stays, with the status `deleted`."""
        self._find_media(target).audio.status = "deleted"
        return HttpResponse(204)

    def _get_transcription(self, _: HttpRequest, target: Target) -> HttpResponse:
        recording = self._find(target)
        if not recording.is_transcribed:
            raise _no_transcription(target)
        return json_response(recording.transcript(self._engine.world.settings.characters_per_second))

    def _transcribe(self, incoming: HttpRequest, target: Target) -> HttpResponse:
        """What cannot be fetched cannot be transcribed."""
        need_type(incoming, "application/json")
        wanted = bodies.transcribe_recording(incoming)
        recording = self._find_media(target)
        hook = webhook_of(wanted, "callback", float(str(wanted["callbackTimeout"])))
        recorder.transcribe(
            self._engine.world, recording, hook, {} if wanted["tag"] is None else {"tag": wanted["tag"]}
        )
        return HttpResponse(204)

    def _delete_transcription(self, _: HttpRequest, target: Target) -> HttpResponse:
        recording = self._find(target)
        if recording.transcription is None:
            raise _no_transcription(target)
        recording.transcription = None
        return HttpResponse(204)

    def _find(self, target: Target) -> Recording:
        recording = self._engine.world.recordings.find(target.call_id, target.recording_id, self._clock.now())
        if recording is None:
            raise ApiError(404, f"Recording [{target.recording_id}] not found")
        return recording

    def _find_media(self, target: Target) -> Recording:
        recording = self._find(target)
        _need_media(recording.audio)
        return recording


def _need_media(audio: Audio) -> None:
    if not audio.is_downloadable:
        raise ApiError(404, f"Media of recording [{audio.recording_id}] not found")


def _no_transcription(target: Target) -> ApiError:
    return ApiError(404, f"Transcription of recording [{target.recording_id}] not found")
