"""The promises about what is read: records, media, and the errors of both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bandwidth_calls import BadAnswerError, ClientClosedError, NotFoundError, TokenError, WaitTimeoutError

from .records import failed

if TYPE_CHECKING:
    from .world import World

_BAD_ANSWERS = ("html", "odd_success", "stray_answer", "garbled")  # troubles that make an answer a bad one
_READS = ("read", "list", "windows", "download")


def every_record_once(world: World) -> Iterator[str]:
    """A listing, resumed as often as it takes, gives every record once, in order."""
    for reading in world.readings:
        expected = reading.records
        if reading.given != expected[: len(reading.given)] or (reading.finished and reading.given != expected):
            yield f"{reading.user}: was given {reading.given} of {len(expected)} records, finished: {reading.finished}"


def media_whole(world: World) -> Iterator[str]:
    """Media that were read without an error are those of the recording, to the last byte."""
    for operation in world.operations:
        if operation.kind == "download" and isinstance(operation.result, bytes):
            expected = world.service.media.content(operation.recording_id)
            if operation.result != expected:
                yield f"{operation}: {len(operation.result)} bytes, which are not the {len(expected)} of the recording"


def no_false_blame(world: World) -> Iterator[str]:
    """A GET is a bad answer only where the service gives bad answers, however often it breaks off."""
    for operation, error in failed(world.operations):
        blamed = isinstance(error, BadAnswerError) and operation.kind in (*_READS, "wait")
        if blamed and not any(world.troubles.met(name) for name in _BAD_ANSWERS):
            yield f"{operation}: {error!r}"


def everybody_served(world: World) -> Iterator[str]:
    """A service in good health answers everybody. A GET that is sent again survives the end of kept connections."""
    for operation, error in failed(world.operations):
        if isinstance(error, NotFoundError | WaitTimeoutError | ClientClosedError):
            continue
        read = operation.kind in _READS and operation.sent_again and not isinstance(error, TokenError)
        if world.troubles.harmless or (read and world.troubles.harmless_for_reads):
            yield f"{operation}: failed by a service in good health, {error!r}"
