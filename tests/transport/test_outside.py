"""Text from outside: secrets become stars in every spelling, what is not printable is escaped, and long text is cut."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwidth_calls.transport.outside import LONGEST, clean, printable

SECRET = "p=4/s&s <w>'\u00fc\\rd\"+%"
LOGIN = "Basic " + base64.b64encode(f"user:{SECRET}".encode()).decode()
TOKEN = "eyJhbGciOiJSUzI1NiJ9." + "abcDEF0123-_" * 80 + ".sig"


def _escaped(text: str) -> str:
    """Escape every letter, as some JSON writers do."""
    units = text.encode("utf-16-be").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "JSON with slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "every letter escaped": _escaped,
    "escaped in upper case": lambda text: _escaped(text).replace("\\u00", "\\U00").upper().replace("\\U", "\\u"),
    "URL": lambda text: quote(text, safe=""),
    "form": quote_plus,
    "URL in URL": lambda text: quote(quote(text, safe=""), safe=""),
    "URL in lower case": lambda text: quote(text, safe="").lower() if text == SECRET else quote(text, safe=""),
    "HTML": html.escape,
    "HTML by numbers": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "HTML by hex numbers": lambda text: "".join(f"&#x{ord(letter):X};" for letter in text),
    "Python": lambda text: repr(text)[1:-1],
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("text", [SECRET, f"user:{SECRET}"], ids=["password", "login"])
def test_a_login_is_masked_in_every_spelling(spelling: Callable[[str], str], text: str) -> None:
    """The password, and the login that holds it, become stars; the text around stays."""
    said = clean(f'you sent "{spelling(text)}" here', LOGIN)

    assert re.fullmatch(r'you sent "\*{5}=?=?" here', said)


@given(
    secret=st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), min_size=4, max_size=40),
    spelling=st.sampled_from([SPELLINGS[name] for name in ("plain", "JSON", "every letter escaped", "URL", "base64")]),
)
def test_no_secret_is_left(secret: str, spelling: Callable[[str], str]) -> None:
    """Whatever a secret is made of, nothing of its spelling is left."""
    body = json.dumps({"fallbackPassword": secret}).encode()
    spelled = spelling(secret)

    said = clean(f"<<{spelled}>>", "Bearer another-token", body)

    assert re.fullmatch(r"<<\*{5}=?=?>>", said)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"to": "+1", "password": SECRET}).encode(),
        json.dumps({"machineDetection": {"fallbackPassword": SECRET}}).encode(),
        json.dumps([{"client_secret": SECRET}]).encode(),
        f'<Bxml><Redirect password="{html.escape(SECRET)}"/></Bxml>'.encode(),
        f"<Bxml><Redirect fallbackPassword = '{html.escape(SECRET)}'/></Bxml>".encode(),
    ],
    ids=["password", "nested", "list", "BXML", "BXML in single quotes"],
)
def test_the_passwords_of_the_request_are_masked(body: bytes) -> None:
    """They are found in JSON and in BXML, and masked like the login."""
    assert clean(f"no: {SECRET}!", "Bearer token", body) == "no: *****!"


def test_the_rest_of_the_request_is_not_masked() -> None:
    """Names and numbers are no secrets, and say what is wrong."""
    body = json.dumps({"to": "+19195551234", "username": "app", "password": "hush-hush"}).encode()

    assert clean("+19195551234 of app is no number", "Bearer token", body) == "+19195551234 of app is no number"


@pytest.mark.parametrize("part", [20, 100, 500, len(TOKEN)])
def test_a_token_is_masked_also_where_an_echo_is_cut_off(part: int) -> None:
    """Of a long secret its beginning is enough."""
    assert clean(f"token {TOKEN[:part]} is bad", f"Bearer {TOKEN}") == "token ***** is bad"


@pytest.mark.parametrize("part", [8, 12, 15])
def test_a_password_is_masked_also_where_an_echo_is_cut_off(part: int) -> None:
    """A part of at least eight letters counts."""
    login = "Basic " + base64.b64encode(b"user:correct-horse-7").decode()

    assert clean("got correct-horse-7"[: 4 + part], login) == "got *****"


def test_no_cut_leaves_a_part_of_a_secret() -> None:
    """Secrets are masked before the text is cut."""
    for before in range(LONGEST - len(SECRET) - 10, LONGEST + 1):
        assert SECRET[:3] not in clean("x" * before + SECRET, LOGIN)


def test_a_short_secret_is_masked_where_it_stands_alone() -> None:
    """Two letters are a part of many words."""
    login = "Basic " + base64.b64encode(b"user:no").decode()

    assert clean("no, not now: user:no", login) == "*****, not now: *****"


def test_words_that_begin_like_a_secret_stay() -> None:
    """A few letters are no part of a secret."""
    login = "Basic " + base64.b64encode(b"user:password").decode()

    assert clean("passed by the passive pass", login) == "passed by the passive pass"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\x1b[2J\x07\x9b", "\\x1b[2J\\x07\\x9b"),
        ("\u202eevil\u2028\u2029\ufeff", "\\u202eevil\\u2028\\u2029\\ufeff"),
        ("\udc80", "\\udc80"),
        ("r\u00e9sum\u00e9 \U0001f600", "r\u00e9sum\u00e9 \U0001f600"),
    ],
    ids=["lines", "terminal", "direction", "surrogate", "words"],
)
def test_what_is_not_printable_is_escaped(text: str, expected: str) -> None:
    """No text begins a line of a log, steers a terminal, or turns the reading direction."""
    assert printable(text) == expected


def test_a_long_text_is_cut_and_says_so() -> None:
    """Ten megabytes make an error of some hundred letters."""
    said = printable("x" * 10_000_000)

    assert len(said) == LONGEST
    assert said.endswith("x... (cut)")
    assert printable("x" * LONGEST) == "x" * LONGEST
