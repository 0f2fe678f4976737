"""Speech markup (SSML), as a type of its own, because a plain `str` is always text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.bxml import tree
from bandwidth_calls.bxml.render import escape, start_tag
from bandwidth_calls.bxml.rules import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bandwidth_calls.bxml.tree import Node

ELEMENTS = frozenset({"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub"})


@attrs.frozen(init=False, eq=False)
class Ssml:
    """Trusted markup: `SpeakSentence(Ssml('Call <say-as interpret-as="telephone">9195551234</say-as>'))`.

    The markup must be well formed. It may hold these SSML elements only: `break`, `emphasis`, `lang`, `p`, `phoneme`,
    `prosody`, `s`, `say-as`, `sub`. Anything else is a BxmlError. The markup is kept normalised, and equals plain text
    if it holds no element. Never build it from text that somebody else wrote: use a `str` for that.

    https://dev.bandwidth.com/docs/voice/bxml/speakSentence
    """

    markup: str
    plain: str | None = attrs.field(repr=False)  # the text, if there are no elements

    def __init__(self, markup: str) -> None:
        node = tree.read(f"<Ssml>{markup}</Ssml>", tree.DEEPEST - 1)  # in a document it stands one level deeper
        for inner, why in faults(node):
            raise refusal(f"Ssml > {inner.name}", why)
        self.__attrs_init__(inside(node), None if node.nodes else node.text)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Ssml):
            return self.markup == other.markup
        return self.plain == other if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.markup if self.plain is None else self.plain)


def faults(node: Node) -> Iterator[tuple[Node, str]]:
    """Yield each node that speech may not hold, at any depth, with the reason."""
    for child in node.nodes:
        if child.name not in ELEMENTS:
            yield child, "not an SSML element"
        elif prefixed := [name for name in child.attributes if name != "xml:lang" and name.startswith("xml")]:
            yield child, f"attribute {prefixed[0]} is not allowed here"
        yield from faults(child)


def inside(node: Node) -> str:
    """Return the content of a node as normalised markup."""
    return "".join(escape(child.text) if isinstance(child, tree.Chars) else _outside(child) for child in node.content)


def _outside(node: Node) -> str:
    inner = inside(node)
    if not inner:
        return start_tag(node.name, node.attributes, "/>")
    return f"{start_tag(node.name, node.attributes, '>')}{inner}</{node.name}>"
