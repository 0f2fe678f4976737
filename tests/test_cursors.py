"""Cursors: what they carry, and what is no cursor."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwidth_calls.cursors import Position, read_cursor

positions = st.builds(
    Position,
    account_id=st.just("9900000"),
    query=st.from_regex(r"[a-zA-Z0-9=&%._~-]{0,40}", fullmatch=True),
    handed=st.integers(0, 10_000),
    last=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=50),
)


@given(positions)
def test_a_cursor_is_read_as_it_was_written(position: Position) -> None:
    """A position survives being text."""
    assert read_cursor(position.cursor, "9900000") == position


@given(positions, st.data())
def test_a_changed_cursor_is_refused(position: Position, data: st.DataObject) -> None:
    """No character can be changed unnoticed."""
    at = data.draw(st.integers(0, len(position.cursor) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda letter: letter != position.cursor[at]))

    with pytest.raises(ValueError, match=r"^cursor: "):
        read_cursor(position.cursor[:at] + other + position.cursor[at + 1 :], "9900000")


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
        base64.urlsafe_b64encode(b'12345678["9900000","a=b",0,null]').decode(),
    ],
)
def test_what_is_no_cursor_is_refused(cursor: Any) -> None:
    """Malformed and forged texts are a ValueError."""
    with pytest.raises(ValueError, match=r"^cursor: "):
        read_cursor(cursor, "9900000")


def test_a_cursor_of_another_account_is_refused() -> None:
    """A cursor continues in its own account only."""
    with pytest.raises(ValueError, match="belongs to account 1, not 2"):
        read_cursor(Position("1", "a=b").cursor, "2")


@pytest.mark.parametrize(
    ("handed", "last", "rest"),
    [
        (0, None, ["a", "b", "c"]),
        (2, "b", ["c"]),
        (3, "c", []),
        (2, "a", ["b", "c"]),
        (2, "gone", ["a", "b", "c"]),
    ],
    ids=["none handed out", "two", "all", "one has left the page", "the last has left the page"],
)
def test_the_rest_is_found_by_the_last_id(handed: int, last: str | None, rest: list[str]) -> None:
    """What was handed out is passed by, and nothing is ever lost."""
    assert Position("1", "q", handed, last).rest(["a", "b", "c"], str) == rest
