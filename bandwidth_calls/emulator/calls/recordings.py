"""Recordings of calls that have ended, their metadata and their transcriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.simulation.clock import MICROS, utc_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bandwidth_calls.emulator.calls.audio import Audio
    from bandwidth_calls.emulator.calls.calls import Call

# Documented: only what is longer than half a second and shorter than four hours is transcribed.
_TOO_SHORT, _TOO_LONG = MICROS // 2, 4 * 3600 * MICROS
# The API requires a confidence. Nothing is transcribed here, so it is always this one.
_CONFIDENCE = 0.9
# Microseconds. The timeline is in milliseconds, so a smaller overlap with a recording is only rounding.
_RESOLUTION = 1_000


@attrs.define(eq=False)
class Transcription:
    """The transcription of a recording. `completed` is in milliseconds since 1970, and None until it is done."""

    id: str
    status: str = "processing"
    completed: int | None = None

    def facts(self, url: str) -> dict[str, object]:
        """Return its properties in events and metadata, for a recording at this URL."""
        facts: dict[str, object] = {"id": self.id, "status": self.status, "url": f"{url}/transcription"}
        return facts if self.completed is None else {**facts, "completedTime": utc_text(self.completed)}


@attrs.define(kw_only=True, eq=False)
class Recording:
    """A recording of a call. `tracks` are its channels, each with the kinds of timeline entries that are on it."""

    audio: Audio
    call: Call
    tracks: tuple[tuple[str, ...], ...]
    transcription: Transcription | None = None

    @property
    def is_transcribed(self) -> bool:
        """Whether its transcription can be read."""
        return self.transcription is not None and self.transcription.status == "available"

    def url(self, calls_url: str) -> str:
        """Return its URL."""
        return f"{calls_url}/{self.call.call_id}/recordings/{self.audio.recording_id}"

    def metadata(self, calls_url: str) -> dict[str, object]:
        """Return the answer of getCallRecording. A leg has three more fields."""
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
        """Return the status that its transcription will have."""
        if self.audio.micros <= _TOO_SHORT:
            return "file-size-too-small"
        return "file-size-too-big" if self.audio.micros >= _TOO_LONG else "available"

    def transcript(self, characters_per_second: float) -> dict[str, object]:
        """Return what was said, by the timeline: a clip for each sentence, a transcript for each channel.

        Each channel is one speaker. Bridged calls are not in the timeline, so they are not here either.
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
    """The recordings of calls that have ended and were not deleted, in the order of their ends."""

    def __init__(self) -> None:
        self._recordings: dict[tuple[str, str], Recording] = {}

    def add(self, recording: Recording) -> None:
        """Add a recording."""
        self._recordings[recording.call.call_id, recording.audio.recording_id] = recording

    def kept(self, now: int) -> Iterator[Recording]:
        """Return the recordings that can be read at this time, in milliseconds since 1970."""
        return (recording for recording in self._recordings.values() if recording.audio.is_kept(now))

    def find(self, call_id: str, recording_id: str, now: int) -> Recording | None:
        """Return the recording of a call with this id, if it can be read at this time."""
        recording = self._recordings.get((call_id, recording_id))
        return recording if recording is not None and recording.audio.is_kept(now) else None

    def delete(self, recording: Recording) -> None:
        """Delete a recording and its transcription. Events that were still to come are not sent."""
        del self._recordings[recording.call.call_id, recording.audio.recording_id]
        recording.audio.status, recording.transcription = "deleted", None

    def clear(self) -> None:
        """Remove every recording."""
        self._recordings.clear()
