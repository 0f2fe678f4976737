"""Faults of the API: what a test asks to go wrong with the next requests of an operation."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypedDict

import attrs

from bandwidth_calls.emulator import rules
from bandwidth_calls.emulator.api.messages import ApiError, HttpResponse, json_response
from bandwidth_calls.emulator.armed import MOST_TIMES, ArmedFaults

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bandwidth_calls.emulator.calls.calls import Changes

# These seconds are real ones, so an hour is longer than any test waits.
_LONGEST_DELAY = 3600
_LARGEST_TRUNCATE = 2**30
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
# The server sets these: with others the client could not tell where the response ends. `truncate` shortens a body.
_FRAMING = {"Content-Length", "Transfer-Encoding"}
# A journal's line says what was done to the request; these say which request, or are too long for a line.
_NOT_SHOWN = {"operation", "times", "headers", "body"}


def _headers(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    for name, content in value.items():
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name) or name.title() in _FRAMING:
            raise ValueError(f"cannot hold the header {name!r}")
        if not isinstance(content, str) or not _HEADER_VALUE.fullmatch(content):
            raise ValueError(f"the value of {name} must be printable ASCII text")
    return {name.title(): content for name, content in value.items()}


def _body(value: object) -> object:
    if isinstance(value, str):
        return rules.text()(value)
    if not isinstance(value, dict | list):
        raise ValueError("must be text, an object or an array")
    try:
        json.dumps(value)
    except (TypeError, RecursionError):
        raise ValueError("must be JSON") from None
    return value


@attrs.frozen(kw_only=True)
class Fault:
    """Which requests fail, and how. These fields are the keywords of `fault` and its JSON; see docs/emulator.md.

    `Faults` checks `operation`, since it knows the names of the operations.
    """

    operation: str
    times: int = rules.ruled(rules.whole(1, MOST_TIMES), 1)
    status: int | None = rules.ruled(rules.whole(200, 599), None)
    headers: Mapping[str, str] | None = rules.ruled(_headers, None)
    body: object = rules.ruled(_body, None)
    process: bool = rules.ruled(rules.flag, False)
    drop: str | None = rules.ruled(rules.word("before", "after"), None)
    delay: float = rules.ruled(rules.number(0, _LONGEST_DELAY), 0.0)
    truncate: int | None = rules.ruled(rules.whole(0, _LARGEST_TRUNCATE), None)

    def __attrs_post_init__(self) -> None:
        if self.status is None and (self.headers or self.body is not None or self.process):
            raise ValueError("headers, body and process need a status")
        if self.status is None and self.drop is None and self.truncate is None and not self.delay:
            raise ValueError("a fault needs one of status, drop, delay, truncate")
        if self.drop is not None and (self.status is not None or self.truncate is not None):
            raise ValueError("drop cannot be joined with status or truncate")

    def __str__(self) -> str:
        return rules.changed(self, _NOT_SHOWN)

    @property
    def processes(self) -> bool:
        """Whether the request takes effect although it fails."""
        return self.process if self.status is not None else self.drop != "before"

    def answer(self, call_id: str) -> HttpResponse | None:
        """Return the response that replaces the true one, or None to keep that."""
        if self.status is None:
            return None
        if self.body is None:
            response = ApiError(self.status, call_id=call_id).response()
        elif isinstance(self.body, str):
            response = HttpResponse(self.status, self.body.encode(), {"Content-Type": "text/plain;charset=UTF-8"})
        else:
            response = json_response(self.body, self.status)
        return attrs.evolve(response, headers={**response.headers, **(self.headers or {})})


class FaultKeywords(TypedDict, total=False):
    """The keywords of `fault` for editors and type checkers: the fields of `Fault` after `times`."""

    status: int | None
    headers: Mapping[str, str] | None
    body: object
    process: bool
    drop: str | None
    delay: float
    truncate: int | None


class Faults(ArmedFaults[Fault]):
    """The faults of requests that are armed; `operations` are the names that can fail."""

    def __init__(self, operations: Sequence[str], changes: Changes) -> None:
        super().__init__(changes)
        self.operations = operations

    def add(self, fault: Fault) -> None:
        """Add a fault; a `ValueError` names an operation that is not known."""
        rules.read_named("operation", rules.word(*self.operations), fault.operation)
        self.arm(fault)

    def take_of(self, operation: str | None) -> Fault | None:
        """Return the fault of a request that has arrived, and count it as used; None if there is none."""
        return self.take(lambda fault: fault.operation in (operation, "*"))
