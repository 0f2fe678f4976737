"""Reading BXML: the inverse of the renderer, which also finds every fault in a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bandwidth_calls.bxml import context as places
from bandwidth_calls.bxml import ssml, tree
from bandwidth_calls.bxml.document import Bxml, Document, Response
from bandwidth_calls.bxml.element import Built, Children, Shape, find_element, of_checked, shape, wire_name
from bandwidth_calls.bxml.rules import reason, refusal
from bandwidth_calls.bxml.speech import SpeakSentence
from bandwidth_calls.errors import BxmlError

if TYPE_CHECKING:
    from bandwidth_calls.bxml.rules import Rule
    from bandwidth_calls.bxml.tree import Node

_DOCUMENTS: dict[str, type[Response | Bxml]] = {kind.__name__: kind for kind in (Response, Bxml)}


def parse(text: str | bytes) -> Response | Bxml:
    """Read a document from text or bytes, whoever wrote it.

    Bytes may be in UTF-8, UTF-16, ISO-8859-1 or US-ASCII, at most 65,536 of them. Comments, processing instructions and
    white space around elements are ignored. The first fault in the text is a BxmlError with `line` and `column`.
    What is neither text nor bytes is a TypeError.
    """
    if not isinstance(text, str | bytes):
        raise TypeError(f"parse: needs text or bytes, not {type(text).__name__}")
    document, faults = read(text)
    if document is None:
        raise faults[0]
    return document


def read(text: str | bytes, context: places.Context | None = None) -> tuple[Response | Bxml | None, list[BxmlError]]:
    """Read a document and find every fault, in order. With a fault in an element, the document is None."""
    try:
        root = tree.read(text)
    except BxmlError as error:
        return None, [error]
    builder = _Builder()
    document = builder.document(root)
    if document is not None and context is not None:
        nodes = root.nodes
        for index, why in places.faults(document.children, context):
            node = nodes[index]
            builder.refuse(node, f"{root.name} > {node.name}", why)
    return document, sorted(builder.faults, key=lambda fault: (fault.line, fault.column))


class _Builder:
    """Builds elements from nodes, and collects the faults that it finds."""

    def __init__(self) -> None:
        self.faults: list[BxmlError] = []

    def refuse(self, place: Node | tree.Chars, where: str, why: str) -> None:
        self.faults.append(refusal(where, why, place.line, place.column))

    def document(self, root: Node) -> Response | Bxml | None:
        kind = _DOCUMENTS.get(root.name)
        if kind is None:
            self.refuse(root, root.name, "must be Response or Bxml")
            return None
        built: Response | Bxml | None = self._build(kind, root, root.name)
        return built

    def _build(self, kind: type[Built], node: Node, where: str) -> Any:
        """Build an element; return None if the element, or one inside it, has a fault."""
        before = len(self.faults)
        its = shape(kind)
        values = self._attributes(its, node, where)
        self._body(kind, its, node, where, values)
        if len(self.faults) > before:
            return None
        built = of_checked(kind, values)
        if isinstance(built, Document):
            return built  # its elements were judged on the way
        try:
            built.__attrs_post_init__()
        except BxmlError as error:  # it names the field in Python's spelling
            _, _, field = (error.where or "").partition(".")
            self.refuse(node, f"{where}.{wire_name(field)}" if field else where, reason(error, error.where))
            return None
        return built

    def _attributes(self, its: Shape, node: Node, where: str) -> dict[str, object]:
        values: dict[str, object] = {}
        for wire, text in node.attributes.items():
            if name := its.attributes.get(wire):
                values[name] = self._value(its.rules[name], text, node, where, wire)
            else:
                self.refuse(node, f"{where}.{wire}", "no such attribute")
        for wire, name in its.attributes.items() if its.needed else ():
            if name in its.needed and name not in values:
                self.refuse(node, f"{where}.{wire}", "must be given")
        return values

    def _value(self, rule: Rule, text: str, node: Node, where: str, wire: str = "") -> object:
        try:
            value = rule.read(wire, text)
            rule.check(wire, value)
        except ValueError as error:
            self.refuse(node, f"{where}.{wire}" if wire else where, reason(error, wire))
            return None
        return value

    def _body(self, kind: type, its: Shape, node: Node, where: str, values: dict[str, object]) -> None:
        """Read the body into the values, if the class has one."""
        if rule := its.children:
            self._refuse_text(node, where)
            before, children = len(self.faults), tuple(self._children(rule, node, where))
            if len(self.faults) == before:
                self._count(rule, children, node, where)
                if children:
                    values["children"] = children
            return
        if kind is SpeakSentence and node.nodes:
            values["content"] = self._speech(node, where)
            return
        for child in node.nodes:
            self.refuse(child, f"{where} > {child.name}", "not allowed here")
        if its.body:
            values[its.body] = self._value(its.rules[its.body], node.text, node, where)
        else:
            self._refuse_text(node, where)

    def _count(self, rule: Children, children: tuple[object, ...], node: Node, where: str) -> None:
        try:
            rule.check(where, children)
        except ValueError as error:
            self.refuse(node, where, reason(error, where))

    def _children(self, rule: Children, node: Node, where: str) -> list[object]:
        children: list[object] = []
        for index, child in enumerate(node.nodes):
            place = f"{where} > {child.name}"
            kind = find_element(child.name)
            if kind is None:
                self.refuse(child, place, "no such verb")
            elif not issubclass(kind, rule.allowed):
                self.refuse(child, place, "not allowed here")
            else:
                children.append(self._build(kind, child, f"{place}[{index}]"))
        return children

    def _speech(self, node: Node, where: str) -> ssml.Ssml | None:
        before = len(self.faults)
        for child, why in ssml.faults(node):
            self.refuse(child, f"{where} > {child.name}", why)
        if len(self.faults) > before:
            return None
        try:
            return ssml.Ssml(ssml.inside(node))
        except BxmlError as error:  # escaping can make it too long
            self.refuse(node, where, error.message)
            return None

    def _refuse_text(self, node: Node, where: str) -> None:
        for run in node.content:
            if isinstance(run, tree.Chars) and not run.blank:
                self.refuse(run, where, "text is not allowed here")
                return
