import pytest
from support.bxml_help import rendered

from bandwidth_calls.bxml import (
    BxmlError,
    Gather,
    PlayAudio,
    Response,
    SpeakSentence,
    StartGather,
    StopGather,
    Verb,
    parse,
)


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        (
            Gather(
                [SpeakSentence("Press 1"), PlayAudio("menu.wav")],
                gather_url="/gather",
                gather_method="POST",
                gather_fallback_url="/fallback",
                gather_fallback_method="GET",
                username="user",
                password="secret",
                fallback_username="user2",
                fallback_password="secret2",
                tag="tag",
                terminating_digits="#",
                max_digits=3,
                inter_digit_timeout=5,
                first_digit_timeout=7.5,
                repeat_count=2,
                input="dtmf_speech",
                hints="sales, support",
                language="en-US",
                speech_model="phone_call",
                speech_timeout=2.5,
                profanity_filter=False,
                partial_result_callback="/partial",
                partial_result_callback_method="GET",
            ),
            '<Gather gatherUrl="/gather" gatherMethod="POST" gatherFallbackUrl="/fallback" gatherFallbackMethod="GET"'
            ' username="user" password="secret" fallbackUsername="user2" fallbackPassword="secret2" tag="tag"'
            ' terminatingDigits="#" maxDigits="3" interDigitTimeout="5" firstDigitTimeout="7.5" repeatCount="2"'
            ' input="dtmf_speech" hints="sales, support" language="en-US" speechModel="phone_call" speechTimeout="2.5"'
            ' profanityFilter="false" partialResultCallback="/partial" partialResultCallbackMethod="GET">'
            "<SpeakSentence>Press 1</SpeakSentence><PlayAudio>menu.wav</PlayAudio></Gather>",
        ),
        (Gather(), "<Gather/>"),
        (Gather(tag="", terminating_digits=""), '<Gather tag="" terminatingDigits=""/>'),
        (
            StartGather(dtmf_url="/dtmf", dtmf_method="POST", username="user", password="secret", tag="tag"),
            '<StartGather dtmfUrl="/dtmf" dtmfMethod="POST" username="user" password="secret" tag="tag"/>',
        ),
        (StopGather(), "<StopGather/>"),
    ],
)
def test_digit_verbs_are_written_as_the_reference_has_them(verb: Verb, expected: str) -> None:
    """Each verb of digits is written under its names and in its order, and an empty text is no absent one."""
    text = rendered(verb)

    assert text == expected


def test_twenty_prompts_are_allowed() -> None:
    """The number of children times the repeat count may be 20."""
    gather = Gather([PlayAudio("a.wav")] * 4, repeat_count=5)

    assert len(gather.children) == 4


@pytest.mark.parametrize(("count", "repeat_count"), [(4, 6), (21, None), (21, 1)])
def test_more_than_twenty_prompts_are_refused(count: int, repeat_count: int | None) -> None:
    """The number of children times the repeat count may not be more than 20."""
    with pytest.raises(BxmlError, match=r"^Gather\.repeat_count: times the children must be at most 20, not 2"):
        Gather([PlayAudio("a.wav")] * count, repeat_count=repeat_count)


@pytest.mark.parametrize("seconds", [0, 0.1, 86_401, 2**53 + 1, 10**30 + 1, 1e300])
def test_any_time_for_speech_is_written_and_read(seconds: float) -> None:
    """The range of speechTimeout is not documented, so every time is allowed, and read as it was written."""
    document = Response([Gather(speech_timeout=seconds)])

    assert parse(document.to_bxml()) == document


@pytest.mark.parametrize("seconds", [-0.1, float("inf"), float("nan"), 10**309])
def test_what_is_no_time_for_speech_is_refused(seconds: float) -> None:
    """A negative number and one that is not finite are no time."""
    with pytest.raises(BxmlError, match=r"^Gather\.speech_timeout: must be 0 or more, not "):
        Gather(speech_timeout=seconds)
