"""Verbs that play speech, audio, pauses, ringing and keys."""

import re
from typing import Literal

from bandwidth_calls.bxml.element import Verb, element, optional, text
from bandwidth_calls.bxml.rules import FILLED, FLAG, TEXT, Matching, Number, Text, Word
from bandwidth_calls.bxml.ssml import Ssml

Gender = Literal["female", "male"]

_DIGITS = Matching(re.compile("[0-9*#a-dA-D,wW]{1,50}"), "1 to 50 of 0-9 * # a-d A-D , w W")
_SECONDS = Number(0.1, 86400)
_MILLISECONDS = Number(50, 5000)


class _Speech(Text):
    """Text that is not blank, or `Ssml` with at least one element, such as a `<break/>` alone."""

    def check(self, where: str, value: object) -> None:
        if not isinstance(value, Ssml):
            super().check(where, value)
        elif value.plain is not None:
            super().check(where, value.plain)

    def takes_any_line(self) -> bool:
        return True


@element
class SpeakSentence(Verb):
    """Speak a sentence. The content is text, or `Ssml` for markup, and must not be blank.

    `locale` is a name such as `en_US` (the default). A `voice` such as `julie` overrides `gender` and `locale`.
    Bandwidth adds voices and locales, so any text is allowed.

    https://dev.bandwidth.com/docs/voice/bxml/speakSentence
    """

    content: str | Ssml = text(_Speech(blank=False), kw_only=False)
    voice: str | None = optional(TEXT)
    gender: Gender | None = optional(Word(Gender))
    locale: str | None = optional(TEXT)


@element
class PlayAudio(Verb):
    """Play the audio (WAV or MP3) at a URL, which may be relative. The credentials are sent to that URL.

    https://dev.bandwidth.com/docs/voice/bxml/playAudio
    """

    content: str = text(FILLED, kw_only=False)
    username: str | None = optional(TEXT)
    password: str | None = optional(TEXT, secret=True)


@element
class Pause(Verb):
    """Wait for `duration` seconds, 0.1 to 86,400 (by default 1).

    https://dev.bandwidth.com/docs/voice/bxml/pause
    """

    duration: float | None = optional(_SECONDS)


@element
class Ring(Verb):
    """Play ringing for `duration` seconds, 0.1 to 86,400 (by default 5).

    With `answer_call=False`, an inbound call that is not answered yet stays unanswered.

    https://dev.bandwidth.com/docs/voice/bxml/ring
    """

    duration: float | None = optional(_SECONDS)
    answer_call: bool | None = optional(FLAG)


@element
class SendDtmf(Verb):
    """Send 1 to 50 keys: `0-9 * # a-d A-D`. `,` and `w` wait half a second, `W` waits one second.

    `tone_duration` and `tone_interval` are in milliseconds, 50 to 5,000 (by default 200 and 400). A wait between two
    keys replaces the interval.

    https://dev.bandwidth.com/docs/voice/bxml/sendDtmf
    """

    content: str = text(_DIGITS, kw_only=False)
    tone_duration: float | None = optional(_MILLISECONDS)
    tone_interval: float | None = optional(_MILLISECONDS)
