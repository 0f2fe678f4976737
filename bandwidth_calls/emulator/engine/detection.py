"""Machine detection: what it makes of what the far end says upon answering, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.delivery.courier import Webhook, place_of
from bandwidth_calls.emulator.simulation.clock import duration
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.far_end.script import FarEnd
    from bandwidth_calls.emulator.simulation.process import Steps


def run(line: Line) -> Steps[dict[str, object]]:
    """Detect, if that was asked for; return what the answer event says beside the usual."""
    asked = line.call.request["machineDetection"]
    if not isinstance(asked, dict):
        return {}
    value, seconds = detect(line.far_end, asked)
    result: dict[str, object] = {"machineDetectionResult": {"value": value, "duration": duration(seconds)}}
    if asked["mode"] == "sync":
        yield Wait(seconds)
        line.note("machine detection", value)
        return result
    line.engine.scheduler.after(seconds, lambda: _tell(line, asked, value, result))
    return {}


def detect(far_end: FarEnd, asked: Mapping[str, object]) -> tuple[str, float]:
    """The result, and how many seconds after the answer it is there.

    Speech of `speechThreshold` seconds or more is a machine's, told at once or with `delayResult` when it has ended;
    shorter speech is a person's, once `speechEndThreshold` seconds of silence follow.
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
    """Send the result of asynchronous detection, unless the call is over."""
    if line.call.ended():
        return
    line.note("machine detection", value)
    place = place_of(asked, "callback")
    if place is not None:
        hook = Webhook(place, place_of(asked, "fallback", fallback=True), line.engine.timeout_of(line.call))
        line.engine.post.deliver(line.call, "machineDetectionComplete", result, hook)
