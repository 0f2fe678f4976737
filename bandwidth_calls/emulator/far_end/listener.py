"""What the far end has heard and is hearing, and when it will have heard a phrase."""

from __future__ import annotations

import attrs

from bandwidth_calls.emulator.far_end.script import words_of
from bandwidth_calls.emulator.simulation.clock import MICROS


@attrs.frozen
class Speech:
    """A text that is being said, or the URL of audio. `start` is in microseconds since 1970, `seconds` the duration."""

    text: str
    start: int
    seconds: float
    is_audio: bool = False

    @property
    def end(self) -> int:
        """The time at which it ends if it is not cut off, in microseconds since 1970."""
        return self.start + round(self.seconds * MICROS)

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
        self._audio = 0  # microseconds of audio since the last phrase or audio that it waited for
        self._since = self._until = 0  # when the last speech began, and when it ends or ended

    def begin(self, speech: Speech) -> None:
        """Start to hear a speech."""
        self._now = speech
        self._skip = 0
        self._since, self._until = speech.start, speech.end

    def end(self, heard: str, now: int) -> None:
        """Stop to hear the present speech; `heard` is what was said of it by now, in microseconds since 1970."""
        self._audio += self._present_audio(now)
        self._until = min(self._until, now)
        self._now = None
        self.past = f"{self.past} {words_of(heard)[self._skip :]}".strip()

    def hear_sound(self, micros: int) -> None:
        """Hear sound of a media stream."""
        self._audio += micros

    def hears_at(self, time: int) -> bool:
        """Whether speech or audio is played at a time, in microseconds since 1970, that is not long past."""
        return self._since <= time < self._until

    def audio_by(self, now: int) -> float:
        """Return the seconds of audio that were heard since the last phrase or audio that it waited for."""
        return (self._audio + self._present_audio(now)) / MICROS

    def seconds_until_audio(self, at_least: float, now: int) -> float | None:
        """Return the seconds until so many seconds of audio were heard.

        Return None if the audio that plays does not suffice.
        """
        missing = at_least - self.audio_by(now)
        if missing <= 0:
            return 0.0
        left = (self._now.end - now) / MICROS if self._now is not None and self._now.is_audio else 0.0
        return missing if missing <= left else None

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
        """Wait for the next phrase or audio only in what comes from now on, with the rest of the present speech."""
        self.past = ""
        self._audio = -self._present_audio(now)
        self._skip = 0 if self._now is None else len(words_of(self._now.said_by(now)))

    def _present_audio(self, now: int) -> int:
        """Return how much of the audio that plays was heard, in microseconds."""
        if self._now is None or not self._now.is_audio:
            return 0
        return min(now, self._now.end) - self._now.start
