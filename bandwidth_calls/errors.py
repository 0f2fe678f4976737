"""Every error that this package raises.

    BandwidthError
    ├── NotSentError                   nothing left this machine: safe to send again
    ├── NoAnswerError                  it was sent, and no usable answer came
    ├── RefusedError                   the API answered and said no
    │   ├── BadRequestError            400
    │   ├── AuthenticationError        401
    │   ├── PermissionDeniedError      403
    │   ├── NotFoundError              404
    │   ├── MethodNotAllowedError      405
    │   ├── ConflictError              409
    │   ├── UnsupportedMediaTypeError  415
    │   ├── RateLimitedError           429
    │   │   ├── CallRateLimitedError       too many calls created per second
    │   │   └── ConcurrentCallLimitError   too many calls at once
    │   └── ServerError                5xx
    ├── CallMayHaveBeenPlacedError     create_call only: nobody can say whether a phone rings
    ├── BadAnswerError                 an answer, but not of the documented shape
    ├── TokenError                     no token could be had
    ├── UntrustedLinkError             a redirect, or a next-page link that must not be followed
    ├── TranscriptionUnavailableError  a recording whose transcription came to nothing
    ├── ClientClosedError              used after close
    ├── WaitTimeoutError               what was waited for did not come in time (also a TimeoutError)
    ├── WrongLoopError                 used in another event loop or process than it was opened in
    ├── BxmlError                      a BXML document that is not valid (also a ValueError)
    └── WebhookError                   a webhook that is no event (also a ValueError)

Errors pickle, and hold no secret: neither they nor their cause or context keep a header or a credential.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack

if TYPE_CHECKING:
    from datetime import datetime

    from bandwidth_calls.models.calls import CreateCall


class RequestFacts(TypedDict, total=False):
    """What an error may know of its request; `BandwidthError` explains each fact."""

    attempts: int
    sent_at: datetime | None
    may_have_taken_effect: bool
    reason: str | None
    cursor: str | None
    location: str | None
    advice: str


class BandwidthError(Exception):
    """Base of every error of this package: catch it to catch them all.

    `attempts` counts the API requests that left this machine, including the one after a renewed token.
    `may_have_taken_effect` is true where a change was asked for and nobody can say that it did not happen.
    `reason` names the cause as text and, unlike `__cause__`, survives pickling.
    `sent_at` (aware) is when the last of those requests left.
    `cursor` is set on what a listing raises: `list_calls(cursor=error.cursor)` continues from there.
    `advice` says what to do now, and ends the text of the error.
    """

    attempts = 0
    sent_at: datetime | None = None
    may_have_taken_effect = False
    reason: str | None = None
    cursor: str | None = None
    advice = ""

    def __init__(self, message: str, *facts: object, **request_facts: Unpack[RequestFacts]) -> None:
        super().__init__(message, *facts)
        self.message = message
        vars(self).update(request_facts)

    def with_facts(self, **request_facts: Unpack[RequestFacts]) -> Self:
        """Return a copy that knows more, such as the cursor, which only the listing knows."""
        copied = copy.copy(self)
        vars(copied).update(request_facts)
        return copied

    def __str__(self) -> str:
        text = self.message
        if self.reason:
            text += f": {self.reason}"
        if self.attempts:
            text += f" ({self.attempts} request{'s' if self.attempts > 1 else ''} left this machine)"
        return f"{text}. {self.advice}" if self.advice else text


class NotSentError(BandwidthError):
    """Raised when nothing left this machine: DNS, a refused connection, a connect timeout, TLS.

    `untrusted` is true where the server's certificate cannot be trusted: then the request is not retried.
    """

    advice = "Nothing was sent, so it is safe to send it again."

    def __init__(self, message: str, untrusted: bool = False, **request_facts: Unpack[RequestFacts]) -> None:
        super().__init__(message, untrusted, **request_facts)
        self.untrusted = untrusted


class NoAnswerError(BandwidthError):
    """Raised when a request was sent and no usable answer came.

    `status` is the answer's status where at least that was read, else None.
    """

    def __init__(self, message: str, status: int | None = None, **request_facts: Unpack[RequestFacts]) -> None:
        super().__init__(message, status, **request_facts)
        self.status = status


class RefusedError(BandwidthError):
    """Raised when the API answered and said no.

    `kind` and `description` are the error body's `type` and `description`; where the body is no such JSON,
    `kind` is None and `description` the beginning of its text. `retry_after` is in seconds.
    See https://dev.bandwidth.com/docs/voice/errors.
    """

    def __init__(
        self,
        message: str,
        status: int,
        kind: str | None = None,
        description: str | None = None,
        error_id: str | None = None,
        retry_after: float | None = None,
        **request_facts: Unpack[RequestFacts],
    ) -> None:
        super().__init__(message, status, kind, description, error_id, retry_after, **request_facts)
        self.status = status
        self.kind = kind
        self.description = description
        self.error_id = error_id
        self.retry_after = retry_after


class BadRequestError(RefusedError):
    """Raised on 400: the request breaks a rule of the API, which the description names."""


class AuthenticationError(RefusedError):
    """Raised on 401, also after a token was renewed once."""

    advice = "Check the client id and secret, or the username and password, and that they belong to this environment."


class PermissionDeniedError(RefusedError):
    """Raised on 403: the credentials are good, but not for this account or for Voice."""

    advice = "Check the account id, and that the credentials may use Voice on it."


class NotFoundError(RefusedError):
    """Raised on 404: there is no such resource, or it is no longer kept, or it is too new to be readable."""

    advice = "A new call may take minutes to be readable; a call is kept for 7 days after its end."


class MethodNotAllowedError(RefusedError):
    """Raised on 405."""


class ConflictError(RefusedError):
    """Raised on 409: the call cannot be changed in its current state (it ended, or is still queued)."""


class UnsupportedMediaTypeError(RefusedError):
    """Raised on 415."""


class RateLimitedError(RefusedError):
    """Raised on 429, when retries did not help or would have waited too long."""

    advice = "Nothing was done; send again later."


class CallRateLimitedError(RateLimitedError):
    """Raised when an account creates too many calls per second, or its queue is full."""


class ConcurrentCallLimitError(RateLimitedError):
    """Raised when an account has too many calls at once."""


class ServerError(RefusedError):
    """Raised on 5xx: whether the request took effect is not known."""


class CallMayHaveBeenPlacedError(BandwidthError):
    """Raised by `create_call` only, when nobody can say whether a phone rings.

    `request` is the CreateCall, its passwords masked; `sent_at` (aware) is when the last request left. The
    `__cause__` says what came: NoAnswerError, ServerError, a 408, or BadAnswerError for a success that cannot be read.
    """

    advice = "Do not simply send it again: look for the call in list_calls, by its number and time, first."

    sent_at: datetime

    def __init__(
        self, message: str, request: CreateCall, sent_at: datetime, *, attempts: int = 0, reason: str | None = None
    ) -> None:
        super().__init__(message, request, sent_at, attempts=attempts, reason=reason, may_have_taken_effect=True)
        self.request = request
        self.sent_at = sent_at


class BadAnswerError(BandwidthError):
    """Raised when the API answered, but not in the documented shape; `where` is a path such as `$[17].callId`."""

    def __init__(self, message: str, status: int, where: str = "$", **request_facts: Unpack[RequestFacts]) -> None:
        super().__init__(message, status, where, **request_facts)
        self.status = status
        self.where = where


class TokenError(BandwidthError):
    """Raised when no token could be had, so that the API was not asked.

    `status` is that of the token endpoint's answer, None where none came. An answer may hold a token, so nothing of it
    is told but its `error`, where that is one of RFC 6749's words, such as `invalid_client`.
    """

    advice = "Check the client id, the client secret and the token URL."

    def __init__(self, message: str, status: int | None = None, **request_facts: Unpack[RequestFacts]) -> None:
        super().__init__(message, status, **request_facts)
        self.status = status


class UntrustedLinkError(BandwidthError):
    """Raised on a redirect, and on a next-page link to another origin, another listing, or a page already seen.

    `location` says where a redirect led, without its query; None on a link. Only media are ever redirected, to origins
    that `media_origins` names.
    """

    location: str | None = None


class TranscriptionUnavailableError(BandwidthError):
    """Raised by `wait_for_transcription` when there will be no text; `status` is the API's word, such as `error`."""

    def __init__(self, message: str, status: str, **request_facts: Unpack[RequestFacts]) -> None:
        super().__init__(message, status, **request_facts)
        self.status = status


