"""One request for one key: what is sent, and what its answer or its error means for the key."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import msgspec

from bandwidth_calls.campaigns.turn import Result, Taken
from bandwidth_calls.errors import (
    AuthenticationError,
    BandwidthError,
    CallMayHaveBeenPlacedError,
    MethodNotAllowedError,
    NotFoundError,
    NotSentError,
    PermissionDeniedError,
    RateLimitedError,
    RefusedError,
    TokenError,
    UnsupportedMediaTypeError,
)
from bandwidth_calls.models.calls import CreateCall, CreateCallResponse, MachineDetectionConfiguration
from bandwidth_calls.wire import wire_name

Prepare = Callable[[str, CreateCall], CreateCall]
Place = Callable[[CreateCall], Awaitable[CreateCallResponse]]

_OF_ACCOUNT = (
    AuthenticationError,
    PermissionDeniedError,
    NotFoundError,
    MethodNotAllowedError,
    UnsupportedMediaTypeError,
)
_HOLD = 1.0  # seconds after a 429 that names none
_FIELDS, _DETECTION = (
    {wire_name(field.name): field.name for field in attrs.fields(kind)}
    for kind in (CreateCall, MachineDetectionConfiguration)
)


def tag_of(campaign: str, key: str) -> str:
    """Return the tag of a key's call, which its webhooks repeat."""
    return f"{campaign}/{key}"


def call_of(request: str, tag: str | None = None) -> CreateCall:
    """Return a stored request as a call."""
    fields: dict[str, Any] = msgspec.json.decode(request)
    named: dict[str, Any] = {_FIELDS[name]: value for name, value in fields.items()}
    if (detection := named.get("machine_detection")) is not None:
        settings = {_DETECTION[name]: value for name, value in detection.items()}
        named["machine_detection"] = MachineDetectionConfiguration(**settings)
    return CreateCall(**named, tag=tag)


def prepared(key: str, call: CreateCall, prepare: Prepare | None) -> CreateCall:
    """Return the call of a key as it is sent. What `prepare` raises is raised."""
    if prepare is None:
        return call
    changed = prepare(key, call)
    if not isinstance(changed, CreateCall) or (changed.to, changed.tag) != (call.to, call.tag):
        raise ValueError("prepare: must return a CreateCall with the same `to` and `tag`")
    return changed


async def attempt(taken: Taken, call: CreateCall, place: Place) -> Result:
    """Place a call once, and say what came of it."""
    try:
        answer = await place(call)
    except asyncio.CancelledError as error:
        left = bool(getattr(error, "__notes__", None))  # create_call notes on it when the request has left
        return (
            Result(taken, "unknown", None, "cancelled while its request was out") if left else Result(taken, "waiting")
        )
    except BandwidthError as error:
        return _of_error(taken, error)
    return Result(taken, "placed", answer.call_id)


def _of_error(taken: Taken, error: BandwidthError) -> Result:
    if isinstance(error, CallMayHaveBeenPlacedError):
        return Result(taken, "unknown", None, error.reason or str(error))
    if error.may_have_taken_effect:  # a redirect: nobody knows, and the next request would be redirected too
        return Result(taken, "unknown", None, str(error), error=error)
    if isinstance(error, NotSentError) and not error.untrusted:
        return Result(taken, "waiting", away=True)
    if isinstance(error, TokenError) and error.status is None:
        return Result(taken, "waiting", away=True)
    if isinstance(error, RateLimitedError):
        return Result(taken, "waiting", hold=_HOLD if error.retry_after is None else error.retry_after)
    if isinstance(error, RefusedError) and not isinstance(error, _OF_ACCOUNT):
        return Result(taken, "refused", None, error.description or str(error))
    return Result(taken, "waiting", error=error)
