"""An XML parser on expat: a small tree of nodes that know their lines.

It refuses what BXML does not use, such as DTDs, because that is where attacks on XML parsers come from.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING
from xml.parsers import expat

import attrs

from bandwidth_calls.bxml.render import LONGEST
from bandwidth_calls.bxml.rules import refusal

if TYPE_CHECKING:
    from bandwidth_calls.errors import BxmlError

DEEPEST = 32  # levels: a document needs 3, and SSML a few more; the readers recurse once for each level


@attrs.define(eq=False, repr=False)  # not frozen, as a document has many
class Chars:
    """A run of text. Neighbouring runs are not joined."""

    text: str
    line: int
    column: int

    @property
    def blank(self) -> bool:
        """Whether the run holds only what XML calls white space."""
        return not self.text.strip(" \t\r\n")


@attrs.define(eq=False, repr=False)
class Node:
    """An element as it stands in the document. Line and column count from 1. `nodes` are those of the `content`."""

    name: str
    attributes: dict[str, str]
    line: int
    column: int
    content: list[Node | Chars]
    nodes: list[Node]

    @property
    def chars(self) -> list[Chars]:
        """The runs of text directly inside."""
        return [child for child in self.content if isinstance(child, Chars)]

    @property
    def text(self) -> str:
        """The text directly inside, joined."""
        return "".join([run.text for run in self.chars])


def read(source: str | bytes, deepest: int = DEEPEST) -> Node:
    """Parse a document, and return its root. Any fault of the XML is a BxmlError."""
    if len(source) > LONGEST:
        raise _too_long()
    try:
        data, encoding, declarable = _decode(source)
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        raise refusal(None, f"not text: {error.reason}", 1, 1) from None
    if len(data) > LONGEST:
        raise _too_long()
    if b"\0" in data:  # expat would take it for UTF-16 without a byte order mark
        raise refusal(None, "holds NUL, which XML cannot", 1, 1)
    return _Reader(encoding, declarable, deepest).read(data)


def _decode(source: str | bytes) -> tuple[bytes, str | None, frozenset[str] | None]:
    """Return bytes for expat, their encoding (None: as declared), and the encodings that may be declared (None: all).

    UTF-16 is decoded here, because expat accepts half a surrogate pair.
    """
    if isinstance(source, str):
        return source.removeprefix("\ufeff").encode(), "utf-8", None
    if source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return source.decode("utf-16").encode(), "utf-8", frozenset({"utf-16"})
    if source.startswith(codecs.BOM_UTF8):
        return source.removeprefix(codecs.BOM_UTF8), "utf-8", frozenset({"utf-8"})
    return source, None, frozenset({"utf-8", "iso-8859-1", "us-ascii"})


def _too_long() -> BxmlError:
    return refusal(None, f"must have at most {LONGEST} bytes", 1, 1)


class _Reader:
    """One run of expat: its handlers build the tree, and raise with the current line and column."""

    def __init__(self, encoding: str | None, declarable: frozenset[str] | None, deepest: int) -> None:
        self._declarable = declarable
        self._deepest = deepest
        self._open = [Node("", {}, 1, 1, [], [])]  # the open elements, inside a node for the whole document
        self._parser = expat.ParserCreate(encoding)
        self._parser.XmlDeclHandler = self._declaration
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def read(self, data: bytes) -> Node:
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            raise refusal(None, expat.ErrorString(error.code), error.lineno, error.offset + 1) from None
        return self._open[0].nodes[0]

    def _place(self) -> tuple[int, int]:
        """Return line and column, for a fault. `_start` and `_text` read them by themselves: a document has many."""
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if version != "1.0":
            raise refusal(None, f"must be XML 1.0, not {version}", 1, 1)
        if encoding and self._declarable is not None and encoding.lower() not in self._declarable:
            raise refusal(None, f"encoding {encoding} cannot be read here", 1, 1)

    def _doctype(self, *declared: object) -> None:
        raise refusal(None, "a DTD is not allowed", *self._place())

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > self._deepest:
            raise refusal(None, f"nested more than {self._deepest} deep", *self._place())
        node = Node(name, attributes, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1, [], [])
        parent = self._open[-1]
        parent.content.append(node)
        parent.nodes.append(node)
        self._open.append(node)

    def _end(self, name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        run = Chars(text, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1)
        self._open[-1].content.append(run)
