"""The promise about what an error counts: how many requests left, and when the last one did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from bandwidth_calls import BandwidthError

from .records import Operation, WireRequest, failed

if TYPE_CHECKING:
    from .world import World

_SLACK = 1e-3  # seconds: what the rounding of timers may add


def attempts_left(world: World) -> Iterator[str]:
    """`attempts` is what left on the wire, and `sent_at` is when the last of it left."""
    for operation, error in failed(world.operations):
        candidates = _candidates(world, operation)
        counted = [requests for requests in candidates if _is_count(world, operation, error.attempts, requests)]
        if not counted and operation.kind != "wait":  # a wait sends many requests, and its error is that of the last
            numbers = [len(requests) for requests in candidates]
            yield f"{operation}: tells {error.attempts} attempts, not {numbers}, by {error!r}"
        elif counted and error.attempts and not any(_is_last(world, error, requests) for requests in counted):
            lasts = [requests[-1].left_at for requests in counted]
            yield f"{operation}: was sent at {error.sent_at}, but left at {lasts}, by {error!r}"


def _is_count(world: World, operation: Operation, attempts: int, requests: list[WireRequest]) -> bool:
    # HTML in the place of a page has no link, so a page that was fetched ahead is given up, and asked for afresh.
    given_up = operation.kind == "list" and world.troubles.met("html")
    return attempts == len(requests) or (given_up and attempts < len(requests))


def _is_last(world: World, error: BandwidthError, requests: list[WireRequest]) -> bool:
    left = world.date(requests[-1].left_at)
    return error.sent_at is not None and abs((error.sent_at - left).total_seconds()) <= _SLACK


def _candidates(world: World, operation: Operation) -> list[list[WireRequest]]:
    """Find the requests that an error counts.

    Of a listing they are those for the page before the error, or for the next; of windows, those for the last one, or
    none of the next.
    """
    if operation.kind == "windows":
        last = operation.requests[-1].target if operation.requests else ""
        return [[one for one in operation.requests if one.target == last], []]
    if operation.kind != "list":
        return [operation.requests]
    size = operation.page_size
    pages = {max(0, operation.handed - 1) // size * size, operation.handed // size * size}
    return [[one for one in operation.requests if _first_record(one) == page] for page in sorted(pages)]


def _first_record(request: WireRequest) -> int:
    return int(parse_qs(urlsplit(request.target).query).get("pageToken", ["0"])[0])
