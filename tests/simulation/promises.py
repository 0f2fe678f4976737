"""The promises that are checked after each seed. Each function yields a sentence for each breach that it finds."""

from __future__ import annotations

import asyncio
import pickle
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

from bandwidth_calls import (
    BandwidthError,
    CallMayHaveBeenPlacedError,
    CreateCallResponse,
    UntrustedLinkError,
)

from .attempts import attempts_left
from .reads import every_record_once, everybody_served, media_whole, no_false_blame
from .records import Operation, WireRequest, failed

if TYPE_CHECKING:
    from .world import World

_SLACK = 1e-3  # seconds: what the rounding of timers may add to a limit
_MARGIN, _MOST_MARGIN = 0.1, 1.0  # what a create-call leaves of its total for an answer: a part, and seconds
_LONGEST_POLL = 10.0  # seconds: a wait may sleep so long between two requests, and learns of `close()` after it
_CHANGES = ("create", "post", "change")
_REFUSED = 400, 500  # a status from here to there says that nothing was done ...
_VAGUE = 408  # ... but this one: the reference does not say so


def placed_once(world: World) -> Iterator[str]:
    """No tag was placed twice, and a success was placed once, with the id that was told."""
    times = Counter(call.tag for call in world.service.placed)
    ids = {call.tag: call.call_id for call in world.service.placed}
    for operation in world.operations:
        times_placed = times[operation.tag]
        if operation.tag and times_placed > 1:
            yield f"{operation}: was placed {times_placed} times"
        if operation.kind in ("create", "post") and operation.error is None and operation.result is not None:
            told = (
                operation.result.call_id if isinstance(operation.result, CreateCallResponse) else ids.get(operation.tag)
            )
            if times_placed != 1 or told != ids[operation.tag]:
                yield f"{operation}: succeeded with {told}, and was placed {times_placed} times"


def not_placed(world: World) -> Iterator[str]:
    """What is neither a success nor in doubt nor cancelled was not placed."""
    placed = {call.tag for call in world.service.placed}
    for operation in world.operations:
        error = operation.error
        if operation.tag not in placed or error is None or isinstance(error, asyncio.CancelledError):
            continue
        doubtful = isinstance(error, CallMayHaveBeenPlacedError | UntrustedLinkError)
        if operation.kind == "post" and isinstance(error, BandwidthError):
            doubtful = error.may_have_taken_effect
        if not doubtful:
            yield f"{operation}: was placed, and yet {error!r}"


def doubt_told(world: World) -> Iterator[str]:
    """`may_have_taken_effect` is true where a change left and was not refused."""
    for operation, error in failed(world.operations):
        if operation.kind in _CHANGES and _in_doubt(operation) and not error.may_have_taken_effect:
            yield f"{operation}: is in doubt, and may_have_taken_effect is False: {_heard(operation)}, {error!r}"


def refusal_told(world: World) -> Iterator[str]:
    """`may_have_taken_effect` is false where nothing was to change, nothing left, or all that left was refused."""
    for operation, error in failed(world.operations):
        if error.may_have_taken_effect and not (operation.kind in _CHANGES and _in_doubt(operation)):
            yield f"{operation}: changed nothing, and may_have_taken_effect is True: {_heard(operation)}, {error!r}"


def _in_doubt(operation: Operation) -> bool:
    return any(not _was_refused(request, operation.ended) for request in operation.requests)


def _heard(operation: Operation) -> str:
    return f"heard {[(request.status, round(request.heard_at, 3)) for request in operation.requests]}"


def _was_refused(request: WireRequest, ended: float) -> bool:
    if request.status is None or request.heard_at > ended:
        return False
    return _REFUSED[0] <= request.status < _REFUSED[1] and request.status != _VAGUE


def in_time(world: World) -> Iterator[str]:
    """Every coroutine but a wait ends within its total."""
    yield from (text for operation, text in _late(world) if operation.kind != "wait")


def wait_in_time(world: World) -> Iterator[str]:
    """A wait for a state ends within its own timeout."""
    yield from (text for operation, text in _late(world) if operation.kind == "wait")


def _late(world: World) -> Iterator[tuple[Operation, str]]:
    for operation in world.operations:
        for started, ended in operation.steps:
            windows = {one.target for one in operation.requests if started <= one.left_at <= ended}
            limit = operation.limit * (1 + len(windows) if operation.kind == "windows" else 1)  # the last may not leave
            if ended - started > limit + _SLACK:
                yield operation, f"{operation}: took {ended - started:.3f} of {limit:.3f} s, {operation.error!r}"


