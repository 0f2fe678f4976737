"""Faults on demand: what goes wrong with the next requests of an operation."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator import rules
from bandwidth_calls.emulator.api.messages import ApiError, HttpResponse, json_response

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MOST_TIMES = 1_000_000
_LONGEST_DELAY = 3600
_LARGEST_TRUNCATE = 2**30
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
# The server's own: with these an answer could not even be framed. `truncate` is the way to a short body.
_FRAMING = {"Content-Length", "Transfer-Encoding"}
_LONG = {"headers", "body"}  # not told in a line


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


_WHAT: dict[str, rules.Rule] = {
    "status": rules.whole(200, 599),
    "headers": _headers,
    "body": _body,
    "process": rules.flag,
    "drop": rules.word("before", "after"),
    "delay": rules.number(0, _LONGEST_DELAY),
    "truncate": rules.whole(0, _LARGEST_TRUNCATE),
}


@attrs.frozen(kw_only=True)
class Fault:
    """What goes wrong: see docs/emulator.md for what each key does."""

    status: int | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    body: object = None
    process: bool = False
    drop: str | None = None
    delay: float = 0
    truncate: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.status is None and (self.headers or self.body is not None or self.process):
            raise ValueError("headers, body and process need a status")
        if self.status is None and self.drop is None and self.truncate is None and not self.delay:
            raise ValueError("a fault needs one of status, drop, delay, truncate")
        if self.drop is not None and (self.status is not None or self.truncate is not None):
            raise ValueError("drop cannot be joined with status or truncate")

    def __str__(self) -> str:
        told = attrs.asdict(self, filter=lambda field, value: value != field.default and field.name not in _LONG)
        return ", ".join(f"{name} {value}" for name, value in told.items())

    @property
    def processes(self) -> bool:
        """Whether the request takes effect all the same."""
        return self.process if self.status is not None else self.drop != "before"

    def answer(self, call_id: str) -> HttpResponse | None:
        """The answer that stands in for the true one, if any."""
        if self.status is None:
            return None
        if self.body is None:
            answer = ApiError(self.status, call_id=call_id).response()
        elif isinstance(self.body, str):
            answer = HttpResponse(self.status, self.body.encode(), {"Content-Type": "text/plain;charset=UTF-8"})
        else:
            answer = json_response(self.body, self.status)
        return attrs.evolve(answer, headers={**answer.headers, **self.headers})


@attrs.define(eq=False)
class _Pending:
    operation: str
    times: int
    fault: Fault


class Faults:
    """The faults that are yet to come, in the order in which they were asked for. Only `operations` can fail."""

    def __init__(self, operations: Iterable[str]) -> None:
        self._operation = rules.word(*operations)
        self._pending: list[_Pending] = []

    def add(self, operation: object, times: object, what: Mapping[str, object]) -> None:
        """Let so many requests of an operation fail; a `ValueError` names what makes no sense."""
        self._pending.append(
            _Pending(
                rules.read_named("operation", self._operation, operation),
                rules.read_named("times", rules.whole(1, _MOST_TIMES), times),
                _read_fault(what),
            )
        )

    def take(self, operation: str | None) -> Fault | None:
        """The fault of a request that has arrived, if it has one; it is used up once."""
        for pending in self._pending:
            if pending.operation in (operation, "*"):
                pending.times -= 1
                if not pending.times:
                    self._pending.remove(pending)
                return pending.fault
        return None

    def clear(self) -> None:
        """Let nothing fail any more."""
        self._pending.clear()


def _read_fault(what: Mapping[str, object]) -> Fault:
    unknown = [name for name in what if name not in _WHAT]
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}")
    given = {name: rules.read_named(name, _WHAT[name], value) for name, value in what.items() if value is not None}
    return Fault(**given)  # type: ignore[arg-type]  # each rule returns its field's type
