"""The journal: a bounded record of the requests that arrived, without secrets."""

from __future__ import annotations

from collections import deque
from itertools import islice
from sys import getsizeof
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import attrs

from bandwidth_calls.emulator.api.messages import HttpRequest, well_formed
from bandwidth_calls.emulator.simulation.clock import utc_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bandwidth_calls.emulator.calls.calls import Changes

_MASK = "*****"
_SECRET_HEADERS = {"Authorization", "Proxy-Authorization", "Cookie"}
_LONGEST_BODY = 65_536
_EMPTY_RECORD = 600  # bytes: the record itself, and the mapping of its headers


@attrs.define(kw_only=True)
class RecordedRequest:
    """A request that arrived.

    `operation` is the operationId, `token` for the token endpoint, None if the API has no such operation.
    Names of headers are spelt like `Content-Type`. `body` is the first 65,536 bytes as text, and `size` the number of
    bytes that arrived. `status` is None while no response was sent. `fault` describes the fault that was applied, if
    any. `time` is in milliseconds since 1970.
    """

    method: str
    path: str
    operation: str | None
    headers: Mapping[str, str]
    body: str = attrs.field(repr=False)
    size: int
    time: int
    status: int | None = None
    fault: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the record for other processes, with its time as text."""
        return {**attrs.asdict(self), "time": utc_text(self.time)}


class Journal:
    """The newest requests: at most `capacity` of them, in at most so many bytes. The newest is always kept."""

    def __init__(self, capacity: int, memory: int, changes: Changes) -> None:
        self._capacity, self._memory = capacity, memory
        self._changes = changes
        self._requests: deque[RecordedRequest] = deque()
        self._arrived = self._used = 0

    def __iter__(self) -> Iterator[RecordedRequest]:
        return iter(self._requests)

    def newest(self, most: int) -> list[RecordedRequest]:
        """Return the newest requests, at most so many, in order of arrival."""
        return list(islice(reversed(self._requests), most))[::-1]

    @property
    def arrived(self) -> int:
        """Return how many requests arrived, including those no longer kept."""
        return self._arrived

    @property
    def dropped(self) -> int:
        """Return how many requests are no longer kept."""
        return self._arrived - len(self._requests)

    def record(self, request: HttpRequest, operation: str | None, now: int) -> RecordedRequest:
        """Record a request. Its status is set by `responded`."""
        text = request.body[:_LONGEST_BODY].decode("utf-8", "replace")
        record = RecordedRequest(
            method=request.method,
            path=well_formed(request.path_with_query),
            operation=operation,
            headers=_masked_headers(request.headers),
            body=_masked_form(text, request.media_type) if operation == "token" else text,
            size=len(request.body),
            time=now,
        )
        self._requests.append(record)
        self._arrived += 1
        self._used += _memory_of(record)
        while len(self._requests) > self._capacity or (self._used > self._memory and len(self._requests) > 1):
            self._used -= _memory_of(self._requests.popleft())
        self._changes.tell()
        return record

    def responded(self, record: RecordedRequest, status: int) -> None:
        """Record the status of the response."""
        record.status = status
        self._changes.tell()

    def clear(self) -> None:
        """Forget every request."""
        self._requests.clear()
        self._arrived = self._used = 0


def _memory_of(record: RecordedRequest) -> int:
    """Return about how many bytes a record takes."""
    texts = (record.path, record.body, *record.headers, *record.headers.values())
    return _EMPTY_RECORD + sum(map(getsizeof, texts))


def _masked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.title(): _masked(name.title(), well_formed(value)) for name, value in headers.items()}


def _masked(name: str, value: str) -> str:
    if name not in _SECRET_HEADERS:
        return value
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {_MASK}" if space and name != "Cookie" else _MASK


def _masked_form(text: str, media_type: str) -> str:
    """Return the form without its secret. Any other body is masked whole: the secret may be anywhere in it."""
    if media_type != "application/x-www-form-urlencoded":
        return _MASK if text else ""
    return "&".join(map(_masked_pair, text.split("&")))


def _masked_pair(pair: str) -> str:
    name = pair.partition("=")[0]
    return f"{name}={_MASK}" if unquote_plus(name) == "client_secret" else pair
