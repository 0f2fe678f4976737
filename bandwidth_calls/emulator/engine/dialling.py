"""Calls the far end, until it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.engine import person
from bandwidth_calls.emulator.engine.lines import Ended
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.simulation.process import Steps

# "A call not ringing within 30 s is cancelled whatever callTimeout says."
_LONGEST_SETUP = 30.0


def connect_leg(parent: Line, to: str, from_: str, tag: str | None = None) -> Line:
    """Return the line of a new call that belongs to another. It is noted on the timeline of its parent."""
    world = parent.world
    call = world.new_call(
        to=to,
        from_=from_,
        application_id=parent.call.application_id,
        parent_call_id=parent.call.call_id,
        tag=tag,
    )
    line = parent.lines.connect(call, world.numbers.find(call.to))
    parent.note("leg", f"{call.to} as {call.call_id}")
    return line


def dial(line: Line, call_timeout: float) -> Steps[None]:
    """Call the far end, and return when it answers. If it does not, raise `Ended`."""
    far_end = line.far_end
    line.call.ring(line.world.clock.now())
    line.note("initiated")
    if far_end.outcome == "error":
        raise Ended("error", f"No route to {line.call.to}")
    if far_end.outcome == "no-ringing":
        yield Wait(_LONGEST_SETUP)
        raise Ended("cancel", f"{line.call.to} did not ring within {_LONGEST_SETUP:g} s")
    line.note("ringing")
    if far_end.outcome == "no-answer" or far_end.rings >= call_timeout:
        yield Wait(call_timeout)
        raise Ended("timeout", f"No answer within {call_timeout:g} s")
    yield Wait(far_end.rings)
    if far_end.outcome == "busy":
        raise Ended("busy", "Callee is busy")
    if far_end.outcome == "rejected":
        raise Ended("rejected", "Callee rejected the call")
    person.answer(line)
