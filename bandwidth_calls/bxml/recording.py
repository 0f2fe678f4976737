"""Verbs that record."""

from typing import Literal

from bandwidth_calls.bxml.element import Verb, element, optional
from bandwidth_calls.bxml.rules import FLAG, METHOD, TAG, TEXT, Method, Number, Word, require_https

FileFormat = Literal["wav", "mp3"]

_FILE_FORMAT = Word(FileFormat)
_SECONDS = Number(0, 10800)


@element
class Record(Verb):
    """Record the caller, as for a voice mail, and wait for the end.

    `max_duration` (by default 60) and `silence_timeout` (0, the default, is never) are seconds, up to 10,800. A key of
    `terminating_digits` (by default `#`, none with `""`) ends it. The credentials go to the three URLs that have no
    fallback; where they are set, these must be https.

    https://dev.bandwidth.com/docs/voice/bxml/record
    """

    record_complete_url: str | None = optional(TEXT)
    record_complete_method: Method | None = optional(METHOD)
    record_complete_fallback_url: str | None = optional(TEXT)
    record_complete_fallback_method: Method | None = optional(METHOD)
    recording_available_url: str | None = optional(TEXT)
    recording_available_method: Method | None = optional(METHOD)
    transcribe: bool | None = optional(FLAG)
    detect_language: bool | None = optional(FLAG)
    transcription_available_url: str | None = optional(TEXT)
    transcription_available_method: Method | None = optional(METHOD)
    username: str | None = optional(TEXT)
    password: str | None = optional(TEXT, secret=True)
    fallback_username: str | None = optional(TEXT)
    fallback_password: str | None = optional(TEXT, secret=True)
    tag: str | None = optional(TAG)
    terminating_digits: str | None = optional(TEXT)
    max_duration: float | None = optional(_SECONDS)
    silence_timeout: float | None = optional(_SECONDS)
    file_format: FileFormat | None = optional(_FILE_FORMAT)

    def __attrs_post_init__(self) -> None:
        require_https(self, ("record_complete_url", "recording_available_url", "transcription_available_url"))
        require_https(self, ("record_complete_fallback_url",), ("fallback_username", "fallback_password"))


@element
class StartRecording(Verb):
    """Record the call from now on, while other verbs run. A second one while one is active is ignored.

    `multi_channel` puts the party (or the A-leg) and the rest on channels of their own. On a conference `transcribe`,
    `multi_channel` and `tag` are ignored. Where there are credentials, the URLs must be https.

    https://dev.bandwidth.com/docs/voice/bxml/startRecording
    """

    recording_available_url: str | None = optional(TEXT)
    recording_available_method: Method | None = optional(METHOD)
    transcribe: bool | None = optional(FLAG)
    detect_language: bool | None = optional(FLAG)
    transcription_available_url: str | None = optional(TEXT)
    transcription_available_method: Method | None = optional(METHOD)
    username: str | None = optional(TEXT)
    password: str | None = optional(TEXT, secret=True)
    tag: str | None = optional(TAG)
    file_format: FileFormat | None = optional(_FILE_FORMAT)
    multi_channel: bool | None = optional(FLAG)

    def __attrs_post_init__(self) -> None:
        require_https(self, ("recording_available_url", "transcription_available_url"))


@element
class StopRecording(Verb):
    """End the recording, also a paused one.

    https://dev.bandwidth.com/docs/voice/bxml/stopRecording
    """


@element
class PauseRecording(Verb):
    """Leave out of the recording what follows, until `ResumeRecording`.

    https://dev.bandwidth.com/docs/voice/bxml/pauseRecording
    """


@element
class ResumeRecording(Verb):
    """Go on with a paused recording.

    https://dev.bandwidth.com/docs/voice/bxml/resumeRecording
    """