class ClientClosedError(BandwidthError):
    """Raised when a client is used after `close`, or after its borrowed session was closed."""


class WaitTimeoutError(BandwidthError, TimeoutError):
    """Raised by every `wait_for_` when what it waits for did not come in time.

    `last` is what was seen last: such as the CallState, the NotFoundError of a call that cannot be read yet, or None.
    """

    def __init__(self, message: str, last: Any = None, **request_facts: Unpack[RequestFacts]) -> None:
        super().__init__(message, last, **request_facts)
        self.last = last


class WrongLoopError(BandwidthError):
    """Raised when a client is used in another event loop, or in a forked child, than it was opened in."""

    advice = "Make one client in each event loop and process. In pytest, set both asyncio_default_*_loop_scope alike."


class BxmlError(BandwidthError, ValueError):
    """Raised for BXML that is not valid.

    `where` is the place among the verbs, such as `Response > Gather[1] > Hangup`. `line` and `column` (both from 1)
    are set when the error was found while a text was read.
    """

    def __init__(
        self, message: str, where: str | None = None, line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(message, where, line, column)
        self.where = where
        self.line = line
        self.column = column


class WebhookError(BandwidthError, ValueError):
    """Raised for a webhook body that is no event; `where` is a path such as `$.duration`."""

    def __init__(self, message: str, where: str = "$") -> None:
        super().__init__(message, where)
        self.where = where
