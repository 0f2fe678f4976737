import re
from typing import Any

import pytest
from support.bxml_help import rendered

from bandwidth_calls.bxml import (
    BxmlError,
    CustomParam,
    StartStream,
    StartTranscription,
    StopStream,
    StopTranscription,
    StreamParam,
    Verb,
    parse,
)


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        (
            StartStream(
                [StreamParam(name="one", value="1"), StreamParam(name="two", value="")],
                destination="wss://example.com/",
                name="stream",
                mode="bidirectional",
                tracks="both",
                destination_username="user",
                destination_password="secret",
                stream_event_url="/event",
                stream_event_method="POST",
                username="user2",
                password="secret2",
            ),
            '<StartStream destination="wss://example.com/" name="stream" mode="bidirectional" tracks="both"'
            ' destinationUsername="user" destinationPassword="secret" streamEventUrl="/event"'
            ' streamEventMethod="POST" username="user2" password="secret2">'
            '<StreamParam name="one" value="1"/><StreamParam name="two" value=""/></StartStream>',
        ),
        (StopStream(name="stream", wait=True), '<StopStream name="stream" wait="true"/>'),
        (
            StartTranscription(
                [CustomParam(name="one", value="1")],
                name="transcription",
                tracks="inbound",
                transcription_event_url="/event",
                transcription_event_method="GET",
                username="user",
                password="secret",
                destination="wss://example.com/",
                stabilized=False,
                detect_language=False,
                preferred_languages="en-US,es-US",
            ),
            '<StartTranscription name="transcription" tracks="inbound" transcriptionEventUrl="/event"'
            ' transcriptionEventMethod="GET" username="user" password="secret" destination="wss://example.com/"'
            ' stabilized="false" detectLanguage="false" preferredLanguages="en-US,es-US">'
            '<CustomParam name="one" value="1"/></StartTranscription>',
        ),
        (StartTranscription(), "<StartTranscription/>"),
        (StopTranscription(name="transcription"), '<StopTranscription name="transcription"/>'),
        (StopTranscription(), "<StopTranscription/>"),
    ],
)
def test_streaming_verbs_are_written_as_the_reference_has_them(verb: Verb, expected: str) -> None:
    """Each verb of streaming is written under its names and in its order."""
    text = rendered(verb)

    assert text == expected


def test_a_stream_carries_twelve_parameters() -> None:
    """Twelve StreamParam are allowed, and thirteen refused."""
    param = StreamParam(name="n", value="v")

    stream = StartStream([param] * 12, destination="wss://example.com/")

    assert len(stream.children) == 12
    with pytest.raises(BxmlError, match=r"^StartStream: must hold 0 to 12 StreamParam, not 13$"):
        StartStream([param] * 13, destination="wss://example.com/")


def test_a_transcription_carries_twelve_parameters() -> None:
    """Twelve CustomParam are allowed, and thirteen refused."""
    param = CustomParam(name="n", value="v")

    transcription = StartTranscription([param] * 12)

    assert len(transcription.children) == 12
    with pytest.raises(BxmlError, match=r"^StartTranscription: must hold 0 to 12 CustomParam, not 13$"):
        StartTranscription([param] * 13)


def test_credentials_of_a_stream_want_https() -> None:
    """The URL that gets the credentials of a StartStream must not be plain http."""
    with pytest.raises(BxmlError, match=r"^StartStream\.stream_event_url: must use https"):
        StartStream(destination="wss://example.com/", stream_event_url="http://example.com/", username="x")


def test_credentials_of_a_transcription_want_https() -> None:
    """The URL that gets the credentials of a StartTranscription must not be plain http."""
    with pytest.raises(BxmlError, match=r"^StartTranscription\.transcription_event_url: must use https"):
        StartTranscription(transcription_event_url="http://example.com/", password="x")


@pytest.mark.parametrize("languages", ["en-US", "en-US,es-US", " en-US , es-US,fr", "en_US,es_US"])
def test_a_transcription_prefers_one_dialect_of_each_language(languages: str) -> None:
    """A list with one dialect of each language is allowed."""
    transcription = StartTranscription(preferred_languages=languages)

    assert transcription.preferred_languages == languages


@pytest.mark.parametrize("languages", ["en-US,en-GB", "en,es-US,EN-us", "en_US, en-US"])
def test_two_dialects_of_a_language_are_refused(languages: str) -> None:
    """A list with two dialects of one language is refused, and the message names the language."""
    with pytest.raises(BxmlError) as caught:
        StartTranscription(preferred_languages=languages)

    expected = "StartTranscription.preferred_languages: must have one dialect a language, not two of en"
    assert str(caught.value) == expected


@pytest.mark.parametrize("languages", ["", " ", "en-US,", ",en-US", "en-US,,es-US", "-US"])
def test_a_language_without_a_name_is_refused(languages: str) -> None:
    """Each place of the list must have a language."""
    with pytest.raises(BxmlError) as caught:
        StartTranscription(preferred_languages=languages)

    expected = "StartTranscription.preferred_languages: must be comma-separated languages such as en-US,es-US"
    assert str(caught.value).startswith(expected)


@pytest.mark.parametrize(("languages", "fault"), [(7, "must be text"), ("en-US,\x00es", "holds U+0000")])
def test_languages_are_text_that_xml_can_hold(languages: Any, fault: str) -> None:
    """Another type or a control character is refused before the languages are told apart."""
    with pytest.raises(BxmlError, match=rf"^StartTranscription\.preferred_languages: {re.escape(fault)}"):
        StartTranscription(preferred_languages=languages)


def test_a_language_is_detected_or_preferred() -> None:
    """The preferred languages are refused beside the detection of the language."""
    with pytest.raises(BxmlError, match=r"^StartTranscription\.preferred_languages: not allowed with detect_language$"):
        StartTranscription(detect_language=True, preferred_languages="en-US")


def test_a_document_with_two_dialects_is_refused_at_its_place() -> None:
    """The reader has the same rule, and names the attribute as the document spells it."""
    with pytest.raises(BxmlError) as caught:
        parse('<Response><StartTranscription preferredLanguages="en-US,en-GB"/></Response>')

    expected = "Response > StartTranscription[0].preferredLanguages: must have one dialect a language, not two of en"
    assert str(caught.value) == expected
