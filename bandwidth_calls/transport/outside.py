"""Text from outside for errors and logs: without the request's secrets, printable, and not too long. Pure.

A service, or a gateway before it, may echo what it was sent: the login, the token, or the body with its passwords. And
what it says may hold line feeds and escape sequences, which would forge lines of a log.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import msgspec

LONGEST = 300
"""Characters of a text that are kept: enough to recognize a gateway's page."""

_MASK, _CUT = "*****", "... (cut)"
_MOST_READ = 16_384  # characters of a text that are looked at: of more, nothing is kept
_SHORT = 4  # a secret of fewer characters is masked only where it stands alone, since it is a part of many words
_LONG = 64  # of a longer secret, such as a token, only the beginning is looked for, and what goes on behind it
_RUN = r"[^\s\"'<>]*"  # what goes on behind the beginning of a secret
_SLASHES = r"\\{1,8}"  # text that was escaped more than once has more of them
_SECRET_KEY = re.compile(r"password|secret", re.IGNORECASE)
_SECRET_ATTRIBUTE = re.compile(r"""\w*password\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


def clean(text: str, authorization: str, body: bytes = b"") -> str:
    """Return a text from outside as an error or a log line may hold it.

    The secrets of the `Authorization` header, and the passwords in the body of the request, become stars: whole or cut
    off, plain, in base64, and escaped as JSON, XML and URLs do. That comes first, so that no cut leaves a part of one.
    """
    secrets = frozenset(_secrets(authorization, body))
    return printable(_pattern(secrets).sub(_MASK, text[:_MOST_READ]))


def printable(text: str) -> str:
    """Return a text in one line of at most `LONGEST` characters, in which what is not printable is escaped."""
    shown = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text[: LONGEST + 1])
    return shown if len(shown) <= LONGEST else shown[: LONGEST - len(_CUT)] + _CUT


@lru_cache(maxsize=16)  # a service that fails does so for many requests of one login
def _pattern(secrets: frozenset[str]) -> re.Pattern[str]:
    forms = {form for secret in secrets for form in _forms(secret)}
    # Longer ones first: a secret may begin with another.
    spelled = [_spelled(form) for form in sorted(forms, key=len, reverse=True)]
    return re.compile("|".join(spelled) or r"(?!)")


def _secrets(authorization: str, body: bytes) -> Iterator[str]:
    scheme, _, value = authorization.partition(" ")
    yield value
    if scheme == "Basic":
        login = base64.b64decode(value).decode()
        yield login
        yield login.partition(":")[2]
    yield from _passwords(body)


def _passwords(body: bytes) -> Iterator[str]:
    """Yield the passwords in the body of a request: of JSON by the names of its keys, of BXML by its attributes."""
    if not body:
        return
    try:
        yield from _values(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # it is BXML, or what a caller made
        for found in _SECRET_ATTRIBUTE.finditer(body.decode("utf-8", "replace")):
            yield html.unescape(found[1] or found[2] or "")


def _values(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, str) and _SECRET_KEY.search(key):
                yield value
            else:
                yield from _values(value)
    elif isinstance(node, list):
        for value in node:
            yield from _values(value)


def _forms(secret: str) -> Iterable[str]:
    """Return a secret plain and in base64."""
    if not secret:
        return ()
    plain = secret.encode("utf-8", "replace")
    coded = (base64.b64encode(plain), base64.urlsafe_b64encode(plain))
    return secret, *(one.decode().rstrip("=") for one in coded)


def _spelled(secret: str) -> str:
    """Return a pattern for a secret in every spelling, or for the part of it that an echo was cut to."""
    letters = [_letter(letter) for letter in secret[:_LONG]]
    if len(secret) < _SHORT:
        return rf"(?<!\w){''.join(letters)}(?!\w)"
    part = 8 if len(secret) >= 12 else max(6, len(secret) * 2 // 3)  # fewer letters may begin a word, too
    begun = "".join(letters[:part]) + _RUN
    return begun if len(secret) > _LONG else f"{''.join(letters)}|{begun}" if part < len(secret) else "".join(letters)


def _letter(letter: str) -> str:
    r"""Return a pattern for a letter: plain, as in JSON (`\u003d`), in a URL (`%3D`), or in HTML (`&#61;`)."""
    code = ord(letter)
    units = letter.encode("utf-16-be", "replace").hex()
    spellings = [
        "".join(rf"{_SLASHES}u{units[start : start + 4]}" for start in range(0, len(units), 4)),
        "".join(f"%(?:25){{0,4}}{byte:02x}" for byte in letter.encode("utf-8", "replace")),
        rf"&#0{{0,8}}{code};",
        rf"&#x0{{0,8}}{code:x};",
        rf"{_SLASHES}x{code:02x}",
        *(rf"{_SLASHES}{re.escape(escaped)}" for escaped in _ESCAPED.get(letter, "")),
        *map(re.escape, _NAMED.get(letter, ())),
    ]
    return rf"(?:(?i:{'|'.join(spellings)})|{re.escape(letter)})"  # `%25` is more than the `%` that it begins with


_ESCAPED = {'"': '"', "\\": "\\", "/": "/", "'": "'", "\n": "n", "\t": "t", "\r": "r", "\b": "b", "\f": "f"}
_NAMED = {"&": ("&amp;",), "<": ("&lt;",), ">": ("&gt;",), '"': ("&quot;",), "'": ("&apos;",), " ": ("+",)}
