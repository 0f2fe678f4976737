"""The far end of a call: a script of what the person does whom the application calls, or who calls it."""

from __future__ import annotations

import re
from typing import Self

import attrs

_KEYS = re.compile(r"[0-9*#A-D]+")
_LONGEST = 7 * 86_400.0


@attrs.frozen
class Press:
    """Press keys, a quarter of a second apart, so many seconds after what came before."""

    keys: str
    after: float


@attrs.frozen
class Say:
    """Speak, so many seconds after what came before."""

    words: str
    after: float


@attrs.frozen
class HangUp:
    """Hang up, so many seconds after what came before."""

    after: float


@attrs.frozen
class Hear:
    """Listen until a phrase is said; hang up where it did not come within `patience` seconds, None being for ever."""

    phrase: str
    patience: float | None = None


Step = Press | Say | HangUp | Hear


@attrs.frozen
class FarEnd:
    """What the far end does, in order; each method returns a longer script, and changes nothing.

        FarEnd().answer(after=3).hear("press 1").press("1").hang_up(after=30)

    Without more it answers after 2 seconds, says "Hello?" and then stays silent until the application hangs up. Times
    are seconds; a `ValueError` tells what makes no sense. Where an inbound call is played, the far end is who calls,
    and what it does begins when the application answers.
    """

    outcome: str = "answer"
    rings: float = 2.0
    greeting: float = 1.0
    greeting_after: float = 0.5
    gives_up: float | None = None
    steps: tuple[Step, ...] = ()

    def answer(self, *, after: float = 2.0) -> Self:
        """Answer so many seconds after it began to ring."""
        return attrs.evolve(self, outcome="answer", rings=_seconds("after", after))

    def busy(self, *, after: float = 0.0) -> Self:
        """Be busy."""
        return attrs.evolve(self, outcome="busy", rings=_seconds("after", after))

    def reject(self, *, after: float = 1.0) -> Self:
        """Reject the call."""
        return attrs.evolve(self, outcome="rejected", rings=_seconds("after", after))

    def no_answer(self) -> Self:
        """Let it ring."""
        return attrs.evolve(self, outcome="no-answer")

    def not_reachable(self) -> Self:
        """Never ring: the call is cancelled after 30 seconds."""
        return attrs.evolve(self, outcome="no-ringing")

    def fail(self) -> Self:
        """Be a number to which no call can be routed."""
        return attrs.evolve(self, outcome="error")

    def give_up(self, *, after: float) -> Self:
        """Of somebody who calls: hang up so many seconds later if nobody has answered."""
        return attrs.evolve(self, gives_up=_seconds("after", after))

    def machine(self, *, greeting: float = 20.0) -> Self:
        """Be a machine: its greeting takes so many seconds."""
        return attrs.evolve(self, greeting=_seconds("greeting", greeting), greeting_after=0.5)

    def silence(self) -> Self:
        """Say nothing upon answering."""
        return attrs.evolve(self, greeting=0.0)

    def press(self, keys: str, *, after: float = 0.0) -> Self:
        """Press keys: `0` to `9`, `*`, `#`, `A` to `D`."""
        if not isinstance(keys, str) or not _KEYS.fullmatch(keys):
            raise ValueError(f"keys must be of 0-9, *, # and A-D: {keys!r}")
        return self._then(Press(keys, _seconds("after", after)))

    def say(self, words: str, *, after: float = 0.0) -> Self:
        """Say something."""
        if not isinstance(words, str) or not words.strip():
            raise ValueError(f"words must be text that says something: {words!r}")
        return self._then(Say(words, _seconds("after", after)))

    def hear(self, phrase: str) -> Self:
        """Wait until a phrase was said since the step before, in any case of letters."""
        if not isinstance(phrase, str) or not words_of(phrase):
            raise ValueError(f"phrase must be text that says something: {phrase!r}")
        return self._then(Hear(phrase))

    def else_hang_up(self, *, after: float = 30.0) -> Self:
        """Hang up where the phrase of the step before does not come within so many seconds."""
        if not self.steps or not isinstance(self.steps[-1], Hear):
            raise ValueError("else_hang_up() must follow hear()")
        patient = attrs.evolve(self.steps[-1], patience=_seconds("after", after))
        return attrs.evolve(self, steps=(*self.steps[:-1], patient))

    def hang_up(self, *, after: float = 0.0) -> Self:
        """Hang up."""
        return self._then(HangUp(_seconds("after", after)))

    def _then(self, step: Step) -> Self:
        return attrs.evolve(self, steps=(*self.steps, step))


def words_of(text: str) -> str:
    """The text as an ear has it: small letters, no punctuation, single blanks."""
    return " ".join(re.findall(r"[\w*#]+", text.casefold()))


def _seconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LONGEST:
        raise ValueError(f"{name} must be a number of seconds from 0 to a week: {value!r}")
    return float(value)
