"""The vocabulary of BXML: each verb's attributes, content and children, and where it is allowed.

The limits are those of Bandwidth's documentation. Where it has none, nothing is refused.
"""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs

from bandwidth_calls.emulator import rules
from bandwidth_calls.emulator.bxml.voices import VOICES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bandwidth_calls.emulator.rules import Rule

# repeatCount and speechTimeout have no documented limit of their own; this is the largest 32-bit integer.
_LARGEST = 2**31 - 1
# The documentation of BXML has shorter limits than that of createCall.
_LONGEST_TAG = 256
_LONGEST_UUI = 256


def _no_doubt(_: str) -> None:
    return None


@attrs.frozen(eq=False, repr=False)
class Field:
    """An attribute of an element: its rule, and its value if it is absent.

    `doubt` says why a text that the rule allows may fail at Bandwidth, or returns None.
    """

    rule: Rule
    default: object = None
    required: bool = False
    doubt: Callable[[str], str | None] = _no_doubt


def required(rule: Rule) -> Field:
    """An attribute that must be there."""
    return Field(rule, required=True)


@attrs.frozen(eq=False, repr=False)
class Shape:
    """What an element may contain. Without `content` it has no text. Speech may also contain SSML.

    The attributes in `ignored` are not documented, but applications write them.
    """

    attributes: Mapping[str, Field] = attrs.field(factory=dict)
    content: Callable[[object], str] | None = None
    children: Mapping[str, Shape] = attrs.field(factory=dict)
    fewest: int = 0
    most: float = math.inf
    is_speech: bool = False
    ignored: frozenset[str] = frozenset()


def _number(rule: Rule) -> Rule:
    """Apply the rule to a number that is written in decimal digits, without an exponent."""
    is_number = rules.matching(r"-?[0-9]+(\.[0-9]+)?", "a number")
    return lambda value: rule(float(is_number(value)))


def _flag(value: object) -> bool:
    """A boolean, in any case of letters: Bandwidth's SDK for Python wrote `True` and `False` until 23.2.0."""
    return rules.word("true", "false")(str(value).lower()) == "true"


def _flag_doubt(given: str) -> str | None:
    return None if given == given.lower() else f"should be {given.lower()}, not {given}"


def _voice_doubt(given: str) -> str | None:
    return None if given.lower() in VOICES else f"{given!r} is not among the documented voices"


def _url(value: object) -> str:
    """A URL, absolute or relative to the URL of the document."""
    given = rules.not_blank(value)
    if any(character.isspace() or unicodedata.category(character) == "Cc" for character in given):
        raise ValueError("must be a URL without spaces and control characters")
    if urlsplit(given).scheme:
        rules.url()(given)
    return given


def _websocket(value: object) -> str:
    given = rules.text()(value)
    if not given.lower().startswith(("ws:", "wss:")):
        raise ValueError("must be a ws or wss URL")
    rules.url()("http" + given[2:])
    return given


def _sip_uri(value: object) -> str:
    given = rules.phone_number_or_sip(value)
    if given.startswith("+"):
        raise ValueError("must be a SIP URI")
    return given


def _caller(value: object) -> str:
    return str(value) if value in rules.PRIVATE_NAMES else rules.phone_number(value)


def _sip_uui(value: object) -> str:
    return rules.user_to_user(rules.text(_LONGEST_UUI)(value))


def _languages(value: object) -> str:
    """Comma-separated languages such as `en-US,es-US`."""
    given = rules.text()(value)
    languages = [language.strip().replace("_", "-").partition("-")[0].lower() for language in given.split(",")]
    if "" in languages:
        raise ValueError("must be comma-separated languages such as en-US,es-US")
    if len(set(languages)) < len(languages):
        raise ValueError("must have one dialect a language")
    return given


def _one_url(name: str) -> dict[str, Field]:
    return {f"{name}Url": _URL, f"{name}Method": _METHOD}


def _url_set(name: str) -> dict[str, Field]:
    return {**_one_url(name), **_one_url(f"{name}Fallback")}


