"""StartRecording, StopRecording, PauseRecording and ResumeRecording in a conference, and what comes of a recording.

The whole room is recorded, on one channel; `transcribe`, `multiChannel` and `tag` count for nothing, as documented, so
that the tag that is told is the conference's. A recording is available as soon as one of a call is. Choices: the reply
to the event has as much time as one to an event of the conference, and the timeline of the call that was the first in
the room when a recording began tells of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.delivery.courier import Webhook
from bandwidth_calls.emulator.engine.program import place_in
from bandwidth_calls.emulator.engine.verbs.recording import PROCESSING, Take
from bandwidth_calls.emulator.simulation.clock import MICROS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.calls.audio import Audio
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Script
    from bandwidth_calls.emulator.engine.verbs.conference import Room


@attrs.define(kw_only=True, eq=False)
class _RoomTake(Take):
    """What is being recorded of a room; the timeline of `line` tells of it."""

    line: Line


class Recorder:
    """Records a room, one take at a time; `_ended` is what came of earlier ones."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._engine = room.engine
        self._take: _RoomTake | None = None
        self._ended: list[Audio] = []

    def play(self, script: Script, verb: Verb) -> None:
        """Do what a verb says; where nothing is recorded, only StartRecording does anything."""
        match verb.name:
            case "StartRecording":
                self._start(script, verb)
            case "StopRecording":
                self.stop()
            case "PauseRecording" if self._take is not None:
                self._take.line.note("recording", f"{self._take.id} paused")
                self._take.pause(self._engine.clock.micros())
            case "ResumeRecording" if self._take is not None:
                self._take.line.note("recording", f"{self._take.id} resumed")
                self._take.resume(self._engine.clock.micros())

    def stop(self) -> None:
        """Stop what is recorded, also while it is paused."""
        take, self._take = self._take, None
        if take is None:
            return
        audio = take.end(self._engine.clock.micros())
        self._ended.append(audio)
        take.line.note("recording", f"{take.id} ended after {audio.micros / MICROS:g} s")
        self._engine.scheduler.after(PROCESSING, lambda: self._make_available(audio, take))

    def kept(self, now: int) -> Iterator[Audio]:
        """The recordings that can be read at this time, in the order in which they ended."""
        return (audio for audio in self._ended if audio.is_kept(now))

    def _start(self, script: Script, verb: Verb) -> None:
        if self._take is not None:
            self._take.line.note("recording", "goes on already")
            return
        line, now = self._room.members[0].line, self._engine.clock.micros()
        self._take = _RoomTake(
            id=self._engine.make_id("r"),
            file_format=verb.word("fileFormat") or "",
            start=now,
            since=now,
            available=self._hook(script, verb),
            line=line,
        )
        line.note("recording", f"{self._take.id} of conference {self._room.name} began")

    def _hook(self, script: Script, verb: Verb) -> Webhook | None:
        place = place_in(verb, "recordingAvailable", script.url)
        if place is None:
            return None
        return Webhook(place) if self._room.hook is None else Webhook(place, seconds=self._room.hook.seconds)

    def _make_available(self, audio: Audio, take: _RoomTake) -> None:
        room, post = self._room, self._engine.post
        audio.status = "complete"
        take.line.note("recording", f"{audio.recording_id} available")
        if take.available is None:
            return
        url = f"{post.conferences_url}/{room.conference_id}/recordings/{audio.recording_id}"
        facts = {"accountId": self._engine.settings.account_id, **audio.facts(), **audio.state(url)}
        post.send({**room.event("conferenceRecordingAvailable"), **facts}, take.line.call, take.available)
