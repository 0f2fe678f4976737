"""Constants for the known words of the service, to compare with.

The words are plain text, and the lists are open: an answer may hold a word that is not here.
"""

from typing import Final


class State:
    """The state of a call; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Calls."""

    QUEUED: Final = "queued"
    INITIATED: Final = "initiated"
    ANSWERED: Final = "answered"
    DISCONNECTED: Final = "disconnected"


class Direction:
    """The direction of a call: from the account (`outbound`) or to it (`inbound`)."""

    INBOUND: Final = "inbound"
    OUTBOUND: Final = "outbound"


class DisconnectCause:
    """The reason why a call ended."""

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
