"""Machine detection: its result for what the far end says after the answer, and the time of that result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.delivery.courier import Webhook, endpoint_of
from bandwidth_calls.emulator.simulation.clock import duration
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.far_end.script import FarEnd
    from bandwidth_calls.emulator.simulation.process import Steps


def run(line: Line) -> Steps[dict[str, object]]:
    """Run machine detection, if it was requested. Return the properties that it adds to the answer event.

    In mode `sync` the answer event waits for the result. In mode `async` the result has an event of its own.
    """
    asked = line.call.request["machineDetection"]
    if not isinstance(asked, dict):
        return {}
    value, seconds = detect(line.far_end, asked)
    result: dict[str, object] = {"machineDetectionResult": {"value": value, "duration": duration(seconds)}}
    if asked["mode"] == "sync":
        yield Wait(seconds)
        line.note("machine detection", value)
        return result
    line.world.scheduler.after(seconds, lambda: _tell(line, asked, value, result))
    return {}


def detect(far_end: FarEnd, asked: Mapping[str, object]) -> tuple[str, float]:
    """Return the result, and its time in seconds after the answer.

    Speech of `speechThreshold` seconds or more is a machine's. That is told at once, or with `delayResult` when the
    speech has ended. Shorter speech is a person's, once `speechEndThreshold` seconds of silence follow.
    """
    begins, speaks = far_end.greeting_after, far_end.greeting
    threshold, end = _number(asked, "speechThreshold"), _number(asked, "speechEndThreshold")
    if not speaks or begins >= _number(asked, "silenceTimeout"):
        value, seconds = "silence", _number(asked, "silenceTimeout")
    elif speaks < threshold:
        value, seconds = "human", begins + speaks + end
    elif asked["delayResult"]:
        machine_end = asked["machineSpeechEndThreshold"]
        value = "answering-machine"
        seconds = begins + speaks + (machine_end if isinstance(machine_end, int | float) else end)
    else:
        value, seconds = "answering-machine", begins + threshold
    longest = _number(asked, "detectionTimeout")
    return (value, seconds) if seconds <= longest else ("timeout", longest)


def _number(asked: Mapping[str, object], name: str) -> float:
    value = asked[name]
    assert isinstance(value, int | float)  # noqa: S101 - the request was read by rules
    return max(0.0, value)


def _tell(line: Line, asked: Mapping[str, object], value: str, result: dict[str, object]) -> None:
    """Send the result of asynchronous detection, unless the call has ended."""
    if line.call.ended():
        return
    line.note("machine detection", value)
    endpoint = endpoint_of(asked, "callback")
    if endpoint is not None:
        hook = Webhook(endpoint, endpoint_of(asked, "fallback", fallback=True), line.world.timeout_of(line.call))
        line.world.outbox.deliver(line.call, "machineDetectionComplete", result, hook)
