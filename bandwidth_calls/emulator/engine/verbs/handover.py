"""Forward and Refer: the call is handed over, and the application hears only that it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from bandwidth_calls.emulator.engine import person
from bandwidth_calls.emulator.engine.dialling import connect_leg, dial
from bandwidth_calls.emulator.engine.lines import Ended
from bandwidth_calls.emulator.engine.program import fail
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Frame, Script, Verbs
    from bandwidth_calls.emulator.far_end.script import FarEnd
    from bandwidth_calls.emulator.simulation.process import Steps

# SIP responses of a destination by RFC 3261. The caller's device reports the last one.
_RESPONSES = {"answer": 200, "busy": 486, "rejected": 603, "error": 404}
_ACCEPTED = 202
# Seconds until the caller's device must have reported it: a choice.
_LONGEST_REFER = 30.0


def forward(frame: Frame, verb: Verb) -> Steps[NoReturn]:
    """Call somebody else, and bridge them with the caller until one of them hangs up. That ends the call.

    Meanwhile the API refuses to change either call with 409: "your application will not have any control over either
    leg". The leg is a call of its own, as in a Transfer, which is a choice. No event tells of it.
    """
    line = frame.line
    if line.call.direction != "inbound" or line.call.answer_time is not None:
        fail(frame, "<Forward> is only for an inbound call that was not answered")
    leg = _ring(frame, verb)
    line.given_away = leg.given_away = True
    try:
        yield from _talk(line, leg)
    finally:  # does nothing if the leg ended first
        leg.end(Ended("hangup"))
    raise Ended(leg.call.disconnect_cause or "hangup", leg.call.error_message)


def refer(frame: Frame, verb: Verb) -> Steps[Script | None]:
    """Have the caller's device call somebody else. The device does so by itself, so there is no other call here.

    If the destination answers, the call ends; the event for that is sent first, which is a choice. Otherwise the
    application is asked for a document, or without a URL the next verb is played. The properties of the event are
    those of Bandwidth's own `ReferCompleteCallback`.
    """
    call = frame.line.call
    if call.direction != "inbound" or not call.to.lower().startswith(("sip:", "sips:")):
        fail(frame, "<Refer> is only for an inbound call to a SIP URI")
    (destination,) = verb.children
    response = yield from _try(frame.world.numbers.find(destination.text))
    worked = response == _RESPONSES["answer"]
    frame.line.note("refer", f"{destination.text}: {response or 'no answer'}")
    frame.set_tag(verb)
    hook = frame.hook(verb, "referComplete")
    result = {"referCallStatus": "success" if worked else "failure", "referSipResponseCode": _ACCEPTED}
    if response is not None:
        result["notifySipResponseCode"] = response
    if not worked:
        return None if hook is None else (yield from frame.ask("referComplete", hook, **result))
    if hook is not None:
        frame.tell("referComplete", hook, **result)
    raise Ended("hangup")


def _ring(frame: Frame, verb: Verb) -> Line:
    """Start to call the forward's destination. The default caller id is the number that was called."""
    line = connect_leg(frame.line, verb.word("to") or "", verb.word("from") or frame.line.call.to)
    line.on_leave = lambda _: frame.line.signal("leg left")
    line.begin(_leg(frame.line, line, verb.number("callTimeout")))
    return line


def _leg(parent: Line, line: Line, call_timeout: float) -> Steps[None]:
    yield from dial(line, call_timeout)
    parent.signal("leg answered")
    yield Wait(None)


def _talk(line: Line, leg: Line) -> Steps[None]:
    """Wait until the leg leaves. If it answers before, answer the call too, and bridge them."""
    signal = yield Wait(None, ("leg answered", "leg left"))
    if signal is not None and signal.kind == "leg answered":
        person.answer(line)
        line.bridge(leg)
        yield Wait(None, ("leg left",))


def _try(far_end: FarEnd) -> Steps[int | None]:
    """Return the SIP response of the destination, or None if it does not come in time."""
    response = _RESPONSES.get(far_end.outcome)
    if response is None or far_end.rings > _LONGEST_REFER:
        yield Wait(_LONGEST_REFER)
        return None
    if far_end.outcome != "error":
        yield Wait(far_end.rings)
    return response


PLAYERS: Verbs = {
    "Forward": forward,
    "Refer": refer,
}
