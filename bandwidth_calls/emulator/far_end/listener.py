"""What the far end has heard and is hearing, and when a phrase will have been said."""

from __future__ import annotations

import attrs

from bandwidth_calls.emulator.far_end.script import words_of
from bandwidth_calls.emulator.simulation.clock import MICROS


@attrs.frozen
class Speech:
    """Something that is being said: from when (microseconds), and for how many seconds."""

    text: str
    start: int
    seconds: float

    def said_by(self, now: int) -> str:
        """As much of the text as has been said."""
        if self.seconds == 0 or now >= self.start + self.seconds * MICROS:
            return self.text
        return self.text[: round(len(self.text) * (now - self.start) / MICROS / self.seconds)]


class Listener:
    """Listens; `past` is what was heard since the last phrase that was waited for."""

    def __init__(self) -> None:
        self.past = ""
        self._now: Speech | None = None
        self._skip = 0  # so many letters of what is being said belong to phrases that came already

    def begin(self, speech: Speech) -> None:
        """Somebody begins to speak."""
        self._now = speech
        self._skip = 0

    def end(self, heard: str) -> None:
        """Somebody stops, after so much."""
        self._now = None
        self.past = f"{self.past} {words_of(heard)[self._skip :]}".strip()

    def seconds_until(self, phrase: str, now: int) -> float | None:
        """In how many seconds the phrase will have been heard; None where nobody is about to say it."""
        wanted = f" {words_of(phrase)} "
        if wanted in f" {self.past} ":
            return 0.0
        if self._now is None:
            return None
        coming = words_of(self._now.text)
        place = f" {self.past} {coming[self._skip :]} ".find(wanted)
        if place < 0:
            return None
        said = self._skip + place + len(wanted) - 3 - len(self.past)  # how many letters of what is being said
        due = self._now.start + self._now.seconds * MICROS * min(1.0, said / len(coming))
        return max(0.0, (due - now) / MICROS)

    def forget(self, now: int) -> None:
        """Listen for the next phrase in what comes from now on, the rest of what is being said included."""
        self.past = ""
        self._skip = 0 if self._now is None else len(words_of(self._now.said_by(now)))
