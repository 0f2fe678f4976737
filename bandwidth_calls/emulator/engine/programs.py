"""The program of a call, one generator for each way in which a call can begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.engine import detection
from bandwidth_calls.emulator.engine.dialling import dial
from bandwidth_calls.emulator.engine.program import ask, play

if TYPE_CHECKING:
    from bandwidth_calls.emulator.delivery.courier import Webhook
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Verbs
    from bandwidth_calls.emulator.engine.requests import CallRequest
    from bandwidth_calls.emulator.simulation.process import Steps


def outbound(line: Line, request: CallRequest, verbs: Verbs) -> Steps[None]:
    """Run a call that was placed through the API."""
    yield from dial(line, request.call_timeout)
    more = {} if request.detection is None else (yield from detection.run(line, request.detection))
    script = yield from ask(line, "answer", request.answer, more)
    yield from play(line, script, verbs)


def inbound(line: Line, hook: Webhook, verbs: Verbs) -> Steps[None]:
    """Run a call to an application."""
    script = yield from ask(line, "initiate", hook)
    yield from play(line, script, verbs)


def redirected(line: Line, hook: Webhook, verbs: Verbs) -> Steps[None]:
    """Run a call that updateCall redirected."""
    script = yield from ask(line, "redirect", hook)
    yield from play(line, script, verbs)
