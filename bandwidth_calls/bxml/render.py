"""Writing BXML: the only file that escapes.

Every text and every attribute is escaped here and nowhere else. The markup of an `Ssml` is written unchanged, because
`start_tag` and `escape` wrote it before.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from bandwidth_calls.bxml.element import shape
from bandwidth_calls.bxml.rules import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.bxml.element import Built

LONGEST = 65_536  # bytes of UTF-8: the documentation says 64 KB

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def escape(text: str) -> str:
    """Return a text, escaped for a place between tags. An XML parser turns a bare CR into LF.

    Of a subclass of `str` only the characters count, whatever its methods say.
    """
    return str.replace(text, "&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _escape_attribute(text: str) -> str:
    """Return a text, escaped for a place between quotes. There an XML parser turns tab and LF into a space."""
    return escape(text).replace('"', "&quot;").replace("\t", "&#9;").replace("\n", "&#10;")


def start_tag(name: str, attributes: Mapping[str, str], end: str) -> str:
    """Return a start tag. The names must be valid already; `end` is `>` or `/>`."""
    return "".join(["<", name, *(f' {key}="{_escape_attribute(value)}"' for key, value in attributes.items()), end])


def render(document: Built, *, indented: bool = False) -> str:
    """Return a whole document, `indented` for people to read. More than 65,536 bytes of UTF-8 are a BxmlError."""
    gap = "\n" if indented else ""
    text = f"{_DECLARATION}{gap}{_written(document, gap)}"
    if len(text) > LONGEST // 4 and (size := len(text.encode())) > LONGEST:  # a character has 4 bytes at most
        raise refusal(type(document).__name__, f"must have at most {LONGEST} bytes of UTF-8, not {size}")
    return text


def _written(element: Built, gap: str) -> str:
    """Return one element. `gap` is the line break and indentation before its end tag, or empty."""
    its, given = shape(type(element)), element.__dict__
    content, start = given.get(its.body), its.opening
    if len(given) > (content is not None):
        for name, opening in its.starts:
            if name in given:
                start += f'{opening}{_attribute(given[name])}"'
    if not content:
        return f"{start}/>"
    if isinstance(content, str):
        return f"{start}>{escape(content)}{its.closing}"
    if not isinstance(content, tuple):
        return f"{start}>{content.markup}{its.closing}"
    inner = gap and gap + "  "
    start += ">"
    for child in content:
        start += f"{inner}{_written(child, inner)}"
    return f"{start}{gap}{its.closing}"


def _attribute(value: str | bool | float) -> str:
    if isinstance(value, str):
        return _escape_attribute(value)
    if type(value) is int:
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if value == int(value) else format(Decimal(repr(float(value))), "f")
