"""Which failures may be sent again, after how long, and out of which budget."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwidth_calls import RetryPolicy, errors
from bandwidth_calls.transport.retry import Operation, RetryBudget, may_send_again, operation_of, pause, retry_after

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OPERATIONS = [Operation.READ, Operation.SET, Operation.CHANGE, Operation.PLACE, Operation.TOKEN]

# The table of the README, and token requests, which change nothing: READ, SET, CHANGE, PLACE, TOKEN.
TABLE: list[tuple[errors.BandwidthError, tuple[bool, bool, bool, bool, bool]]] = [
    (errors.NotSentError("x"), (True, True, True, True, True)),
    (errors.NotSentError("x", True), (False, False, False, False, False)),
    (errors.RateLimitedError("x", 429), (True, True, True, True, True)),
    (errors.CallRateLimitedError("x", 429), (True, True, True, True, True)),
    (errors.ConcurrentCallLimitError("x", 429), (True, True, True, True, True)),
    (errors.ServerError("x", 503), (True, True, True, False, True)),
    (errors.ServerError("x", 500), (True, True, False, False, True)),
    (errors.ServerError("x", 502), (True, True, False, False, True)),
    (errors.ServerError("x", 504), (True, True, False, False, True)),
    (errors.ServerError("x", 501), (False, False, False, False, False)),
    (errors.NoAnswerError("x"), (True, True, False, False, True)),
    (errors.BadAnswerError("x", 200), (False, False, False, False, False)),
    (errors.RefusedError("x", 408), (True, True, True, False, True)),
    (errors.BadRequestError("x", 400), (False, False, False, False, False)),
    (errors.AuthenticationError("x", 401), (False, False, False, False, False)),
    (errors.UntrustedLinkError("x"), (False, False, False, False, False)),
    (errors.TokenError("x"), (False, False, False, False, False)),
    (errors.ClientClosedError("x"), (False, False, False, False, False)),
]


@pytest.mark.parametrize(("fault", "row"), TABLE, ids=lambda value: repr(value) if isinstance(value, Exception) else "")
def test_the_table_of_sending_again(fault: errors.BandwidthError, row: tuple[bool, ...]) -> None:
    """Each fault, for each kind of request."""
    assert tuple(may_send_again(operation, fault) for operation in OPERATIONS) == row


@pytest.mark.parametrize(
    ("method", "operation"),
    [("GET", Operation.READ), ("HEAD", Operation.READ), ("POST", Operation.PLACE), ("PUT", Operation.CHANGE)],
)
def test_any_post_may_dial(method: str, operation: Operation) -> None:
    """A request without a coroutine is judged by its method."""
    assert operation_of(method) is operation


@pytest.mark.parametrize(
    ("attempt", "told", "chance", "seconds"),
    [
        (1, None, 1.0, 0.5),
        (2, None, 1.0, 1.0),
        (5, None, 1.0, 8.0),
        (9, None, 0.5, 4.0),
        (1, None, 0.0, 0.0),
        (1, 60.0, 1.0, 60.5),
        (1, 60.1, 0.0, None),
        (1, 0.0, 0.0, 0.0),
        (10, None, 0.0, None),
        (11, 1.0, 0.0, None),
    ],
)
def test_pauses(attempt: int, told: float | None, chance: float, seconds: float | None) -> None:
    """Full jitter up to a doubling bound; a Retry-After is the least; too long or too often is the end."""
    assert pause(RetryPolicy(attempts=10), attempt, told, chance) == seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("999999999", 999999999.0),
        ("9" * 400, 1e9),
        ("Tue, 24 Nov 2026 12:00:30 GMT", 30.0),
        ("Tuesday, 24-Nov-26 12:00:30 GMT", 30.0),
        ("Tue Nov 24 12:00:30 2026", 30.0),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("+3", None),
        ("nan", None),
        ("inf", None),
        ("1e3", None),
        ("٣", None),
        ("soon", None),
        ("Tue, 99 Nov 2026 12:00:30 GMT", None),
        ("Tue, 24 Nov 99999 12:00:30 GMT", None),
        ("24 Nov 2026", None),
    ],
)
def test_retry_after_is_read_strictly(header: str | None, seconds: float | None) -> None:
    """Digits or an HTTP date; anything else tells nothing."""
    assert retry_after(header, NOW) == seconds


@given(st.text() | st.from_regex(r"(Mon|Tue), [0-9]{1,3} [A-Z][a-z]{2} [0-9]{1,5} [0-9:]{1,9}( GMT| [+-][0-9]{4})?"))
def test_no_header_breaks_retry_after(header: str) -> None:
    """Whatever a server writes there is a number of seconds that can be waited, or nothing."""
    seconds = retry_after(header, NOW)

    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    "options",
    [
        {"attempts": 0}, {"attempts": 1.5}, {"attempts": True}, {"attempts": 101}, {"base": -1}, {"cap": float("nan")},
        {"max_retry_after": float("inf")}, {"base": "1"},
    ],
)  # fmt: skip
def test_a_policy_that_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    """Values that make no sense are a ValueError that names them."""
    with pytest.raises(ValueError, match=next(iter(options))):
        RetryPolicy(**options)


def test_a_budget_ends_and_is_refilled() -> None:
    """Re-sends are taken while there are any, and come back with success, up to the capacity."""
    budget = RetryBudget(2)

    taken = [budget.take() for _ in range(3)]
    budget.give_back(1)
    after = [budget.take(), budget.take()]
    budget.give_back(50)

    assert (taken, after) == ([True, True, False], [True, False])
    assert budget.left == 2
