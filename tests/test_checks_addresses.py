"""The checks of telephone numbers, SIP URIs and URLs."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.refused import refused

from bandwidth_calls import checks

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
    """A plus sign and 2 to 15 digits, the first not 0, are a number."""
    check("field", value)


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
@pytest.mark.parametrize("check", [checks.e164, checks.destination])
def test_what_is_no_number_isrefused(check: Callable[..., object], value: str) -> None:
    """Other digits than ASCII's, spaces and a trailing newline are refused too."""
    assert "E.164" in refused(check, value)


@pytest.mark.parametrize("value", [None, 19195551234, b"+19195551234"], ids=repr)
@pytest.mark.parametrize("check", [checks.e164, checks.destination])
def test_a_number_is_text(check: Callable[..., object], value: object) -> None:
    """A value that is no text is refused as such."""
    assert "text" in refused(check, value)


SIP = ["sip:user@host.example", "sips:user@host.example", "SIP:a@b", "sip:a@[::1]:5060;transport=tcp?x=y", "sip:é@b"]


@pytest.mark.parametrize("value", SIP)
@pytest.mark.parametrize("check", [checks.sip_uri, checks.destination])
def test_sip_uris_are_destinations(check: Callable[..., object], value: str) -> None:
    """A call may go to a SIP URI."""
    check("field", value)


@pytest.mark.parametrize("value", SIP)
def test_sip_uris_are_no_numbers(value: str) -> None:
    """A SIP URI is no telephone number."""
    refused(checks.e164, value)


@pytest.mark.parametrize("value", ["sip:", "sip:a@b\n", "sip:a b@c", "sip:a@b\x00", "sip:a@b\x7f", "sipx:a@b", "a@b"])
@pytest.mark.parametrize("check", [checks.sip_uri, checks.destination])
def test_broken_sip_uris_arerefused(check: Callable[..., object], value: str) -> None:
    """A SIP URI with spaces, control characters or a newline at its end is refused."""
    assert "SIP" in refused(check, value)


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
    """URLs of http and https with any port, address and path are allowed."""
    checks.url("field", value)


@pytest.mark.parametrize("value", NO_URLS, ids=repr)
def test_what_is_no_absolute_url_isrefused(value: str) -> None:
    """Other URLs are refused, also those that Python's parser silently repairs."""
    refused(checks.url, value)


@pytest.mark.parametrize("value", [None, b"https://host.example", 1, "https://host.example/\ud800"], ids=ascii)
def test_a_url_is_text(value: object) -> None:
    """A value that is no text is refused as such."""
    refused(checks.url, value)


@pytest.mark.parametrize("length", [2047, 2048])
def test_urls_up_to_the_limit_are_taken(length: int) -> None:
    """The limit itself is allowed."""
    checks.url("field", "https://host.example/".ljust(length, "a"), most=2048)


def test_longer_urls_arerefused() -> None:
    """One character more is refused."""
    assert "2048" in refused(checks.url, "https://host.example/".ljust(2049, "a"), most=2048)


def test_a_long_wrong_url_is_not_repeated_whole() -> None:
    """A message stays readable."""
    assert len(refused(checks.url, "x" * 100_000)) < 400


@pytest.mark.parametrize("value", ["https://host.example", "HTTPS://host.example"])
def test_https_is_secure(value: str) -> None:
    """The scheme https may be in any case."""
    checks.secure("field", value)


def test_http_is_not_secure() -> None:
    """The scheme http is refused."""
    assert "https" in refused(checks.secure, "http://host.example")


@given(st.text())
def test_whatever_text_comes_a_url_is_taken_orrefused(value: str) -> None:
    """Any text is allowed or a ValueError, and no allowed URL holds what a parser would drop."""
    try:
        checks.url("field", value)
    except ValueError:
        return

    assert re.match(r"https?://[^\s\\]+\Z", value, re.IGNORECASE)
