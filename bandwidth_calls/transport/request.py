"""A request, one attempt at it, and the sink for the body of its answer. No input or output here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

import attrs

from bandwidth_calls.wire import Answer

Answered = Callable[[bytes], Answer]
"""Makes an answer of its body, once the head was read."""


class BodySink(Protocol):
    """Takes the body of a success while it arrives. A body may break off, and begin again with the next attempt.

    A BandwidthError of `begin` and `take` ends the request with it.
    """

    @property
    def limit(self) -> float | None:
        """How many bytes an answer may have; None for the client's `max_body`."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers that the next attempt has beside the usual ones."""
        ...

    def begin(self, answer: Answer) -> None:
        """Take the head of a success, and know what to do with what came of an earlier one."""
        ...

    def take(self, piece: bytes) -> bool:
        """Take a piece of the body; return whether `room` must be awaited before more is read from the connection."""
        ...

    async def room(self) -> None:
        """Return when more may come."""
        ...


@attrs.frozen(slots=False)  # with slots a frozen class takes twice as long to make
class Request:
    """One request, ready to be sent; `label` is its method and path, for messages and logs.

    A redirect to one of the origins in `redirects` is an answer like a success. Any other redirect is an error.
    """

    method: str
    url: str
    label: str
    body: bytes = attrs.field(default=b"", repr=False)
    content_type: str | None = None
    sink: BodySink | None = None
    redirects: tuple[str, ...] = ()


@attrs.define
class Attempt:
    """What is known of one attempt, also when it is cut short.

    `authorization` is the header that it is sent with; empty for none. `number` is its place among those that left. It
    leaves until `leave_by`, in the event loop's time, or not at all. `fresh` asks for a new connection; `kept` is
    whether it was given one that was used before. `may_have_left` is true when the request left, and when nobody can
    say: doubt counts as sent. `sent_at` is when it left. Once the head of the answer was read, `answered` makes the
    answer of a body.
    """

    authorization: str = attrs.field(repr=False)
    now: Callable[[], datetime]
    number: int
    leave_by: float = float("inf")
    fresh: bool = False
    kept: bool = False
    may_have_left: bool = False
    sent_at: datetime | None = None
    answered: Answered | None = None
