"""Bridge: bridges the call with another that is up already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.engine.program import ask, play
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.delivery.courier import Webhook
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Frame, Script, Verbs
    from bandwidth_calls.emulator.simulation.process import Steps


def bridge(frame: Frame, verb: Verb) -> Steps[Script | None]:
    """Bridge with the target until it leaves. Then ask for the next document, if a URL is given."""
    line = frame.line
    target = line.lines.find(verb.text)
    if target is None or target is line or target.given_away or target.call.answer_time is None:
        line.note("bridge", f"impossible: {verb.text}")
        result = {"cause": "rejected", "errorMessage": f"Call {verb.text} cannot be bridged", "errorId": None}
    else:
        yield from _talk(frame, target, frame.hook(verb, "bridgeTargetComplete"))
        result = {"cause": "hangup", "errorMessage": None, "errorId": None}
    hook = frame.hook(verb, "bridgeComplete")
    if hook is None:
        return None
    frame.set_tag(verb)
    return (yield from frame.ask("bridgeComplete", hook, **result))


def _talk(frame: Frame, target: Line, target_hook: Webhook | None) -> Steps[None]:
    line = frame.line
    target.begin(_target(frame, target, target_hook))
    target.on_leave = lambda _: line.signal("partner left")
    line.bridge(target)
    try:
        yield Wait(None, ("partner left",))
    finally:
        line.unbridge(target)
        if target.on_leave is not None:  # the originator left first
            target.on_leave = None
            target.signal("partner left")


def _target(frame: Frame, line: Line, hook: Webhook | None) -> Steps[None]:
    """Run the target, whose own document is cancelled. When the originator leaves, it asks for another document.

    Without a URL it hangs up then.
    """
    yield Wait(None, ("partner left",))
    if hook is not None:
        script = yield from ask(line, "bridgeTargetComplete", hook)
        yield from play(line, script, frame.verbs)


PLAYERS: Verbs = {
    "Bridge": bridge,
}
