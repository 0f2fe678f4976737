"""Transfer: legs ring at once, the first to answer wins, hears its own document, and is joined to the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.engine.dialling import connect_leg, dial
from bandwidth_calls.emulator.engine.joining import join, part
from bandwidth_calls.emulator.engine.program import Ended, ask, play
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.delivery.courier import Webhook
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Run, Script
    from bandwidth_calls.emulator.simulation.process import Steps


@attrs.frozen
class _Left:
    """A leg that ended, or was sent elsewhere."""

    line: Line
    cause: str


def transfer(run: Run, verb: Verb) -> Steps[Script | None]:
    """Call others and talk to who answers; ask for the next document when that is over, if a URL is given."""
    call = run.line.call
    legs = [_ring(run, verb, child) for child in verb.children]
    try:
        last = yield from _talk(run.line, legs)
    finally:
        _end_all(run.line, legs)
    run.line.note("transfer over", last.cause)
    hook = run.hook(verb, "transferComplete")
    if hook is None:
        return None
    run.engine.set_tag(call, verb)
    leg = last.line.call
    result = {"cause": last.cause, "errorMessage": leg.error_message, "errorId": leg.error_id}
    return (yield from run.ask("transferComplete", hook, transferCallerId=leg.from_, transferTo=leg.to, **result))


def _ring(run: Run, verb: Verb, child: Verb) -> Line:
    """Begin to call one of those named. Without a caller id, the A-leg's caller is shown: a choice of ours."""
    engine, parent = run.engine, run.line
    caller = verb.word("transferCallerId") or parent.call.from_
    line = connect_leg(parent, child.text, caller, child.word("tag") or None)
    disconnect = run.hook(child, "transferDisconnect")
    if disconnect is not None:
        line.farewell = "transferDisconnect", disconnect
    line.on_leave = lambda cause: parent.signal("leg left", _Left(line, cause))
    life = _leg(run, line, verb.number("callTimeout"), run.hook(child, "transferAnswer"))
    engine.begin(line, life)
    return line


def _leg(run: Run, line: Line, call_timeout: float, hook: Webhook | None) -> Steps[None]:
    """The life of a leg."""
    yield from dial(line, call_timeout)
    run.line.signal("leg answered", line)
    if hook is not None:
        script = yield from ask(line, "transferAnswer", hook, context="transferAnswer")
        yield from play(line, script, run.verbs, "transferAnswer")
    run.line.signal("leg ready", line)
    yield Wait(None, ("partner left",))


def _talk(line: Line, legs: list[Line]) -> Steps[_Left]:
    """Wait for a leg to answer, and for its end, or for the end of the last."""
    ringing = list(legs)
    while True:
        signal = yield Wait(None, ("leg answered", "leg ready", "leg left"))
        match signal.value if signal is not None else None:
            case _Left() as left:
                ringing.remove(left.line)
                if not ringing:
                    return left
            case winner if signal is not None and signal.kind == "leg answered":
                losers = [leg for leg in ringing if leg is not winner]
                ringing = [leg for leg in ringing if leg is winner]
                _end_all(line, losers)
            case winner:
                join(line, next(leg for leg in legs if leg is winner))


def _end_all(line: Line, legs: list[Line]) -> None:
    """End the legs that are still up: of one that lost, the cause is hangup, as Bandwidth has it."""
    for leg in legs:
        part(line, leg)
        if leg.on_leave is not None:
            leg.on_leave = None
            line.engine.end(leg, Ended("hangup"))
