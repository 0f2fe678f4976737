"""The events of media streams and real-time transcriptions. The reply to each of them is ignored."""

from datetime import datetime, timedelta

import attrs

from bandwidth_calls.webhooks.event import CallEvent, Tracks, event, family


@attrs.frozen(kw_only=True)
class MediaStream:
    """A stream that `StartStream` requested. `duration` is set once it stopped.

    `tracks` are one or both of `inbound` and `outbound`, as text or as a list, unchanged from the event.
    """

    id: str | None = None
    name: str | None = None
    destination: str | None = None
    type: str | None = None
    tracks: Tracks | None = attrs.field(default=None, hash=False)
    start_time: datetime | None = None
    duration: timedelta | None = None


@attrs.frozen(kw_only=True)
class RealTimeTranscription:
    """A transcription that `StartTranscription` requested.

    `duration` is set once it stopped, `url` once it can be downloaded. `status` is `available` or `failed`. `tracks`
    are as in a `MediaStream`.
    """

    id: str | None = None
    name: str | None = None
    destination: str | None = None
    stabilized: bool | None = None
    tracks: Tracks | None = attrs.field(default=None, hash=False)
    start_time: datetime | None = None
    duration: timedelta | None = None
    status: str | None = None
    url: str | None = None
    completed_time: datetime | None = None


@family
class MediaStreamEvent(CallEvent):
    """The family of all events of a media stream."""

    media_stream: MediaStream | None = None


@event
class MediaStreamStartedEvent(MediaStreamEvent):
    """A media stream started.

    https://dev.bandwidth.com/docs/voice/webhooks/mediaStreamStarted
    """


@event
class MediaStreamRejectedEvent(MediaStreamEvent):
    """A media stream did not start. `cause` is `connection-error`, `duplicate`, `error` or `track-limit`.

    `original_media_stream` is the stream that already has the requested name.

    https://dev.bandwidth.com/docs/voice/webhooks/mediaStreamRejected
    """

    cause: str | None = None
    error_message: str | None = None
    original_media_stream: MediaStream | None = None


@event
class MediaStreamStoppedEvent(MediaStreamEvent):
    """A media stream stopped. `cause` is `closed`, `connection-error` or `error`.

    https://dev.bandwidth.com/docs/voice/webhooks/mediaStreamStopped
    """

    cause: str | None = None
    error_message: str | None = None


@family
class RealTimeTranscriptionEvent(CallEvent):
    """The family of all events of a real-time transcription."""

    real_time_transcription: RealTimeTranscription | None = None


@event
class RealTimeTranscriptionStartedEvent(RealTimeTranscriptionEvent):
    """A real-time transcription started.

    https://dev.bandwidth.com/docs/voice/webhooks/realTimeTranscriptionStarted
    """


@event
class RealTimeTranscriptionRejectedEvent(RealTimeTranscriptionEvent):
    """A real-time transcription did not start. The causes are those of `MediaStreamRejectedEvent`.

    https://dev.bandwidth.com/docs/voice/webhooks/realTimeTranscriptionRejected
    """

    cause: str | None = None
    error_message: str | None = None
    original_transcription: RealTimeTranscription | None = None


@event
class RealTimeTranscriptionStoppedEvent(RealTimeTranscriptionEvent):
    """A real-time transcription stopped. The causes are those of `MediaStreamStoppedEvent`.

    https://dev.bandwidth.com/docs/voice/webhooks/realTimeTranscriptionStopped
    """

    cause: str | None = None
    error_message: str | None = None


@event
class RealTimeTranscriptionAvailableEvent(RealTimeTranscriptionEvent):
    """The text of a real-time transcription can be downloaded.

    https://dev.bandwidth.com/docs/voice/webhooks/realTimeTranscriptionAvailable
    """
