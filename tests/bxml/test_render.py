import re
from enum import Enum
from xml.etree import ElementTree

import pytest
from hypothesis import given
from support.bxml_help import ELEMENTS, TEXTS, documents, rendered

from bandwidth_calls.bxml import (
    Bxml,
    Gather,
    Pause,
    PhoneNumber,
    PlayAudio,
    Response,
    SpeakSentence,
    Ssml,
    StartStream,
    StreamParam,
    Tag,
    Transfer,
    Verb,
    parse,
)
from bandwidth_calls.bxml.element import Element, shape
from bandwidth_calls.bxml.render import render
from bandwidth_calls.bxml.rules import Text

NASTY = "<Hangup/>&amp;\"'>]]>\r\n\t"


def test_text_is_escaped() -> None:
    """Markup in a text stays text, and a CR survives."""
    text = rendered(SpeakSentence(NASTY))

    assert text == "<SpeakSentence>&lt;Hangup/&gt;&amp;amp;\"'&gt;]]&gt;&#13;\n\t</SpeakSentence>"


def test_attributes_are_escaped() -> None:
    """Markup in an attribute stays text, and CR, LF and tab survive."""
    text = rendered(Gather(tag=NASTY))

    assert text == '<Gather tag="&lt;Hangup/&gt;&amp;amp;&quot;\'&gt;]]&gt;&#13;&#10;&#9;"/>'


class Markup(str):
    """A str whose operators return markup, like that of a template engine."""

    __slots__ = ()

    def __radd__(self, other: str) -> str:
        return f"<Hangup/>{other}"

    def __str__(self) -> str:
        return "<Hangup/>"

    def __format__(self, spec: str) -> str:
        return "<Hangup/>"


def test_a_str_is_always_text() -> None:
    """A subclass of str is escaped like any other text, whatever its methods do."""
    text = Response([SpeakSentence(Markup("<b>")), Gather(tag=Markup("<b>"))]).to_bxml()

    assert text.endswith('<SpeakSentence>&lt;b&gt;</SpeakSentence><Gather tag="&lt;b&gt;"/></Response>')
    assert type(text) is str


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (1, "1"),
        (1.0, "1"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (59.99999999999999, "59.99999999999999"),
        (1e-05, "0.00001"),
        (1.234e-07, "0.0000001234"),
        (60, "60"),
    ],
)
def test_numbers_are_plain(value: float, expected: str) -> None:
    """Numbers are whole where they can be, and have no exponent."""
    text = rendered(Gather(first_digit_timeout=value))

    assert text == f'<Gather firstDigitTimeout="{expected}"/>'


def test_an_indented_document_is_equal() -> None:
    """White space goes between elements only, never into a text."""
    document = Response([SpeakSentence(Ssml("a <s>b</s>")), Gather([PlayAudio("a.wav")]), Gather(), Tag(" x\n")])

    text = render(document, indented=True)

    assert text.splitlines() == [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<Response>",
        "  <SpeakSentence>a <s>b</s></SpeakSentence>",
        "  <Gather>",
        "    <PlayAudio>a.wav</PlayAudio>",
        "  </Gather>",
        "  <Gather/>",
        "  <Tag> x",
        "</Tag>",
        "</Response>",
    ]
    assert parse(text) == document


@given(document=documents())
def test_a_document_reads_back(document: Response | Bxml) -> None:
    """Any document reads back equal, from text and from bytes, also when indented."""
    texts = document.to_bxml(), document.to_bxml().encode(), render(document, indented=True)

    copies = [parse(text) for text in texts]

    assert copies == [document] * 3


@given(document=documents())
def test_other_parsers_find_what_was_built(document: Response | Bxml) -> None:
    """ElementTree finds the verbs that were built and no other, with their texts."""
    root = ElementTree.fromstring(document.to_bxml())

    names, contents = [child.tag for child in root], ["".join(child.itertext()) for child in root]

    assert names == [type(verb).__name__ for verb in document.children]
    for verb, content in zip(document.children, contents, strict=True):
        if isinstance(told := getattr(verb, "content", None), str):
            assert content == told


def texts_of(kind: type[Element]) -> list[str]:
    """Name the attributes of a class that take any text."""
    its = shape(kind)
    return [name for name in its.attributes.values() if isinstance(its.rules[name], Text)]


def wrapped(kind: type[Element], given: dict[str, str]) -> Verb:
    """Build a verb in which one element of the class has the given attributes."""
    match kind.__name__:
        case "PhoneNumber":
            return Transfer([PhoneNumber("+19195551234", **given)])  # type: ignore[arg-type] # names from a table
        case "StreamParam":
            return StartStream([StreamParam(**given)], destination="wss://x")
    return kind(**given)  # type: ignore[return-value] # names from a table


@pytest.mark.parametrize("kind", [Gather, PhoneNumber, StreamParam])
@given(text=TEXTS.filter(str.strip))
def test_text_in_any_attribute_stays_there(kind: type[Element], text: str) -> None:
    """ElementTree finds the same text in every attribute it was put into, and no element more."""
    given = dict.fromkeys(texts_of(kind), text)
    given.pop("tag", None)
    verb = wrapped(kind, given)

    root = ElementTree.fromstring(Response([verb]).to_bxml())

    found = [element for element in root.iter() if element.tag == kind.__name__]
    assert [set(element.attrib.values()) for element in found] == [{text}]
    assert len(list(root.iter())) == (2 if kind is Gather else 3)


def test_every_wire_name_is_camel_case() -> None:
    """No underscore is left in what is written."""
    names = re.findall(r'(\S+)="', rendered(Gather(gather_fallback_url="x", inter_digit_timeout=1)))

    assert names == ["gatherFallbackUrl", "interDigitTimeout"]


def test_a_pause_of_a_subclassed_float_is_plain() -> None:
    """A float with another repr, such as NumPy's, is written as a number."""

    class Odd(float):
        def __repr__(self) -> str:
            return "odd"

    text = rendered(Pause(duration=Odd(1.5)))

    assert text == '<Pause duration="1.5"/>'


def test_every_element_is_generated() -> None:
    """The generated documents are made of all 31 elements of the reference."""
    assert len(ELEMENTS) == 31


class Shouting(str):
    """A text whose methods say other things than its characters, as those of template engines and enums do."""

    def __str__(self) -> str:
        return "<Hangup/>"

    def __format__(self, form: str) -> str:
        return "<Hangup/>"

    def replace(self, *_: object) -> str:
        """Return markup."""
        return "<Hangup/>"


class Voice(str, Enum):  # noqa: UP042 - a StrEnum has the format of its value, and this has not
    """The words of an application."""

    JULIE = "julie"


@pytest.mark.parametrize("text", ["A & B", "plain"])
def test_of_a_subclass_of_str_the_characters_count(text: str) -> None:
    """No method of it can turn text into markup, neither between tags nor in an attribute."""
    written = Response([SpeakSentence(Shouting(text), voice=Shouting(text))]).to_bxml()

    assert parse(written) == Response([SpeakSentence(text, voice=text)])


def test_a_word_of_an_enum_is_written() -> None:
    """By its value, as an application means it."""
    assert SpeakSentence("Hi", voice=Voice.JULIE) == SpeakSentence("Hi", voice="julie")
    assert 'voice="julie"' in Response([SpeakSentence("Hi", voice=Voice.JULIE)]).to_bxml()
