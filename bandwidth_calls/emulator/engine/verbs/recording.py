"""Record, StartRecording, StopRecording, PauseRecording, ResumeRecording, and what follows a recording.

No sound is kept. Before its end a recording cannot be read.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from bandwidth_calls.emulator.calls.recordings import Recording, Transcription
from bandwidth_calls.emulator.engine.media import ActiveCallRecording
from bandwidth_calls.emulator.simulation.clock import MICROS
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.delivery.courier import Webhook
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Frame, Script, Verbs
    from bandwidth_calls.emulator.engine.world import World
    from bandwidth_calls.emulator.simulation.process import Steps

# Seconds from the end of a recording until it is available, and from there until its transcription is. Both are
# choices, since only "seconds to minutes" is documented. They also pass when the call ends meanwhile.
PROCESSING = 2.0
_TRANSCRIBING = 3.0
_NOTHING: Mapping[str, object] = MappingProxyType({})
# The kinds of timeline entries that a track records.
_FAR_END, _APPLICATION = ("far end said",), ("said",)


def record(frame: Frame, verb: Verb) -> Steps[Script | None]:
    """Record the far end, and ask for the next document. Without a URL the next verb is played.

    The tag is set at the beginning, so events of a recording that a hang-up ends have it too. If the API redirects
    the call, no recordComplete is sent: a choice.
    """
    frame.set_tag(verb)
    active = _begin(frame, verb, (_FAR_END,))
    try:
        yield from _until_done(frame.line, verb, active)
    finally:
        recording = _end(frame.line, active)
    hook = frame.hook(verb, "recordComplete")
    if hook is None:
        return None
    facts = {**_facts(frame.world, recording), "channels": recording.audio.channels}
    return (yield from frame.ask("recordComplete", hook, **facts))


def _until_done(line: Line, verb: Verb, active: ActiveCallRecording) -> Steps[None]:
    """Wait for a terminating key, `maxDuration` or `silenceTimeout`. While it is paused, only a key ends it."""
    while True:
        left = None if active.since is None else _micros_left(line, verb, active, active.since)
        if left is not None and left <= 0:
            return
        signal = yield Wait(None if left is None else left / MICROS, ("key", "recording"))
        if signal is not None and signal.value in set(verb.word("terminatingDigits") or ""):
            return


def _micros_left(line: Line, verb: Verb, active: ActiveCallRecording, since: int) -> int:
    """Return the time that is left if nobody speaks. Silence is counted from the beginning or the last resumption."""
    end = since + round(verb.number("maxDuration") * MICROS) - active.micros_before()
    silence = round(verb.number("silenceTimeout") * MICROS)
    if silence:
        end = min(end, max(since, line.silent_since) + silence)
    return end - line.world.clock.micros()


def start_recording(frame: Frame, verb: Verb) -> Steps[None]:
    """Start to record both sides, on one channel or two. Ignore the verb and its tag during another recording."""
    yield from ()
    # Documented: one recording at a time.
    if frame.line.recordings:
        frame.line.note("recording", "goes on already")
        return
    frame.set_tag(verb)
    tracks = (_FAR_END, _APPLICATION) if verb.flag("multiChannel") else (_FAR_END + _APPLICATION,)
    _begin(frame, verb, tracks)


def stop_recording(frame: Frame, _: Verb) -> Steps[None]:
    """Stop the recording. A paused one is stopped too."""
    yield from ()
    for stop in list(frame.line.recordings.values()):
        stop()


def pause_recording(frame: Frame, _: Verb) -> Steps[None]:
    """Pause the recording."""
    yield from ()
    set_state(frame.line, "paused")


def resume_recording(frame: Frame, _: Verb) -> Steps[None]:
    """Resume the recording."""
    yield from ()
    set_state(frame.line, "recording")


def set_state(line: Line, state: str) -> None:
    """Set what is recorded on a call to `paused` or `recording`. Through the API this also affects a Record."""
    now = line.world.clock.micros()
    for active in line.recordings:
        line.note("recording", f"{active.id} {'paused' if state == 'paused' else 'resumed'}")
        if state == "paused":
            active.pause(now)
        else:
            active.resume(now)
    line.signal("recording")


def transcribe(world: World, recording: Recording, hook: Webhook | None, more: Mapping[str, object] = _NOTHING) -> None:
    """Transcribe a recording, also for a second time. Its event has the properties in `more`.

    If the recording or the transcription is deleted meanwhile, no event is sent.
    """
    transcription = recording.transcription = Transcription(world.make_id("t"))

    def complete() -> None:
        if recording.transcription is not transcription:  # deleted, or replaced by a second one
            return
        transcription.status, transcription.completed = recording.fitness(), world.clock.now()
        text = f"{recording.audio.recording_id} {transcription.status}"
        recording.call.note(world.clock.now(), "transcription", text)
        if hook is not None:
            told = transcription.facts(recording.url(world.outbox.calls_url))
            facts = {**_facts(world, recording), "transcription": told, **more}
            world.outbox.deliver(recording.call, "transcriptionAvailable", facts, hook)

    world.scheduler.after(_TRANSCRIBING, complete)


def _begin(frame: Frame, verb: Verb, tracks: tuple[tuple[str, ...], ...]) -> ActiveCallRecording:
    line, now = frame.line, frame.world.clock.micros()
    active = ActiveCallRecording(
        id=frame.world.make_id("r"),
        tracks=tracks,
        channels=len(tracks),
        file_format=verb.word("fileFormat") or "",
        name=verb.word("recordingName") or "",
        start=now,
        since=now,
        available=frame.hook(verb, "recordingAvailable"),
        transcribes=verb.flag("transcribe"),
        transcribed=frame.hook(verb, "transcriptionAvailable"),
    )
    line.recordings[active] = lambda: _end(line, active)
    line.note("recording", f"{active.id} began")
    return active


def _end(line: Line, active: ActiveCallRecording) -> Recording:
    world = line.world
    del line.recordings[active]
    audio = active.end(world.clock.micros())
    recording = Recording(audio=audio, call=line.call, tracks=active.tracks)
    world.recordings.add(recording)
    line.note("recording", f"{active.id} ended after {audio.micros / MICROS:g} s")
    world.scheduler.after(PROCESSING, lambda: _make_available(world, recording, active))
    return recording


def _make_available(world: World, recording: Recording, ended: ActiveCallRecording) -> None:
    """Send the event that the recording is available, and transcribe it. Do nothing if it was deleted meanwhile."""
    audio = recording.audio
    if audio.status == "deleted":
        return
    audio.status = "complete"
    recording.call.note(world.clock.now(), "recording", f"{audio.recording_id} available")
    if ended.available is not None:
        facts = {**_facts(world, recording), "channels": audio.channels, "status": audio.status}
        world.outbox.deliver(recording.call, "recordingAvailable", facts, ended.available)
    if ended.transcribes:
        transcribe(world, recording, ended.transcribed)


def _facts(world: World, recording: Recording) -> dict[str, object]:
    return {**recording.audio.facts(), "mediaUrl": f"{recording.url(world.outbox.calls_url)}/media"}


PLAYERS: Verbs = {
    "PauseRecording": pause_recording,
    "Record": record,
    "ResumeRecording": resume_recording,
    "StartRecording": start_recording,
    "StopRecording": stop_recording,
}
