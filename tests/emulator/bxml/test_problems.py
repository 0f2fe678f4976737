from __future__ import annotations

import pytest
from support.emulator_bxml import NUMBER, problems, read

from bandwidth_calls.emulator.bxml.voices import VOICES


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ('<Ring answerCall="False"/>', "Ring[0]: answerCall: should be false, not False"),
        ('<Pause/><Record transcribe="TRUE"/>', "Record[1]: transcribe: should be true, not TRUE"),
        (
            '<SpeakSentence voice="nobody">a</SpeakSentence>',
            "SpeakSentence[0]: voice: 'nobody' is not among the documented voices",
        ),
        (
            '<Gather><PlayAudio>a</PlayAudio><SpeakSentence voice="">a</SpeakSentence></Gather>',
            "Gather[0] > SpeakSentence[1]: voice: '' is not among the documented voices",
        ),
        (
            f'<Transfer timeLimit="60">{NUMBER}</Transfer>',
            "Transfer[0]: timeLimit: is not documented, and has no effect",
        ),
    ],
)
def test_what_may_fail_at_bandwidth_is_a_problem(inside: str, message: str) -> None:
    """A document that may fail at Bandwidth is read, and its problem names the place."""
    assert problems(inside) == (f"Response > {message}",)


def test_booleans_in_any_case_are_read() -> None:
    """The case of the letters does not change the value."""
    verbs = read(
        '<Ring answerCall="False"/><Ring answerCall="FALSE"/><Ring answerCall="True"/><Ring answerCall="tRue"/>'
    )

    assert [verb.flag("answerCall") for verb in verbs] == [False, False, True, True]


def test_an_attribute_without_an_effect_is_left_out() -> None:
    """The verb has none of the attributes that are ignored."""
    (verb,) = read(f'<Transfer timeLimit="60">{NUMBER}</Transfer>')

    assert "timeLimit" not in verb.attributes


def test_each_problem_is_told() -> None:
    """A document has all its problems, in the order of its elements."""
    found = problems('<Ring answerCall="True"/><Hangup/><StopStream name="a" wait="False"/>')

    assert found == (
        "Response > Ring[0]: answerCall: should be true, not True",
        "Response > StopStream[2]: wait: should be false, not False",
    )


@pytest.mark.parametrize("voice", [*sorted(VOICES), "Julie"])
def test_a_documented_voice_is_no_problem(voice: str) -> None:
    """Each voice of the documentation is known, in any case of letters."""
    assert problems(f'<SpeakSentence voice="{voice}">a</SpeakSentence>') == ()


def test_a_plain_document_has_no_problem() -> None:
    """What is documented is no problem."""
    assert problems(f'<Ring answerCall="true"/><SpeakSentence>a</SpeakSentence><Transfer>{NUMBER}</Transfer>') == ()
