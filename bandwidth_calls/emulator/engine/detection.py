"""Machine detection: its result for what the far end says after the answer, and the time of that result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.simulation.clock import duration
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.delivery.courier import Webhook
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.requests import DetectionRequest
    from bandwidth_calls.emulator.far_end.script import FarEnd
    from bandwidth_calls.emulator.simulation.process import Steps


def run(line: Line, request: DetectionRequest) -> Steps[dict[str, object]]:
    """Run machine detection. Return the properties that it adds to the answer event.

    In mode `sync` the answer event waits for the result. In mode `async` the result has an event of its own.
    """
    value, seconds = detect(line.far_end, request)
    result: dict[str, object] = {"machineDetectionResult": {"value": value, "duration": duration(seconds)}}
    if not request.is_async:
        yield Wait(seconds)
        line.note("machine detection", value)
        return result
    line.world.scheduler.after(seconds, lambda: _tell(line, request.webhook, value, result))
    return {}


def detect(far_end: FarEnd, request: DetectionRequest) -> tuple[str, float]:
    """Return the result, and its time in seconds after the answer.

    Speech of `speechThreshold` seconds or more is a machine's. That is told at once, or with `delayResult` when the
    speech has ended. Shorter speech is a person's, once `speechEndThreshold` seconds of silence follow.
    """
    begins, speaks = far_end.greeting_after, far_end.greeting
    # No limit is documented for these, and less than no time cannot pass.
    threshold, end = max(0.0, request.speech_threshold), max(0.0, request.speech_end_threshold)
    silence, longest = max(0.0, request.silence_timeout), max(0.0, request.detection_timeout)
    if not speaks or begins >= silence:
        value, seconds = "silence", silence
    elif speaks < threshold:
        value, seconds = "human", begins + speaks + end
    elif request.delay_result:
        machine_end = request.machine_speech_end_threshold
        value, seconds = "answering-machine", begins + speaks + (end if machine_end is None else machine_end)
    else:
        value, seconds = "answering-machine", begins + threshold
    return (value, seconds) if seconds <= longest else ("timeout", longest)


def _tell(line: Line, webhook: Webhook | None, value: str, result: dict[str, object]) -> None:
    """Send the result of asynchronous detection, unless the call has ended."""
    if line.call.ended():
        return
    line.note("machine detection", value)
    if webhook is not None:
        line.world.outbox.deliver(line.call, "machineDetectionComplete", result, webhook)
