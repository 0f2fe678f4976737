"""The checks of text, numbers, words and times, at both sides of each boundary."""

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from support.refused import refused

from bandwidth_calls import checks

SURROGATE = "a\ud800"


@pytest.mark.parametrize("value", ["", "a", "ü\n\x00", "😀" * 3])
def test_text_takes_any_text(value: str) -> None:
    """Text is returned unchanged."""
    assert checks.text("field", value) is value


@pytest.mark.parametrize("value", [None, b"a", 1, True, ["a"]], ids=repr)
def test_text_refuses_what_is_no_text(value: object) -> None:
    """The message names the type."""
    assert type(value).__name__ in refused(checks.text, value)


@pytest.mark.parametrize("check", [checks.text, checks.plain, checks.visible, checks.e164, checks.destination])
def test_lone_surrogates_arerefused(check: Callable[..., object]) -> None:
    """A lone surrogate cannot be written as UTF-8."""
    refused(check, SURROGATE)


def test_surrogates_in_the_middle_arerefused() -> None:
    """A lone surrogate is found in the middle of a text."""
    assert "surrogate" in refused(checks.text, "é\udfffé")


def test_text_of_the_greatest_length_is_taken() -> None:
    """The limit itself is allowed, in characters rather than bytes."""
    assert checks.text("field", "é" * 5, most=5) == "ééééé"


def test_longer_text_isrefused() -> None:
    """One character more is refused, with both numbers."""
    assert "at most 5 characters, not 6" in refused(checks.text, "a" * 6, most=5)


def test_empty_text_is_refused_where_it_makes_no_sense() -> None:
    """Empty text is refused where `least` is 1."""
    assert "empty" in refused(checks.text, "", least=1)


@pytest.mark.parametrize("value", ["a", " ", "é", "\xa0", "a b"])
def test_plain_takes_text_without_control_characters(value: str) -> None:
    """Printable text of any language is plain."""
    assert checks.plain("field", value) is value


@pytest.mark.parametrize("value", ["a\n", "\na", "a\r", "\x00", "\x1f", "\x7f", "\x80", "\x85", "\x9f"], ids=repr)
def test_plain_refuses_control_characters(value: str) -> None:
    """Control characters are refused, also a newline at the very end."""
    assert "control" in refused(checks.plain, value)


def test_plain_refuses_empty_text() -> None:
    """Empty text is refused by default."""
    refused(checks.plain, "")


def test_plain_takes_empty_text_where_allowed() -> None:
    """`least=0` allows empty text."""
    assert checks.plain("field", "", least=0) == ""


@pytest.mark.parametrize("value", ["a", "!", "~", "a b", "application/xml; charset=utf-8"])
def test_visible_takes_what_a_header_holds(value: str) -> None:
    """Visible ASCII with spaces inside is allowed."""
    assert checks.visible("field", value) == value


@pytest.mark.parametrize("value", ["", " ", " a", "a ", "a\n", "a\tb", "é", "a\r\nX: y", "\x7f", 1], ids=repr)
def test_visible_refuses_what_a_header_cannot_hold(value: object) -> None:
    """Line feeds and other control characters are refused, so no value starts a second header."""
    refused(checks.visible, value)


@pytest.mark.parametrize("value", [1, 1.0, 300, 2.5])
def test_numbers_within_bounds_are_taken(value: float) -> None:
    """Both bounds are allowed, decimals too."""
    checks.number("field", value, 1, 300)


@pytest.mark.parametrize("value", [0.999, 300.001, 0, 301, -1, float("nan"), float("inf"), float("-inf")])
def test_numbers_out_of_bounds_arerefused(value: float) -> None:
    """The message names the bounds."""
    assert "1 to 300" in refused(checks.number, value, 1, 300)


@pytest.mark.parametrize("value", [0, sys.float_info.max])
def test_numbers_without_an_upper_bound_are_taken(value: float) -> None:
    """Without an upper bound, any finite number from the lower bound is allowed."""
    checks.number("field", value, 0)


@pytest.mark.parametrize(
    "value",
    [-0.1, float("nan"), float("inf"), float("-inf"), 10**400, -(10**400), 10**5000],
    ids=["-0.1", "nan", "inf", "-inf", "huge", "-huge", "too-long-to-write"],
)
def test_numbers_that_are_none_arerefused(value: float) -> None:
    """A number that no float can hold is refused by a message that names the field."""
    assert "0 or more" in refused(checks.number, value, 0)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_numbers_without_any_bound_are_finite(value: float) -> None:
    """Infinity and NaN are refused even without a bound."""
    refused(checks.number, value, float("-inf"))


@pytest.mark.parametrize("value", [True, False, "1", None, 1j], ids=repr)
@pytest.mark.parametrize("check", [checks.number, checks.whole])
def test_what_is_no_number_is_named(check: Callable[..., object], value: object) -> None:
    """A boolean is no number, though Python says it is."""
    assert type(value).__name__ in refused(check, value, 0, 5)


