"""Media while they arrive: what an answer must be like, where the next attempt goes on, and back-pressure."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Mapping
from typing import Any

import attrs

from bandwidth_calls.wire import Answer

_AHEAD = 2**20  # bytes that are buffered before the connection has to wait
_LENGTH = re.compile(r"[0-9]{1,18}")
_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})")


@attrs.frozen
class _Head:
    """What the head of an answer says: the place of its first byte, the total if it is known, and what it is."""

    first: int
    total: int | None
    content_type: str
    tag: str | None


class MediaSink:
    """Takes media over several answers: where one breaks off, the next goes on from the first missing byte.

    `changed` is set when something came, and by `end`. `received` counts the bytes that were taken, in all answers;
    `buffered` those that wait for the reader.
    """

    limit = float("inf")  # `max_bytes` counts here, and not the client's `max_body`

    def __init__(self, max_bytes: int) -> None:
        self.changed, self.has_ended = asyncio.Event(), False
        self.received = 0
        self._max_bytes = max_bytes
        self._answer: Answer | None = None
        self._head: _Head | None = None
        self._skipped = 0  # bytes of this answer that came before, and are left out
        self._pieces: deque[bytes] = deque()
        self.buffered = 0
        self._room = asyncio.Event()

    @property
    def size(self) -> int | None:
        """The total in bytes; None where it is not told, or no head has come."""
        return None if self._head is None else self._head.total

    @property
    def content_type(self) -> str | None:
        """What the media are; None while no head has come."""
        return None if self._head is None else self._head.content_type

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the next attempt. Compressed media could not be resumed, nor their length be verified."""
        headers = {"Accept-Encoding": "identity"}
        if self.received:
            headers["Range"] = f"bytes={self.received}-"
        return headers

    def begin(self, answer: Answer) -> None:
        """Take the head of an answer; BadAnswerError where it is no such media, or other media than before."""
        head, before = _read_head(answer), self._head
        if head.first > self.received:
            raise answer.bad("Content-Range", f"not from byte {self.received}, where the last answer broke off")
        if head.total == 0:
            raise answer.bad("$", "empty, where media were expected")
        if head.total is not None and head.total > self._max_bytes:
            raise self._too_large(answer)
        if before is not None and not _is_same(before, head):
            raise answer.bad("$", "other media than those that broke off: its length, type or ETag is another")
        total = head.total if before is None or head.total is not None else before.total
        self._answer, self._head = answer, attrs.evolve(head, total=total)
        self._skipped = self.received - head.first
        self.changed.set()

    def take(self, piece: bytes) -> bool:
        """Take a piece; return whether enough is buffered. BadAnswerError when there are more than `max_bytes`."""
        assert self._answer is not None  # noqa: S101 - `begin` came first
        skipped = min(self._skipped, len(piece))
        if skipped:
            self._skipped -= skipped
            piece = piece[skipped:]
        self.received += len(piece)
        if self.received > self._max_bytes:
            raise self._too_large(self._answer)
        if piece:
            self._pieces.append(piece)
            self.buffered += len(piece)
            self.changed.set()
        return self.buffered >= _AHEAD

    async def room(self) -> None:
        """Return when the reader has taken what is buffered, however long that takes."""
        self._room.clear()
        await self._room.wait()

    def end(self, task: asyncio.Task[Any]) -> None:
        """Take note that nothing more will come."""
        if not task.cancelled():
            task.exception()  # asyncio warns of an error that nobody looked at
        self.has_ended = True
        self.changed.set()

    def pieces(self) -> list[bytes]:
        """Return what is buffered, and make room for more."""
        pieces = list(self._pieces)
        self._pieces.clear()
        self.buffered = 0
        self._room.set()
        return pieces

    def check_whole(self) -> None:
        """Raise BadAnswerError unless all came."""
        answer = self._answer
        assert answer is not None  # noqa: S101 - a success has begun
        if self.received == 0:
            raise answer.bad("$", "empty, where media were expected")
        if self._skipped or self.size not in (None, self.received):
            raise answer.bad("$", f"of another length than told, or than before: {self.received} bytes came")

    def _too_large(self, answer: Answer) -> Exception:
        return answer.bad("$", f"larger than {self._max_bytes} bytes")


def _read_head(answer: Answer) -> _Head:
    headers = answer.headers
    content_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not content_type.startswith("audio/") and content_type != "application/octet-stream":
        raise answer.bad("Content-Type", "neither audio/* nor application/octet-stream")
    if headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise answer.bad("Content-Encoding", "set, though uncompressed media were asked for")
    tag = headers.get("ETag")
    length = headers.get("Content-Length", "").strip()
    if answer.status == 206:
        first, last, total = _read_range(answer)
        if length and int(length) != last - first + 1:
            raise answer.bad("Content-Length", "not the length of the range")
        return _Head(first, total, content_type, tag)
    if answer.status != 200:
        raise answer.bad("status", "neither 200 nor 206")
    if _LENGTH.fullmatch(length):
        return _Head(0, int(length), content_type, tag)
    if "chunked" not in headers.get("Transfer-Encoding", "").lower():
        raise answer.bad("Content-Length", "absent, so that nobody can say whether all came")
    return _Head(0, None, content_type, tag)


def _read_range(answer: Answer) -> tuple[int, int, int]:
    """Return the first and the last byte of a range, which goes to the end, and the total."""
    found = _RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
    if found is None:
        raise answer.bad("Content-Range", "not a range of bytes with a total")
    first, last, total = map(int, found.groups())
    if not first <= last == total - 1:
        raise answer.bad("Content-Range", "a range that does not go to the end")
    return first, last, total


def _is_same(before: _Head, head: _Head) -> bool:
    """Return whether two heads are of the same media, as far as they tell."""
    if None not in (before.total, head.total) and before.total != head.total:
        return False
    if None not in (before.tag, head.tag) and before.tag != head.tag:
        return False
    return before.content_type == head.content_type
