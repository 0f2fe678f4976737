"""How a call goes, from its beginning to its end: each is a story that reads downwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.engine import detection
from bandwidth_calls.emulator.engine.dialling import dial
from bandwidth_calls.emulator.engine.program import ask, play
from bandwidth_calls.emulator.engine.verbs.table import VERBS

if TYPE_CHECKING:
    from bandwidth_calls.emulator.delivery.courier import Webhook
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Script
    from bandwidth_calls.emulator.engine.requests import CallRequest
    from bandwidth_calls.emulator.simulation.process import Steps


def outbound(line: Line, request: CallRequest) -> Steps[None]:
    """A call that was placed through the API."""
    yield from dial(line, request.call_timeout)
    more = {} if request.detection is None else (yield from detection.run(line, request.detection))
    yield from playing(line, (yield from ask(line, "answer", request.answer, more)))


def inbound(line: Line, hook: Webhook) -> Steps[None]:
    """Somebody calls an application."""
    yield from playing(line, (yield from ask(line, "initiate", hook)))


def redirected(line: Line, hook: Webhook) -> Steps[None]:
    """The API sent a live call elsewhere."""
    yield from playing(line, (yield from ask(line, "redirect", hook)))


def playing(line: Line, script: Script) -> Steps[None]:
    """A document, and what follows from it."""
    yield from play(line, script, VERBS)