def _measure(least: float, most: float, default: float | None) -> Field:
    return Field(_number(rules.number(least, most)), default)


def _count(most: int, default: int) -> Field:
    return Field(_number(rules.whole(1, most)), default)


def _first_of(*words: str) -> Field:
    """One of these words. The first is the default."""
    return Field(rules.word(*words), default=words[0])


_TEXT = Field(rules.text())
_YES, _NO = Field(_flag, default=True, doubt=_flag_doubt), Field(_flag, default=False, doubt=_flag_doubt)
_URL = Field(_url)
_METHOD = Field(rules.word("GET", "POST"), default="POST")
_TAG = {"tag": Field(rules.text(_LONGEST_TAG))}
_LOGIN = {"username": _TEXT, "password": _TEXT}
_LOGINS_AND_TAG = {**_LOGIN, "fallbackUsername": _TEXT, "fallbackPassword": _TEXT, **_TAG}

_VOICE = {
    "voice": Field(rules.text(), doubt=_voice_doubt),
    "gender": _first_of("female", "male"),
    "locale": Field(rules.text(), default="en_US"),
}
_PLAYED = {
    "SpeakSentence": Shape(_VOICE, rules.not_blank, is_speech=True),
    "PlayAudio": Shape(_LOGIN, _url),
}
_CALLED = {**_url_set("transferAnswer"), **_one_url("transferDisconnect"), **_LOGINS_AND_TAG}
_SIP_URI = {"SipUri": Shape({**_CALLED, "uui": Field(_sip_uui)}, _sip_uri)}
_PHONE_NUMBER = {"PhoneNumber": Shape({**_CALLED, "uui": Field(rules.text(350))}, rules.phone_number)}
_PARAMETER = Shape({"name": required(rules.text(256)), "value": required(rules.text(2048))})
_OUTGOING = {
    "privacy": _NO,
    "callTimeout": _measure(1, 300, 30),
    "diversionTreatment": _first_of("none", "propagate", "stack"),
    "diversionReason": _first_of(
        *("unknown", "user-busy", "no-answer", "unavailable", "unconditional", "time-of-day"),
        *("do-not-disturb", "deflection", "follow-me", "out-of-service", "away"),
    ),
}
_RECORDING = {
    **_one_url("recordingAvailable"),
    **_one_url("transcriptionAvailable"),
    **{"transcribe": _NO, "detectLanguage": _NO, "fileFormat": _first_of("wav", "mp3"), "recordingName": _TEXT},
}
_SPEECH = {
    "input": _first_of("dtmf", "speech", "dtmf_speech"),
    **dict.fromkeys(("hints", "language", "speechModel"), _TEXT),
    **{"speechTimeout": _measure(0, _LARGEST, 5), "profanityFilter": _YES},
    **{"partialResultCallback": _URL, "partialResultCallbackMethod": _METHOD},
}
_LIVE = {"name": _TEXT, "tracks": _first_of("inbound", "outbound", "both"), **_LOGIN}

