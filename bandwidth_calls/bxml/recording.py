"""Verbs that record calls."""

from typing import Literal

from bandwidth_calls.bxml.element import Verb, element, optional
from bandwidth_calls.bxml.rules import FLAG, METHOD, TAG, TEXT, Method, Number, Word, require_https

FileFormat = Literal["wav", "mp3"]

_FILE_FORMAT = Word(FileFormat)
_SECONDS = Number(0, 10800)  # the documentation of maxDuration: 3 hours


@element
class Record(Verb):
    """Record the caller, for example for a voice mail, and wait for the end.

    `max_duration` (by default 60) and `silence_timeout` (by default 0, which means never) are in seconds, at most
    10,800. A key of `terminating_digits` ends the recording: `#` by default, no key with `""`. `username` and
    `password` are sent to the three URLs that are no fallback. URLs that get credentials must be https.
    `recording_name` comes back in the events of the recording. Its length is not documented, so any text is allowed.

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
    recording_name: str | None = optional(TEXT)

    def __attrs_post_init__(self) -> None:
        require_https(self, ("record_complete_url", "recording_available_url", "transcription_available_url"))
        require_https(self, ("record_complete_fallback_url",), ("fallback_username", "fallback_password"))


@element
class StartRecording(Verb):
    """Record the call from now on, while other verbs run. A second one is ignored while one is active.

    `multi_channel` records the party (or the A-leg) and everybody else on separate channels. In a conference
    `transcribe`, `multi_channel` and `tag` are ignored. With credentials, the URLs must be https. `recording_name`
    comes back in the events of the recording. Its length is not documented, so any text is allowed.

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
    recording_name: str | None = optional(TEXT)

    def __attrs_post_init__(self) -> None:
        require_https(self, ("recording_available_url", "transcription_available_url"))


@element
class StopRecording(Verb):
    """End the recording, even a paused one.

    https://dev.bandwidth.com/docs/voice/bxml/stopRecording
    """


@element
class PauseRecording(Verb):
    """Pause the recording until `ResumeRecording`.

    https://dev.bandwidth.com/docs/voice/bxml/pauseRecording
    """


@element
class ResumeRecording(Verb):
    """Resume a paused recording.

    https://dev.bandwidth.com/docs/voice/bxml/resumeRecording
    """
