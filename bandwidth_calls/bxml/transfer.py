"""Verbs that call somebody else on behalf of a caller."""

from collections.abc import Sequence
from typing import Literal

from bandwidth_calls import checks
from bandwidth_calls.bxml.element import Element, Verb, element, nested, optional, required, text
from bandwidth_calls.bxml.rules import (
    FLAG,
    METHOD,
    PHONE_NUMBER,
    PHONE_NUMBER_OR_SIP_URI,
    SIP_URI,
    TAG,
    TEXT,
    Method,
    Number,
    Text,
    Word,
)

DiversionTreatment = Literal["none", "propagate", "stack"]
DiversionReason = Literal[
    "unknown",
    "user-busy",
    "no-answer",
    "unavailable",
    "unconditional",
    "time-of-day",
    "do-not-disturb",
    "deflection",
    "follow-me",
    "out-of-service",
    "away",
]

_CALL_TIMEOUT = Number(1, 300)
_DISPLAY_NAME = Text(longest=256, controls=False)
_TREATMENT = Word(DiversionTreatment)
_REASON = Word(DiversionReason)


class UserToUser(Text):
    """Comma-separated User-To-User values, each with its encoding, by the same rule as in CreateCall."""

    def check(self, where: str, value: object) -> None:
        """Refuse what is too long, and a value without a known encoding."""
        super().check(where, value)
        checks.user_to_user(where, str(value))


@element
class PhoneNumber(Element):
    """An E.164 telephone number such as `+19195551234`, for `Transfer` to call.

    When the callee answers, `transfer_answer_url` is requested for BXML. That BXML runs on the callee's leg before the
    two legs are connected. `uui` is comma-separated text of at most 350 characters.

    https://dev.bandwidth.com/docs/voice/bxml/phoneNumber
    """

    content: str = text(PHONE_NUMBER, kw_only=False)
    transfer_answer_url: str | None = optional(TEXT)
    transfer_answer_method: Method | None = optional(METHOD)
    transfer_answer_fallback_url: str | None = optional(TEXT)
    transfer_answer_fallback_method: Method | None = optional(METHOD)
    transfer_disconnect_url: str | None = optional(TEXT)
    transfer_disconnect_method: Method | None = optional(METHOD)
    username: str | None = optional(TEXT)
    password: str | None = optional(TEXT, secret=True)
    fallback_username: str | None = optional(TEXT)
    fallback_password: str | None = optional(TEXT, secret=True)
    tag: str | None = optional(TAG)
    uui: str | None = optional(Text(longest=350))


@element
class SipUri(Element):
    """A SIP URI such as `sip:alice@example.com`, for `Transfer` to call, or for `Refer` to send the caller to.

    The attributes are those of `PhoneNumber`, and are for `Transfer` only. `uui` is comma-separated, each
    value with its encoding: `aGk=;encoding=base64`, or `jwt` or `hex`. It has at most 256 characters.

    https://dev.bandwidth.com/docs/voice/bxml/sipUri
    """

    content: str = text(SIP_URI, kw_only=False)
    transfer_answer_url: str | None = optional(TEXT)
    transfer_answer_method: Method | None = optional(METHOD)
    transfer_answer_fallback_url: str | None = optional(TEXT)
    transfer_answer_fallback_method: Method | None = optional(METHOD)
    transfer_disconnect_url: str | None = optional(TEXT)
    transfer_disconnect_method: Method | None = optional(METHOD)
    username: str | None = optional(TEXT)
    password: str | None = optional(TEXT, secret=True)
    fallback_username: str | None = optional(TEXT)
    fallback_password: str | None = optional(TEXT, secret=True)
    tag: str | None = optional(TAG)
    uui: str | None = optional(UserToUser(longest=256, controls=False))


@element
class Transfer(Verb):
    """Call 1 to 8 callees at once, and connect the first one that answers.

    `call_timeout` is in seconds, 1 to 300 (by default 30). `transfer_caller_display_name` has at most 256 characters,
    no control characters. `diversion_treatment` is for inbound calls, and `diversion_reason` for `stack` only.
    At the end `transfer_complete_url` is requested for the next BXML, also after a failure, if the caller is still
    there.

    https://dev.bandwidth.com/docs/voice/bxml/transfer
    """

    children: Sequence[PhoneNumber | SipUri] = nested(PhoneNumber, SipUri, fewest=1, most=8, kw_only=False)
    transfer_caller_id: str | None = optional(TEXT)
    privacy: bool | None = optional(FLAG)
    transfer_caller_display_name: str | None = optional(_DISPLAY_NAME)
    call_timeout: float | None = optional(_CALL_TIMEOUT)
    transfer_complete_url: str | None = optional(TEXT)
    transfer_complete_method: Method | None = optional(METHOD)
    transfer_complete_fallback_url: str | None = optional(TEXT)
    transfer_complete_fallback_method: Method | None = optional(METHOD)
    username: str | None = optional(TEXT)
    password: str | None = optional(TEXT, secret=True)
    fallback_username: str | None = optional(TEXT)
    fallback_password: str | None = optional(TEXT, secret=True)
    tag: str | None = optional(TAG)
    diversion_treatment: DiversionTreatment | None = optional(_TREATMENT)
    diversion_reason: DiversionReason | None = optional(_REASON)


@element
class Forward(Verb):
    """Forward an inbound call, which is not answered yet, to a telephone number or SIP URI.

    Your application cannot control the call afterwards. `from_` is by default the number that was called.
    `call_timeout` is in seconds, 1 to 300 (by default 30). `caller_display_name` and `uui` have at most 256 characters.

    https://dev.bandwidth.com/docs/voice/bxml/forward
    """

    to: str = required(PHONE_NUMBER_OR_SIP_URI)
    from_: str | None = optional(TEXT)
    privacy: bool | None = optional(FLAG)
    caller_display_name: str | None = optional(_DISPLAY_NAME)
    call_timeout: float | None = optional(_CALL_TIMEOUT)
    diversion_treatment: DiversionTreatment | None = optional(_TREATMENT)
    diversion_reason: DiversionReason | None = optional(_REASON)
    uui: str | None = optional(Text(longest=256))
