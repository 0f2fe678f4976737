import pytest
from support.bxml_help import rendered

from bandwidth_calls.bxml import (
    BxmlError,
    PauseRecording,
    Record,
    ResumeRecording,
    StartRecording,
    StopRecording,
    Verb,
)


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        (
            Record(
                record_complete_url="/complete",
                record_complete_method="POST",
                record_complete_fallback_url="/fallback",
                record_complete_fallback_method="GET",
                recording_available_url="/recording",
                recording_available_method="POST",
                transcribe=True,
                detect_language=False,
                transcription_available_url="/transcription",
                transcription_available_method="GET",
                username="user",
                password="secret",
                fallback_username="user2",
                fallback_password="secret2",
                tag="tag",
                terminating_digits="",
                max_duration=10800,
                silence_timeout=0,
                file_format="mp3",
                recording_name="message",
            ),
            '<Record recordCompleteUrl="/complete" recordCompleteMethod="POST" recordCompleteFallbackUrl="/fallback"'
            ' recordCompleteFallbackMethod="GET" recordingAvailableUrl="/recording" recordingAvailableMethod="POST"'
            ' transcribe="true" detectLanguage="false" transcriptionAvailableUrl="/transcription"'
            ' transcriptionAvailableMethod="GET" username="user" password="secret" fallbackUsername="user2"'
            ' fallbackPassword="secret2" tag="tag" terminatingDigits="" maxDuration="10800" silenceTimeout="0"'
            ' fileFormat="mp3" recordingName="message"/>',
        ),
        (
            StartRecording(
                recording_available_url="/recording",
                recording_available_method="POST",
                transcribe=False,
                detect_language=True,
                transcription_available_url="/transcription",
                transcription_available_method="GET",
                username="user",
                password="secret",
                tag="tag",
                file_format="wav",
                multi_channel=True,
                recording_name="call",
            ),
            '<StartRecording recordingAvailableUrl="/recording" recordingAvailableMethod="POST" transcribe="false"'
            ' detectLanguage="true" transcriptionAvailableUrl="/transcription" transcriptionAvailableMethod="GET"'
            ' username="user" password="secret" tag="tag" fileFormat="wav" multiChannel="true"'
            ' recordingName="call"/>',
        ),
        (StopRecording(), "<StopRecording/>"),
        (PauseRecording(), "<PauseRecording/>"),
        (ResumeRecording(), "<ResumeRecording/>"),
    ],
)
def test_recording_verbs_are_written_as_the_reference_has_them(verb: Verb, expected: str) -> None:
    """Each verb of recording is written under its names and in its order."""
    text = rendered(verb)

    assert text == expected


@pytest.mark.parametrize("field", ["record_complete_url", "recording_available_url", "transcription_available_url"])
@pytest.mark.parametrize("credential", ["username", "password"])
@pytest.mark.parametrize("url", ["http://example.com/", "HTTP://example.com/", " http://example.com/"])
def test_credentials_of_a_record_want_https(field: str, credential: str, url: str) -> None:
    """The three URLs that get the credentials of a Record must not be plain http."""
    given: dict[str, object] = {field: url, credential: "x"}

    with pytest.raises(BxmlError) as caught:
        Record(**given)  # type: ignore[arg-type] # the names come from a table

    assert str(caught.value) == f"Record.{field}: must use https, since credentials are sent with it"


@pytest.mark.parametrize("credential", ["fallback_username", "fallback_password"])
def test_fallback_credentials_of_a_record_want_https(credential: str) -> None:
    """The fallback URL that gets credentials of a Record must not be plain http."""
    given = {"record_complete_fallback_url": "http://example.com/", credential: "x"}

    with pytest.raises(BxmlError, match=r"^Record\.record_complete_fallback_url: must use https"):
        Record(**given)  # type: ignore[arg-type] # the names come from a table


@pytest.mark.parametrize("field", ["recording_available_url", "transcription_available_url"])
def test_credentials_of_a_start_recording_want_https(field: str) -> None:
    """The URLs that get the credentials of a StartRecording must not be plain http."""
    given = {field: "http://example.com/", "password": "x"}

    with pytest.raises(BxmlError, match=rf"^StartRecording\.{field}: must use https"):
        StartRecording(**given)  # type: ignore[arg-type] # the names come from a table


def test_relative_and_https_urls_may_have_credentials() -> None:
    """A relative URL takes the scheme of the document that it comes with, so it is not refused."""
    record = Record(record_complete_url="/a", recording_available_url="https://example.com/", username="x")

    assert record.username == "x"


def test_plain_http_needs_no_credentials() -> None:
    """Without credentials, and with those of the fallback only, a main URL may be plain http."""
    record = Record(record_complete_url="http://example.com/", fallback_username="x")

    assert record.record_complete_url == "http://example.com/"
