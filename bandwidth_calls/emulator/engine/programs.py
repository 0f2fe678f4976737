"""The program of a call, one generator for each way in which a call can begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.delivery.courier import Webhook, webhook_of
from bandwidth_calls.emulator.engine import detection
from bandwidth_calls.emulator.engine.dialling import dial
from bandwidth_calls.emulator.engine.program import ask, play

if TYPE_CHECKING:
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Verbs
    from bandwidth_calls.emulator.simulation.process import Steps


def outbound(line: Line, verbs: Verbs) -> Steps[None]:
    """Run a call that was placed through the API."""
    yield from dial(line, float(str(line.call.request["callTimeout"])))
    more = yield from detection.run(line)
    script = yield from ask(line, "answer", answer_hook(line), more)
    yield from play(line, script, verbs)


def inbound(line: Line, hook: Webhook, verbs: Verbs) -> Steps[None]:
    """Run a call to an application."""
    script = yield from ask(line, "initiate", hook)
    yield from play(line, script, verbs)


def redirected(line: Line, hook: Webhook, verbs: Verbs) -> Steps[None]:
    """Run a call that updateCall redirected."""
    script = yield from ask(line, "redirect", hook)
    yield from play(line, script, verbs)


def answer_hook(line: Line) -> Webhook:
    """Return the webhook of the answer event."""
    hook = webhook_of(line.call.request, "answer", line.world.timeout_of(line.call))
    assert hook is not None  # noqa: S101 - createCall refuses a call without its answerUrl
    return hook
