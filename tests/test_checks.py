"""The rules of values, at both sides of each boundary."""

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandwidth_calls import checks

SURROGATE = "a\ud800"


def _refused(check: Callable[..., object], value: object, *arguments: object, **options: object) -> str:
    with pytest.raises(ValueError, match=r"\Afield: ") as caught:
        check("field", value, *arguments, **options)
    assert type(caught.value) is ValueError
    return str(caught.value)


@pytest.mark.parametrize("value", ["", "a", "ü\n\x00", "😀" * 3])
def test_text_takes_any_text(value: str) -> None:
    """Text is given back as it is."""
    assert checks.text("field", value) is value


@pytest.mark.parametrize("value", [None, b"a", 1, True, ["a"]], ids=repr)
def test_text_refuses_what_is_no_text(value: object) -> None:
    """The type that came is named."""
    assert type(value).__name__ in _refused(checks.text, value)


@pytest.mark.parametrize("check", [checks.text, checks.plain, checks.visible, checks.e164, checks.destination])
def test_lone_surrogates_are_refused(check: Callable[..., object]) -> None:
    """A lone surrogate cannot be written as UTF-8."""
    _refused(check, SURROGATE)


def test_surrogates_in_the_middle_are_refused() -> None:
    """Every place of a text is looked at."""
    assert "surrogate" in _refused(checks.text, "é\udfffé")


def test_text_of_the_greatest_length_is_taken() -> None:
    """The limit itself is allowed, in characters rather than bytes."""
    assert checks.text("field", "é" * 5, most=5) == "ééééé"


def test_longer_text_is_refused() -> None:
    """One character more is refused, with both numbers."""
    assert "at most 5 characters, not 6" in _refused(checks.text, "a" * 6, most=5)


def test_empty_text_is_refused_where_it_makes_no_sense() -> None:
    """`least` is a number of characters."""
    assert "empty" in _refused(checks.text, "", least=1)


@pytest.mark.parametrize("value", ["a", " ", "é", "\xa0", "a b"])
def test_plain_takes_text_without_control_characters(value: str) -> None:
    """Printable text of any language is plain."""
    assert checks.plain("field", value) is value


@pytest.mark.parametrize("value", ["a\n", "\na", "a\r", "\x00", "\x1f", "\x7f", "\x80", "\x85", "\x9f"], ids=repr)
def test_plain_refuses_control_characters(value: str) -> None:
    """Also a newline at the very end."""
    assert "control" in _refused(checks.plain, value)


def test_plain_refuses_empty_text() -> None:
    """Plain text is there, unless nothing is allowed."""
    _refused(checks.plain, "")


def test_plain_takes_empty_text_where_allowed() -> None:
    """`least=0` allows nothing."""
    assert checks.plain("field", "", least=0) == ""


@pytest.mark.parametrize("value", ["a", "!", "~", "a b", "application/xml; charset=utf-8"])
def test_visible_takes_what_a_header_holds(value: str) -> None:
    """Visible ASCII, with spaces inside."""
    assert checks.visible("field", value) == value


@pytest.mark.parametrize("value", ["", " ", " a", "a ", "a\n", "a\tb", "é", "a\r\nX: y", "\x7f", 1], ids=repr)
def test_visible_refuses_what_a_header_cannot_hold(value: object) -> None:
    """Nothing can start a second header."""
    _refused(checks.visible, value)


NUMBERS = ["+19195551234", "+12", "+" + "1" * 15, "+491"]
NO_NUMBERS = [
    "",
    "+",
    "+1",
    "+" + "1" * 16,
    "+0195551234",
    "19195551234",
    "++19195551234",
    "+1 919 555 1234",
    "+1-919-555-1234",
    "+19195551234\n",
    "\n+19195551234",
    " +19195551234",
    "+1919555123a",
    "+١٢٣٤٥٦٧",
    "+1919555123\uff14",
    "tel:+19195551234",
    "anonymous",
]


@pytest.mark.parametrize("value", NUMBERS)
@pytest.mark.parametrize("check", [checks.e164, checks.destination])
def test_numbers_are_taken(check: Callable[..., object], value: str) -> None:
    """A plus sign and 2 to 15 digits, the first no zero."""
    check("field", value)


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
@pytest.mark.parametrize("check", [checks.e164, checks.destination])
def test_what_is_no_number_is_refused(check: Callable[..., object], value: str) -> None:
    """Other digits than ASCII's, spaces and a trailing newline are refused too."""
    assert "E.164" in _refused(check, value)


