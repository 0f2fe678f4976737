"""Names and addresses on the wire, and how little a link can do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from bandwidth_calls import Answer, BadAnswerError, UntrustedLinkError
from bandwidth_calls.wire import BaseUrl, checked_path, follow, identifier, next_link, path, query, timestamp

BASE = BaseUrl.parse("base_url", "https://voice.bandwidth.com/api/v2")
CALLS = "/accounts/9900000/calls"
HERE = "https://voice.bandwidth.com/api/v2/accounts/9900000/calls"

tokens = st.from_regex(r"[A-Za-z0-9._~-]{1,10}", fullmatch=True)
targets = st.from_regex(r"[!-;=?-~]{0,30}", fullmatch=True)
quoted = st.from_regex(r"[ !#-\[\]-~]{0,12}", fullmatch=True)


def answer(body: bytes, asked: str = "GET /x") -> Answer:
    """Make an answer of 200."""
    return Answer(200, CIMultiDictProxy(CIMultiDict()), body, asked)


@given(st.text())
def test_an_id_is_taken_as_it_is_or_refused(value: str) -> None:
    """No id that is taken changes where a path leads."""
    try:
        taken = identifier("call_id", value)
    except ValueError:
        return
    assert taken == value
    assert not set(taken) & set("/?#%\\ \n")
    assert taken not in ("", ".", "..")


def test_a_path_is_filled_with_ids() -> None:
    """Each id has its place."""
    assert path("/accounts/{account_id}/calls/{call_id}", account_id="1", call_id="c-2") == "/accounts/1/calls/c-2"


@pytest.mark.parametrize("value", ["/a", "/a/b", "/a/b/", "/accounts/1/calls/c-1/bxml", "/a.b/c~d", "/a/...", "/%41"])
def test_a_path_of_the_caller_is_taken(value: str) -> None:
    """A plain path is taken as it is."""
    assert checked_path(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "/",
        "a",
        "//a",
        "/a//b",
        "/a?b",
        "/a#b",
        "/.",
        "/..",
        "/a/..",
        "/a/../b",
        "/%2e%2E/a",
        "/a/%2e",
        "/a%2f..%2fb",
        "/a%5c..",
        "/a\\b",
        "/a b",
        "/a\nb",
        "/é",
        "/a/..\n",
        None,
        7,
        b"/a",
    ],
)
def test_a_path_that_could_lead_elsewhere_is_refused(value: Any) -> None:
    """Dot segments however written, double slashes, queries, odd characters: none goes out."""
    with pytest.raises(ValueError, match="path"):
        checked_path(value)


@pytest.mark.parametrize(
    ("url", "origin", "below"),
    [
        ("https://voice.bandwidth.com/api/v2/", "https://voice.bandwidth.com", "/api/v2"),
        ("https://Voice.Bandwidth.com:443", "https://voice.bandwidth.com", ""),
        ("https://voice.bandwidth.com:8443/", "https://voice.bandwidth.com:8443", ""),
        ("http://localhost:80/x", "http://localhost", "/x"),
        ("http://[::1]:8080/x", "http://[::1]:8080", "/x"),
    ],
)
def test_a_base_url_is_an_origin_and_a_path(url: str, origin: str, below: str) -> None:
    """Ports that are the scheme's own are left out, and so is a slash at the end."""
    base = BaseUrl.parse("base_url", url)

    assert (base.origin, base.path) == (origin, below)


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ('<https://a.b/?x=1>; rel="next"', "https://a.b/?x=1"),
        ("<?x=1>;rel=next", "?x=1"),
        ('<?x=1> ; REL = "NEXT"', "?x=1"),
        ('<?x=1>; rel="prev next"', "?x=1"),
        ('<?x=1>; title="a, b; rel=\\"next\\""; rel="next"', "?x=1"),
        ('</p>; rel="prev", <?x=2>; rel="next"', "?x=2"),
        ('</p>; rel="prev",, , <?x=2>; rel="next",', "?x=2"),
        ('<?a,b;c>; rel="next"', "?a,b;c"),
        ('<?x=1>; rel="next"; rel="prev"', "?x=1"),
        ('<?x=1>; rel="prev"; rel="next"', None),
        ('<?x=1>; rel="nextish"', None),
        ('<?x=1>; rev="next"', None),
        ("<?x=1>", None),
        ("<>; rel=next", ""),
        ("", None),
        (" , ", None),
        ("nonsense", None),
    ],
)
def test_the_next_link_is_read_by_relation(header: str, target: str | None) -> None:
    """The first link of relation next counts, however it is written."""
    assert next_link([header]) == target


@pytest.mark.parametrize("header", ["?x=1; rel=next", '<?x=1; rel="next"', '<a>; rel="prev" junk <b>; rel="next"'])
def test_a_link_that_cannot_be_read_and_speaks_of_next_is_an_error(header: str) -> None:
    """To pass it by might lose pages."""
    with pytest.raises(UntrustedLinkError):
        next_link([header])


