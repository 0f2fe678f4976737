"""What the far end has heard and is hearing, and when it will have heard a phrase."""

from __future__ import annotations

import attrs

from bandwidth_calls.emulator.far_end.script import words_of
from bandwidth_calls.emulator.simulation.clock import MICROS


@attrs.frozen
class Speech:
    """A text that is being said. `start` is in microseconds since 1970, `seconds` is the duration."""

    text: str
    start: int
    seconds: float

    def said_by(self, now: int) -> str:
        """Return the part of the text that has been said by a time, in microseconds."""
        if self.seconds == 0 or now >= self.start + self.seconds * MICROS:
            return self.text
        return self.text[: round(len(self.text) * (now - self.start) / MICROS / self.seconds)]


class Listener:
    """What one far end hears. `past` is what it heard since the last phrase that it waited for."""

    def __init__(self) -> None:
        self.past = ""
        self._now: Speech | None = None
        self._skip = 0  # the letters of the present speech that belong to phrases that were found already

    def begin(self, speech: Speech) -> None:
        """Start to hear a speech."""
        self._now = speech
        self._skip = 0

    def end(self, heard: str) -> None:
        """Stop to hear the present speech; `heard` is what was said of it."""
        self._now = None
        self.past = f"{self.past} {words_of(heard)[self._skip :]}".strip()

    def seconds_until(self, phrase: str, now: int) -> float | None:
        """Return the seconds until the phrase will have been heard.

        Return None if the present speech does not contain it.
        """
        wanted = f" {words_of(phrase)} "
        if wanted in f" {self.past} ":
            return 0.0
        if self._now is None:
            return None
        coming = words_of(self._now.text)
        position = f" {self.past} {coming[self._skip :]} ".find(wanted)
        if position < 0:
            return None
        # The letters of the present speech up to the end of the phrase. Three blanks are not its own: two around
        # `wanted`, and one after `past`.
        said = self._skip + position + len(wanted) - 3 - len(self.past)
        due = self._now.start + self._now.seconds * MICROS * min(1.0, said / len(coming))
        return max(0.0, (due - now) / MICROS)

    def forget(self, now: int) -> None:
        """Wait for the next phrase only in what is said from now on, with the rest of the present speech."""
        self.past = ""
        self._skip = 0 if self._now is None else len(words_of(self._now.said_by(now)))