@pytest.mark.parametrize("value", [None, 19195551234, b"+19195551234"], ids=repr)
@pytest.mark.parametrize("check", [checks.e164, checks.destination])
def test_a_number_is_text(check: Callable[..., object], value: object) -> None:
    """A number of Python's is no telephone number."""
    assert "text" in _refused(check, value)


SIP = ["sip:user@host.example", "sips:user@host.example", "SIP:a@b", "sip:a@[::1]:5060;transport=tcp?x=y", "sip:é@b"]


@pytest.mark.parametrize("value", SIP)
def test_sip_uris_are_destinations(value: str) -> None:
    """A call may go to a SIP URI."""
    checks.destination("field", value)


@pytest.mark.parametrize("value", SIP)
def test_sip_uris_are_no_numbers(value: str) -> None:
    """A caller is a number."""
    _refused(checks.e164, value)


@pytest.mark.parametrize("value", ["sip:", "sip:a@b\n", "sip:a b@c", "sip:a@b\x00", "sip:a@b\x7f", "sipx:a@b", "a@b"])
def test_broken_sip_uris_are_refused(value: str) -> None:
    """No spaces, no control characters, no newline at the end."""
    assert "SIP" in _refused(checks.destination, value)


URLS = [
    "https://host.example",
    "http://host.example/",
    "HTTPS://HOST.example/path?query=a%20b#part",
    "https://host.example:8443/a",
    "https://host.example:65535",
    "https://user:pass@host.example/",
    "https://[2001:db8::1]:8443/a",
    "https://192.0.2.1/",
    "https://bücher.example/ü",
]
NO_URLS = [
    "",
    "host.example",
    "/relative",
    "//host.example/",
    "ftp://host.example/",
    "javascript:alert(1)",
    "mailto:a@host.example",
    "https:",
    "https://",
    "https:///path",
    "https:host.example",
    "https://:443/",
    "https://user@/",
    "https://host.example:0/",
    "https://host.example:65536/",
    "https://host.example:port/",
    "https://host.example:-1/",
    "https://host.example:٣/",
    "https://[::1/",
    "https://::1]/",
    "https://[nonsense]/",
    "https://host.example\\@evil.example/",
    "https://host.example/a b",
    " https://host.example/",
    "https://host.example/ ",
    "https://host.example/\n",
    "\nhttps://host.example/",
    "https://host\t.example/",
    "ht\ntps://host.example/",
    "https://host.example/\x00",
    "https://host.example/\x1f",
    "https://host.example/\x7f",
    "https://host.example/\u2003",
    "https://host.example/\u2028",
    "https://host\u2100.example/",
]


@pytest.mark.parametrize("value", URLS)
def test_absolute_urls_are_taken(value: str) -> None:
    """Http and https, any port, address and path."""
    checks.url("field", value)


@pytest.mark.parametrize("value", NO_URLS, ids=repr)
def test_what_is_no_absolute_url_is_refused(value: str) -> None:
    """Whatever Python's parser would silently mend is refused as well."""
    _refused(checks.url, value)


@pytest.mark.parametrize("value", [None, b"https://host.example", 1, "https://host.example/\ud800"], ids=ascii)
def test_a_url_is_text(value: object) -> None:
    """Bytes are no URL."""
    _refused(checks.url, value)


@pytest.mark.parametrize("length", [2047, 2048])
def test_urls_up_to_the_limit_are_taken(length: int) -> None:
    """The limit itself is allowed."""
    checks.url("field", "https://host.example/".ljust(length, "a"), most=2048)


def test_longer_urls_are_refused() -> None:
    """One character more is refused."""
    assert "2048" in _refused(checks.url, "https://host.example/".ljust(2049, "a"), most=2048)


def test_a_long_wrong_url_is_not_repeated_whole() -> None:
    """A message stays readable."""
    assert len(_refused(checks.url, "x" * 100_000)) < 400


@pytest.mark.parametrize("value", ["https://host.example", "HTTPS://host.example"])
def test_https_is_secure(value: str) -> None:
    """The scheme counts in any case."""
    checks.secure("field", value)


def test_http_is_not_secure() -> None:
    """Credentials do not travel in the open."""
    assert "https" in _refused(checks.secure, "http://host.example")


@pytest.mark.parametrize("value", [1, 1.0, 300, 2.5])
def test_numbers_within_bounds_are_taken(value: float) -> None:
    """Both bounds are allowed, decimals too."""
    checks.number("field", value, 1, 300)


