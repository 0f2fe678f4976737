"""StartRecording, StopRecording, PauseRecording and ResumeRecording in a conference.

The whole conference is recorded, on one channel. `transcribe`, `multiChannel` and `tag` have no effect, as documented,
so the events have the tag of the conference. These are choices:

- A recording is available as soon after its end as one of a call.
- The timeout of the reply to its event is that of the conference's events.
- A recording is noted on the timeline of the call that was the first member when it began.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.delivery.courier import Webhook
from bandwidth_calls.emulator.engine.media import ActiveRecording
from bandwidth_calls.emulator.engine.program import endpoint_in
from bandwidth_calls.emulator.engine.verbs.recording import PROCESSING
from bandwidth_calls.emulator.simulation.clock import MICROS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.calls.audio import Audio
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Script
    from bandwidth_calls.emulator.engine.world import World


@attrs.define(kw_only=True, eq=False)
class _ConferenceRecording(ActiveRecording):
    """A recording of a conference that has not ended. It is noted on the timeline of `line`."""

    line: Line


class Recorder:
    """Records a conference, one recording at a time. `event` returns the properties that its events have."""

    def __init__(
        self,
        world: World,
        conference_id: str,
        name: str,
        hook: Webhook | None,
        event: Callable[[str], dict[str, object]],
    ) -> None:
        self._world = world
        self._conference_id = conference_id
        self._name = name
        self._hook = hook
        self._event = event
        # Documented: a second StartRecording is ignored while one goes on.
        self._active: _ConferenceRecording | None = None
        self._ended: list[Audio] = []

    def play(self, script: Script, verb: Verb, line: Line) -> None:
        """Play a verb. Without an active recording only StartRecording has an effect; it is noted on `line`."""
        match verb.name:
            case "StartRecording":
                self._start(script, verb, line)
            case "StopRecording":
                self.stop()
            case "PauseRecording" if self._active is not None:
                self._active.line.note("recording", f"{self._active.id} paused")
                self._active.pause(self._world.clock.micros())
            case "ResumeRecording" if self._active is not None:
                self._active.line.note("recording", f"{self._active.id} resumed")
                self._active.resume(self._world.clock.micros())

    def stop(self) -> None:
        """Stop the active recording, if there is one. A paused one is stopped too."""
        active, self._active = self._active, None
        if active is None:
            return
        audio = active.end(self._world.clock.micros())
        self._ended.append(audio)
        active.line.note("recording", f"{active.id} ended after {audio.micros / MICROS:g} s")
        self._world.scheduler.after(PROCESSING, lambda: self._make_available(audio, active))

    def kept(self, now: int) -> Iterator[Audio]:
        """Return the recordings that can be read at this time (milliseconds), in the order of their ends."""
        return (audio for audio in self._ended if audio.is_kept(now))

    def _start(self, script: Script, verb: Verb, line: Line) -> None:
        if self._active is not None:
            self._active.line.note("recording", "goes on already")
            return
        now = self._world.clock.micros()
        self._active = _ConferenceRecording(
            id=self._world.make_id("r"),
            file_format=verb.word("fileFormat") or "",
            name=verb.word("recordingName") or "",
            start=now,
            since=now,
            available=self._available_hook(script, verb),
            line=line,
        )
        line.note("recording", f"{self._active.id} of conference {self._name} began")

    def _available_hook(self, script: Script, verb: Verb) -> Webhook | None:
        endpoint = endpoint_in(verb, "recordingAvailable", script.url)
        if endpoint is None:
            return None
        return Webhook(endpoint) if self._hook is None else Webhook(endpoint, seconds=self._hook.seconds)

    def _make_available(self, audio: Audio, ended: _ConferenceRecording) -> None:
        world = self._world
        audio.status = "complete"
        ended.line.note("recording", f"{audio.recording_id} available")
        if ended.available is None:
            return
        url = f"{world.outbox.conferences_url}/{self._conference_id}/recordings/{audio.recording_id}"
        facts = {"accountId": world.settings.account_id, **audio.facts(), **audio.state(url)}
        world.outbox.send({**self._event("conferenceRecordingAvailable"), **facts}, ended.line.call, ended.available)
