import copy
import inspect
import pickle
from typing import Any

import attrs
import pytest
from support.bxml_help import ELEMENTS

from bandwidth_calls import bxml
from bandwidth_calls.bxml import (
    BxmlError,
    Connect,
    CustomParam,
    Forward,
    Gather,
    Hangup,
    Pause,
    PhoneNumber,
    PlayAudio,
    Redirect,
    Refer,
    Response,
    SpeakSentence,
    Ssml,
    StartGather,
    StartStream,
    StopStream,
    StopTranscription,
    StreamParam,
    Tag,
    Transfer,
    Verb,
    parse,
)
from bandwidth_calls.bxml.element import Element, element, find_element


@pytest.mark.parametrize(
    "kind", [Redirect, StartGather, StartStream, StopStream, StreamParam, CustomParam, Forward, Transfer, Refer, Tag]
)
def test_what_is_required_cannot_be_left_out(kind: type) -> None:
    """A required field that is left out is a TypeError."""
    with pytest.raises(TypeError, match="missing"):
        kind()


@pytest.mark.parametrize("kind", [Connect, Gather, Pause, StopTranscription])
def test_unknown_attributes_are_refused(kind: type) -> None:
    """An attribute that a verb does not have is a TypeError."""
    with pytest.raises(TypeError, match="unexpected keyword"):
        kind(gatherUrl="/")


def test_attributes_go_by_keyword_only() -> None:
    """Only the content goes by position."""
    with pytest.raises(TypeError, match="positional"):
        Gather([], "/gather")  # type: ignore[call-arg] # the mistake under test


@pytest.mark.parametrize(
    "element",
    [
        PlayAudio("a.wav", password="hush"),
        Gather(password="hush", fallback_password="hush"),
        PhoneNumber("+19195551234", password="hush", fallback_password="hush"),
        StartStream(destination="wss://x", password="hush", destination_password="hush"),
    ],
)
def test_passwords_do_not_print(element: object) -> None:
    """The repr of an element holds none of its passwords."""
    text = repr(element)

    assert "hush" not in text


def test_an_element_prints_what_it_holds() -> None:
    """The repr shows what was given, and can be read back."""
    element = Gather([PlayAudio("a.wav", password="hush")], max_digits=1, tag=None)

    assert repr(element) == "Gather(children=(PlayAudio(content='a.wav'),), max_digits=1)"


def test_the_message_about_a_password_does_not_show_it() -> None:
    """A password that is refused is not in the message."""
    with pytest.raises(BxmlError) as wrong_type:
        PlayAudio("a.wav", password=4711)  # type: ignore[arg-type] # the mistake under test
    with pytest.raises(BxmlError) as wrong_character:
        PlayAudio("a.wav", password="hush\x00")

    assert "4711" not in str(wrong_type.value)
    assert "hush" not in str(wrong_character.value)


def test_elements_are_frozen_values() -> None:
    """Elements are equal by value, can be hashed, and cannot be changed; children become a tuple."""
    one, other = Gather([PlayAudio("a.wav")], tag="x"), Gather((PlayAudio("a.wav"),), tag="x")

    assert one == other
    assert hash(one) == hash(other)
    assert one.children == (PlayAudio("a.wav"),)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.tag = "y"  # type: ignore[misc] # the mistake under test


def test_elements_copy_and_pickle() -> None:
    """A copy of an element, also by way of pickle, equals it."""
    element = SpeakSentence(Ssml("<s>Hello</s>"), voice="julie")

    copies = copy.deepcopy(element), pickle.loads(pickle.dumps(element))

    assert copies == (element, element)


def test_an_element_is_changed_by_attrs() -> None:
    """`attrs.evolve` returns an element with other values, which are checked again."""
    element: Any = Gather([PlayAudio("a.wav")], tag="x", max_digits=1)

    assert attrs.evolve(element, tag=None) == Gather([PlayAudio("a.wav")], max_digits=1)
    with pytest.raises(BxmlError, match="max_digits"):
        attrs.evolve(element, max_digits=0)


def test_a_class_tells_its_signature() -> None:
    """`help` shows the body first, and each attribute with its type and its default."""
    told = inspect.signature(SpeakSentence)

    assert [str(parameter) for parameter in told.parameters.values()] == [
        "content: str | bandwidth_calls.bxml.ssml.Ssml",
        "voice: str | None = None",
        "gender: Optional[Literal['female', 'male']] = None",
        "locale: str | None = None",
    ]
    assert told.parameters["voice"].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize(
    ("body", "given"), [(["once"], {"content": "twice"}), (["one", "two"], {}), (["once"], {"pitch": 1})]
)
def test_what_a_verb_does_not_take(body: list[str], given: dict[str, Any]) -> None:
    """A body that is given twice, a second one, and an unknown attribute are TypeErrors, as for any Python class."""
    with pytest.raises(TypeError):
        SpeakSentence(*body, **given)


def test_the_error_pickles() -> None:
    """The error keeps its place through pickling."""
    error = BxmlError("Response: no", "Response", 3, 4)

    copied = pickle.loads(pickle.dumps(error))

    assert (str(copied), copied.where, copied.line, copied.column) == ("Response: no", "Response", 3, 4)


@pytest.mark.parametrize("kind", ELEMENTS)
def test_each_exported_element_is_registered(kind: type[Element]) -> None:
    """The reader finds each element of the package under the name of its class."""
    found = find_element(kind.__name__)

    assert found is kind


@pytest.mark.parametrize("name", ["Dial", "hangup", "Verb", "Element", "Document", "Response", "Bxml", ""])
def test_nothing_else_is_registered(name: str) -> None:
    """Base classes and documents are no elements."""
    found = find_element(name)

    assert found is None


def test_a_second_class_of_one_name_is_refused() -> None:
    """A class outside the package cannot take the place of a verb."""
    with pytest.raises(TypeError, match=r"^Hangup is registered already, by bandwidth_calls\.bxml\.routing$"):

        @element
        class Hangup(Verb):
            """Another one."""

    assert find_element("Hangup") is bxml.Hangup


def test_a_subclass_does_not_change_the_reader() -> None:
    """A subclass is not registered by itself, so documents are read as before."""

    class LoggedHangup(Hangup):
        """A verb of an application."""

    document = parse("<Response><Hangup/></Response>")

    assert document == Response([Hangup()])
    assert find_element("LoggedHangup") is None