def leaves_in_time(world: World) -> Iterator[str]:
    """A create-call leaves only while enough of its total is left for an answer."""
    for operation in world.operations:
        if operation.kind == "create":
            due = operation.steps[0][0] + operation.limit - min(operation.limit * _MARGIN, _MOST_MARGIN)
            for request in operation.requests:
                if request.left_at > due + _SLACK:
                    yield f"{operation}: left {request.left_at - due:.3f} s too late, {operation.error!r}"


def silence_ends(world: World) -> Iterator[str]:
    """A create-call that hears nothing for the seconds of `read` ends: it is never sent again after that."""
    for operation in world.operations:
        if operation.kind in ("create", "post") and operation.requests and _in_doubt(operation):
            silent = operation.ended - operation.requests[-1].silent_since
            if silent > operation.read + _SLACK:
                yield f"{operation}: heard nothing for {silent:.3f} of {operation.read:.3f} s, {operation.error!r}"


def ends_at_close(world: World) -> Iterator[str]:
    """`close()` waits for nobody, and ends every request at once."""
    if world.close_took > _SLACK:
        yield f"close() took {world.close_took:.3f} s"
    for operation in world.operations if world.closed_at is not None else ():
        for started, ended in operation.steps:
            late = ended - max(started, world.closed_at or 0.0)
            if late > (_LONGEST_POLL if operation.kind == "wait" else _SLACK):
                yield f"{operation}: ended {late:.3f} s after close, {operation.error!r}"


def ends_when_cancelled(world: World) -> Iterator[str]:
    """A cancelled coroutine ends at once."""
    for operation in world.operations:
        cancelled = operation.cancelled_at
        if cancelled is not None and operation.ended > cancelled + _SLACK:
            yield f"{operation}: ended {operation.ended - cancelled:.3f} s after it was cancelled"


def nothing_left(world: World) -> Iterator[str]:
    """No task, no connection, no warning and no complaint is left, and nobody waits for ever."""
    yield from world.left


def no_secret(world: World) -> Iterator[str]:
    """No error, cause or log line holds a secret, and every error pickles."""
    for operation in world.operations:
        for error in _chain(operation.error):
            text = repr(error).encode() + str(error).encode() + _pickled(error)
            if any(secret.encode() in text for secret in world.secrets):
                yield f"{operation}: a secret in {error!r}: {error}"
            if b"does not pickle" in text:
                yield f"{operation}: {error!r} does not pickle"
    for line in world.logged:
        if any(secret in line for secret in world.secrets):
            yield f"a secret in the log: {line}"


def nothing_foreign(world: World) -> Iterator[str]:
    """Every error is the package's own, unless the user was cancelled."""
    for operation in world.operations:
        cancelled = isinstance(operation.error, asyncio.CancelledError) and operation.cancelled_at is not None
        if operation.error is not None and not cancelled and not isinstance(operation.error, BandwidthError):
            yield f"{operation}: raised {operation.error!r}"


def cancelled_call_told(world: World) -> Iterator[str]:
    """A create-call that is cancelled after it left says so in a note and in a WARNING line."""
    for operation in world.operations:
        cancelled = operation.kind == "create" and isinstance(operation.error, asyncio.CancelledError)
        if cancelled and _in_doubt(operation) and not getattr(operation.error, "__notes__", None):
            yield f"{operation}: was cancelled after it left, and has no note"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _pickled(error: BaseException) -> bytes:
    try:
        return pickle.dumps(error)
    except Exception:
        return b"does not pickle"


def broken(world: World, without: Collection[str]) -> list[str]:
    """Check the promises but those that are left out. Where somebody waits for ever, the rest means nothing."""
    names = ["nothing left"] if world.abandoned else [name for name in PROMISES if name not in without]
    return [f"{name}: {breach}" for name in names for breach in PROMISES[name](world)]


PROMISES: dict[str, Callable[[World], Iterator[str]]] = {
    "placed once": placed_once,
    "not placed": not_placed,
    "attempts": attempts_left,
    "doubt told": doubt_told,
    "refusal told": refusal_told,
    "every record once": every_record_once,
    "media whole": media_whole,
    "in time": in_time,
    "wait in time": wait_in_time,
    "leaves in time": leaves_in_time,
    "silence ends": silence_ends,
    "no false blame": no_false_blame,
    "ends at close": ends_at_close,
    "ends when cancelled": ends_when_cancelled,
    "nothing left": nothing_left,
    "no secret": no_secret,
    "nothing foreign": nothing_foreign,
    "everybody served": everybody_served,
    "cancelled call told": cancelled_call_told,
}
