"""The error for an answer of status 300 and above: pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from bandwidth_calls.errors import (
    AuthenticationError,
    BadRequestError,
    CallRateLimitedError,
    ConcurrentCallLimitError,
    ConflictError,
    MethodNotAllowedError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RefusedError,
    ServerError,
    UnsupportedMediaTypeError,
    UntrustedLinkError,
)
from bandwidth_calls.transport.outside import printable
from bandwidth_calls.transport.retry import retry_after
from bandwidth_calls.wire import Answer, origin_of, redirect_target

_KINDS: dict[int, type[RefusedError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    405: MethodNotAllowedError,
    409: ConflictError,
    415: UnsupportedMediaTypeError,
}
# How long each is kept, and how soon it can be read, stands in the API's documentation; for the others it does not.
_ADVICE = {
    "recordings": "A recording may take minutes after its end to be available; it is kept for 30 days.",
    "transcriptions": "Check the ids; what is new may take minutes to be available.",
    "conferences": "Check the ids; what is new may take minutes to be available.",
}


def judge_redirect(
    answer: Answer, url: str, origins: tuple[str, ...], clean: Callable[[str], str] = printable
) -> Answer | UntrustedLinkError:
    """Return a redirect to one of the origins; for any other the error, which says where it led without the query."""
    target = redirect_target(answer.headers, url)
    if target and origin_of(target) in origins:
        return answer
    message = f"{answer.label}: answered {answer.status}, and redirects are never followed"
    return UntrustedLinkError(message, location=clean(target.partition("?")[0]) or None)


def refused_error(answer: Answer, now: datetime, clean: Callable[[str], str] = printable) -> RefusedError:
    """Return the error for an answer of status 400 and above, whatever its body holds: JSON, HTML or nothing.

    `clean` takes what an error may not hold out of a text of the answer.
    """
    body = error_body(answer.body)
    # The token endpoint answers in the words of RFC 6749.
    kind = _text(body.get("type")) or _text(body.get("error"))
    description = _text(body.get("description")) or _text(body.get("error_description"))
    if kind is None and description is None:
        description = answer.body.decode("utf-8", "replace").strip() or None
    its_class = _class(answer.status, description)
    kind, description, error_id = (
        None if text is None else clean(text) for text in (kind, description, _text(body.get("id")))
    )
    said = ": ".join(part for part in (kind, description) if part) or "no reason given"
    error = its_class(
        f"{answer.label}: refused with {answer.status}: {said}",
        answer.status,
        kind,
        description,
        error_id,
        retry_after(answer.headers.get("Retry-After"), now),
    )
    advice = _advice_for_missing(answer.label) if answer.status == 404 else None
    return error if advice is None else error.with_facts(advice=advice)


def error_body(body: bytes) -> dict[str, Any]:
    """Decode the JSON object of an error. Return an empty one where the body is something else, such as HTML."""
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _advice_for_missing(label: str) -> str | None:
    """Return the advice for a 404 by the path, whose last collection is what is missing; None for a call."""
    parts = label.split("/")
    return next((_ADVICE[part] for part in reversed(parts) if part in _ADVICE), None)


def _class(status: int, description: str | None) -> type[RefusedError]:
    if status == 429:
        return _rate_limit((description or "").lower())
    return ServerError if status >= 500 else _KINDS.get(status, RefusedError)


def _rate_limit(description: str) -> type[RateLimitedError]:
    if "concurrent call limit" in description:
        return ConcurrentCallLimitError
    return CallRateLimitedError if "call creation rate limit" in description else RateLimitedError