@pytest.mark.parametrize("value", [0.999, 300.001, 0, 301, -1, float("nan"), float("inf"), float("-inf")])
def test_numbers_out_of_bounds_are_refused(value: float) -> None:
    """The message names the bounds."""
    assert "1 to 300" in _refused(checks.number, value, 1, 300)


@pytest.mark.parametrize("value", [0, sys.float_info.max])
def test_numbers_without_an_upper_bound_are_taken(value: float) -> None:
    """Where no upper bound is, every finite number is good."""
    checks.number("field", value, 0)


@pytest.mark.parametrize(
    "value",
    [-0.1, float("nan"), float("inf"), float("-inf"), 10**400, -(10**400), 10**5000],
    ids=["-0.1", "nan", "inf", "-inf", "huge", "-huge", "too-long-to-write"],
)
def test_numbers_that_are_none_are_refused(value: float) -> None:
    """What no float can hold is refused by a message that names the field."""
    assert "0 or more" in _refused(checks.number, value, 0)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_numbers_without_any_bound_are_finite(value: float) -> None:
    """No bound does not mean infinity."""
    _refused(checks.number, value, float("-inf"))


@pytest.mark.parametrize("value", [True, False, "1", None, 1j], ids=repr)
@pytest.mark.parametrize("check", [checks.number, checks.whole])
def test_what_is_no_number_is_named(check: Callable[..., object], value: object) -> None:
    """A boolean is no number, though Python says it is."""
    assert type(value).__name__ in _refused(check, value, 0, 5)


@pytest.mark.parametrize("value", [1, 3, 5])
def test_whole_numbers_within_bounds_are_taken(value: int) -> None:
    """Both bounds are allowed."""
    checks.whole("field", value, 1, 5)


@pytest.mark.parametrize("value", [0, 6, -1, 10**5000], ids=["0", "6", "-1", "huge"])
def test_whole_numbers_out_of_bounds_are_refused(value: int) -> None:
    """The message names the bounds."""
    assert "1 to 5" in _refused(checks.whole, value, 1, 5)


@pytest.mark.parametrize("value", [1.0, 2.5, float("nan")])
def test_decimals_are_no_whole_numbers(value: float) -> None:
    """Not even those without a fraction."""
    assert "whole" in _refused(checks.whole, value, 1, 5)


@pytest.mark.parametrize("value", [True, False])
def test_flags_are_taken(value: bool) -> None:
    """True and False are flags."""
    checks.flag("field", value)


@pytest.mark.parametrize("value", [0, 1, "true", None], ids=repr)
def test_what_is_no_flag_is_refused(value: object) -> None:
    """Truth is no flag."""
    _refused(checks.flag, value)


@pytest.mark.parametrize("value", ["GET", "POST"])
def test_methods_are_taken(value: str) -> None:
    """Webhooks come by two methods."""
    checks.method("field", value)


@pytest.mark.parametrize("value", ["get", "PUT", "POST\n", "", None, 1, ["GET"]], ids=repr)
def test_other_methods_are_refused(value: object) -> None:
    """Case counts, and the message names the words."""
    assert "GET, POST" in _refused(checks.method, value)


def test_aware_gives_utc() -> None:
    """A time of any zone is given in UTC."""
    time = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))

    found = checks.aware("field", time)

    assert (found, found.tzinfo) == (time, UTC)


@pytest.mark.parametrize("value", [None, "2026-01-01T00:00:00Z", 0, datetime(2026, 1, 1).date()], ids=repr)
def test_aware_refuses_what_is_no_datetime(value: object) -> None:
    """A date is no time."""
    assert "datetime" in _refused(checks.aware, value)


def test_aware_refuses_naive_times() -> None:
    """Nobody can say when a time without a zone is."""
    assert "time zone" in _refused(checks.aware, datetime(2026, 1, 1))


@pytest.mark.parametrize(
    "value",
    [
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
    ],
    ids=["before-the-first", "after-the-last"],
)
def test_aware_refuses_times_that_utc_has_not(value: datetime) -> None:
    """At the ends of the calendar a zone can lead out of it."""
    _refused(checks.aware, value)


@settings(deadline=None)
@given(st.text())
def test_whatever_text_comes_a_url_is_taken_or_refused(value: str) -> None:
    """No text brings another exception than ValueError, and none that is taken holds what a parser would drop."""
    try:
        checks.url("field", value)
    except ValueError:
        return

    assert re.match(r"https?://[^\s\\]+\Z", value, re.IGNORECASE)
