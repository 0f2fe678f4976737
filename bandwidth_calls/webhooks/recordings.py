"""The events of recordings, and of their transcriptions."""

from datetime import datetime

import attrs

from bandwidth_calls.webhooks.event import ConferenceEvent, LegEvent, RecordingEvent, event


@attrs.frozen(kw_only=True)
class Transcription:
    """The transcription of a recording; fetch `url` with the account's credentials."""

    id: str | None = None
    url: str | None = None
    status: str | None = None
    completed_time: datetime | None = None


@event
class RecordCompleteEvent(RecordingEvent, LegEvent):
    """A `Record` ended while the call is alive: the reply goes on. The media may take a while longer.

    https://dev.bandwidth.com/docs/voice/webhooks/recordComplete
    """

    channels: int | None = None


@event
class RecordingAvailableEvent(RecordingEvent, LegEvent):
    """A recording can be fetched, possibly long after the call. The reply is ignored.

    `status` is `complete`, `partial`, `error` or another word.

    https://dev.bandwidth.com/docs/voice/webhooks/recordingAvailable
    """

    channels: int | None = None
    status: str | None = None


@event
class TranscriptionAvailableEvent(RecordingEvent, LegEvent):
    """The transcription of a recording can be fetched. The reply is ignored.

    https://dev.bandwidth.com/docs/voice/webhooks/transcriptionAvailable
    """

    transcription: Transcription | None = None


@event
class ConferenceRecordingAvailableEvent(RecordingEvent, ConferenceEvent):
    """A recording of a conference can be fetched. The reply is ignored.

    https://dev.bandwidth.com/docs/voice/webhooks/conferenceRecordingAvailable
    """

    account_id: str | None = None
    channels: int | None = None
    status: str | None = None