_ON_CALLS_AND_CONFERENCES = {
    **_PLAYED,
    "StartRecording": Shape({**_RECORDING, **_LOGIN, **_TAG, "multiChannel": _NO}),
    **dict.fromkeys(("StopRecording", "PauseRecording", "ResumeRecording"), Shape()),
}
_ON_CALLS = {
    **_ON_CALLS_AND_CONFERENCES,
    "Pause": Shape({"duration": _measure(0.1, 86_400, 1)}),
    "Ring": Shape({"duration": _measure(0.1, 86_400, 5), "answerCall": _YES}),
    "SendDtmf": Shape(
        {"toneDuration": _measure(50, 5000, 200), "toneInterval": _measure(50, 5000, 400)},
        rules.matching("[0-9*#a-dA-D,wW]{1,50}", "1 to 50 of 0-9 * # a-d A-D , w W"),
    ),
    "Gather": Shape(
        {
            **_url_set("gather"),
            **_LOGINS_AND_TAG,
            **{"terminatingDigits": Field(rules.text(), default=""), "maxDigits": _count(50, 50)},
            **{"interDigitTimeout": _measure(1, 60, 5), "firstDigitTimeout": _measure(0, 60, 5)},
            "repeatCount": _count(_LARGEST, 1),
            **_SPEECH,
        },
        children=_PLAYED,
    ),
    "StartGather": Shape({**_one_url("dtmf"), "dtmfUrl": required(_url), **_LOGIN, **_TAG}),
    "Record": Shape(
        {
            **_url_set("recordComplete"),
            **_RECORDING,
            **_LOGINS_AND_TAG,
            "terminatingDigits": Field(rules.text(), default="#"),
            **{"maxDuration": _measure(0, 10_800, 60), "silenceTimeout": _measure(0, 10_800, 0)},
        }
    ),
    "Redirect": Shape({**_url_set("redirect"), "redirectUrl": required(_url), **_LOGINS_AND_TAG}),
    "Tag": Shape(content=rules.text(_LONGEST_TAG)),
    **dict.fromkeys(("StopGather", "Hangup"), Shape()),
    "Refer": Shape({**_one_url("referComplete"), **_TAG}, None, _SIP_URI, fewest=1, most=1),
    "Connect": Shape(
        {"eventCallbackUrl": _URL, "eventFallbackUrl": _URL}, None, {"Endpoint": Shape({}, rules.not_blank)}, fewest=1
    ),
    "StartStream": Shape(
        {
            **_LIVE,
            **_one_url("streamEvent"),
            "mode": _first_of("unidirectional", "bidirectional"),
            "destination": required(_websocket),
            **{"destinationUsername": _TEXT, "destinationPassword": _TEXT},
        },
        children={"StreamParam": _PARAMETER},
        most=12,
    ),
    "StopStream": Shape({"name": required(rules.text()), "wait": _NO}),
    "StartTranscription": Shape(
        {
            **_LIVE,
            **_one_url("transcriptionEvent"),
            **{"destination": Field(_websocket), "stabilized": _YES},
            **{"detectLanguage": _NO, "preferredLanguages": Field(_languages)},
        },
        children={"CustomParam": _PARAMETER},
        most=12,
    ),
    "StopTranscription": Shape({"name": _TEXT}),
}
_NOT_WHEN_TRANSFERRED = {
    "Bridge": Shape(
        {**_url_set("bridgeComplete"), **_url_set("bridgeTargetComplete"), **_LOGINS_AND_TAG}, rules.not_blank
    ),
    "Conference": Shape(
        {
            **_url_set("conferenceEvent"),
            **_LOGINS_AND_TAG,
            **{"mute": _NO, "hold": _NO, "callIdsToCoach": _TEXT, "callbackTimeout": _measure(1, 25, None)},
        },
        rules.matching("[A-Za-z0-9._-]{1,100}", "1 to 100 letters, digits, hyphens, underscores and full stops"),
    ),
    "Forward": Shape(
        {
            **_OUTGOING,
            **{"to": required(rules.phone_number_or_sip), "from": Field(_caller)},
            **{"callerDisplayName": Field(rules.display_name), "uui": Field(rules.text(_LONGEST_UUI))},
        }
    ),
    "Transfer": Shape(
        {
            **_url_set("transferComplete"),
            **_LOGINS_AND_TAG,
            **_OUTGOING,
            **{"transferCallerId": Field(_caller), "transferCallerDisplayName": Field(rules.display_name)},
        },
        children={**_PHONE_NUMBER, **_SIP_URI},
        fewest=1,
        most=8,
        ignored=frozenset({"timeLimit"}),
    ),
}
TOP_LEVEL: Mapping[str, Mapping[str, Shape]] = {
    "call": {**_ON_CALLS, **_NOT_WHEN_TRANSFERRED},
    "transferAnswer": _ON_CALLS,
    "conference": _ON_CALLS_AND_CONFERENCES,
}
KNOWN = frozenset(TOP_LEVEL["call"]) | {"PhoneNumber", "SipUri", "Endpoint", "StreamParam", "CustomParam"}
