"""The bodies of requests, read into typed values.

The limits are those of Bandwidth's OpenAPI file. Where neither it nor the documentation has a rule, nothing is refused
but texts of a call that would fill the memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from bandwidth_calls.emulator import rules
from bandwidth_calls.emulator.api.messages import ApiError, HttpRequest, read_json
from bandwidth_calls.emulator.bxml.reader import InvalidBxml, read_document
from bandwidth_calls.emulator.delivery.courier import Endpoint, Webhook
from bandwidth_calls.emulator.engine.requests import (
    CallRequest,
    CallUpdate,
    ConferenceUpdate,
    DetectionRequest,
    MemberUpdate,
    TranscriptionRequest,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn

    from bandwidth_calls.emulator.bxml.reader import Document

    Login = tuple[str | None, str | None]

T = TypeVar("T")

_DEFAULT_TIMEOUT = 15.0

_url = rules.url(2048)
_unbounded_url = rules.url()
_method = rules.word("GET", "POST")
_credential = rules.text(1024)
_tag = rules.text(4096)
_callback_timeout = rules.number(1, 25)


class Fields:
    """The fields of a JSON object, read one by one. Unknown fields are ignored; a wrong field is a 400 that names it.

    `read` has each field that was read so far, with its default if it was absent or null.
    """

    def __init__(self, body: Mapping[str, object], prefix: str = "") -> None:
        self._body = body
        self._prefix = prefix
        self.read: dict[str, object] = {}

    def required(self, name: str, rule: Callable[[object], T]) -> T:
        """Read a field that must be there and not null."""
        value = self.optional(name, rule)
        if value is None:
            raise self.refused(name, "must not be null")
        return value

    def optional(self, name: str, rule: Callable[[object], T], *, nullable: bool = True) -> T | None:
        """Read a field that may be absent, and null too if it is `nullable`."""
        value = self._body.get(name)
        if value is None and name in self._body and not nullable:
            raise self.refused(name, "must not be null")
        try:
            kept = None if value is None else rule(value)
        except ValueError as error:
            raise self.refused(name, str(error)) from None
        self.read[name] = kept
        return kept

    def default(self, name: str, rule: Callable[[object], T], default: T, *, nullable: bool = True) -> T:
        """Read an optional field that has a default."""
        value = self.optional(name, rule, nullable=nullable)
        kept = default if value is None else value
        self.read[name] = kept
        return kept

    def nested(self, name: str) -> Fields | None:
        """Read an optional field that is an object, which is not null."""
        body = self.optional(name, _json_object, nullable=False)
        if body is None:
            return None
        nested = Fields(body, f"{name}.")
        self.read[name] = nested.read
        return nested

    def login(self) -> Login:
        """Read the credentials for webhooks."""
        return self.optional("username", _credential), self.optional("password", _credential)

    def fallback_login(self) -> Login:
        """Read the credentials for fallback webhooks."""
        return self.optional("fallbackUsername", _credential), self.optional("fallbackPassword", _credential)

    def endpoint(self, name: str, login: Login, url: Callable[[object], str] = _url) -> Endpoint | None:
        """Read where webhooks go: `answer` has `answerUrl` and `answerMethod`. Return None without the URL."""
        address = self.optional(f"{name}Url", url)
        method = self.default(f"{name}Method", _method, "POST")
        return None if address is None else Endpoint(address, method, *login)

    def refused(self, name: str, reason: str) -> ApiError:
        """Return the 400 for a field."""
        return ApiError(400, f"Invalid {self._prefix}{name}: {reason}")


def create_call(request: HttpRequest) -> CallRequest:
    """Read a createCall request; raises 400."""
    fields = _read_fields(request)
    timeout = fields.default("callbackTimeout", _callback_timeout, _DEFAULT_TIMEOUT)
    login = fields.login()
    disconnect = fields.endpoint("disconnect", login)
    call = CallRequest(
        to=fields.required("to", rules.phone_number_or_sip),
        from_=fields.required("from", rules.phone_number),
        application_id=fields.required("applicationId", rules.application_id),
        answer=_read_answer(fields, login, timeout),
        disconnect=None if disconnect is None else Webhook(disconnect, seconds=timeout),
        call_timeout=fields.default("callTimeout", rules.number(1, 300), 30.0),
        callback_timeout=timeout,
        priority=fields.default("priority", rules.whole(1, 5), 5),
        tag=fields.optional("tag", _tag),
        detection=_read_detection(fields, timeout),
        body=fields.read,
    )
    _check_caller(fields)
    return call


def _read_answer(fields: Fields, login: Login, timeout: float) -> Webhook:
    url = fields.required("answerUrl", _url)
    answer = Endpoint(url, fields.default("answerMethod", _method, "POST"), *login)
    fallback = fields.endpoint("answerFallback", fields.fallback_login())
    _need_https(fields, answer, "answerUrl", "username and password")
    _need_https(fields, fallback, "answerFallbackUrl", "fallbackUsername and fallbackPassword")
    return Webhook(answer, fallback, timeout)


def _need_https(fields: Fields, endpoint: Endpoint | None, name: str, login: str) -> None:
    if endpoint is None or (endpoint.username is None and endpoint.password is None):
        return
    if not endpoint.url.lower().startswith("https:"):
        raise fields.refused(name, f"must use https with {login}")


def _check_caller(fields: Fields) -> None:
    """Check what the callee is shown, which the emulator shows to nobody."""
    privacy = fields.default("privacy", rules.flag, default=False)
    name = fields.optional("displayName", rules.display_name)
    fields.optional("uui", rules.user_to_user)
    if privacy and name not in (None, *rules.PRIVATE_NAMES):
        raise fields.refused("displayName", f"with privacy it must be one of {', '.join(rules.PRIVATE_NAMES)}")


def _read_detection(call: Fields, timeout: float) -> DetectionRequest | None:
    fields = call.nested("machineDetection")
    if fields is None:
        return None
    is_async = fields.default("mode", rules.word("sync", "async"), "async", nullable=False) == "async"
    first = fields.endpoint("callback", fields.login())
    fallback = fields.endpoint("fallback", fields.fallback_login())
    if is_async and first is None:
        raise fields.refused("callbackUrl", "must not be null when mode is async")
    return DetectionRequest(
        is_async=is_async,
        detection_timeout=fields.default("detectionTimeout", rules.number(), 15.0),
        silence_timeout=fields.default("silenceTimeout", rules.number(), 10.0),
        speech_threshold=fields.default("speechThreshold", rules.number(), 10.0),
        speech_end_threshold=fields.default("speechEndThreshold", rules.number(), 5.0),
        machine_speech_end_threshold=fields.optional("machineSpeechEndThreshold", rules.number()),
        delay_result=fields.default("delayResult", rules.flag, default=False),
        webhook=None if first is None else Webhook(first, fallback, timeout),
    )


def update_call(request: HttpRequest, *, completed_with_redirect: bool) -> CallUpdate:
    """Read an updateCall request; raises 400.

    With `completed` only `redirectUrl` and `tag` are refused: Bandwidth's own SDK sends the methods along.
    `completed_with_redirect` ignores the `redirectUrl` instead, which published samples send.
    """
    fields = _read_fields(request)
    redirect = _read_state(fields, "state", completed_with_redirect)
    tag = fields.optional("tag", _tag)
    if redirect is None and tag is not None:
        raise fields.refused("tag", "must be null when state is completed")
    return CallUpdate(redirect=redirect, tag=tag)


def _read_state(fields: Fields, name: str, completed_with_redirect: bool) -> Webhook | None:
    """Read the redirect that the state `active` needs, and that `completed` must not have."""
    completed = fields.default(name, rules.word("active", "completed"), "active") == "completed"
    url = _unbounded_url
    if completed:
        # Anything that is there breaks this rule, also what is no URL: samples send an empty text and "foo".
        url = str if completed_with_redirect else _null_when_completed(name)
    first = fields.endpoint("redirect", fields.login(), url)
    fallback = fields.endpoint("redirectFallback", fields.fallback_login(), _unbounded_url)
    if completed:
        return None
    if first is None:
        raise fields.refused("redirectUrl", f"must not be null when {name} is active")
    return Webhook(first, fallback)


def _null_when_completed(name: str) -> Callable[[object], str]:
    def rule(_: object) -> NoReturn:
        raise ValueError(f"must be null when {name} is completed")

    return rule


def update_recording(request: HttpRequest) -> str:
    """Read the state that an updateCallRecordingState request asks for; raises 400."""
    return _read_fields(request).required("state", rules.word("paused", "recording"))


def transcribe_recording(request: HttpRequest) -> TranscriptionRequest:
    """Read a transcribeCallRecording request; raises 400."""
    fields = _read_fields(request)
    url = fields.optional("callbackUrl", _unbounded_url, nullable=False)
    method = fields.default("callbackMethod", _method, "POST")
    login = fields.login()
    timeout = fields.default("callbackTimeout", _callback_timeout, _DEFAULT_TIMEOUT)
    fields.default("detectLanguage", rules.flag, default=False)
    webhook = None if url is None else Webhook(Endpoint(url, method, *login), seconds=timeout)
    return TranscriptionRequest(webhook=webhook, tag=fields.optional("tag", _tag))


def update_conference(request: HttpRequest, *, completed_with_redirect: bool) -> ConferenceUpdate:
    """Read an updateConference request as `update_call` does; raises 400. Here the state is called `status`."""
    return ConferenceUpdate(redirect=_read_state(_read_fields(request), "status", completed_with_redirect))


def update_member(request: HttpRequest) -> MemberUpdate:
    """Read an updateConferenceMember request; raises 400."""
    fields = _read_fields(request)
    return MemberUpdate(
        mute=fields.optional("mute", rules.flag),
        hold=fields.optional("hold", rules.flag),
        call_ids_to_coach=fields.optional("callIdsToCoach", _call_ids),
    )


def _call_ids(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(call_id, str) for call_id in value):
        raise ValueError("must be an array of call ids")
    return frozenset(value)


def read_bxml(request: HttpRequest, context: str = "call") -> Document:
    """Read the document of a request that replaces what is played.

    An empty or invalid document is a 400 that says what is wrong, and where.
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


def _read_fields(request: HttpRequest) -> Fields:
    try:
        body = read_json(_read_body(request))
    except ValueError as error:
        raise ApiError(400, f"Invalid request body: {error}") from None
    if not isinstance(body, dict):
        raise ApiError(400, "Invalid request body: must be a JSON object")
    return Fields(body)


def _json_object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    return value
