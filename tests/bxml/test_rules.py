from collections.abc import Callable, Mapping

import pytest

from bandwidth_calls.bxml import (
    Bridge,
    BxmlError,
    Conference,
    CustomParam,
    Forward,
    Gather,
    Pause,
    PhoneNumber,
    PlayAudio,
    Record,
    Redirect,
    Refer,
    Ring,
    SendDtmf,
    SipUri,
    SpeakSentence,
    Ssml,
    StartGather,
    StartRecording,
    StartStream,
    StartTranscription,
    StopStream,
    StreamParam,
    Tag,
    Transfer,
)

# What each class needs besides the field that is tested.
NEEDS: dict[type, tuple[tuple[object, ...], Mapping[str, object]]] = {
    Bridge: (("c-1",), {}),
    Conference: (("room",), {}),
    CustomParam: ((), {"name": "n", "value": "v"}),
    Forward: ((), {"to": "+19195551234"}),
    PhoneNumber: (("+19195551234",), {}),
    PlayAudio: (("a.wav",), {}),
    Redirect: ((), {"redirect_url": "/next"}),
    Refer: (([SipUri("sip:a@b")],), {}),
    SendDtmf: (("1",), {}),
    SipUri: (("sip:a@b",), {}),
    SpeakSentence: (("Hello",), {}),
    StartGather: ((), {"dtmf_url": "/dtmf"}),
    StartStream: ((), {"destination": "wss://example.com/"}),
    StopStream: ((), {"name": "stream"}),
    StreamParam: ((), {"name": "n", "value": "v"}),
    Transfer: (([PhoneNumber("+19195551234")],), {}),
}


def build(kind: type, field: str, value: object) -> object:
    """Build an element with one given field, and what else it requires."""
    body, others = NEEDS.get(kind, ((), {}))
    make: Callable[..., object] = kind
    return make(*body, **{**others, field: value})


RANGES: list[tuple[type, str, float, float, bool]] = [
    (Pause, "duration", 0.1, 86400, False),
    (Ring, "duration", 0.1, 86400, False),
    (SendDtmf, "tone_duration", 50, 5000, False),
    (SendDtmf, "tone_interval", 50, 5000, False),
    (Gather, "max_digits", 1, 50, True),
    (Gather, "inter_digit_timeout", 1, 60, False),
    (Gather, "first_digit_timeout", 0, 60, False),
    (Gather, "repeat_count", 1, 20, True),
    (Record, "max_duration", 0, 10800, False),
    (Record, "silence_timeout", 0, 10800, False),
    (Transfer, "call_timeout", 1, 300, False),
    (Forward, "call_timeout", 1, 300, False),
    (Conference, "callback_timeout", 1, 25, False),
]


@pytest.mark.parametrize(("kind", "field", "low", "high", "whole"), RANGES)
def test_both_ends_of_a_range_are_in_it(kind: type, field: str, low: float, high: float, whole: bool) -> None:
    """The limits themselves are allowed."""
    lowest, highest = build(kind, field, low), build(kind, field, high)

    assert (getattr(lowest, field), getattr(highest, field)) == (low, high)


@pytest.mark.parametrize(("kind", "field", "low", "high", "whole"), RANGES)
def test_numbers_out_of_range_are_refused(kind: type, field: str, low: float, high: float, whole: bool) -> None:
    """A number beyond a limit is refused under the field's name, with both limits."""
    for value in (low - 0.01, high + 0.01, -1, float("nan"), float("inf"), -float("inf")):
        with pytest.raises(BxmlError) as caught:
            build(kind, field, value)

        assert str(caught.value).startswith(f"{kind.__name__}.{field}: must be {low} to {high}, not ")


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, field, *_ in RANGES])
@pytest.mark.parametrize("value", [True, "five", b"5", [5]])
def test_other_types_are_no_numbers(kind: type, field: str, value: object) -> None:
    """A value of another type is refused under the field's name, with its type."""
    with pytest.raises(BxmlError) as caught:
        build(kind, field, value)

    assert str(caught.value) == f"{kind.__name__}.{field}: must be a number, not {type(value).__name__}"


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, field, _, _, whole in RANGES if whole])
def test_counts_are_whole(kind: type, field: str) -> None:
    """A fraction of a digit or of a round is refused."""
    with pytest.raises(BxmlError, match=rf"^{kind.__name__}\.{field}: must be whole, not 1\.5$"):
        build(kind, field, 1.5)


def test_the_message_names_the_place_and_the_value() -> None:
    """A limit is reported with the class, the field, the limit and the value."""
    with pytest.raises(BxmlError) as caught:
        Gather(max_digits=51)

    assert str(caught.value) == "Gather.max_digits: must be 1 to 50, not 51"
    assert caught.value.where == "Gather.max_digits"


