"""What is written down while a seed is played: what users did, what left on the wire, and the trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import attrs

from bandwidth_calls import BandwidthError


@attrs.define(eq=False)
class WireRequest:
    """A request of which at least one byte was handed to a connection.

    Since `silent_since` nothing has come on its connection. `status` is that of the answer whose head reached the
    client, at `heard_at`; None where no whole head came.
    """

    connection: int
    left_at: float
    method: str = ""
    target: str = ""
    silent_since: float = attrs.field(default=attrs.Factory(lambda self: self.left_at, takes_self=True))
    status: int | None = None
    heard_at: float = float("inf")

    @property
    def for_token(self) -> bool:
        """Whether it asks for a token."""
        return "/oauth2/" in self.target


@attrs.define(eq=False)
class Operation:
    """What a user asked of the client, and what came of it.

    No step may take longer than `limit` seconds, and no silence longer than `read` seconds.
    """

    kind: str
    user: str
    limit: float
    read: float
    tag: str = ""
    steps: list[list[float]] = attrs.field(factory=list)
    sent: list[WireRequest] = attrs.field(factory=list)
    result: object = None
    error: BaseException | None = None
    cancelled_at: float | None = None
    sent_again: bool = False  # whether it, and the token request before it, have more than one attempt
    page_size: int = 0
    handed: int = 0  # how many records its reading had when it ended
    recording_id: str = ""  # whose media it downloaded

    @contextmanager
    def step(self, time: Callable[[], float]) -> Iterator[None]:
        """Measure one await."""
        self.steps.append([time(), float("inf")])
        try:
            yield
        finally:
            self.steps[-1][1] = time()

    @property
    def ended(self) -> float:
        """When its last step ended; infinite where it did not."""
        return self.steps[-1][1]

    @property
    def requests(self) -> list[WireRequest]:
        """What left for it, without requests for tokens."""
        return [request for request in self.sent if not request.for_token]

    def __str__(self) -> str:
        return f"{self.user} {self.kind}" + (f" {self.tag}" if self.tag else "")


@attrs.define(eq=False)
class Reading:
    """A listing of some records that a user reads, resumed as often as it takes."""

    user: str
    records: list[str]
    page_size: int = 0
    given: list[str] = attrs.field(factory=list)
    finished: bool = False


def failed(operations: Iterable[Operation]) -> Iterator[tuple[Operation, BandwidthError]]:
    """Yield what ended with an error of the package, and the error."""
    for operation in operations:
        if isinstance(operation.error, BandwidthError):
            yield operation, operation.error


# The operation in whose context a byte is written: tasks that the client starts inherit it.
CURRENT: ContextVar[Operation | None] = ContextVar("CURRENT", default=None)


class Trace:
    """What happened, in order. Nothing is kept unless it is asked for."""

    def __init__(self, kept: bool) -> None:
        self.kept = kept
        self.lines: list[str] = []
        self.time: Callable[[], float] = float

    def __call__(self, actor: str, text: str) -> None:
        """Add a line."""
        if self.kept:
            self.lines.append(f"{self.time():14.6f}  {actor:<14} {text}")