@given(st.lists(st.tuples(targets, st.lists(tokens, max_size=3), quoted, st.booleans()), max_size=5))
def test_any_well_formed_header_is_read_right(links: list[tuple[str, list[str], str, bool]]) -> None:
    """However many links with however many relations there are, the first of relation next is found."""
    written = [
        f'<{target}>; title="{title}"; rel="{" ".join([*relations, *(["next"] if is_next else [])])}"'
        for target, relations, title, is_next in links
    ]
    expected = next((t for t, relations, _, n in links if n or "next" in map(str.lower, relations)), None)

    assert next_link([", ".join(written)]) == expected
    assert next_link(written) == expected


@given(st.text(max_size=200))
def test_no_header_breaks_the_reader(header: str) -> None:
    """Any text at all is read, or is an UntrustedLinkError."""
    try:
        found = next_link([header])
    except UntrustedLinkError:
        assert "next" in header.lower()
    else:
        assert found is None or isinstance(found, str)


@pytest.mark.parametrize(
    "link",
    [
        HERE + "?pageToken=1",
        "?pageToken=1",
        CALLS.join(["/api/v2", "?pageToken=1"]),
        "calls?pageToken=1",
        "//voice.bandwidth.com/api/v2/accounts/9900000/calls?pageToken=1",
        "HTTPS://VOICE.BANDWIDTH.COM:443/api/v2/accounts/9900000/calls?pageToken=1",
        "./calls?pageToken=1#part",
    ],
)
def test_a_link_to_the_same_listing_is_followed(link: str) -> None:
    """Absolute or relative, its query is returned."""
    assert follow(link, BASE, CALLS) == "pageToken=1"


@pytest.mark.parametrize(
    "link",
    [
        HERE.replace("https", "http") + "?x=1",
        HERE.replace(".com", ".com.evil.example") + "?x=1",
        HERE.replace(".com", ".com:8443") + "?x=1",
        HERE.replace(".com", ".com:0") + "?x=1",
        "https://voice.bandwidth.com@evil.example/api/v2/accounts/9900000/calls?x=1",
        "https://user@voice.bandwidth.com/api/v2/accounts/9900000/calls?x=1",
        "//evil.example/?x=1",
        "https://voice.bandwidth.com\\@evil.example/?x=1",
        "\\\\evil.example?x=1",
        "ht\ttps://evil.example?x=1",
        "https://voice.bandwidth.com:x/?x=1",
        "https://[::1/?x=1",
        "javascript:alert(1)",
        "?x=\u00e9",
        "/api/v2/accounts/9900001/calls?x=1",
        "/api/v2/accounts/9900000/calls/?x=1",
        "/api/v2/accounts/9900000?x=1",
        "/api/v2/accounts/9900000/calls/../recordings?x=1",
        "/api/v2/accounts/9900000%2Fcalls?x=1",
        "/calls?x=1",
        "",
        "/api/v2/accounts/9900000/calls",
        "?",
    ],
)
def test_a_link_that_leads_astray_is_refused(link: str) -> None:
    """Another origin, another path, no query, or what could be read in two ways."""
    with pytest.raises(UntrustedLinkError):
        follow(link, BASE, CALLS)


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/hush?token=hush#hush",
        "https://hush:hush@evil.example/",
        f"https://{'x' * 5000}.example/",
        "/hush?x=hush",
        "\u00e9hush",
        "https://[hush/",
    ],
)
def test_the_error_quotes_nothing_of_a_link_but_its_host(link: str) -> None:
    """A link may hold what was sent to the service."""
    with pytest.raises(UntrustedLinkError) as caught:
        follow(link, BASE, CALLS)

    assert "hush" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_the_error_quotes_nothing_of_a_header_that_cannot_be_read() -> None:
    """A header may hold what was sent to the service."""
    with pytest.raises(UntrustedLinkError) as caught:
        next_link(["hush; rel=next"])

    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.000Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC), "2026-01-02T03:04:05.678Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC), "2026-01-02T03:04:05.678901Z"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=-5))), "2026-01-02T08:04:05.000Z"),
    ],
)
def test_times_go_out_in_utc(time: datetime, text: str) -> None:
    """ISO 8601 in UTC, to the millisecond where that is exact."""
    assert timestamp(time) == text


def test_a_query_leaves_out_none() -> None:
    """What is None is not asked for."""
    assert query({"a": None, "b": "+1", "c": 2}) == "b=%2B1&c=2"


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b"\xff", b"[" * 100_000, b'{"a": NaN}'])
def test_a_body_that_is_no_json_is_a_bad_answer(body: bytes) -> None:
    """Whatever is not JSON is our error, with the status."""
    with pytest.raises(BadAnswerError) as caught:
        answer(body).json()

    assert (caught.value.status, caught.value.where, caught.value.may_have_taken_effect) == (200, "$", False)


def test_a_bad_answer_to_a_change_may_have_taken_effect() -> None:
    """A success that cannot be read is a success."""
    assert answer(b"", "POST /x").bad("$", "odd").may_have_taken_effect
