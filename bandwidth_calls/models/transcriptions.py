"""The models of real-time transcriptions; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Transcriptions.

None means: not in the answer. `extra` keeps unknown fields under their names on the wire, and what came of a field of a
wrong type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen(kw_only=True, weakref_slot=False)
class CallTranscriptionMetadata:
    """A real-time transcription of a call; `transcription_name` is the name that `StartTranscription` set."""

    transcription_id: str
    transcription_name: str | None = None
    transcription_url: str | None = None
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)


@attrs.frozen(kw_only=True, weakref_slot=False)
class CallTranscription:
    """The text of one track. `track` is inbound or outbound, `detected_language` such as en-US, `confidence` 0 to 1."""

    detected_language: str | None = None
    track: str | None = None
    transcript: str | None = None
    confidence: float | None = None
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)


@attrs.frozen(kw_only=True, weakref_slot=False)
class CallTranscriptionResponse:
    """What was said during a real-time transcription, by tracks."""

    transcription_id: str
    account_id: str | None = None
    call_id: str | None = None
    tracks: list[CallTranscription] | None = attrs.field(default=None, hash=False)
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)
