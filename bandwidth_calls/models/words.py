"""The service's known words, to compare with.

They are plain text, and the lists stay open: an answer may hold a word that is not here.
"""

from typing import Final


class State:
    """Where a call is; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Calls."""

    QUEUED: Final = "queued"
    INITIATED: Final = "initiated"
    ANSWERED: Final = "answered"
    DISCONNECTED: Final = "disconnected"


class Direction:
    """Who called: the account (`outbound`) or somebody else (`inbound`)."""

    INBOUND: Final = "inbound"
    OUTBOUND: Final = "outbound"


class DisconnectCause:
    """Why a call ended."""

    HANGUP: Final = "hangup"
    BUSY: Final = "busy"
    TIMEOUT: Final = "timeout"
    CANCEL: Final = "cancel"
    REJECTED: Final = "rejected"
    CALLBACK_ERROR: Final = "callback-error"
    INVALID_BXML: Final = "invalid-bxml"
    APPLICATION_ERROR: Final = "application-error"
    ACCOUNT_LIMIT: Final = "account-limit"
    NODE_CAPACITY_EXCEEDED: Final = "node-capacity-exceeded"
    ERROR: Final = "error"
    UNKNOWN: Final = "unknown"
