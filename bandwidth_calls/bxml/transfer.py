"""Verbs that call somebody else on a caller's behalf."""

from collections.abc import Sequence
from typing import Literal

from bandwidth_calls.bxml.element import Element, Verb, element, nested, optional, required, text
from bandwidth_calls.bxml.rules import FLAG, METHOD, TAG, TEXT, Matching, Method, Number, Text, Word

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

_E164 = r"\+[0-9]{1,15}"
_SIP = r"[sS][iI][pP][sS]?:[!-~]+"
_NUMBER = Matching(_E164, "a number such as +19195551234")
_URI = Matching(_SIP, "a SIP URI such as sip:alice@example.com")
_EITHER = Matching(f"{_E164}|{_SIP}", "a number such as +19195551234, or a SIP URI")
_CALL_TIMEOUT = Number(1, 300)
_DISPLAY_NAME = Text(longest=256, controls=False)
_TREATMENT = Word(DiversionTreatment)
_REASON = Word(DiversionReason)


@element
class PhoneNumber(Element):
    """A number for `Transfer` to call, in E.164 such as `+19195551234`.

    When it answers, `transfer_answer_url` is asked for BXML to run on its leg before the two are connected. `uui` is
    comma-separated, 350 characters at most.

    https://dev.bandwidth.com/docs/voice/bxml/phoneNumber
    """

    content: str = text(_NUMBER, kw_only=False)
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
    """A SIP URI such as `sip:alice@example.com`, for `Transfer` to call or for `Refer` to send the caller to.

    The attributes are those of `PhoneNumber`, for `Transfer` only; `uui` is base64 or jwt, 256 characters at most.

    https://dev.bandwidth.com/docs/voice/bxml/sipUri
    """

    content: str = text(_URI, kw_only=False)
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
    uui: str | None = optional(Text(longest=256))


@element
class Transfer(Verb):
    """Call 1 to 8 others at once, and connect the first that answers.

    `call_timeout` is seconds, 1 to 300 (by default 30). `transfer_caller_display_name` is 256 characters at most,
    none a control. `diversion_treatment` is for inbound calls, and `diversion_reason` only for `stack`. While the
    caller is still there, `transfer_complete_url` is asked what comes next, also after a failure.

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
    """Hand an inbound call that is not answered yet to a number or SIP URI; your application has no more say in it.

    `from_` is by default the number that was called. `call_timeout` is seconds, 1 to 300 (by default 30).
    `caller_display_name` and `uui` are 256 characters at most.

    https://dev.bandwidth.com/docs/voice/bxml/forward
    """

    to: str = required(_EITHER)
    from_: str | None = optional(TEXT)
    privacy: bool | None = optional(FLAG)
    caller_display_name: str | None = optional(_DISPLAY_NAME)
    call_timeout: float | None = optional(_CALL_TIMEOUT)
    diversion_treatment: DiversionTreatment | None = optional(_TREATMENT)
    diversion_reason: DiversionReason | None = optional(_REASON)
    uui: str | None = optional(Text(longest=256))
