"""Record, StartRecording, StopRecording, PauseRecording, ResumeRecording, and what comes of a recording.

No sound is kept. A recording is available two seconds after its end and transcribed three seconds later, also when the
call is over by then: choices, for only "seconds to minutes" is documented. Before its end it cannot be read.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.calls.audio import Audio
from bandwidth_calls.emulator.calls.recordings import Recording, Transcription
from bandwidth_calls.emulator.simulation.clock import MICROS
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.delivery.courier import Webhook
    from bandwidth_calls.emulator.engine.engine import Engine
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Run, Script
    from bandwidth_calls.emulator.simulation.process import Steps

PROCESSING = 2.0
_WRITING = 3.0
_NOTHING: Mapping[str, object] = MappingProxyType({})
_FAR_END, _APPLICATION = ("far end said",), ("said",)


@attrs.define(kw_only=True, eq=False)
class Take:
    """What is being recorded. `since` is the time of the last start or resumption; None while it is paused."""

    id: str
    file_format: str
    start: int
    since: int | None
    available: Webhook | None
    channels: int = 1
    stretches: list[tuple[int, int]] = attrs.field(factory=list)

    def pause(self, now: int) -> None:
        """Record nothing from now on."""
        if self.since is not None:
            self.stretches.append((self.since, now))
            self.since = None

    def resume(self, now: int) -> None:
        """Record again."""
        if self.since is None:
            self.since = now

    def micros_before(self) -> int:
        """How long it was before `since`."""
        return sum(end - start for start, end in self.stretches)

    def end(self, now: int) -> Audio:
        """What was recorded until now."""
        self.pause(now)
        return Audio(
            recording_id=self.id,
            file_format=self.file_format,
            channels=self.channels,
            start=self.start,
            end=now,
            stretches=tuple(self.stretches),
        )


@attrs.define(kw_only=True, eq=False)
class CallTake(Take):
    """What is being recorded of a call; `tracks` are as those of its `Recording`."""

    tracks: tuple[tuple[str, ...], ...]
    transcribes: bool
    transcribed: Webhook | None


def record(run: Run, verb: Verb) -> Steps[Script | None]:
    """Record the far end, and ask for the next document; without a URL the next verb follows.

    The tag counts from the beginning, so that it is also in the events of a recording that a hang-up ends. Where the
    API sends the call elsewhere, no recordComplete comes either: a choice.
    """
    run.engine.set_tag(run.line.call, verb)
    take = _begin(run, verb, (_FAR_END,))
    try:
        yield from _until_done(run.line, verb, take)
    finally:
        recording = _end(run.line, take)
    hook = run.hook(verb, "recordComplete")
    if hook is None:
        return None
    facts = {**_facts(run.engine, recording), "channels": recording.audio.channels}
    return (yield from run.ask("recordComplete", hook, **facts))


def _until_done(line: Line, verb: Verb, take: CallTake) -> Steps[None]:
    """Until a terminating key, the longest duration or a long silence ends it; while it is paused only a key does."""
    while True:
        left = None if take.since is None else _micros_left(line, verb, take, take.since)
        if left is not None and left <= 0:
            return
        signal = yield Wait(None if left is None else left / MICROS, ("key", "recording"))
        if signal is not None and signal.value in set(verb.word("terminatingDigits") or ""):
            return


def _micros_left(line: Line, verb: Verb, take: CallTake, since: int) -> int:
    """How long it may go on if nobody speaks; silence counts from the beginning, and again from a resumption."""
    end = since + round(verb.number("maxDuration") * MICROS) - take.micros_before()
    silence = round(verb.number("silenceTimeout") * MICROS)
    if silence:
        end = min(end, max(since, line.silent_since) + silence)
    return end - line.engine.clock.micros()


def start_recording(run: Run, verb: Verb) -> Steps[None]:
    """Record both sides from now on, on one channel or two; ignored where that goes on already, with its tag."""
    yield from ()
    if run.line.takes:
        run.line.note("recording", "goes on already")
        return
    run.engine.set_tag(run.line.call, verb)
    tracks = (_FAR_END, _APPLICATION) if verb.flag("multiChannel") else (_FAR_END + _APPLICATION,)
    _begin(run, verb, tracks)


def stop_recording(run: Run, _: Verb) -> Steps[None]:
    """Stop it, also while it is paused."""
    yield from ()
    stop_all(run.line)


def pause_recording(run: Run, _: Verb) -> Steps[None]:
    """Leave out what follows."""
    yield from ()
    set_state(run.line, "paused")


def resume_recording(run: Run, _: Verb) -> Steps[None]:
    """Leave it out no longer."""
    yield from ()
    set_state(run.line, "recording")


def set_state(line: Line, state: str) -> None:
    """Let what is recorded on a call be `paused` or `recording`; through the API that goes for a Record, too."""
    now = line.engine.clock.micros()
    for take in line.takes:
        line.note("recording", f"{take.id} {'paused' if state == 'paused' else 'resumed'}")
        if state == "paused":
            take.pause(now)
        else:
            take.resume(now)
    line.signal("recording")


def stop_all(line: Line) -> None:
    """Stop what is recorded on a call."""
    for take in list(line.takes):
        _end(line, take)


def transcribe(
    engine: Engine, recording: Recording, hook: Webhook | None, more: Mapping[str, object] = _NOTHING
) -> None:
    """Have a recording transcribed, again if it was; the event has `more` properties. What is deleted is not told."""
    transcription = recording.transcription = Transcription(engine.make_id("t"))

    def complete() -> None:
        if recording.transcription is not transcription:
            return
        transcription.status, transcription.completed = recording.fitness(), engine.clock.now()
        recording.call.note(
            engine.clock.now(), "transcription", f"{recording.audio.recording_id} {transcription.status}"
        )
        if hook is not None:
            told = {
                **_facts(engine, recording),
                "transcription": transcription.facts(recording.url(engine.post.calls_url)),
            }
            engine.post.deliver(recording.call, "transcriptionAvailable", {**told, **more}, hook)

    engine.scheduler.after(_WRITING, complete)


def _begin(run: Run, verb: Verb, tracks: tuple[tuple[str, ...], ...]) -> CallTake:
    now = run.engine.clock.micros()
    take = CallTake(
        id=run.engine.make_id("r"),
        tracks=tracks,
        channels=len(tracks),
        file_format=verb.word("fileFormat") or "",
        start=now,
        since=now,
        available=run.hook(verb, "recordingAvailable"),
        transcribes=verb.flag("transcribe"),
        transcribed=run.hook(verb, "transcriptionAvailable"),
    )
    run.line.takes.append(take)
    run.line.note("recording", f"{take.id} began")
    return take


def _end(line: Line, take: CallTake) -> Recording:
    engine = line.engine
    line.takes.remove(take)
    audio = take.end(engine.clock.micros())
    recording = Recording(audio=audio, call=line.call, tracks=take.tracks)
    engine.recordings.add(recording)
    line.note("recording", f"{take.id} ended after {audio.micros / MICROS:g} s")
    engine.scheduler.after(PROCESSING, lambda: _make_available(engine, recording, take))
    return recording


def _make_available(engine: Engine, recording: Recording, take: CallTake) -> None:
    """Tell that it can be fetched, and begin to transcribe it; nothing of that where it was deleted meanwhile."""
    audio = recording.audio
    if audio.status == "deleted":
        return
    audio.status = "complete"
    recording.call.note(engine.clock.now(), "recording", f"{audio.recording_id} available")
    if take.available is not None:
        facts = {**_facts(engine, recording), "channels": audio.channels, "status": audio.status}
        engine.post.deliver(recording.call, "recordingAvailable", facts, take.available)
    if take.transcribes:
        transcribe(engine, recording, take.transcribed)


def _facts(engine: Engine, recording: Recording) -> dict[str, object]:
    return {**recording.audio.facts(), "mediaUrl": f"{recording.url(engine.post.calls_url)}/media"}
