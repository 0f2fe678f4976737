"""Forward and Refer: the call is given away, and the application hears no more than that it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from bandwidth_calls.emulator.engine.dialling import connect_leg, dial
from bandwidth_calls.emulator.engine.joining import join
from bandwidth_calls.emulator.engine.program import Ended, fail
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Run, Script
    from bandwidth_calls.emulator.far_end.script import FarEnd
    from bandwidth_calls.emulator.simulation.process import Steps

# SIP responses of a destination by RFC 3261; the caller's device reports the last one.
_RESPONSES = {"answer": 200, "busy": 486, "rejected": 603, "error": 404}
_ACCEPTED = 202
# How long the caller's device is given to report it: a choice.
_LONGEST_REFER = 30.0


def forward(run: Run, verb: Verb) -> Steps[NoReturn]:
    """Call somebody else, and let them talk to the caller until one of them hangs up; that ends the call.

    The API refuses to change either call meanwhile with 409: "your application will not have any control over either
    leg". The leg is a call of its own, as in a Transfer, which is a choice; no event tells of it.
    """
    line = run.line
    if line.call.direction != "inbound" or line.call.answer_time is not None:
        fail(run, "<Forward> is only for an inbound call that was not answered")
    leg = _ring(run, verb)
    line.given_away = leg.given_away = True
    try:
        yield from _talk(line, leg)
    finally:
        run.engine.end(leg, Ended("hangup"))
    raise Ended(leg.call.disconnect_cause or "hangup", leg.call.error_message)


def refer(run: Run, verb: Verb) -> Steps[Script | None]:
    """Have the caller's device call somebody else instead, which it does without us: no call comes of it here.

    Where that is answered the call is over, which is told first: a choice. Otherwise the application says how to go
    on, or the next verb does without a URL. The result's fields are those of Bandwidth's own `ReferCompleteCallback`.
    """
    call = run.line.call
    if call.direction != "inbound" or not call.to.lower().startswith(("sip:", "sips:")):
        fail(run, "<Refer> is only for an inbound call to a SIP URI")
    (destination,) = verb.children
    response = yield from _try(run.engine.numbers.find(destination.text))
    worked = response == _RESPONSES["answer"]
    run.line.note("refer", f"{destination.text}: {response or 'no answer'}")
    run.engine.set_tag(call, verb)
    hook = run.hook(verb, "referComplete")
    result = {"referCallStatus": "success" if worked else "failure", "referSipResponseCode": _ACCEPTED}
    if response is not None:
        result["notifySipResponseCode"] = response
    if not worked:
        return None if hook is None else (yield from run.ask("referComplete", hook, **result))
    if hook is not None:
        run.tell("referComplete", hook, **result)
    raise Ended("hangup")


def _ring(run: Run, verb: Verb) -> Line:
    """Begin to call whom the call is forwarded to; by default the number that was called is shown."""
    line = connect_leg(run.line, verb.word("to") or "", verb.word("from") or run.line.call.to)
    line.on_leave = lambda _: run.line.signal("leg left")
    run.engine.begin(line, _leg(run.line, line, verb.number("callTimeout")))
    return line


def _leg(parent: Line, line: Line, call_timeout: float) -> Steps[None]:
    yield from dial(line, call_timeout)
    parent.signal("leg answered")
    yield Wait(None)


def _talk(line: Line, leg: Line) -> Steps[None]:
    """Until the leg leaves; if it answers before, so is the call."""
    signal = yield Wait(None, ("leg answered", "leg left"))
    if signal is not None and signal.kind == "leg answered":
        line.engine.answered(line)
        join(line, leg)
        yield Wait(None, ("leg left",))


def _try(far_end: FarEnd) -> Steps[int | None]:
    """How the destination responds; None where that does not come in time."""
    response = _RESPONSES.get(far_end.outcome)
    if response is None or far_end.rings > _LONGEST_REFER:
        yield Wait(_LONGEST_REFER)
        return None
    if far_end.outcome != "error":
        yield Wait(far_end.rings)
    return response
