"""Recordings of calls that have ended: what is told of them, and their transcriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.simulation.clock import MICROS, utc_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bandwidth_calls.emulator.calls.audio import Audio
    from bandwidth_calls.emulator.calls.calls import Call

# What can be transcribed is longer than half a second and shorter than four hours.
_TOO_SHORT, _TOO_LONG = MICROS // 2, 4 * 3600 * MICROS
_CONFIDENCE = 0.9
# The timeline is in milliseconds: what touches a recording by less is not in it.
_RESOLUTION = 1_000


@attrs.define(eq=False)
class Transcription:
    """The text of a recording, once it is written; `completed` is in milliseconds since 1970."""

    id: str
    status: str = "processing"
    completed: int | None = None

    def facts(self, url: str) -> dict[str, object]:
        """What is told of it, where the recording is at this URL; the time is there when it is done."""
        facts: dict[str, object] = {"id": self.id, "status": self.status, "url": f"{url}/transcription"}
        return facts if self.completed is None else {**facts, "completedTime": utc_text(self.completed)}


@attrs.define(kw_only=True, eq=False)
class Recording:
    """A recording of a call; `tracks` are its channels, each with the kinds of the call's entries that are on it."""

    audio: Audio
    call: Call
    tracks: tuple[tuple[str, ...], ...]
    transcription: Transcription | None = None

    @property
    def is_transcribed(self) -> bool:
        """Whether there is a text to be had."""
        return self.transcription is not None and self.transcription.status == "available"

    def url(self, calls_url: str) -> str:
        """Where it is."""
        return f"{calls_url}/{self.call.call_id}/recordings/{self.audio.recording_id}"

    def metadata(self, calls_url: str) -> dict[str, object]:
        """The answer of getCallRecording; a leg has three fields more. There is no `recordingName`: nothing sets it."""
        call, url = self.call, self.url(calls_url)
        leg = {"parentCallId": call.parent_call_id, "transferCallerId": call.from_, "transferTo": call.to}
        return {
            "applicationId": call.application_id,
            "accountId": call.account_id,
            "callId": call.call_id,
            "to": call.to,
            "from": call.from_,
            "direction": call.direction,
            **self.audio.facts(),
            **({} if call.parent_call_id is None else leg),
            **self.audio.state(url),
            "transcription": None if self.transcription is None else self.transcription.facts(url),
        }

    def fitness(self) -> str:
        """The status that its transcription comes to."""
        if self.audio.micros <= _TOO_SHORT:
            return "file-size-too-small"
        return "file-size-too-big" if self.audio.micros >= _TOO_LONG else "available"

    def transcript(self, characters_per_second: float) -> dict[str, object]:
        """What was said by the timeline: a clip for each sentence, a transcript for each channel, both as a speaker.

        Who is joined to the call is not in its timeline, and so not here.
        """
        clips = [self._clips(speaker, characters_per_second) for speaker in range(len(self.tracks))]
        transcripts = [
            {"speaker": speaker, "text": " ".join(str(clip["text"]) for clip in said), "confidence": _CONFIDENCE}
            for speaker, said in enumerate(clips)
        ]
        in_order = sorted(
            (clip for said in clips for clip in said), key=lambda clip: float(str(clip["endTimeSeconds"]))
        )
        return {"transcripts": transcripts, "clips": in_order}

    def _clips(self, speaker: int, characters_per_second: float) -> list[dict[str, object]]:
        clips: list[dict[str, object]] = []
        for entry in self.call.entries:
            end = entry.time * 1000
            first, last = (
                self.audio.position(end - round(len(entry.text) / characters_per_second * MICROS)),
                self.audio.position(end),
            )
            if entry.kind in self.tracks[speaker] and last - first > _RESOLUTION:
                times = {"startTimeSeconds": first / MICROS, "endTimeSeconds": last / MICROS}
                clips.append({"speaker": speaker, "text": entry.text, "confidence": _CONFIDENCE, **times})
        return clips


class Recordings:
    """The recordings of calls that have ended and were not deleted, in the order in which they ended."""

    def __init__(self) -> None:
        self._recordings: dict[tuple[str, str], Recording] = {}

    def add(self, recording: Recording) -> None:
        """Take in a recording."""
        self._recordings[recording.call.call_id, recording.audio.recording_id] = recording

    def kept(self, now: int) -> Iterator[Recording]:
        """Those that can be read at this time: for thirty days."""
        return (recording for recording in self._recordings.values() if recording.audio.is_kept(now))

    def find(self, call_id: str, recording_id: str, now: int) -> Recording | None:
        """The recording of this call with this id, if it can be read at this time."""
        recording = self._recordings.get((call_id, recording_id))
        return recording if recording is not None and recording.audio.is_kept(now) else None

    def delete(self, recording: Recording) -> None:
        """Forget a recording with all that belongs to it; what was still to be made of it is not."""
        del self._recordings[recording.call.call_id, recording.audio.recording_id]
        recording.audio.status, recording.transcription = "deleted", None

    def clear(self) -> None:
        """Forget every recording."""
        self._recordings.clear()
