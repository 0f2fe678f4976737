"""One sending of one request: what goes out, where the answer goes, what is known of it. No input or output here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import attrs

from bandwidth_calls.wire import Answer


class Sink(Protocol):
    """Where the body of a success goes while it arrives; it may come in vain, and begin again with the next attempt."""

    def begin(self, answer: Answer) -> None:
        """Take the head of a success, and forget what came of an earlier one."""
        ...

    async def take(self, piece: bytes) -> None:
        """Take a piece of the body; no more is read from the connection until this returns."""
        ...


@attrs.frozen(slots=False)
class Request:
    """One request, ready to leave; `asked` is its method and path, for messages and logs."""

    method: str
    url: str
    asked: str
    body: bytes = attrs.field(default=b"", repr=False)
    content_type: str | None = None
    sink: Sink | None = None


@attrs.define
class Attempt:
    """What is known of one sending, also when it is cut short.

    `number` is its place among those that left. `begun` once aiohttp was asked, `taken` once aiohttp has the body (from
    then on `left` can be trusted), `left` once bytes were about to be written, `status` once the head of the answer
    was read.
    """

    now: Callable[[], datetime]
    number: int
    begun: bool = False
    taken: bool = False
    left: bool = False
    sent_at: datetime | None = None
    status: int | None = None

    @property
    def may_have_left(self) -> bool:
        """Whether the request left, or nobody can say: doubt counts as sent."""
        return self.left or self.status is not None or (self.begun and not self.taken)
