"""The events of recordings and of their transcriptions."""

from datetime import datetime

import attrs

from bandwidth_calls.reading import OTHER_NAME
from bandwidth_calls.webhooks.event import ConferenceEvent, LegEvent, RecordingEvent, event, register


@attrs.frozen(kw_only=True)
class Transcription:
    """The transcription of a recording. Requests to `url` need the account's credentials.

    `completed_time` is read from `completedTime`, as documented, or from `completeTime`, which has been seen.
    """

    id: str | None = None
    url: str | None = None
    status: str | None = None
    completed_time: datetime | None = attrs.field(default=None, metadata={OTHER_NAME: "completeTime"})


@event
class RecordCompleteEvent(RecordingEvent, LegEvent):
    """A `Record` ended and the call is still up. The BXML of the reply is run.

    The media may not be ready yet.

    https://dev.bandwidth.com/docs/voice/webhooks/recordComplete
    """

    channels: int | None = None


register("recordingComplete", RecordCompleteEvent)  # the name in Bandwidth's OpenAPI file


@event
class RecordingAvailableEvent(RecordingEvent, LegEvent):
    """A recording can be downloaded, possibly long after the call. The reply is ignored.

    `status` is `complete`, `partial`, `error` or another word.

    https://dev.bandwidth.com/docs/voice/webhooks/recordingAvailable
    """

    channels: int | None = None
    status: str | None = None


@event
class TranscriptionAvailableEvent(RecordingEvent, LegEvent):
    """The transcription of a recording can be downloaded. The reply is ignored.

    https://dev.bandwidth.com/docs/voice/webhooks/transcriptionAvailable
    """

    transcription: Transcription | None = None


@event
class ConferenceRecordingAvailableEvent(RecordingEvent, ConferenceEvent):
    """A recording of a conference can be downloaded. The reply is ignored.

    https://dev.bandwidth.com/docs/voice/webhooks/conferenceRecordingAvailable
    """

    account_id: str | None = None
    channels: int | None = None
    status: str | None = None
