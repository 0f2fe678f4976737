"""Reads the application's BXML into verbs, checked and with defaults filled in."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit
from xml.parsers import expat

import attrs

from bandwidth_calls.emulator import rules
from bandwidth_calls.emulator.bxml.vocabulary import KNOWN, TOP_LEVEL, Field, Shape, required

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import NoReturn

    Attributes = Mapping[str, object]
    # Called with the attributes of a verb and the number of its children.
    Check = Callable[[Attributes, int], None]

# The documentation says 64 KB. That these are bytes and not characters is a choice.
_LARGEST_DOCUMENT = 65_536
# A choice: no document needs more, and the message names every level.
_DEEPEST = 32
# The documented limit of repeatCount times the number of children.
_MOST_PLAYED = 20
_WHITE = " \t\r\n"
_BREAK = r"([0-9](\.[0-9]+)?|10(\.0+)?)s|([0-9]{1,4}(\.[0-9]+)?|10000(\.0+)?)ms"

_SSML: Mapping[str, Mapping[str, Field]] = {
    "break": {
        "strength": Field(rules.word("none", "x-weak", "weak", "medium", "strong", "x-strong")),
        "time": Field(rules.matching(_BREAK, "at most 10 seconds, such as 1s or 1000ms")),
    },
    "emphasis": {"level": Field(rules.word("strong", "moderate", "reduced"))},
    "lang": {"xml:lang": required(rules.not_blank)},
    "p": {},
    "s": {},
    "phoneme": {"ph": required(rules.not_blank)},
    "prosody": dict.fromkeys(("pitch", "rate", "volume"), Field(rules.not_blank)),
    "say-as": {
        "interpret-as": required(rules.word("date", "time", "telephone", "characters", "cardinal", "ordinal")),
        "format": Field(rules.word("mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y")),
    },
    "sub": {"alias": required(rules.text())},
}
_SPOKEN = {name: Shape(fields, is_speech=True) for name, fields in _SSML.items()}
_PAUSES = ("break", "p", "s")


class InvalidBxml(ValueError):  # noqa: N818 - Bandwidth's own word for it is the cause `invalid-bxml`
    """Raised for a document that Bandwidth would refuse. The message says where and why."""


@attrs.frozen
class Verb:
    """A verb, or a child of a verb. An attribute that is absent and has no default is None.

    The text of `SpeakSentence` is the words to speak, without SSML.
    """

    name: str
    attributes: Attributes
    text: str = ""
    children: tuple[Verb, ...] = ()

    def number(self, name: str) -> float:
        """Return a number that has a default."""
        return cast("float", self.attributes[name])

    def number_or_none(self, name: str) -> float | None:
        """Return a number, or None if it is absent."""
        return cast("float | None", self.attributes[name])

    def flag(self, name: str) -> bool:
        """Return a boolean."""
        return cast("bool", self.attributes[name])

    def word(self, name: str) -> str | None:
        """Return text, or None if it is absent. An empty text is not absent."""
        return cast("str | None", self.attributes[name])


@attrs.frozen
class Document:
    """A document: its verbs, in order. It is played, but its `problems` may make it fail at Bandwidth."""

    verbs: tuple[Verb, ...]
    problems: tuple[str, ...] = ()


def read_document(body: bytes, context: str = "call") -> Document:
    """Read a document; raises `InvalidBxml`. A blank body is an empty document.

    The `context` decides which verbs are allowed: `call`, `transferAnswer` for the callee of a Transfer, `conference`.
    """
    if len(body) > _LARGEST_DOCUMENT:
        raise InvalidBxml(f"must be at most {_LARGEST_DOCUMENT} bytes")
    if not body.strip():
        return Document(())
    reader = _Reader(TOP_LEVEL[context])
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.add_text
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(body, True)
    except InvalidBxml:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: an unknown encoding
        raise InvalidBxml(f"not well-formed XML: {error}") from None
    return reader.document()


def _refuse_doctype(*_: object) -> NoReturn:
    raise InvalidBxml("a document type is not allowed")


@attrs.define(eq=False, repr=False)
class _Element:
    """An element whose end tag has not been read yet."""

    name: str
    place: str
    shape: Shape
    attributes: Attributes
    text: str = ""
    size: int = 0
    children: list[Verb] = attrs.field(factory=list)


class _Reader:
    """The handlers of expat. The outermost element is the document; its child is the root."""

    def __init__(self, top_level: Mapping[str, Shape]) -> None:
        root = Shape(children=top_level)
        self._open = [_Element("", "", Shape(children={"Response": root, "Bxml": root}), {})]
        self._problems: list[str] = []

    def document(self) -> Document:
        """Return the document that has been read."""
        (root,) = self._open[0].children
        if {"Forward", "StartGather"} <= {verb.name for verb in root.children}:
            raise InvalidBxml(f"{root.name}: Forward and StartGather cannot be combined")
        return Document(root.children, tuple(self._problems))

    def start(self, name: str, given: dict[str, str]) -> None:
        """Open an element; check that it is allowed here."""
        parent = self._open[-1]
        allowed = _SPOKEN if parent.shape.is_speech else parent.shape.children
        place = f"{parent.place} > {name}".removeprefix(" > ")
        if name not in allowed or len(self._open) > _DEEPEST:
            raise InvalidBxml(f"{place}: {_why_refused(name, allowed)}")
        if parent.place:
            place += f"[{parent.size}]"
        parent.size += 1
        try:
            self._open.append(_Element(name, place, allowed[name], _read_attributes(allowed[name], given)))
        except ValueError as error:
            raise InvalidBxml(f"{place}: {error}") from None
        self._problems += (f"{place}: {doubt}" for doubt in _doubts(allowed[name], given))

    def add_text(self, text: str) -> None:
        """Append to the text of the innermost element."""
        self._open[-1].text += text

    def end(self, _: str) -> None:
        """Close the innermost element, and add it to its parent."""
        element = self._open.pop()
        parent = self._open[-1]
        if parent.shape.is_speech:
            parent.text += _words(element)
            return
        try:
            parent.children.append(_read_verb(element))
        except ValueError as error:
            raise InvalidBxml(f"{element.place}: {error}") from None


def _why_refused(name: str, allowed: Iterable[str]) -> str:
    return "not allowed here" if name in {*KNOWN, *_SPOKEN} else f"unknown element{_nearest(name, allowed)}"


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that was probably meant, as the end of a message; nothing if none is like it."""
    by_letters = {one.lower(): one for one in known}
    found = get_close_matches(name.lower(), by_letters, n=1, cutoff=0.55)  # so that Speak finds SpeakSentence
    return f", did you mean {by_letters[found[0]]}?" if found else ""


