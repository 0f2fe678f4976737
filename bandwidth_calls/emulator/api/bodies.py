"""The bodies of the requests that have one, and the rules that join their fields.

The limits are those of Bandwidth's OpenAPI file. Where neither it nor the documentation speaks, nothing is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator import rules
from bandwidth_calls.emulator.api.messages import ApiError, HttpRequest, read_json
from bandwidth_calls.emulator.bxml.reader import InvalidBxml, read_document
from bandwidth_calls.emulator.rules import Field, required

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Document

_LONGEST_URL = 2048
_LONGEST_TAG = 4096
_PRIVATE_NAMES = ("Restricted", "Anonymous", "Private", "Unavailable")

_URL = Field(rules.url(_LONGEST_URL))
_UNBOUNDED_URL = Field(rules.url())
_METHOD = Field(rules.word("GET", "POST"), default="POST")
_CREDENTIAL = Field(rules.text(1024))
_TAG = Field(rules.text(_LONGEST_TAG))
_LOGINS = dict.fromkeys(("username", "password", "fallbackUsername", "fallbackPassword"), _CREDENTIAL)

_MACHINE_DETECTION = {
    "mode": Field(rules.word("sync", "async"), default="async", nullable=False),
    "detectionTimeout": Field(rules.number(), default=15),
    "silenceTimeout": Field(rules.number(), default=10),
    "speechThreshold": Field(rules.number(), default=10),
    "speechEndThreshold": Field(rules.number(), default=5),
    "machineSpeechEndThreshold": Field(rules.number()),
    "delayResult": Field(rules.flag, default=False),
    "callbackUrl": _URL,
    "callbackMethod": _METHOD,
    "fallbackUrl": _URL,
    "fallbackMethod": _METHOD,
    **_LOGINS,
}


def _machine_detection(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    detection = rules.read_fields(_MACHINE_DETECTION, value, "machineDetection.")
    if detection["mode"] == "async" and detection["callbackUrl"] is None:
        raise ApiError(400, "Invalid machineDetection.callbackUrl: must not be null when mode is async")
    return detection


_CREATE_CALL = {
    "to": required(rules.phone_number_or_sip),
    "from": required(rules.phone_number),
    "applicationId": required(rules.not_blank),
    "answerUrl": required(rules.url(_LONGEST_URL)),
    "answerMethod": _METHOD,
    "answerFallbackUrl": _URL,
    "answerFallbackMethod": _METHOD,
    "disconnectUrl": _URL,
    "disconnectMethod": _METHOD,
    **_LOGINS,
    "callTimeout": Field(rules.number(1, 300), default=30.0),
    "callbackTimeout": Field(rules.number(1, 25), default=15.0),
    "priority": Field(rules.whole(1, 5), default=5),
    "tag": _TAG,
    "privacy": Field(rules.flag, default=False),
    "displayName": Field(rules.display_name),
    "uui": Field(rules.user_to_user),
    "machineDetection": Field(_machine_detection, nullable=False),
}

_UPDATE_CALL = {
    "state": Field(rules.word("active", "completed"), default="active"),
    "redirectUrl": _UNBOUNDED_URL,
    "redirectMethod": _METHOD,
    "redirectFallbackUrl": _UNBOUNDED_URL,
    "redirectFallbackMethod": _METHOD,
    **_LOGINS,
    "tag": _TAG,
}

_UPDATE_RECORDING = {"state": required(rules.word("paused", "recording"))}

_TRANSCRIBE = {
    "callbackUrl": Field(rules.url(), nullable=False),
    "callbackMethod": _METHOD,
    "username": _CREDENTIAL,
    "password": _CREDENTIAL,
    "tag": _TAG,
    "callbackTimeout": Field(rules.number(1, 25), default=15.0),
    "detectLanguage": Field(rules.flag, default=False),
}

_UPDATE_CONFERENCE = {
    "status": Field(rules.word("active", "completed"), default="active"),
    **{name: _UPDATE_CALL[name] for name in _UPDATE_CALL if name not in ("state", "tag")},
}


def _call_ids(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(call_id, str) for call_id in value):
        raise ValueError("must be an array of call ids")
    return frozenset(value)


_UPDATE_MEMBER = {"mute": Field(rules.flag), "hold": Field(rules.flag), "callIdsToCoach": Field(_call_ids)}


def create_call(request: HttpRequest) -> dict[str, object]:
    """Every field of a createCall request, by the API's names; raises 400."""
    call = rules.read_fields(_CREATE_CALL, _read_object(request))
    _need_https(call, "answerUrl", "username", "password")
    _need_https(call, "answerFallbackUrl", "fallbackUsername", "fallbackPassword")
    if call["privacy"] and call["displayName"] not in (None, *_PRIVATE_NAMES):
        raise ApiError(400, f"Invalid displayName: with privacy it must be one of {', '.join(_PRIVATE_NAMES)}")
    return call


