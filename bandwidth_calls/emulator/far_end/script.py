"""The far end of a call: a script of what the callee does, or the caller of an inbound call."""

from __future__ import annotations

import re
from typing import Self

import attrs

_KEYS = re.compile(r"[0-9*#A-D]+")
# A week: a choice, so that a wrong unit, such as milliseconds, is found.
_LONGEST = 7 * 86_400.0


@attrs.frozen
class Press:
    """Press keys, 0.25 seconds apart, `after` seconds after the step before."""

    keys: str
    after: float


@attrs.frozen
class Say:
    """Say words, `after` seconds after the step before."""

    words: str
    after: float


@attrs.frozen
class HangUp:
    """Hang up, `after` seconds after the step before."""

    after: float


@attrs.frozen
class Hear:
    """Wait until a phrase is said. Hang up if it does not come within `patience` seconds; None waits for ever."""

    phrase: str
    patience: float | None = None


@attrs.frozen
class HearAudio:
    """Wait until so many seconds of audio were heard. Hang up if they do not come within `patience` seconds."""

    at_least: float
    patience: float | None = None


Step = Press | Say | HangUp | Hear | HearAudio


@attrs.frozen
class FarEnd:
    """What the far end does, in order. Each method returns a new script with one step more.

        FarEnd().answer(after=3).hear("press 1").press("1").hang_up(after=30)

    `FarEnd()` answers after 2 seconds, says "Hello?" and then stays silent until the application hangs up. Times are
    seconds, at most a week. A wrong value raises `ValueError`. In an inbound call the far end is the caller, and its
    steps begin when the application answers.
    """

    # Choices: about what people take, and short for a test on a running clock.
    outcome: str = "answer"
    rings: float = 2.0
    greeting: float = 1.0
    greeting_after: float = 0.5
    gives_up: float | None = None
    steps: tuple[Step, ...] = ()

    def answer(self, *, after: float = 2.0) -> Self:
        """Answer, `after` seconds after ringing began."""
        return attrs.evolve(self, outcome="answer", rings=_seconds("after", after))

    def busy(self, *, after: float = 0.0) -> Self:
        """Be busy, `after` seconds after ringing began."""
        return attrs.evolve(self, outcome="busy", rings=_seconds("after", after))

    def reject(self, *, after: float = 1.0) -> Self:
        """Reject the call, `after` seconds after ringing began."""
        return attrs.evolve(self, outcome="rejected", rings=_seconds("after", after))

    def no_answer(self) -> Self:
        """Ring, and never answer."""
        return attrs.evolve(self, outcome="no-answer")

    def not_reachable(self) -> Self:
        """Never ring. The call is cancelled after 30 seconds."""
        return attrs.evolve(self, outcome="no-ringing")

    def fail(self) -> Self:
        """Be a number that no call can be routed to."""
        return attrs.evolve(self, outcome="error")

    def give_up(self, *, after: float) -> Self:
        """As the caller of an inbound call, hang up `after` seconds if the call was not answered by then."""
        return attrs.evolve(self, gives_up=_seconds("after", after))

    def machine(self, *, greeting: float = 20.0) -> Self:
        """Be an answering machine whose greeting lasts `greeting` seconds."""
        return attrs.evolve(self, greeting=_seconds("greeting", greeting), greeting_after=0.5)

    def silence(self) -> Self:
        """Say nothing after the answer."""
        return attrs.evolve(self, greeting=0.0)

    def press(self, keys: str, *, after: float = 0.0) -> Self:
        """Press keys, 0.25 seconds apart: `0` to `9`, `*`, `#`, `A` to `D`."""
        if not isinstance(keys, str) or not _KEYS.fullmatch(keys):
            raise ValueError(f"keys must be of 0-9, *, # and A-D: {keys!r}")
        return self._then(Press(keys, _seconds("after", after)))

    def say(self, words: str, *, after: float = 0.0) -> Self:
        """Say words. They last as long as `characters_per_second` says."""
        if not isinstance(words, str) or not words.strip():
            raise ValueError(f"words must be text that says something: {words!r}")
        return self._then(Say(words, _seconds("after", after)))

    def hear(self, phrase: str) -> Self:
        """Wait until a phrase was said since the step before. Case and punctuation are ignored."""
        if not isinstance(phrase, str) or not words_of(phrase):
            raise ValueError(f"phrase must be text that says something: {phrase!r}")
        return self._then(Hear(phrase))

    def hear_audio(self, *, at_least: float = 1.0) -> Self:
        """Wait until so many seconds of audio were heard since the step before: of PlayAudio, or from a media stream.

        They need not come at one go. What a media stream plays counts even if it is silence.
        """
        if _seconds("at_least", at_least) == 0:
            raise ValueError("at_least must be more than 0 seconds")
        return self._then(HearAudio(float(at_least)))

    def else_hang_up(self, *, after: float = 30.0) -> Self:
        """Hang up if what the step before waits for does not come within `after` seconds."""
        if not self.steps or not isinstance(self.steps[-1], Hear | HearAudio):
            raise ValueError("else_hang_up() must follow hear() or hear_audio()")
        patient = attrs.evolve(self.steps[-1], patience=_seconds("after", after))
        return attrs.evolve(self, steps=(*self.steps[:-1], patient))

    def hang_up(self, *, after: float = 0.0) -> Self:
        """Hang up, `after` seconds after the step before."""
        return self._then(HangUp(_seconds("after", after)))

    def _then(self, step: Step) -> Self:
        return attrs.evolve(self, steps=(*self.steps, step))


def words_of(text: str) -> str:
    """Return the text in lower case, without punctuation, with single blanks."""
    return " ".join(re.findall(r"[\w*#]+", text.casefold()))


def _seconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LONGEST:
        raise ValueError(f"{name} must be a number of seconds from 0 to a week: {value!r}")
    return float(value)
