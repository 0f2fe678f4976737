"""Gather, StartGather, StopGather."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.engine.verbs.speech import sound
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.engine.program import Run, Script
    from bandwidth_calls.emulator.simulation.process import Steps


def gather(run: Run, verb: Verb) -> Steps[Script | None]:
    """Collect keys, and ask with them for the next document; without a URL they are thrown away."""
    run.line.gathering = True
    try:
        digits, terminating = yield from _collect(run, verb)
    finally:
        run.line.gathering = False
    run.line.note("gathered", f"{digits!r}" + (f", ended by {terminating}" if terminating else ""))
    hook = run.hook(verb, "gather")
    if hook is None:
        return None
    run.engine.set_tag(run.line.call, verb)
    return (yield from run.ask("gather", hook, digits=digits, terminatingDigit=terminating))


def _collect(run: Run, verb: Verb) -> Steps[tuple[str, str]]:
    """The keys, and the one that ended them or an empty text."""
    key = yield from _first_key(run, verb)
    digits = ""
    while key is not None:
        if key in (verb.word("terminatingDigits") or ""):
            return digits, key
        digits += key
        if len(digits) == verb.number("maxDigits"):
            break
        signal = yield Wait(verb.number("interDigitTimeout"), ("key",))
        key = None if signal is None else str(signal.value)
    return digits, ""


def _first_key(run: Run, verb: Verb) -> Steps[str | None]:
    """Play what is inside, as often as it is to be; a key stops it."""
    for _ in range(round(verb.number("repeatCount"))):
        for child in verb.children:
            key = yield from sound(run, child, ("key",))
            if key is not None:
                return key
        signal = yield Wait(verb.number("firstDigitTimeout"), ("key",))
        if signal is not None:
            return str(signal.value)
    return None


def start_gather(run: Run, verb: Verb) -> Steps[None]:
    """From now on, tell the application each key."""
    run.engine.set_tag(run.line.call, verb)
    hook = run.hook(verb, "dtmf")
    assert hook is not None  # noqa: S101 - the reader refuses a StartGather without its URL
    run.line.on_key = lambda key: run.tell("dtmf", hook, digit=key)
    yield from ()


def stop_gather(run: Run, _: Verb) -> Steps[None]:
    """Tell it no longer."""
    run.line.on_key = None
    yield from ()