@pytest.mark.parametrize("value", [1, 3, 5])
def test_whole_numbers_within_bounds_are_taken(value: int) -> None:
    """Both bounds are allowed."""
    checks.whole("field", value, 1, 5)


@pytest.mark.parametrize("value", [0, 6, -1, 10**5000], ids=["0", "6", "-1", "huge"])
def test_whole_numbers_out_of_bounds_arerefused(value: int) -> None:
    """The message names the bounds."""
    assert "1 to 5" in refused(checks.whole, value, 1, 5)


def test_whole_numbers_may_have_no_upper_bound() -> None:
    """Without an upper bound, any whole number from the lower bound is allowed."""
    checks.whole("field", 10**9, 1)

    assert "1 or more" in refused(checks.whole, 0, 1)


@pytest.mark.parametrize("value", [sys.float_info.min, 1e-9, 1, 14.0])
def test_positive_numbers_are_taken(value: float) -> None:
    """Any number above 0 is allowed."""
    checks.positive("field", value)


@pytest.mark.parametrize("value", [0, 0.0, -0.0, -1, float("nan"), float("inf"), True, "1", None], ids=repr)
def test_what_is_not_positive_isrefused(value: object) -> None:
    """0, negative numbers, infinity, NaN and other types are refused."""
    refused(checks.positive, value)


@pytest.mark.parametrize("value", ["a", "ü", "a b"])
def test_logins_are_taken(value: str) -> None:
    """A username of HTTP Basic is returned unchanged."""
    assert checks.login("field", value) is value


@pytest.mark.parametrize("value", ["", "a:b", ":", "a\n", None, b"a"], ids=repr)
def test_what_is_no_login_isrefused(value: object) -> None:
    """A username is text without a colon and control characters, and not empty."""
    refused(checks.login, value)


@pytest.mark.parametrize("value", ["", "ab", "1\n", " 1"], ids=repr)
def test_text_that_does_not_match_isrefused(value: str) -> None:
    """A pattern must match the whole text, and the message describes it and shows the value."""
    assert refused(checks.matching, value, re.compile("[0-9]+"), "digits") == f"field: must be digits, not {value!r}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", "'a'"),
        (1.5, "1.5"),
        (True, "True"),
        ("x" * 38, f"'{'x' * 38}'"),
        ("x" * 39, f"'{'x' * 36}..."),
        (10**5000, "a huge number"),
        (None, "NoneType"),
        (b"secret", "bytes"),
    ],
    ids=["text", "number", "flag", "40-characters", "41-characters", "too-long-to-write", "None", "bytes"],
)
def test_refused_values_are_shown_shortly(value: object, shown: str) -> None:
    """Text and numbers are shown with at most 40 characters, other values as their type."""
    assert checks.shown(value) == shown


@pytest.mark.parametrize("value", [1.0, 2.5, float("nan")])
def test_decimals_are_no_whole_numbers(value: float) -> None:
    """A float is refused, even without a fraction."""
    assert "whole" in refused(checks.whole, value, 1, 5)


@pytest.mark.parametrize("value", [True, False])
def test_flags_are_taken(value: bool) -> None:
    """True and False are flags."""
    checks.flag("field", value)


@pytest.mark.parametrize("value", [0, 1, "true", None], ids=repr)
def test_what_is_no_flag_isrefused(value: object) -> None:
    """A value that is only true or false in a condition is refused."""
    refused(checks.flag, value)


@pytest.mark.parametrize("value", ["GET", "POST"])
def test_methods_are_taken(value: str) -> None:
    """Webhooks use GET and POST."""
    checks.method("field", value)


@pytest.mark.parametrize("value", ["get", "PUT", "POST\n", "", None, 1, ["GET"]], ids=repr)
def test_other_methods_arerefused(value: object) -> None:
    """Case counts, and the message names the words."""
    assert "GET, POST" in refused(checks.method, value)


def test_aware_gives_utc() -> None:
    """A time of any zone is returned in UTC."""
    time = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))

    found = checks.aware("field", time)

    assert (found, found.tzinfo) == (time, UTC)


@pytest.mark.parametrize("value", [None, "2026-01-01T00:00:00Z", 0, datetime(2026, 1, 1).date()], ids=repr)
def test_aware_refuses_what_is_no_datetime(value: object) -> None:
    """A value that is no datetime is refused."""
    assert "datetime" in refused(checks.aware, value)


def test_aware_refuses_naive_times() -> None:
    """A time without a zone is refused."""
    assert "time zone" in refused(checks.aware, datetime(2026, 1, 1))


@pytest.mark.parametrize(
    "value",
    [
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
    ],
    ids=["before-the-first", "after-the-last"],
)
def test_aware_refuses_times_that_utc_has_not(value: datetime) -> None:
    """A time at the end of the calendar may be outside the range of UTC."""
    refused(checks.aware, value)
