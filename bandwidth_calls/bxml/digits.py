"""Verbs that collect the keys that a caller presses, and what the caller says."""

import math
from collections.abc import Sequence
from typing import Literal

from bandwidth_calls.bxml.element import Verb, element, nested, optional, required
from bandwidth_calls.bxml.rules import FILLED, FLAG, METHOD, TAG, TEXT, Method, Number, Word, refusal
from bandwidth_calls.bxml.speech import PlayAudio, SpeakSentence

GatherInput = Literal["dtmf", "speech", "dtmf_speech"]

_MOST_PROMPTS = 20  # the documentation of repeatCount: repeatCount times the prompts is at most 20


@element
class Gather(Verb):
    """Collect keys or speech while prompts play, then request `gather_url` for the next BXML.

    Without `gather_url` what was collected is lost. `max_digits` is 1 to 50. `inter_digit_timeout` (1 to 60) and
    `first_digit_timeout` (0 to 60) are in seconds, by default 5. `first_digit_timeout` counts from the end of the
    prompts. `repeat_count` times the number of prompts is at most 20.

    `input` is `dtmf` (the default, which means keys), `speech` or `dtmf_speech`. The attributes after it are for
    speech. `hints` are words to expect, and `language` is a name such as `en-US`. `speech_timeout` is in seconds, 0 or
    more, by default 5. `profanity_filter` is on by default. `partial_result_callback` is a URL, which gets a
    `partialgather` event for each partial result. Their ranges and words are not documented, so none are refused.

    https://dev.bandwidth.com/docs/voice/bxml/gather
    """

    children: Sequence[SpeakSentence | PlayAudio] = nested(SpeakSentence, PlayAudio, default=(), kw_only=False)
    gather_url: str | None = optional(TEXT)
    gather_method: Method | None = optional(METHOD)
    gather_fallback_url: str | None = optional(TEXT)
    gather_fallback_method: Method | None = optional(METHOD)
    username: str | None = optional(TEXT)
    password: str | None = optional(TEXT, secret=True)
    fallback_username: str | None = optional(TEXT)
    fallback_password: str | None = optional(TEXT, secret=True)
    tag: str | None = optional(TAG)
    terminating_digits: str | None = optional(TEXT)
    max_digits: int | None = optional(Number(1, 50, whole=True))
    inter_digit_timeout: float | None = optional(Number(1, 60))
    first_digit_timeout: float | None = optional(Number(0, 60))
    repeat_count: int | None = optional(Number(1, _MOST_PROMPTS, whole=True))
    input: GatherInput | None = optional(Word(GatherInput))
    hints: str | None = optional(TEXT)
    language: str | None = optional(TEXT)
    speech_model: str | None = optional(TEXT)
    speech_timeout: float | None = optional(Number(0, math.inf))
    profanity_filter: bool | None = optional(FLAG)
    partial_result_callback: str | None = optional(TEXT)
    partial_result_callback_method: Method | None = optional(METHOD)

    def __attrs_post_init__(self) -> None:
        prompts = (self.repeat_count or 1) * len(self.children)
        if prompts > _MOST_PROMPTS:
            raise refusal("Gather.repeat_count", f"times the children must be at most {_MOST_PROMPTS}, not {prompts}")


@element
class StartGather(Verb):
    """Send a `dtmf` event to `dtmf_url` for each key from now on, while other verbs run.

    A document cannot hold both `StartGather` and `Forward`.

    https://dev.bandwidth.com/docs/voice/bxml/startGather
    """

    dtmf_url: str = required(FILLED)
    dtmf_method: Method | None = optional(METHOD)
    username: str | None = optional(TEXT)
    password: str | None = optional(TEXT, secret=True)
    tag: str | None = optional(TAG)


@element
class StopGather(Verb):
    """Stop the events that `StartGather` started.

    https://dev.bandwidth.com/docs/voice/bxml/stopGather
    """
