"""Cursors: what they carry, and what is no cursor."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwidth_calls.cursors import Position, read_position

positions = st.builds(
    Position,
    path=st.just("/accounts/1/calls"),
    query=st.from_regex(r"[a-zA-Z0-9=&%._~-]{0,40}", fullmatch=True),
    handed=st.integers(0, 10_000),
    last=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=50),
    passed=st.just(0),
) | st.builds(Position, st.just("/accounts/1/calls"), st.just("q"), st.just(7), st.just("c-1"), st.integers(0, 7))


@given(positions)
def test_a_cursor_is_read_as_it_was_written(position: Position) -> None:
    """A position survives being text."""
    assert read_position(position.cursor, "/accounts/1/calls") == position


@given(positions, st.data())
def test_a_changed_cursor_is_refused(position: Position, data: st.DataObject) -> None:
    """No character can be changed unnoticed."""
    at = data.draw(st.integers(0, len(position.cursor) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda letter: letter != position.cursor[at]))

    with pytest.raises(ValueError, match=r"^cursor: "):
        read_position(position.cursor[:at] + other + position.cursor[at + 1 :], "/accounts/1/calls")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "forged",
        "é",
        "====",
        7,
        None,
        b"x",
        base64.urlsafe_b64encode(b'12345678["9900000","a=b",0,null,0]').decode(),
    ],
)
def test_what_is_no_cursor_is_refused(cursor: Any) -> None:
    """Malformed and forged texts are a ValueError."""
    with pytest.raises(ValueError, match=r"^cursor: "):
        read_position(cursor, "/accounts/1/calls")


@pytest.mark.parametrize("other", ["/accounts/2/calls", "/accounts/1/conferences", "/accounts/1/calls/c-1/recordings"])
def test_a_cursor_of_another_listing_is_refused(other: str) -> None:
    """A cursor continues in the listing of its own account, operation and call only."""
    with pytest.raises(ValueError, match=f"belongs to the listing '{other}', not /accounts/1/calls"):
        read_position(Position(other, "a=b").cursor, "/accounts/1/calls")


@pytest.mark.parametrize(
    ("handed", "last", "passed", "ids", "count"),
    [
        (0, None, 0, "abc", 0),
        (2, "b", 0, "abc", 2),
        (3, "c", 0, "abc", 3),
        (2, "a", 0, "abc", 1),
        (2, "gone", 0, "abc", 0),
        (1, None, 1, "-bc", 1),
        (1, None, 1, "bc", 0),
        (2, None, 2, "--c", 2),
        (2, None, 2, "-bc", 1),
        (3, "a", 2, "a--d", 3),
        (2, "a", 1, "a--d", 2),
        (2, "a", 1, "abd", 1),
        (4, "b", 1, "b-d", 2),
        (3, "gone", 1, "-d", 1),
        (3, "gone", 1, "d-", 0),
    ],
    ids=[
        "none handed out",
        "two",
        "all",
        "one has left the page",
        "the last has left the page",
        "a record without an id",
        "which has left the page",
        "two of them",
        "of which one has left the page",
        "two behind the last",
        "one of two behind the last",
        "which has an id now",
        "others have left the page",
        "the last has left the page before it",
        "and after it",
    ],
)
def test_what_was_handed_out_is_found_by_the_last_id(
    handed: int, last: str | None, passed: int, ids: str, count: int
) -> None:
    """What was handed out is passed by, and so are records without an id behind it; nothing is ever lost."""
    position = Position("1", "q", handed, last, passed)

    assert position.count_handed([None if letter == "-" else letter for letter in ids]) == count


def test_a_record_without_an_id_is_counted() -> None:
    """The position behind it counts it, and an item behind that begins to count anew."""
    position = Position("1", "q").after(2, "b").past_record()

    assert position == Position("1", "q", 3, "b", 1)
    assert position.after(1, "d") == Position("1", "q", 4, "d", 0)
