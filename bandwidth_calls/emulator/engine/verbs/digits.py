"""Gather, StartGather, StopGather."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.engine.verbs.speech import sound
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.engine.program import Frame, Script
    from bandwidth_calls.emulator.simulation.process import Steps


def gather(frame: Frame, verb: Verb) -> Steps[Script | None]:
    """Collect keys, and send them in an event that asks for the next document. Without a URL they are dropped."""
    frame.line.gathering = True
    try:
        digits, terminating = yield from _collect(frame, verb)
    finally:
        frame.line.gathering = False
    frame.line.note("gathered", f"{digits!r}" + (f", ended by {terminating}" if terminating else ""))
    hook = frame.hook(verb, "gather")
    if hook is None:
        return None
    frame.set_tag(verb)
    return (yield from frame.ask("gather", hook, digits=digits, terminatingDigit=terminating))


def _collect(frame: Frame, verb: Verb) -> Steps[tuple[str, str]]:
    """Return the keys, and the terminating key or an empty text."""
    key = yield from _first_key(frame, verb)
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


def _first_key(frame: Frame, verb: Verb) -> Steps[str | None]:
    """Play the nested verbs, `repeatCount` times. The first key stops them and is returned."""
    for _ in range(round(verb.number("repeatCount"))):
        for child in verb.children:
            key = yield from sound(frame, child, ("key",))
            if key is not None:
                return key
        signal = yield Wait(verb.number("firstDigitTimeout"), ("key",))
        if signal is not None:
            return str(signal.value)
    return None


def start_gather(frame: Frame, verb: Verb) -> Steps[None]:
    """Start to send a dtmf event for each key."""
    frame.set_tag(verb)
    hook = frame.hook(verb, "dtmf")
    assert hook is not None  # noqa: S101 - the reader refuses a StartGather without its URL
    frame.line.on_key = lambda key: frame.tell("dtmf", hook, digit=key)
    yield from ()


def stop_gather(frame: Frame, _: Verb) -> Steps[None]:
    """Stop the dtmf events."""
    frame.line.on_key = None
    yield from ()
