"""Bridge: joins the call to another that is up already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.engine.joining import join, part
from bandwidth_calls.emulator.engine.program import ask, play
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.delivery.courier import Webhook
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Run, Script
    from bandwidth_calls.emulator.simulation.process import Steps


def bridge(run: Run, verb: Verb) -> Steps[Script | None]:
    """Talk to the target until it leaves; then ask for the next document, if a URL is given."""
    line = run.line
    target = run.engine.find_line(verb.text)
    if target is None or target is line or target.given_away or target.call.answer_time is None:
        line.note("bridge", f"impossible: {verb.text}")
        result = {"cause": "rejected", "errorMessage": f"Call {verb.text} cannot be bridged", "errorId": None}
    else:
        yield from _talk(run, target, run.hook(verb, "bridgeTargetComplete"))
        result = {"cause": "hangup", "errorMessage": None, "errorId": None}
    hook = run.hook(verb, "bridgeComplete")
    if hook is None:
        return None
    run.engine.set_tag(line.call, verb)
    return (yield from run.ask("bridgeComplete", hook, **result))


def _talk(run: Run, target: Line, target_hook: Webhook | None) -> Steps[None]:
    line = run.line
    run.engine.begin(target, _target(run, target, target_hook))
    target.on_leave = lambda _: line.signal("partner left")
    join(line, target)
    try:
        yield Wait(None, ("partner left",))
    finally:
        part(line, target)
        if target.on_leave is not None:  # the originator left first
            target.on_leave = None
            target.signal("partner left")


def _target(run: Run, line: Line, hook: Webhook | None) -> Steps[None]:
    """The target's document is cancelled. If it is left alone it asks for another, or hangs up without a URL."""
    yield Wait(None, ("partner left",))
    if hook is not None:
        script = yield from ask(line, "bridgeTargetComplete", hook)
        yield from play(line, script, run.verbs)
