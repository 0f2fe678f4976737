"""What requests to the API ask of the engine, checked, with defaults filled in. Durations are in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.emulator.delivery.courier import Webhook


@attrs.frozen(kw_only=True, eq=False)
class DetectionRequest:
    """Machine detection on a new call. With `is_async` the result goes to `webhook`, else into the answer event."""

    is_async: bool
    detection_timeout: float
    silence_timeout: float
    speech_threshold: float
    speech_end_threshold: float
    machine_speech_end_threshold: float | None
    delay_result: bool
    webhook: Webhook | None


@attrs.frozen(kw_only=True, eq=False)
class CallRequest:
    """A new call. `body` has every field by the API's names, as a test sees it in `Call.request`."""

    to: str
    from_: str
    application_id: str
    answer: Webhook
    disconnect: Webhook | None
    call_timeout: float
    callback_timeout: float
    priority: int
    tag: str | None
    detection: DetectionRequest | None
    body: Mapping[str, object] = attrs.field(repr=False)


@attrs.frozen(kw_only=True, eq=False)
class CallUpdate:
    """A change of a call: another document from `redirect`, or, if that is None, the end of the call."""

    redirect: Webhook | None
    tag: str | None


@attrs.frozen(kw_only=True, eq=False)
class ConferenceUpdate:
    """A change of a conference: another document from `redirect`, or, if that is None, the end of the conference."""

    redirect: Webhook | None


@attrs.frozen(kw_only=True, eq=False)
class MemberUpdate:
    """A change of a member of a conference. None leaves a field as it is."""

    mute: bool | None
    hold: bool | None
    call_ids_to_coach: frozenset[str] | None


@attrs.frozen(kw_only=True, eq=False)
class TranscriptionRequest:
    """A new transcription of a recording. Without a `webhook` no event is sent."""

    webhook: Webhook | None
    tag: str | None
