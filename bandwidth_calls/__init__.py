"""Async Python SDK for Bandwidth's Programmable Voice Calls API.

    from bandwidth_calls import BandwidthClient, ClientCredentials, CreateCall

    async with BandwidthClient("9900000", ClientCredentials("client-id", "client-secret")) as client:
        placed = await client.calls.create_call(CreateCall(to=..., from_=..., application_id=..., answer_url=...))
        async for call in client.calls.list_calls():
            ...

Read `client.py` first: a request goes from there through `resources/calls.py`, `transport/sending.py` and
`transport/session.py`.
`bandwidth_calls.emulator` is a Bandwidth that runs on this machine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from bandwidth_calls._version import __version__ as __version__
from bandwidth_calls.errors import (
    AuthenticationError,
    BadAnswerError,
    BadRequestError,
    BandwidthError,
    BxmlError,
    CallMayHaveBeenPlacedError,
    CallRateLimitedError,
    ClientClosedError,
    ConcurrentCallLimitError,
    ConflictError,
    MethodNotAllowedError,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    PermissionDeniedError,
    RateLimitedError,
    RefusedError,
    ServerError,
    TokenError,
    UnsupportedMediaTypeError,
    UntrustedLinkError,
    WaitTimeoutError,
    WebhookError,
    WrongLoopError,
)

if TYPE_CHECKING:
    from bandwidth_calls.auth import BasicCredentials, ClientCredentials, MemoryTokenStore, Token, TokenStore
    from bandwidth_calls.client import BandwidthClient
    from bandwidth_calls.clock import Clock
    from bandwidth_calls.models.calls import (
        CallState,
        CreateCall,
        CreateCallResponse,
        MachineDetectionConfiguration,
        UpdateCall,
    )
    from bandwidth_calls.models.words import Direction, DisconnectCause, State
    from bandwidth_calls.pages import Listing, Page
    from bandwidth_calls.transport.retry import RetryPolicy
    from bandwidth_calls.transport.timeouts import Timeout
    from bandwidth_calls.wire import Answer

__all__ = [
    "Answer",
    "AuthenticationError",
    "BadAnswerError",
    "BadRequestError",
    "BandwidthClient",
    "BandwidthError",
    "BasicCredentials",
    "BxmlError",
    "CallMayHaveBeenPlacedError",
    "CallRateLimitedError",
    "CallState",
    "ClientClosedError",
    "ClientCredentials",
    "Clock",
    "ConcurrentCallLimitError",
    "ConflictError",
    "CreateCall",
    "CreateCallResponse",
    "Direction",
    "DisconnectCause",
    "Listing",
    "MachineDetectionConfiguration",
    "MemoryTokenStore",
    "MethodNotAllowedError",
    "NoAnswerError",
    "NotFoundError",
    "NotSentError",
    "Page",
    "PermissionDeniedError",
    "RateLimitedError",
    "RefusedError",
    "RetryPolicy",
    "ServerError",
    "State",
    "Timeout",
    "Token",
    "TokenError",
    "TokenStore",
    "UnsupportedMediaTypeError",
    "UntrustedLinkError",
    "UpdateCall",
    "WaitTimeoutError",
    "WebhookError",
    "WrongLoopError",
]

# Imported when first used (PEP 562): BXML and webhooks start without aiohttp.
_HOMES = {
    "Answer": "wire",
    "BandwidthClient": "client",
    "BasicCredentials": "auth",
    "CallState": "models.calls",
    "ClientCredentials": "auth",
    "Clock": "clock",
    "CreateCall": "models.calls",
    "CreateCallResponse": "models.calls",
    "Direction": "models.words",
    "DisconnectCause": "models.words",
    "Listing": "pages",
    "MachineDetectionConfiguration": "models.calls",
    "MemoryTokenStore": "auth",
    "Page": "pages",
    "RetryPolicy": "transport.retry",
    "State": "models.words",
    "Timeout": "transport.timeouts",
    "Token": "auth",
    "TokenStore": "auth",
    "UpdateCall": "models.calls",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