def update_call(request: HttpRequest) -> dict[str, object]:
    """Every field of an updateCall request, by the API's names; raises 400.

    With `completed` only `redirectUrl` and `tag` are refused: Bandwidth's own SDK sends the methods along.
    """
    update = rules.read_fields(_UPDATE_CALL, _read_object(request))
    if update["state"] == "active" and update["redirectUrl"] is None:
        raise ApiError(400, "Invalid redirectUrl: must not be null when state is active")
    if update["state"] == "completed":
        for name in ("redirectUrl", "tag"):
            if update[name] is not None:
                raise ApiError(400, f"Invalid {name}: must be null when state is completed")
    return update


def update_recording(request: HttpRequest) -> str:
    """The state that an updateCallRecordingState request asks for; raises 400."""
    return str(rules.read_fields(_UPDATE_RECORDING, _read_object(request))["state"])


def transcribe_recording(request: HttpRequest) -> dict[str, object]:
    """Every field of a transcribeCallRecording request, by the API's names; raises 400."""
    return rules.read_fields(_TRANSCRIBE, _read_object(request))


def update_conference(request: HttpRequest) -> dict[str, object]:
    """Every field of an updateConference request, by the API's names; raises 400. The state is called `status`."""
    update = rules.read_fields(_UPDATE_CONFERENCE, _read_object(request))
    if update["status"] == "active" and update["redirectUrl"] is None:
        raise ApiError(400, "Invalid redirectUrl: must not be null when status is active")
    if update["status"] == "completed" and update["redirectUrl"] is not None:
        raise ApiError(400, "Invalid redirectUrl: must be null when status is completed")
    return update


def update_member(request: HttpRequest) -> dict[str, object]:
    """Every field of an updateConferenceMember request, None where it is to stay as it is; raises 400."""
    return rules.read_fields(_UPDATE_MEMBER, _read_object(request))


def read_bxml(request: HttpRequest, context: str = "call") -> Document:
    """The document of a request that puts BXML in place; raises 400, telling what is wrong and where.

    It must not be empty.
    """
    body = _read_body(request)
    if not body:
        raise ApiError(400, "Invalid BXML: must not be empty")
    try:
        return read_document(body, context)
    except InvalidBxml as error:
        raise ApiError(400, f"Invalid BXML: {error}") from None


def _read_body(request: HttpRequest) -> bytes:
    if request.problem:
        raise ApiError(400, request.problem)
    return request.body


def _read_object(request: HttpRequest) -> dict[str, object]:
    try:
        body = read_json(_read_body(request))
    except ValueError as error:
        raise ApiError(400, f"Invalid request body: {error}") from None
    if not isinstance(body, dict):
        raise ApiError(400, "Invalid request body: must be a JSON object")
    return body


def _need_https(call: dict[str, object], url: str, username: str, password: str) -> None:
    given = call[url]
    has_login = call[username] is not None or call[password] is not None
    if has_login and isinstance(given, str) and not given.lower().startswith("https:"):
        raise ApiError(400, f"Invalid {url}: must use https with {username} and {password}")
