from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.bxml_help import ELEMENTS, VERBS

from bandwidth_calls import bxml
from bandwidth_calls.bxml.element import shape
from bandwidth_calls.emulator.bxml.reader import InvalidBxml, read_document
from bandwidth_calls.emulator.bxml.vocabulary import TOP_LEVEL, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

# Content or children of each documented verb, in classes of the package.
CONTENTS: dict[str, Any] = {
    "Bridge": "c-1",
    "Conference": "room_1.a-b",
    "Connect": [bxml.Endpoint("e-1")],
    "Gather": [bxml.SpeakSentence("Press."), bxml.PlayAudio("/a.wav")],
    "PlayAudio": "https://app.example/a.wav",
    "Refer": [bxml.SipUri("sip:user@server.example")],
    "SendDtmf": "12wW,*#aD",
    "SpeakSentence": bxml.Ssml("Hello <s>there</s>"),
    "StartStream": [bxml.StreamParam(name="n", value="v")],
    "StartTranscription": [bxml.CustomParam(name="n", value="v")],
    "Tag": "t",
    "Transfer": [bxml.PhoneNumber("+19195551234"), bxml.SipUri("sip:user@server.example")],
}
VALUES: dict[str, Any] = {
    **dict.fromkeys(("from", "to", "transferCallerId"), "+19195554321"),
    **dict.fromkeys(("privacy", "answerCall", "mute", "hold", "transcribe", "detectLanguage", "multiChannel"), True),
    **dict.fromkeys(("wait", "stabilized", "profanityFilter"), True),
    **dict.fromkeys(("callerDisplayName", "transferCallerDisplayName"), "Anonymous"),
    **dict.fromkeys(("callTimeout", "interDigitTimeout", "firstDigitTimeout", "callbackTimeout", "speechTimeout"), 2.5),
    **dict.fromkeys(("duration", "maxDuration", "silenceTimeout"), 9.5),
    **dict.fromkeys(("maxDigits", "repeatCount"), 7),
    **dict.fromkeys(("toneDuration", "toneInterval"), 60),
    "destination": "wss://stream.example/",
    "diversionReason": "away",
    "diversionTreatment": "stack",
    "fileFormat": "mp3",
    "gender": "male",
    "input": "dtmf_speech",
    "mode": "bidirectional",
    "preferredLanguages": "en-US,es-US",
    "tracks": "both",
}
# Attributes that another one of the same verb forbids.
FORBIDDEN: dict[str, dict[str, Any]] = {"StartTranscription": {"detectLanguage": False}}
ON_CONFERENCES = {"PlayAudio", "SpeakSentence", "StartRecording", "StopRecording", "PauseRecording", "ResumeRecording"}
ON_CALLS = {kind.__name__ for kind in VERBS}


def built(kind: type[bxml.Verb]) -> tuple[bxml.Verb, dict[str, Any]]:
    """Return the verb with all its attributes and content, and the attributes by the API's names."""
    given = {wire: value(wire) for wire in shape(kind).attributes} | FORBIDDEN.get(kind.__name__, {})
    attributes: dict[str, Any] = {name: given[wire] for wire, name in shape(kind).attributes.items()}
    content = [CONTENTS[kind.__name__]] if kind.__name__ in CONTENTS else []
    return kind(*content, **attributes), given


def is_read(kind: type[bxml.Verb], context: str) -> bool:
    """Whether the emulator reads the verb in this context."""
    try:
        read_document(bxml.Response([built(kind)[0]]).to_bxml().encode(), context)
    except InvalidBxml:
        return False
    return True


def value(wire: str) -> Any:
    """Return a valid value that is not the default."""
    if wire.endswith("Url"):
        return f"https://app.example/{wire}"
    return "GET" if wire.endswith("Method") else VALUES.get(wire, "x")


@pytest.mark.parametrize("root", [bxml.Response, bxml.Bxml])
@pytest.mark.parametrize("kind", VERBS, ids=lambda kind: kind.__name__)
def test_what_the_package_builds_is_read(kind: type[bxml.Verb], root: type[bxml.Response | bxml.Bxml]) -> None:
    """The emulator reads each verb, with all its attributes, as the package built it."""
    verb, given = built(kind)

    (got,) = read_document(root([verb]).to_bxml().encode()).verbs

    assert (got.name, got.attributes) == (kind.__name__, given)


def shapes(children: Mapping[str, Shape]) -> dict[str, Shape]:
    """Return the shapes of elements and of what stands in them, by their names."""
    found = dict(children)
    for child in children.values():
        found |= shapes(child.children)
    return found


def test_every_attribute_is_known_to_both() -> None:
    """Each element, the children of verbs included, has the same attributes in the emulator and in the builder."""
    known = {name: set(its.attributes) for name, its in shapes(TOP_LEVEL["call"]).items()}

    assert known == {kind.__name__: set(shape(kind).attributes) for kind in ELEMENTS}


def test_every_verb_is_known_to_both() -> None:
    """The emulator's vocabulary and the package's builder have the same verbs."""
    assert set(TOP_LEVEL["call"]) == {kind.__name__ for kind in VERBS}


@pytest.mark.parametrize(
    ("context", "allowed"),
    [
        ("call", ON_CALLS),
        ("transferAnswer", ON_CALLS - {"Bridge", "Conference", "Forward", "Transfer"}),
        ("conference", ON_CONFERENCES),
    ],
)
def test_a_verb_stands_only_where_it_may(context: str, allowed: set[str]) -> None:
    """A call takes every verb, the callee of a Transfer all but four, and a conference six."""
    assert {kind.__name__ for kind in VERBS if is_read(kind, context)} == allowed
