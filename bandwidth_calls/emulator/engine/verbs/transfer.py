"""Transfer: several legs ring at once. The first to answer hears its own document, and is bridged with the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.engine.dialling import connect_leg, dial
from bandwidth_calls.emulator.engine.lines import Ended
from bandwidth_calls.emulator.engine.program import ask, play
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.delivery.courier import Webhook
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Frame, Script, Verbs
    from bandwidth_calls.emulator.simulation.process import Steps


@attrs.frozen(eq=False)
class _Left:
    """A leg that ended, or that the API redirected, and the cause."""

    line: Line
    cause: str


def transfer(frame: Frame, verb: Verb) -> Steps[Script | None]:
    """Call others, and bridge the call with the first who answers, until that is over.

    Then ask for the next document, if a URL is given.
    """
    legs = [_ring(frame, verb, child) for child in verb.children]
    try:
        last = yield from _talk(frame.line, legs)
    finally:
        _end_all(frame.line, legs)
    frame.line.note("transfer over", last.cause)
    hook = frame.hook(verb, "transferComplete")
    if hook is None:
        return None
    frame.set_tag(verb)
    leg = last.line.call
    result = {"cause": last.cause, "errorMessage": leg.error_message, "errorId": leg.error_id}
    return (yield from frame.ask("transferComplete", hook, transferCallerId=leg.from_, transferTo=leg.to, **result))


def _ring(frame: Frame, verb: Verb, child: Verb) -> Line:
    """Start to call one leg. Without a caller id, it sees that of the A-leg's caller: a choice."""
    parent = frame.line
    caller = verb.word("transferCallerId") or parent.call.from_
    line = connect_leg(parent, child.text, caller, child.word("tag") or None)
    disconnect = frame.hook(child, "transferDisconnect")
    if disconnect is not None:
        line.disconnect_hook = "transferDisconnect", disconnect
    line.on_leave = lambda cause: parent.signal("leg left", _Left(line, cause))
    line.begin(_leg(frame, line, verb.number("callTimeout"), frame.hook(child, "transferAnswer")))
    return line


def _leg(frame: Frame, line: Line, call_timeout: float, hook: Webhook | None) -> Steps[None]:
    """Run a leg: dial, play the document that only the leg hears, and stay until the parent leaves."""
    yield from dial(line, call_timeout)
    frame.line.signal("leg answered", line)
    if hook is not None:
        script = yield from ask(line, "transferAnswer", hook, context="transferAnswer")
        yield from play(line, script, frame.verbs, "transferAnswer")
    frame.line.signal("leg ready", line)
    yield Wait(None, ("partner left",))


def _talk(line: Line, legs: list[Line]) -> Steps[_Left]:
    """Wait for a leg to answer and for its end, or for the end of the last leg. Return the leg that left last."""
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
            case winner:  # it has heard its own document
                line.bridge(next(leg for leg in legs if leg is winner))


def _end_all(line: Line, legs: list[Line]) -> None:
    """End the legs that are still up. The cause of a leg that lost is hangup, as Bandwidth has it."""
    for leg in legs:
        line.unbridge(leg)
        if leg.on_leave is not None:
            leg.on_leave = None  # the transfer knows that the leg leaves
            leg.end(Ended("hangup"))


PLAYERS: Verbs = {
    "Transfer": transfer,
}
