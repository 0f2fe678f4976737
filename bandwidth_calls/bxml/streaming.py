"""Verbs that stream audio to a websocket, or transcribe it."""

import re
from collections.abc import Sequence
from typing import Literal

from bandwidth_calls import checks
from bandwidth_calls.bxml.element import Element, Verb, element, nested, optional, required
from bandwidth_calls.bxml.rules import FILLED, FLAG, METHOD, TEXT, Method, Text, Word, refusal, require_https

Tracks = Literal["inbound", "outbound", "both"]
StreamMode = Literal["unidirectional", "bidirectional"]

_TRACKS = Word(Tracks)
_PARAM_NAME = Text(longest=256, blank=False)
_PARAM_VALUE = Text(longest=2048)


class Languages(Text):
    """Comma-separated languages such as `en-US,es-US`: at most one dialect of each language."""

    def check(self, where: str, value: object) -> None:
        """Refuse a place of the list without a language, and two dialects of one language."""
        super().check(where, value)
        languages = [re.split("[-_]", place.strip())[0].lower() for place in str(value).split(",")]
        if not all(languages):
            raise ValueError(
                f"{where}: must be comma-separated languages such as en-US,es-US, not {checks.shown(value)}"
            )
        for language in languages:
            if languages.count(language) > 1:
                raise ValueError(f"{where}: must have one dialect a language, not two of {language}")


@element
class StreamParam(Element):
    """A parameter for the `start` message of a stream: a name of at most 256 characters, a value of at most 2,048.

    https://dev.bandwidth.com/docs/voice/bxml/startStream
    """

    name: str = required(_PARAM_NAME)
    value: str = required(_PARAM_VALUE)


@element
class StartStream(Verb):
    """Stream audio to the websocket at `destination`, while other verbs run.

    As the last verb of a document it ends with the call. It holds at most 12 `StreamParam`. `destination_username` and
    `destination_password` are sent to the websocket. `username` and `password` are sent to `stream_event_url`, which
    must then be https.

    https://dev.bandwidth.com/docs/voice/bxml/startStream
    """

    children: Sequence[StreamParam] = nested(StreamParam, most=12, default=(), kw_only=False)
    destination: str = required(FILLED)
    name: str | None = optional(TEXT)
    mode: StreamMode | None = optional(Word(StreamMode))
    tracks: Tracks | None = optional(_TRACKS)
    destination_username: str | None = optional(TEXT)
    destination_password: str | None = optional(TEXT, secret=True)
    stream_event_url: str | None = optional(TEXT)
    stream_event_method: Method | None = optional(METHOD)
    username: str | None = optional(TEXT)
    password: str | None = optional(TEXT, secret=True)

    def __attrs_post_init__(self) -> None:
        require_https(self, ("stream_event_url",))


@element
class StopStream(Verb):
    """End the stream of that `name`. With `wait=True`, wait until the websocket closes instead.

    https://dev.bandwidth.com/docs/voice/bxml/stopStream
    """

    name: str = required(FILLED)
    wait: bool | None = optional(FLAG)


@element
class CustomParam(Element):
    """A parameter of a transcription: a name of at most 256 characters, a value of at most 2,048.

    https://dev.bandwidth.com/docs/voice/bxml/startTranscription
    """

    name: str = required(_PARAM_NAME)
    value: str = required(_PARAM_VALUE)


@element
class StartTranscription(Verb):
    """Transcribe the call in real time, to the websocket at `destination` if it is set.

    It holds at most 12 `CustomParam`. `stabilized` needs `destination`. With credentials,
    `transcription_event_url` must be https. `preferred_languages` is comma-separated text such as `en-US,es-US`, with
    one dialect of each language. It is not allowed with `detect_language=True`.

    https://dev.bandwidth.com/docs/voice/bxml/startTranscription
    """

    children: Sequence[CustomParam] = nested(CustomParam, most=12, default=(), kw_only=False)
    name: str | None = optional(TEXT)
    tracks: Tracks | None = optional(_TRACKS)
    transcription_event_url: str | None = optional(TEXT)
    transcription_event_method: Method | None = optional(METHOD)
    username: str | None = optional(TEXT)
    password: str | None = optional(TEXT, secret=True)
    destination: str | None = optional(TEXT)
    stabilized: bool | None = optional(FLAG)
    detect_language: bool | None = optional(FLAG)
    preferred_languages: str | None = optional(Languages())

    def __attrs_post_init__(self) -> None:
        require_https(self, ("transcription_event_url",))
        if self.detect_language and self.preferred_languages is not None:
            raise refusal("StartTranscription.preferred_languages", "not allowed with detect_language")


@element
class StopTranscription(Verb):
    """End the transcription of that `name`, or all of them if `name` is None.

    https://dev.bandwidth.com/docs/voice/bxml/stopTranscription
    """

    name: str | None = optional(TEXT)