def test_a_huge_number_is_refused_like_any_other() -> None:
    """An int that Python cannot write as text is refused with the same error."""
    with pytest.raises(BxmlError, match=r"^Gather\.max_digits: must be 1 to 50, not a huge number$"):
        Gather(max_digits=10**5000)


FLAGS: list[tuple[type, str]] = [
    (Ring, "answer_call"),
    (Gather, "profanity_filter"),
    (Record, "transcribe"),
    (Record, "detect_language"),
    (StartRecording, "transcribe"),
    (StartRecording, "detect_language"),
    (StartRecording, "multi_channel"),
    (Transfer, "privacy"),
    (Forward, "privacy"),
    (Conference, "mute"),
    (Conference, "hold"),
    (StopStream, "wait"),
    (StartTranscription, "stabilized"),
    (StartTranscription, "detect_language"),
]


@pytest.mark.parametrize(("kind", "field"), FLAGS)
@pytest.mark.parametrize("value", [0, 1, "true", "", 1.0])
def test_flags_are_no_numbers_and_no_texts(kind: type, field: str, value: object) -> None:
    """A flag is True or False, not a number or a text that looks like it."""
    with pytest.raises(BxmlError) as caught:
        build(kind, field, value)

    assert str(caught.value) == f"{kind.__name__}.{field}: must be True or False, not {value!r}"


REASONS = [
    "unknown", "user-busy", "no-answer", "unavailable", "unconditional", "time-of-day", "do-not-disturb", "deflection",
    "follow-me", "out-of-service", "away",
]  # fmt: skip
WORDS: list[tuple[type, str, list[str]]] = [
    (SpeakSentence, "gender", ["female", "male"]),
    (Gather, "gather_method", ["GET", "POST"]),
    (Gather, "gather_fallback_method", ["GET", "POST"]),
    (Gather, "input", ["dtmf", "speech", "dtmf_speech"]),
    (Gather, "partial_result_callback_method", ["GET", "POST"]),
    (StartGather, "dtmf_method", ["GET", "POST"]),
    (Record, "record_complete_method", ["GET", "POST"]),
    (Record, "record_complete_fallback_method", ["GET", "POST"]),
    (Record, "recording_available_method", ["GET", "POST"]),
    (Record, "transcription_available_method", ["GET", "POST"]),
    (Record, "file_format", ["wav", "mp3"]),
    (StartRecording, "recording_available_method", ["GET", "POST"]),
    (StartRecording, "transcription_available_method", ["GET", "POST"]),
    (StartRecording, "file_format", ["wav", "mp3"]),
    (Transfer, "transfer_complete_method", ["GET", "POST"]),
    (Transfer, "transfer_complete_fallback_method", ["GET", "POST"]),
    (Transfer, "diversion_treatment", ["none", "propagate", "stack"]),
    (Transfer, "diversion_reason", REASONS),
    (PhoneNumber, "transfer_answer_method", ["GET", "POST"]),
    (PhoneNumber, "transfer_answer_fallback_method", ["GET", "POST"]),
    (PhoneNumber, "transfer_disconnect_method", ["GET", "POST"]),
    (SipUri, "transfer_answer_method", ["GET", "POST"]),
    (SipUri, "transfer_answer_fallback_method", ["GET", "POST"]),
    (SipUri, "transfer_disconnect_method", ["GET", "POST"]),
    (Bridge, "bridge_complete_method", ["GET", "POST"]),
    (Bridge, "bridge_complete_fallback_method", ["GET", "POST"]),
    (Bridge, "bridge_target_complete_method", ["GET", "POST"]),
    (Bridge, "bridge_target_complete_fallback_method", ["GET", "POST"]),
    (Conference, "conference_event_method", ["GET", "POST"]),
    (Conference, "conference_event_fallback_method", ["GET", "POST"]),
    (Forward, "diversion_treatment", ["none", "propagate", "stack"]),
    (Forward, "diversion_reason", REASONS),
    (Redirect, "redirect_method", ["GET", "POST"]),
    (Redirect, "redirect_fallback_method", ["GET", "POST"]),
    (Refer, "refer_complete_method", ["GET", "POST"]),
    (StartStream, "mode", ["unidirectional", "bidirectional"]),
    (StartStream, "tracks", ["inbound", "outbound", "both"]),
    (StartStream, "stream_event_method", ["GET", "POST"]),
    (StartTranscription, "tracks", ["inbound", "outbound", "both"]),
    (StartTranscription, "transcription_event_method", ["GET", "POST"]),
]


