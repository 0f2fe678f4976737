"""Webhooks: receive the events of calls and reply with BXML, behind any HTTP server.

    from bandwidth_calls.bxml import Response, SpeakSentence
    from bandwidth_calls.webhooks import AnswerEvent, DisconnectEvent, Webhooks

    webhooks = Webhooks("username", "password")

    @webhooks.on(AnswerEvent)
    async def greet(event: AnswerEvent) -> Response:
        return Response([SpeakSentence("Hello")])

    @webhooks.on(DisconnectEvent)
    async def note(event: DisconnectEvent) -> None:
        print(event.call_id, event.cause)

Serve `webhooks.asgi` or `webhooks.aiohttp_handler`, or call `webhooks.handle` yourself. `parse_event` only reads an
event. Each event is a frozen class. A handler for a base class such as `CallEvent` gets all events of that family.

What to read first: `event` has the families, `parsing` reads events, `receiver` calls the handlers.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from bandwidth_calls.errors import WebhookError
from bandwidth_calls.webhooks.calls import (
    AnswerEvent,
    BridgeCompleteEvent,
    BridgeTargetCompleteEvent,
    DisconnectEvent,
    DtmfEvent,
    GatherEvent,
    InitiateEvent,
    MachineDetectionCompleteEvent,
    MachineDetectionResult,
    PartialGatherEvent,
    RedirectEvent,
    ReferCompleteEvent,
    TransferAnswerEvent,
    TransferCompleteEvent,
    TransferDisconnectEvent,
)
from bandwidth_calls.webhooks.dedupe import Dedupe, MemoryDedupe, Reply
from bandwidth_calls.webhooks.event import (
    CallEvent,
    ConferenceEvent,
    Event,
    LegEvent,
    RecordingEvent,
    UnknownEvent,
)
from bandwidth_calls.webhooks.parsing import parse_event
from bandwidth_calls.webhooks.receiver import Webhooks

if TYPE_CHECKING:
    from bandwidth_calls.webhooks.conferences import (
        ConferenceCompletedEvent,
        ConferenceCreatedEvent,
        ConferenceMemberEvent,
        ConferenceMemberExitEvent,
        ConferenceMemberJoinEvent,
        ConferenceRedirectEvent,
    )
    from bandwidth_calls.webhooks.recordings import (
        ConferenceRecordingAvailableEvent,
        RecordCompleteEvent,
        RecordingAvailableEvent,
        Transcription,
        TranscriptionAvailableEvent,
    )
    from bandwidth_calls.webhooks.streams import (
        MediaStream,
        MediaStreamEvent,
        MediaStreamRejectedEvent,
        MediaStreamStartedEvent,
        MediaStreamStoppedEvent,
        RealTimeTranscription,
        RealTimeTranscriptionAvailableEvent,
        RealTimeTranscriptionEvent,
        RealTimeTranscriptionRejectedEvent,
        RealTimeTranscriptionStartedEvent,
        RealTimeTranscriptionStoppedEvent,
    )

# These modules are imported when one of their names is first used (PEP 562), or the first of their events comes.
_LATER = {
    "conferences": [
        "ConferenceCompletedEvent",
        "ConferenceCreatedEvent",
        "ConferenceMemberEvent",
        "ConferenceMemberExitEvent",
        "ConferenceMemberJoinEvent",
        "ConferenceRedirectEvent",
    ],
    "recordings": [
        "ConferenceRecordingAvailableEvent",
        "RecordCompleteEvent",
        "RecordingAvailableEvent",
        "Transcription",
        "TranscriptionAvailableEvent",
    ],
    "streams": [
        "MediaStream",
        "MediaStreamEvent",
        "MediaStreamRejectedEvent",
        "MediaStreamStartedEvent",
        "MediaStreamStoppedEvent",
        "RealTimeTranscription",
        "RealTimeTranscriptionAvailableEvent",
        "RealTimeTranscriptionEvent",
        "RealTimeTranscriptionRejectedEvent",
        "RealTimeTranscriptionStartedEvent",
        "RealTimeTranscriptionStoppedEvent",
    ],
}
_HOMES = {name: home for home, names in _LATER.items() for name in names}

__all__ = [
    "AnswerEvent",
    "BridgeCompleteEvent",
    "BridgeTargetCompleteEvent",
    "CallEvent",
    "ConferenceCompletedEvent",
    "ConferenceCreatedEvent",
    "ConferenceEvent",
    "ConferenceMemberEvent",
    "ConferenceMemberExitEvent",
    "ConferenceMemberJoinEvent",
    "ConferenceRecordingAvailableEvent",
    "ConferenceRedirectEvent",
    "Dedupe",
    "DisconnectEvent",
    "DtmfEvent",
    "Event",
    "GatherEvent",
    "InitiateEvent",
    "LegEvent",
    "MachineDetectionCompleteEvent",
    "MachineDetectionResult",
    "MediaStream",
    "MediaStreamEvent",
    "MediaStreamRejectedEvent",
    "MediaStreamStartedEvent",
    "MediaStreamStoppedEvent",
    "MemoryDedupe",
    "PartialGatherEvent",
    "RealTimeTranscription",
    "RealTimeTranscriptionAvailableEvent",
    "RealTimeTranscriptionEvent",
    "RealTimeTranscriptionRejectedEvent",
    "RealTimeTranscriptionStartedEvent",
    "RealTimeTranscriptionStoppedEvent",
    "RecordCompleteEvent",
    "RecordingAvailableEvent",
    "RecordingEvent",
    "RedirectEvent",
    "ReferCompleteEvent",
    "Reply",
    "Transcription",
    "TranscriptionAvailableEvent",
    "TransferAnswerEvent",
    "TransferCompleteEvent",
    "TransferDisconnectEvent",
    "UnknownEvent",
    "WebhookError",
    "Webhooks",
    "parse_event",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
