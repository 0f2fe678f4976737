"""The models of the Calls resource; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Calls.

Fields have the API's names in snake_case, with `from_` for `from`. None means: not sent, or not in the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import attrs

from bandwidth_calls import checks
from bandwidth_calls.models.callbacks import TAG_LENGTH, Method, check_callbacks, check_redirect

_URL_LENGTH = 2048  # as in Bandwidth's OpenAPI file
_ANONYMOUS = ("Restricted", "Anonymous", "Private", "Unavailable")


@attrs.frozen(kw_only=True)
class MachineDetectionConfiguration:
    """Settings of machine detection, which tells a person from an answering machine. Times are in seconds.

    The service currently mishandles decimals here: use whole numbers. In `async` mode (the default) the result is sent
    to `callback_url`, while the BXML of the answer event keeps the call up. In `sync` mode the answer event waits for
    the result. A wrong value is a ValueError that names the field.
    See https://dev.bandwidth.com/docs/voice/guides/machineDetection.
    """

    mode: Literal["sync", "async"] | None = None
    detection_timeout: float | None = None
    silence_timeout: float | None = None
    speech_threshold: float | None = None
    speech_end_threshold: float | None = None
    machine_speech_end_threshold: float | None = None
    delay_result: bool | None = None
    callback_url: str | None = None
    callback_method: Method | None = None
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)
    fallback_url: str | None = None
    fallback_method: Method | None = None
    fallback_username: str | None = None
    fallback_password: str | None = attrs.field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.mode is not None:
            checks.one_of("mode", self.mode, ("sync", "async"))
        for field in (
            "detection_timeout",
            "silence_timeout",
            "speech_threshold",
            "speech_end_threshold",
            "machine_speech_end_threshold",
        ):
            if (value := getattr(self, field)) is not None:
                checks.number(field, value, 0)
        if self.delay_result is not None:
            checks.flag("delay_result", self.delay_result)
        check_callbacks(
            self, ("callback_url", "fallback_url"), ("callback_method", "fallback_method"), url_length=_URL_LENGTH
        )


@attrs.frozen(kw_only=True, slots=False)  # with slots a frozen class takes twice as long to make
class CreateCall:
    """The callee, the caller, and the URLs of the webhooks for a new call.

    `to` is an E.164 number or a SIP URI, `from_` an E.164 number of the account. URLs are absolute, http or https, with
    at most 2,048 characters. `answer_url` and `answer_fallback_url` must be https if they get credentials.
    `call_timeout` is 1 to 300 seconds from ringing, `callback_timeout` 1 to 25 seconds for each webhook. `priority` is
    1 (first) to 5. `tag` has at most 4,096 characters. With `privacy`, `display_name` is one of Restricted, Anonymous,
    Private and Unavailable. `uui` is for SIP URIs: comma-separated values with an encoding, at most 350 characters.
    A wrong value is a ValueError that names the field.
    """

    to: str
    from_: str
    application_id: str
    answer_url: str
    privacy: bool | None = None
    display_name: str | None = None
    uui: str | None = None
    answer_method: Method | None = None
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)
    answer_fallback_url: str | None = None
    answer_fallback_method: Method | None = None
    fallback_username: str | None = None
    fallback_password: str | None = attrs.field(default=None, repr=False)
    disconnect_url: str | None = None
    disconnect_method: Method | None = None
    call_timeout: float | None = None
    callback_timeout: float | None = None
    machine_detection: MachineDetectionConfiguration | None = None
    priority: int | None = None
    tag: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.destination("to", self.to)
        checks.e164("from_", self.from_)
        checks.plain("application_id", self.application_id)
        checks.url("answer_url", self.answer_url, most=_URL_LENGTH)
        self._check_caller()
        self._check_options()
        check_callbacks(
            self,
            ("answer_fallback_url", "disconnect_url"),
            ("answer_method", "answer_fallback_method", "disconnect_method"),
            url_length=_URL_LENGTH,
        )
        if self.username is not None or self.password is not None:
            checks.secure("answer_url", self.answer_url)
        if self.fallback_username is not None or self.fallback_password is not None:
            checks.secure("answer_fallback_url", self.answer_fallback_url)

    def _check_caller(self) -> None:
        if self.privacy is not None:
            checks.flag("privacy", self.privacy)
        if self.display_name is not None:
            checks.plain("display_name", self.display_name, most=256, least=0)
            if self.privacy:
                checks.one_of("display_name (with privacy)", self.display_name, _ANONYMOUS)
        if self.uui is not None:
            checks.user_to_user("uui", checks.plain("uui", self.uui, most=350))

    def _check_options(self) -> None:
        if self.call_timeout is not None:
            checks.number("call_timeout", self.call_timeout, 1, 300)
        if self.callback_timeout is not None:
            checks.number("callback_timeout", self.callback_timeout, 1, 25)
        if self.priority is not None:
            checks.whole("priority", self.priority, 1, 5)
        if self.tag is not None:
            checks.text("tag", self.tag, most=TAG_LENGTH)
        detection = self.machine_detection
        if detection is not None and not isinstance(detection, MachineDetectionConfiguration):
            raise ValueError("machine_detection: must be a MachineDetectionConfiguration")


@attrs.frozen(kw_only=True)
class UpdateCall:
    """A change of a live call.

    `active` (the default) redirects the call to the BXML of `redirect_url`, which is then required. `completed` ends
    the call, and allows neither `redirect_url` nor `tag`. A queued call can only be completed.
    A wrong value is a ValueError that names the field.
    """

    state: Literal["active", "completed"] | None = None
    redirect_url: str | None = None
    redirect_method: Method | None = None
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)
    redirect_fallback_url: str | None = None
    redirect_fallback_method: Method | None = None
    fallback_username: str | None = None
    fallback_password: str | None = attrs.field(default=None, repr=False)
    tag: str | None = None

    def __attrs_post_init__(self) -> None:
        check_redirect(self, "state", "redirect_url", "tag")
        if self.tag is not None:
            checks.text("tag", self.tag, most=TAG_LENGTH)


@attrs.frozen(kw_only=True, weakref_slot=False)
class CreateCallResponse:
    """A call that the service accepted into its queue. Its state tells later whether it was placed.

    `call_id` is always there. Any other field is None if the answer has no value of its type, so that the id is known
    whatever else is odd. The service masks passwords in its answer. `extra` keeps unknown fields under their names on
    the wire, and what came of a field of a wrong type.
    """

    account_id: str | None = None
    answer_method: str | None = None
    answer_url: str | None = None
    application_id: str | None = None
    call_id: str
    call_url: str | None = None
    disconnect_method: str | None = None
    from_: str | None = None
    to: str | None = None
    enqueued_time: datetime | None = None
    call_timeout: float | None = None
    callback_timeout: float | None = None
    tag: str | None = None
    answer_fallback_method: str | None = None
    answer_fallback_url: str | None = None
    disconnect_url: str | None = None
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)
    fallback_username: str | None = None
    fallback_password: str | None = attrs.field(default=None, repr=False)
    priority: int | None = None
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)


@attrs.frozen(kw_only=True, weakref_slot=False)
class CallState:
    """The service's record of a call. It may lag minutes behind the call, and is kept for 7 days after its end.

    Times are aware. `state`, `direction` and `disconnect_cause` are open words: see `State`, `Direction` and
    `DisconnectCause` for the known ones. `start_time` is None while the call is queued. Any field but `call_id` is None
    if the answer has no value of its type. `extra` keeps unknown fields under their names on the wire, and what came of
    a field of a wrong type.
    """

    call_id: str
    account_id: str | None = None
    application_id: str | None = None
    parent_call_id: str | None = None
    to: str | None = None
    from_: str | None = None
    direction: str | None = None
    state: str | None = None
    stir_shaken: Mapping[str, str] | None = attrs.field(default=None, hash=False)
    identity: str | None = None
    enqueued_time: datetime | None = None
    start_time: datetime | None = None
    answer_time: datetime | None = None
    end_time: datetime | None = None
    disconnect_cause: str | None = None
    error_message: str | None = None
    error_id: str | None = None
    last_update: datetime | None = None
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)