@pytest.mark.parametrize(("kind", "field", "words"), WORDS)
def test_every_word_of_a_list_is_allowed(kind: type, field: str, words: list[str]) -> None:
    """Each word of the reference may be used."""
    built = [getattr(build(kind, field, word), field) for word in words]

    assert built == words


@pytest.mark.parametrize(("kind", "field", "words"), WORDS)
def test_other_words_are_refused(kind: type, field: str, words: list[str]) -> None:
    """Another word, another case and another type are refused."""
    for value in ("other", words[0].swapcase(), "", 1):
        with pytest.raises(BxmlError) as caught:
            build(kind, field, value)

        assert str(caught.value) == f"{kind.__name__}.{field}: must be one of {', '.join(words)}, not {value!r}"


LENGTHS: list[tuple[type, str, int]] = [
    (Gather, "tag", 256),
    (StartGather, "tag", 256),
    (Record, "tag", 256),
    (StartRecording, "tag", 256),
    (Transfer, "tag", 256),
    (Transfer, "transfer_caller_display_name", 256),
    (PhoneNumber, "tag", 256),
    (PhoneNumber, "uui", 350),
    (SipUri, "tag", 256),
    (Bridge, "tag", 256),
    (Conference, "tag", 256),
    (Forward, "caller_display_name", 256),
    (Forward, "uui", 256),
    (Redirect, "tag", 256),
    (Refer, "tag", 256),
    (StreamParam, "name", 256),
    (StreamParam, "value", 2048),
    (CustomParam, "name", 256),
    (CustomParam, "value", 2048),
]


@pytest.mark.parametrize(("kind", "field", "longest"), LENGTHS)
def test_texts_have_their_longest(kind: type, field: str, longest: int) -> None:
    """A text of the longest length is allowed, and one character more refused."""
    built = build(kind, field, "é" * longest)

    assert len(getattr(built, field)) == longest
    with pytest.raises(BxmlError) as caught:
        build(kind, field, "é" * (longest + 1))
    assert str(caught.value) == f"{kind.__name__}.{field}: must have at most {longest} characters, not {longest + 1}"


def test_a_tag_verb_has_its_longest() -> None:
    """The content of Tag has the limit of the attribute."""
    with pytest.raises(BxmlError, match=r"^Tag: must have at most 256 characters, not 257$"):
        Tag("x" * 257)


@pytest.mark.parametrize("name", ["a\tb", "a\nb", "a\x7fb", "a\x85b"])
def test_a_display_name_holds_no_control_characters(name: str) -> None:
    """Control characters that XML could hold are refused in a display name all the same."""
    with pytest.raises(BxmlError, match=r"^Forward\.caller_display_name: must not hold control characters$"):
        Forward(to="+19195551234", caller_display_name=name)


@pytest.mark.parametrize("code", [0x00, 0x01, 0x08, 0x0B, 0x0C, 0x1F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF])
def test_characters_that_xml_cannot_hold_are_refused(code: int) -> None:
    """A character that XML cannot hold is refused in a text and in an attribute, by its code point."""
    with pytest.raises(BxmlError) as in_text:
        SpeakSentence(f"a{chr(code)}")
    with pytest.raises(BxmlError) as in_attribute:
        Gather(tag=f"a{chr(code)}")

    fault = f"holds U+{code:04X}, which XML cannot"
    assert (str(in_text.value), str(in_attribute.value)) == (f"SpeakSentence: {fault}", f"Gather.tag: {fault}")


@pytest.mark.parametrize("value", [1, b"text", ["text"], Ssml("text")])
def test_text_is_str(value: object) -> None:
    """A value that is no str is refused in a field of text."""
    with pytest.raises(BxmlError, match=rf"^Gather\.gather_url: must be text, not {type(value).__name__}$"):
        build(Gather, "gather_url", value)


def test_a_required_attribute_may_not_be_none() -> None:
    """None stands for an optional attribute only."""
    with pytest.raises(BxmlError, match=r"^Redirect\.redirect_url: must be text, not NoneType$"):
        build(Redirect, "redirect_url", None)


@pytest.mark.parametrize(
    ("kind", "field"),
    [(Redirect, "redirect_url"), (StartGather, "dtmf_url"), (StartStream, "destination"), (StopStream, "name")],
)
def test_required_attributes_are_not_blank(kind: type, field: str) -> None:
    """A required URL, destination or name must not be blank."""
    with pytest.raises(BxmlError, match=rf"^{kind.__name__}\.{field}: must not be blank$"):
        build(kind, field, " ")


def test_long_values_are_shortened_in_the_message() -> None:
    """A message shortens a long value."""
    with pytest.raises(BxmlError) as caught:
        Conference("#" * 10_000)

    assert len(str(caught.value)) < 120
