"""The ten operations on recordings of calls and their transcriptions.

None of them is ever 409, which is declared for none: a call on which nothing is recorded is 404.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bandwidth_calls.emulator.api import bodies
from bandwidth_calls.emulator.api.listing import read_time
from bandwidth_calls.emulator.api.messages import ApiError, HttpRequest, HttpResponse, json_response, need_type
from bandwidth_calls.emulator.api.routes import Route
from bandwidth_calls.emulator.calls.media import NoEncoderError
from bandwidth_calls.emulator.engine.verbs import recording as recorder

if TYPE_CHECKING:
    from bandwidth_calls.emulator.api.routes import Account
    from bandwidth_calls.emulator.calls.audio import Audio
    from bandwidth_calls.emulator.calls.recordings import Recording

# The OpenAPI file allows at most 1,000 entries, without a link to more.
_MOST_LISTED = 1_000
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_NO_ENCODER = "mp3 media need an encoder: pip install 'bandwidth-calls[mp3]'"
_RECORDING = "/calls/{call_id}/recordings/{recording_id}"


def list_account_call_recordings(account: Account, request: HttpRequest) -> HttpResponse:
    """Answer with the first thousand that match, oldest first by start. The times are the recordings'."""
    query, calls_url = request.query, account.url(request, "calls")
    # Both bounds are rounded up: the first is inclusive, the second exclusive.
    first, last = (read_time(query, name, round_up=True) for name in ("minStartTime", "maxStartTime"))
    wanted = [
        recording
        for recording in account.engine.world.recordings.kept(account.clock.now())
        if query.get("to") in (None, recording.call.to)
        and query.get("from") in (None, recording.call.from_)
        and (first is None or first <= recording.audio.start // 1000)
        and (last is None or recording.audio.start // 1000 < last)
    ]
    wanted.sort(key=lambda recording: (recording.audio.start, recording.audio.recording_id))
    return json_response([recording.metadata(calls_url) for recording in wanted[:_MOST_LISTED]])


def list_call_recordings(account: Account, request: HttpRequest, call_id: str) -> HttpResponse:
    """Answer with the recordings of a call. An unknown call has none."""
    calls_url = account.url(request, "calls")
    kept = account.engine.world.recordings.kept(account.clock.now())
    return json_response([each.metadata(calls_url) for each in kept if each.call.call_id == call_id])


def update_call_recording_state(account: Account, request: HttpRequest, call_id: str) -> HttpResponse:
    """Pause or resume what is recorded on a call."""
    need_type(request, "application/json")
    state = bodies.update_recording(request)
    line = account.engine.lines.find(call_id)
    if line is None:
        raise ApiError(404, call_id=call_id)
    if not line.recordings:
        raise ApiError(404, f"Call [{call_id}] is not being recorded")
    recorder.set_state(line, state)
    return HttpResponse(200)


def get_call_recording(account: Account, request: HttpRequest, call_id: str, recording_id: str) -> HttpResponse:
    """Answer with the metadata of a recording."""
    return json_response(_find(account, call_id, recording_id).metadata(account.url(request, "calls")))


def delete_recording(account: Account, _: HttpRequest, call_id: str, recording_id: str) -> HttpResponse:
    """Delete a recording with its media and its transcription."""
    account.engine.world.recordings.delete(_find(account, call_id, recording_id))
    return HttpResponse(204)


def download_call_recording(account: Account, request: HttpRequest, call_id: str, recording_id: str) -> HttpResponse:
    """Answer with the media of a recording."""
    return media_response(request, _find(account, call_id, recording_id).audio)


def delete_recording_media(account: Account, _: HttpRequest, call_id: str, recording_id: str) -> HttpResponse:
    """Delete the media. The metadata stays, with the status `deleted`."""
    _find_with_media(account, call_id, recording_id).audio.status = "deleted"
    return HttpResponse(204)


def get_recording_transcription(account: Account, _: HttpRequest, call_id: str, recording_id: str) -> HttpResponse:
    """Answer with the transcription of a recording."""
    recording = _find(account, call_id, recording_id)
    if not recording.is_transcribed:
        raise _no_transcription(recording_id)
    return json_response(recording.transcript(account.engine.world.settings.characters_per_second))


def transcribe_call_recording(account: Account, request: HttpRequest, call_id: str, recording_id: str) -> HttpResponse:
    """Transcribe a recording that has media."""
    need_type(request, "application/json")
    wanted = bodies.transcribe_recording(request)
    recording = _find_with_media(account, call_id, recording_id)
    tag = {} if wanted.tag is None else {"tag": wanted.tag}
    recorder.transcribe(account.engine.world, recording, wanted.webhook, tag)
    return HttpResponse(204)


def delete_recording_transcription(account: Account, _: HttpRequest, call_id: str, recording_id: str) -> HttpResponse:
    """Delete a transcription. The recording stays, and can be transcribed again."""
    recording = _find(account, call_id, recording_id)
    if recording.transcription is None:
        raise _no_transcription(recording_id)
    recording.transcription = None
    return HttpResponse(204)


def media_response(request: HttpRequest, audio: Audio) -> HttpResponse:
    """Answer a download, for calls and conferences alike; raises 404 without media, and 416 beyond their end.

    That media answer `Range` is a choice: no source speaks of it.
    """
    _need_media(audio)
    try:
        media = audio.media()
    except NoEncoderError:
        problem = {"type": "not-emulated", "description": _NO_ENCODER, "id": None}
        return json_response(problem, 501)
    headers = {"Content-Type": media.content_type, "Accept-Ranges": "bytes"}
    wanted = _read_range(request.headers.get("Range", ""), media.size)
    if wanted is None:
        headers["Content-Length"] = str(media.size)
        return HttpResponse(200, headers=headers, pieces=media.pieces(0, media.size - 1))
    first, last = wanted
    if first >= media.size or first > last:
        raise ApiError(416, "Range not satisfiable", headers={"Content-Range": f"bytes */{media.size}"})
    headers |= {"Content-Length": str(last + 1 - first), "Content-Range": f"bytes {first}-{last}/{media.size}"}
    return HttpResponse(206, headers=headers, pieces=media.pieces(first, last))


def _read_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte of `bytes=a-b`, `bytes=a-` or `bytes=-n`; None for anything else."""
    found = _RANGE.fullmatch(header)
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size - 1
    end = min(int(last), size - 1) if last else size - 1
    return None if last and int(last) < int(first) else (int(first), end)


def _find(account: Account, call_id: str, recording_id: str) -> Recording:
    recording = account.engine.world.recordings.find(call_id, recording_id, account.clock.now())
    if recording is None:
        raise ApiError(404, f"Recording [{recording_id}] not found")
    return recording


def _find_with_media(account: Account, call_id: str, recording_id: str) -> Recording:
    recording = _find(account, call_id, recording_id)
    _need_media(recording.audio)
    return recording


def _need_media(audio: Audio) -> None:
    if not audio.is_downloadable:
        raise ApiError(404, f"Media of recording [{audio.recording_id}] not found")


def _no_transcription(recording_id: str) -> ApiError:
    return ApiError(404, f"Transcription of recording [{recording_id}] not found")


ROUTES = (
    Route("GET", "/recordings", "listAccountCallRecordings", list_account_call_recordings),
    Route("PUT", "/calls/{call_id}/recording", "updateCallRecordingState", update_call_recording_state),
    Route("GET", "/calls/{call_id}/recordings", "listCallRecordings", list_call_recordings),
    Route("GET", _RECORDING, "getCallRecording", get_call_recording),
    Route("DELETE", _RECORDING, "deleteRecording", delete_recording),
    Route("GET", f"{_RECORDING}/media", "downloadCallRecording", download_call_recording),
    Route("DELETE", f"{_RECORDING}/media", "deleteRecordingMedia", delete_recording_media),
    Route("GET", f"{_RECORDING}/transcription", "getRecordingTranscription", get_recording_transcription),
    Route("POST", f"{_RECORDING}/transcription", "transcribeCallRecording", transcribe_call_recording),
    Route("DELETE", f"{_RECORDING}/transcription", "deleteRecordingTranscription", delete_recording_transcription),
)
