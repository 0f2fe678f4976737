"""Async Python SDK for Bandwidth's Programmable Voice Calls API.

    from bandwidth_calls import BandwidthClient, ClientCredentials, CreateCall

    async with BandwidthClient("9900000", ClientCredentials("client-id", "client-secret")) as client:
        placed = await client.calls.create_call(CreateCall(to=..., from_=..., application_id=..., answer_url=...))
        async for call in client.calls.list_calls():
            ...

Read `client.py` first: a request goes from there through `resources/calls.py`, `transport/sending.py` and
`transport/session.py`. `bandwidth_calls.bxml` builds documents, `bandwidth_calls.webhooks` receives events, and
`bandwidth_calls.emulator` is a Bandwidth that runs on this machine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from bandwidth_calls._version import __version__ as __version__

if TYPE_CHECKING:
    # isort: off
    # isort would give each `X as X`, which exports X to type checkers, a statement of its own.
    from bandwidth_calls.auth import (
        BasicCredentials as BasicCredentials,
        ClientCredentials as ClientCredentials,
        MemoryTokenStore as MemoryTokenStore,
        Token as Token,
        TokenStore as TokenStore,
    )
    from bandwidth_calls.client import BandwidthClient as BandwidthClient
    from bandwidth_calls.clock import Clock as Clock
    from bandwidth_calls.downloads.download import (
        Download as Download,
        MediaStream as MediaStream,
        SavedMedia as SavedMedia,
    )
    from bandwidth_calls.errors import (
        AuthenticationError as AuthenticationError,
        BadAnswerError as BadAnswerError,
        BadRequestError as BadRequestError,
        BandwidthError as BandwidthError,
        BxmlError as BxmlError,
        CallMayHaveBeenPlacedError as CallMayHaveBeenPlacedError,
        CallRateLimitedError as CallRateLimitedError,
        ClientClosedError as ClientClosedError,
        ConcurrentCallLimitError as ConcurrentCallLimitError,
        ConflictError as ConflictError,
        MethodNotAllowedError as MethodNotAllowedError,
        NoAnswerError as NoAnswerError,
        NotFoundError as NotFoundError,
        NotSentError as NotSentError,
        PermissionDeniedError as PermissionDeniedError,
        RateLimitedError as RateLimitedError,
        RefusedError as RefusedError,
        ServerError as ServerError,
        TokenError as TokenError,
        TranscriptionUnavailableError as TranscriptionUnavailableError,
        UnsupportedMediaTypeError as UnsupportedMediaTypeError,
        UntrustedLinkError as UntrustedLinkError,
        WaitTimeoutError as WaitTimeoutError,
        WebhookError as WebhookError,
        WrongLoopError as WrongLoopError,
    )
    from bandwidth_calls.models.calls import (
        CallState as CallState,
        CreateCall as CreateCall,
        CreateCallResponse as CreateCallResponse,
        MachineDetectionConfiguration as MachineDetectionConfiguration,
        UpdateCall as UpdateCall,
    )
    from bandwidth_calls.models.conferences import (
        Conference as Conference,
        ConferenceMember as ConferenceMember,
        UpdateConference as UpdateConference,
        UpdateConferenceMember as UpdateConferenceMember,
    )
    from bandwidth_calls.models.recordings import (
        CallRecordingMetadata as CallRecordingMetadata,
        ConferenceRecordingMetadata as ConferenceRecordingMetadata,
        RecordingTranscriptionClip as RecordingTranscriptionClip,
        RecordingTranscriptionMetadata as RecordingTranscriptionMetadata,
        RecordingTranscriptions as RecordingTranscriptions,
        TranscribeRecording as TranscribeRecording,
        Transcription as Transcription,
    )
    from bandwidth_calls.models.statistics import (
        AccountStatistics as AccountStatistics,
    )
    from bandwidth_calls.models.transcriptions import (
        CallTranscription as CallTranscription,
        CallTranscriptionMetadata as CallTranscriptionMetadata,
        CallTranscriptionResponse as CallTranscriptionResponse,
    )
    from bandwidth_calls.models.words import (
        Direction as Direction,
        DisconnectCause as DisconnectCause,
        State as State,
    )
    from bandwidth_calls.pages import (
        Listing as Listing,
        Page as Page,
    )
    from bandwidth_calls.timeouts import Timeout as Timeout
    from bandwidth_calls.transport.retry import RetryPolicy as RetryPolicy
    from bandwidth_calls.windows import WindowListing as WindowListing
    from bandwidth_calls.wire import Answer as Answer
    # isort: on

# The module of each public name. A name is imported when it is first used (PEP 562), so BXML and webhooks start without
# aiohttp. Type checkers cannot read this table, so they have the imports above; tests/test_public.py compares the two.
_PUBLIC = {
    "auth": ["BasicCredentials", "ClientCredentials", "MemoryTokenStore", "Token", "TokenStore"],
    "client": ["BandwidthClient"],
    "clock": ["Clock"],
    "downloads.download": ["Download", "MediaStream", "SavedMedia"],
    "errors": [
        "AuthenticationError",
        "BadAnswerError",
        "BadRequestError",
        "BandwidthError",
        "BxmlError",
        "CallMayHaveBeenPlacedError",
        "CallRateLimitedError",
        "ClientClosedError",
        "ConcurrentCallLimitError",
        "ConflictError",
        "MethodNotAllowedError",
        "NoAnswerError",
        "NotFoundError",
        "NotSentError",
        "PermissionDeniedError",
        "RateLimitedError",
        "RefusedError",
        "ServerError",
        "TokenError",
        "TranscriptionUnavailableError",
        "UnsupportedMediaTypeError",
        "UntrustedLinkError",
        "WaitTimeoutError",
        "WebhookError",
        "WrongLoopError",
    ],
    "models.calls": ["CallState", "CreateCall", "CreateCallResponse", "MachineDetectionConfiguration", "UpdateCall"],
    "models.conferences": ["Conference", "ConferenceMember", "UpdateConference", "UpdateConferenceMember"],
    "models.recordings": [
        "CallRecordingMetadata",
        "ConferenceRecordingMetadata",
        "RecordingTranscriptionClip",
        "RecordingTranscriptionMetadata",
        "RecordingTranscriptions",
        "TranscribeRecording",
        "Transcription",
    ],
    "models.statistics": ["AccountStatistics"],
    "models.transcriptions": ["CallTranscription", "CallTranscriptionMetadata", "CallTranscriptionResponse"],
    "models.words": ["Direction", "DisconnectCause", "State"],
    "pages": ["Listing", "Page"],
    "timeouts": ["Timeout"],
    "transport.retry": ["RetryPolicy"],
    "windows": ["WindowListing"],
    "wire": ["Answer"],
}
_HOMES = {name: home for home, names in _PUBLIC.items() for name in names}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