def _read_attributes(shape: Shape, given: Mapping[str, str]) -> dict[str, object]:
    for name in given:
        if name not in shape.attributes and name not in shape.ignored:
            raise ValueError(f"{name}: unknown attribute{_nearest(name, shape.attributes)}")
    return {name: _read_attribute(field, name, given.get(name)) for name, field in shape.attributes.items()}


def _doubts(shape: Shape, given: Mapping[str, str]) -> Iterator[str]:
    """Yield why each attribute of an element that was read may fail at Bandwidth."""
    for name, text in given.items():
        if name in shape.ignored:
            yield f"{name}: is not documented, and has no effect"
        elif doubt := shape.attributes[name].doubt(text):
            yield f"{name}: {doubt}"


def _read_attribute(field: Field, name: str, given: str | None) -> object:
    if given is not None:
        return rules.read_named(name, field.rule, given)
    if field.required:
        raise ValueError(f"{name}: must be there")
    return field.default


def _words(ssml: _Element) -> str:
    """Return the words of an SSML element. Paragraphs, sentences and breaks separate words."""
    if ssml.name == "sub":
        return str(ssml.attributes["alias"])
    return f" {ssml.text} " if ssml.name in _PAUSES else ssml.text


def _read_verb(element: _Element) -> Verb:
    shape, children = element.shape, tuple(element.children)
    if len(children) < shape.fewest:
        raise ValueError(f"must hold at least {shape.fewest} {' or '.join(shape.children)}")
    if len(children) > shape.most:
        raise ValueError(f"must hold at most {shape.most} {' or '.join(shape.children)}")
    for check in _CHECKS.get(element.name, ()):
        check(element.attributes, len(children))
    return Verb(element.name, element.attributes, _read_text(element), children)


def _read_text(element: _Element) -> str:
    rule = element.shape.content
    text = " ".join(element.text.split()) if element.shape.is_speech else element.text.strip(_WHITE)
    if rule is None and text:
        raise ValueError("text is not allowed here")
    # A sentence may consist of a break only.
    return text if rule is None or element.size else rules.read_named("content", rule, text)


def _check_played(values: Attributes, children: int) -> None:
    if cast("int", values["repeatCount"]) * children > _MOST_PLAYED:
        raise ValueError(f"repeatCount: times the number of children must be at most {_MOST_PLAYED}")


def _check_transcribed(values: Attributes, _: int) -> None:
    if values["destination"] is None and not values["stabilized"]:
        raise ValueError("stabilized: needs destination")
    if values["detectLanguage"] and values["preferredLanguages"] is not None:
        raise ValueError("preferredLanguages: not allowed with detectLanguage")


def _check_https(values: Attributes, _: int) -> None:
    """Require https for each absolute URL that has a username or a password."""
    for name, url in values.items():
        login = ("fallbackUsername", "fallbackPassword") if "Fallback" in name else ("username", "password")
        is_open = name.endswith("Url") and urlsplit(str(url)).scheme == "http"
        if is_open and any(values[part] is not None for part in login):
            raise ValueError(f"{name}: must use https with {' and '.join(login)}")


def _check_private(values: Attributes, _: int) -> None:
    for name in ("transferCallerDisplayName", "callerDisplayName"):
        if values["privacy"] and values.get(name) not in (None, *rules.PRIVATE_NAMES):
            raise ValueError(f"{name}: with privacy it must be one of {', '.join(rules.PRIVATE_NAMES)}")


_CHECKS: Mapping[str, tuple[Check, ...]] = {
    "Gather": (_check_played,),
    **dict.fromkeys(("Transfer", "Forward"), (_check_private,)),
    **dict.fromkeys(("Record", "StartRecording", "StartStream"), (_check_https,)),
    "StartTranscription": (_check_https, _check_transcribed),
}
