"""Writing BXML: the only file that escapes.

Every text and every attribute is escaped here and nowhere else. The markup of an `Ssml` is written unchanged, because
`start_tag` and `escape` wrote it before.
"""

from __future__ import annotations

import functools
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from bandwidth_calls.bxml.element import shape
from bandwidth_calls.bxml.rules import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 65_536  # bytes of UTF-8: the documentation says 64 KB

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
# An XML parser turns a bare CR into LF. In an attribute it turns CR, LF and tab into a space.
_IN_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_ATTRIBUTE = {**_IN_TEXT, '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}
_TEXT_SPECIAL = re.compile("[&<>\r]")
_ATTRIBUTE_SPECIAL = re.compile('[&<>\r"\t\n]')


def escape(text: str) -> str:
    """Return a text, escaped for a place between tags."""
    return _TEXT_SPECIAL.sub(lambda found: _IN_TEXT[found[0]], text)


def _escape_attribute(text: str) -> str:
    return _ATTRIBUTE_SPECIAL.sub(lambda found: _IN_ATTRIBUTE[found[0]], text)


def start_tag(name: str, attributes: Mapping[str, str], end: str) -> str:
    """Return a start tag. The names must be valid already; `end` is `>` or `/>`."""
    return "".join(["<", name, *(f' {key}="{_escape_attribute(value)}"' for key, value in attributes.items()), end])


def render(document: object, *, indented: bool = False) -> str:
    """Return a whole document, `indented` for people to read. More than 65,536 bytes of UTF-8 are a BxmlError."""
    parts = [_DECLARATION]
    if indented:
        parts.append("\n")
    _write(document, parts, "\n" if indented else "")
    text = "".join(parts)
    size = len(text.encode())
    if size > LONGEST:
        raise refusal(type(document).__name__, f"must have at most {LONGEST} bytes of UTF-8, not {size}")
    return text


def _write(element: object, parts: list[str], gap: str) -> None:
    """Append one element. `gap` is the line break and indentation before its end tag, or empty."""
    kind: type = type(element)
    opening, attributes, body, closing = _pieces(kind)
    parts.append(opening)
    for name, start in attributes:
        value = getattr(element, name)
        if value is not None:
            parts += (start, _attribute(value), '"')
    content = body and getattr(element, body)
    if not content:
        parts.append("/>")
    elif isinstance(content, tuple):
        parts.append(">")
        inner = gap and gap + "  "
        for child in content:
            parts.append(inner)
            _write(child, parts, inner)
        parts += (gap, closing)
    else:
        parts += (">", escape(content) if isinstance(content, str) else content.markup, closing)


@functools.cache
def _pieces(kind: type) -> tuple[str, tuple[tuple[str, str], ...], str | None, str]:
    """Return the parts that are equal for all elements of a class."""
    name, its = kind.__name__, shape(kind)
    attributes = tuple((field.name, f' {wire}="') for wire, field in its.attributes.items())
    return f"<{name}", attributes, its.body.name if its.body else None, f"</{name}>"


def _attribute(value: str | bool | float) -> str:
    if isinstance(value, str):
        return _escape_attribute(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if value == int(value) else format(Decimal(repr(float(value))), "f")
