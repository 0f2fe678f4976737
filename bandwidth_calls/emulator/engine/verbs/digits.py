"""Gather, StartGather, StopGather.

Nothing is documented of how speech ends a Gather, so this is a choice: speech that begins stops the audio, and its end
ends the Gather. `speechTimeout` is the time to wait for speech after the audio. Partial results are sent only if a
setting asks for them, since their properties are not documented.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.engine.verbs.speech import sound
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.engine.program import Frame, Script, Verbs
    from bandwidth_calls.emulator.simulation.process import Signal, Steps

# What ends the audio of a Gather, by its `input`.
_SIGNALS = {"dtmf": ("key",), "speech": ("speaks", "said"), "dtmf_speech": ("key", "speaks", "said")}


@attrs.frozen(eq=False)
class _Gathered:
    """What a Gather collected. Each text is empty if there was nothing of its kind."""

    digits: str
    terminating: str = ""
    text: str = ""

    def __str__(self) -> str:
        ended = f", ended by {self.terminating}" if self.terminating else ""
        return f"{self.digits!r}{ended}" + (f", said {self.text!r}" if self.text else "")


def gather(frame: Frame, verb: Verb) -> Steps[Script | None]:
    """Collect keys or speech, and send them in an event that asks for the next document. Without a URL drop them."""
    frame.line.gathering = True
    try:
        gathered = yield from _collect(frame, verb)
    finally:
        frame.line.gathering = False
    frame.line.note("gathered", str(gathered))
    hook = frame.hook(verb, "gather")
    if hook is None:
        return None
    frame.set_tag(verb)
    text = {} if verb.word("input") == "dtmf" else {"text": gathered.text}
    return (yield from frame.ask("gather", hook, digits=gathered.digits, terminatingDigit=gathered.terminating, **text))


def _collect(frame: Frame, verb: Verb) -> Steps[_Gathered]:
    """Collect keys until one of them ends it. Words end it as soon as they were said."""
    signal = yield from _first_signal(frame, verb)
    digits = ""
    while signal is not None:
        if signal.kind != "key":
            return _Gathered(digits, text=(yield from _words(frame, verb, signal)))
        key = str(signal.value)
        if key in (verb.word("terminatingDigits") or ""):
            return _Gathered(digits, key)
        digits += key
        if len(digits) == verb.number("maxDigits"):
            break
        signal = yield Wait(verb.number("interDigitTimeout"), _kinds(verb))
    return _Gathered(digits)


def _first_signal(frame: Frame, verb: Verb) -> Steps[Signal | None]:
    """Play the nested verbs, `repeatCount` times. The first key or word stops them, and its signal is returned."""
    for _ in range(round(verb.number("repeatCount"))):
        for child in verb.children:
            signal = yield from sound(frame, child, _kinds(verb))
            if signal is not None:
                return signal
        signal = yield Wait(_patience(verb), _kinds(verb))
        if signal is not None:
            return signal
    return None


def _words(frame: Frame, verb: Verb, signal: Signal) -> Steps[str]:
    """Return the words, when they have been said. The far end may have begun before the Gather."""
    words = str(signal.value)
    if signal.kind == "speaks":
        yield from _tell_parts(frame, verb, words)
        yield Wait(None, ("said",))
    return words


def _tell_parts(frame: Frame, verb: Verb, words: str) -> Steps[None]:
    """Send an event after each word but the last, with what has been said so far. The replies are ignored: a choice."""
    hook = frame.hook(verb, "partialResultCallback", url_suffix="")  # the only URL whose attribute does not end so
    if hook is None or not frame.world.settings.partial_results:
        return
    said = 0
    for blank in re.finditer(r"(?<=\S)\s+(?=\S)", words):
        yield Wait((blank.start() - said) / frame.world.settings.characters_per_second)
        said = blank.start()
        frame.tell("partialgather", hook, text=words[:said])


def _kinds(verb: Verb) -> tuple[str, ...]:
    return _SIGNALS[verb.word("input") or ""]


def _patience(verb: Verb) -> float:
    """Return the seconds to wait for the first key or word after the audio: a choice where both may come."""
    first, speech = verb.number("firstDigitTimeout"), verb.number("speechTimeout")
    return {"dtmf": first, "speech": speech}.get(verb.word("input") or "", max(first, speech))


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


PLAYERS: Verbs = {
    "Gather": gather,
    "StartGather": start_gather,
    "StopGather": stop_gather,
}
