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
            ),
            '<StartTranscription name="transcription" tracks="inbound" transcriptionEventUrl="/event"'
            ' transcriptionEventMethod="GET" username="user" password="secret" destination="wss://example.com/"'
            ' stabilized="false"><CustomParam name="one" value="1"/></StartTranscription>',
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
