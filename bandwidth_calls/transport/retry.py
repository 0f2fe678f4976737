"""Which failures may be sent again, and after how long: pure functions, one policy, one budget.

A call may be placed twice only if it is sent twice, so a POST that may dial is sent again only when it provably was
not processed. See the table in docs/reliability.md.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

import attrs

from bandwidth_calls import checks
from bandwidth_calls.errors import BandwidthError, NoAnswerError, NotSentError, RateLimitedError, ServerError

_SECONDS = re.compile(r"[0-9]+")
_LONGEST = 1e9
_HTTP_DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [ -~]{18,30}")
_PASSING = (500, 502, 503, 504)


class Operation(Enum):
    """What a request does, as far as sending it again is concerned."""

    READ = "changes nothing"
    CHANGE = "changes a call that is already there"
    PLACE = "may dial somebody"
    TOKEN = "asks for a token"  # noqa: S105 - a word, not a credential


def operation_of(method: str) -> Operation:
    """Give the operation of a request that has no coroutine of its own: any POST may dial."""
    if method in ("GET", "HEAD"):
        return Operation.READ
    return Operation.PLACE if method == "POST" else Operation.CHANGE


@attrs.frozen
class RetryPolicy:
    """How often a request is sent at most, and how long to wait in between, in seconds.

    The pause before attempt n+1 is random between 0 and `base * 2**(n-1)`, at most `cap`. A `Retry-After` is obeyed up
    to `max_retry_after`; a longer one is raised at once. `attempts=1` turns sending again off.
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
    """How many requests all tasks of a client may send again before any succeeds: an outage must not multiply traffic.

    A request that succeeds gives back what its own re-sends took, and a tenth of one more.
    """

    capacity: float = 100.0
    left: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.left = self.capacity

    def take(self) -> bool:
        """Take one re-send, where there is one."""
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def give_back(self, resent: int) -> None:
        """Give back after a success that was sent again so many times."""
        self.left = min(self.capacity, self.left + resent + 0.1)


def may_send_again(operation: Operation, fault: BandwidthError) -> bool:
    """Tell whether a request may be sent again after a fault."""
    match fault:
        case NotSentError():
            return not fault.untrusted
        case RateLimitedError():
            return True
        case ServerError() if operation is Operation.CHANGE:
            return fault.status == 503
        case ServerError():
            return operation is not Operation.PLACE and fault.status in _PASSING
        case NoAnswerError():
            return operation in (Operation.READ, Operation.TOKEN)
        case _:
            return False


def pause(policy: RetryPolicy, attempt: int, retry_after: float | None, chance: float) -> float | None:
    """Give the seconds to wait after so many attempts; None where there is to be no further one.

    `chance` is a random number from 0 to 1. Even after a `Retry-After` the pauses are spread, so that those who were
    told the same second do not come back as one crowd.
    """
    if attempt >= policy.attempts or (retry_after is not None and retry_after > policy.max_retry_after):
        return None
    jitter = chance * min(policy.cap, policy.base * 2.0 ** (attempt - 1))
    return (retry_after or 0.0) + jitter


def retry_after(header: str | None, now: datetime) -> float | None:
    """Read a `Retry-After` header strictly, as seconds or as an HTTP date; None where it is neither."""
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
