"""Which failures are retried, and after how long: pure functions, one policy, one budget.

A call can be placed twice only if it is sent twice. So a POST that may dial is sent again only when it provably was not
processed. See the table in docs/reliability.md.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

import attrs

from bandwidth_calls import checks
from bandwidth_calls.errors import (
    BandwidthError,
    NoAnswerError,
    NotSentError,
    RateLimitedError,
    RefusedError,
    ServerError,
)

_SECONDS = re.compile(r"[0-9]+")
_LONGEST = 1e9  # seconds, some 30 years: a longer `Retry-After` could not be added to a time
_HTTP_DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [ -~]{18,30}")
_TEMPORARY = (500, 502, 503, 504)


class Operation(Enum):
    """What a request does; this decides whether it may be sent again."""

    READ = "changes nothing"
    CHANGE = "changes what is already there"
    SET = "changes what is already there, and a repeat changes nothing more"
    PLACE = "may dial somebody"
    TOKEN = "asks for a token"  # noqa: S105 - a word, not a credential


def operation_of(method: str) -> Operation:
    """Return the operation of a request that has no coroutine of its own: any POST may dial."""
    if method in ("GET", "HEAD"):
        return Operation.READ
    return Operation.PLACE if method == "POST" else Operation.CHANGE


@attrs.frozen
class RetryPolicy:
    """How often a request is sent at most, and how long the pauses between attempts are, in seconds.

    The pause before attempt n+1 is random, from 0 to `base * 2**(n-1)`, at most `cap`. A `Retry-After` is obeyed up to
    `max_retry_after`; a longer one is raised at once. `attempts` is 1 to 100; 1 turns retries off. The other values are
    0 or more. Another value is a ValueError that names it.
    """

    attempts: int = 3
    base: float = 0.5
    cap: float = 8.0
    max_retry_after: float = 60.0

    def __attrs_post_init__(self) -> None:
        checks.whole("attempts", self.attempts, 1, 100)
        for field in ("base", "cap", "max_retry_after"):
            checks.number(field, getattr(self, field), 0)


@attrs.define
class RetryBudget:
    """How many retries all tasks of a client have together before any succeeds: an outage must not multiply traffic.

    A request that succeeds gives back what its own retries took, and a tenth of one more.
    """

    capacity: float = 100.0
    left: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.left = self.capacity

    def take(self) -> bool:
        """Take one retry; False when none is left."""
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def give_back(self, resent: int) -> None:
        """Give back the retries of a request that succeeded."""
        self.left = min(self.capacity, self.left + resent + 0.1)


def may_send_again(operation: Operation, error: BandwidthError) -> bool:
    """Return whether a request may be sent again after an error."""
    match error:
        case NotSentError():
            return not error.untrusted
        case RateLimitedError():
            return True
        case ServerError() if operation is Operation.CHANGE:
            return error.status == 503
        case ServerError():
            return operation is not Operation.PLACE and error.status in _TEMPORARY
        case RefusedError():
            # Balancers send 408 on idle connections, just when a request leaves.
            return operation is not Operation.PLACE and error.status == 408
        case NoAnswerError():
            return operation in (Operation.READ, Operation.SET, Operation.TOKEN)
        case _:
            return False


def pause(policy: RetryPolicy, attempt: int, retry_after: float | None, chance: float) -> float | None:
    """Return the seconds to wait after so many attempts; None when there is no further one.

    `chance` is a random number from 0 to 1. A random part is added to a `Retry-After` too. Otherwise all clients that
    were told the same second would come back at once.
    """
    if attempt >= policy.attempts or (retry_after is not None and retry_after > policy.max_retry_after):
        return None
    jitter = chance * min(policy.cap, policy.base * 2.0 ** (attempt - 1))
    return (retry_after or 0.0) + jitter


def retry_after(header: str | None, now: datetime) -> float | None:
    """Read a `Retry-After` header strictly, as seconds or as an HTTP date; None when it is neither."""
    if header is None:
        return None
    value = header.strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), _LONGEST)
    if not _HTTP_DATE.fullmatch(value):
        return None
    try:
        date = parsedate_to_datetime(value)
        return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
