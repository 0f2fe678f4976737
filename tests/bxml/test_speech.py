import pytest
from support.bxml_help import rendered

from bandwidth_calls.bxml import BxmlError, Pause, PlayAudio, Ring, SendDtmf, SpeakSentence, Ssml, Verb


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        (SpeakSentence("Hello"), "<SpeakSentence>Hello</SpeakSentence>"),
        (
            SpeakSentence("Hello", voice="julie", gender="female", locale="en_US"),
            '<SpeakSentence voice="julie" gender="female" locale="en_US">Hello</SpeakSentence>',
        ),
        (
            SpeakSentence(Ssml('<break time="1s"/>Hello')),
            '<SpeakSentence><break time="1s"/>Hello</SpeakSentence>',
        ),
        (
            PlayAudio("menu.wav", username="user", password="secret"),
            '<PlayAudio username="user" password="secret">menu.wav</PlayAudio>',
        ),
        (Pause(), "<Pause/>"),
        (Pause(duration=0.1), '<Pause duration="0.1"/>'),
        (Pause(duration=86400), '<Pause duration="86400"/>'),
        (Ring(duration=2.5, answer_call=False), '<Ring duration="2.5" answerCall="false"/>'),
        (
            SendDtmf("12w34", tone_duration=200, tone_interval=400.5),
            '<SendDtmf toneDuration="200" toneInterval="400.5">12w34</SendDtmf>',
        ),
        (SendDtmf("0123456789*#abcdABCD,wW"), "<SendDtmf>0123456789*#abcdABCD,wW</SendDtmf>"),
    ],
)
def test_speech_verbs_are_written_as_the_reference_has_them(verb: Verb, expected: str) -> None:
    """Each verb of speech, audio and time is written under its names and in its order."""
    text = rendered(verb)

    assert text == expected


@pytest.mark.parametrize("content", ["", " ", "\t\n", "\u00a0", Ssml(""), Ssml(" "), Ssml("<!-- nothing -->")])
def test_blank_speech_is_refused(content: str | Ssml) -> None:
    """A sentence of nothing but white space is refused."""
    with pytest.raises(BxmlError) as caught:
        SpeakSentence(content)

    assert str(caught.value) == "SpeakSentence: must not be blank"


def test_a_break_alone_is_speech() -> None:
    """Markup without text is not blank."""
    text = rendered(SpeakSentence(Ssml("<break/>")))

    assert text == "<SpeakSentence><break/></SpeakSentence>"


@pytest.mark.parametrize("content", ["", "1" * 51, "x", "1 2", "e", "\u0663", "1\n"])
def test_other_keys_are_refused(content: str) -> None:
    """SendDtmf takes 1 to 50 of its characters, and no digits of other scripts."""
    with pytest.raises(BxmlError) as caught:
        SendDtmf(content)

    assert str(caught.value).startswith("SendDtmf: must be 1 to 50 of 0-9 * # a-d A-D , w W, not ")


def test_keys_are_text() -> None:
    """A number is refused where keys belong."""
    with pytest.raises(BxmlError, match=r"^SendDtmf: must be text, not int$"):
        SendDtmf(5)  # type: ignore[arg-type] # the mistake under test
