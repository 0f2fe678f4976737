"""Gather with speech: what the far end says, beside the keys that it presses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.application import Application

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Place = Callable[..., Awaitable[Call]]

PROMPT = "<SpeakSentence>Please say what you want to talk about.</SpeakSentence>"  # 39 characters, 2.6 s
SILENT = FarEnd().silence()
SALES = "Sales department please"  # 23 characters, 1.533 s


async def gathered(
    bandwidth: Emulator, place: Place, far_end: FarEnd, attributes: str, prompt: str = PROMPT
) -> tuple[Call, dict[str, Any]]:
    """Play a Gather with a prompt. Return the call and the event."""
    bandwidth.far_end("*", far_end)
    gather = f'<Gather gatherUrl="/hook" {attributes}>{prompt}</Gather>'
    async with Application(answer=f"<Response>{gather}</Response>") as application:
        call = await place(application)
        await bandwidth.run_until_idle()
    (event,) = application.told("gather")
    return call, event


def seconds_of(call: Call, kind: str) -> float:
    """Return when the first entry of a kind was noted, in seconds since the call was answered."""
    return next(entry.time - (call.answer_time or 0) for entry in call.entries if entry.kind == kind) / 1000


@pytest.mark.parametrize("source", ["speech", "dtmf_speech"])
async def test_what_the_far_end_says_ends_the_gather(bandwidth: Emulator, place: Place, source: str) -> None:
    """The event has the words beside the digits, as soon as they were said."""
    call, event = await gathered(bandwidth, place, SILENT.say(SALES, after=4), f'input="{source}" tag="g"')

    assert (event["text"], event["digits"], event["terminatingDigit"], event["tag"]) == (SALES, "", "", "g")
    assert seconds_of(call, "gathered") == pytest.approx(4 + 23 / 15, abs=0.002)


async def test_speech_stops_the_prompt(bandwidth: Emulator, place: Place) -> None:
    """The far end hears no more of the prompt when it begins to speak."""
    call, event = await gathered(bandwidth, place, SILENT.say(SALES, after=1), 'input="speech"')

    assert "said: Please say what... (cut off)" in call.transcript()
    assert event["text"] == SALES


async def test_long_words_are_waited_for(bandwidth: Emulator, place: Place) -> None:
    """Nobody who speaks is interrupted by a timeout."""
    words = "word " * 60  # 20 s
    _, event = await gathered(bandwidth, place, SILENT.say(words, after=3), 'input="speech" speechTimeout="1"')

    assert event["text"] == words


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [
        ('input="speech"', 5),
        ('input="speech" speechTimeout="2" firstDigitTimeout="9"', 2),
        ('input="dtmf_speech" speechTimeout="2" firstDigitTimeout="9"', 9),
        ('input="dtmf_speech" speechTimeout="9" firstDigitTimeout="2"', 9),
        ('input="speech" speechTimeout="2" repeatCount="3"', 2 + 2 * (2.6 + 2)),
    ],
)
async def test_nobody_speaks(bandwidth: Emulator, place: Place, attributes: str, seconds: float) -> None:
    """The gather ends with an empty text: after speechTimeout, or with keys after the longer one of both."""
    call, event = await gathered(bandwidth, place, SILENT, attributes)

    assert (event["text"], event["digits"]) == ("", "")
    assert seconds_of(call, "gathered") == pytest.approx(2.6 + seconds, abs=0.002)


async def test_keys_beside_speech(bandwidth: Emulator, place: Place) -> None:
    """With both inputs, keys are gathered as without speech, and the text is empty."""
    _, event = await gathered(
        bandwidth, place, SILENT.press("12#", after=1), 'input="dtmf_speech" terminatingDigits="#"'
    )

    assert (event["digits"], event["terminatingDigit"], event["text"]) == ("12", "#", "")


async def test_speech_after_a_key(bandwidth: Emulator, place: Place) -> None:
    """Words that follow keys end the gather with both."""
    far_end = SILENT.press("1", after=1).say(SALES, after=2)
    _, event = await gathered(bandwidth, place, far_end, 'input="dtmf_speech"')

    assert (event["digits"], event["text"]) == ("1", SALES)


async def test_keys_are_no_speech(bandwidth: Emulator, place: Place) -> None:
    """A gather of speech alone takes no keys, and a key does not stop its prompt."""
    call, event = await gathered(bandwidth, place, SILENT.press("1", after=1), 'input="speech" maxDigits="1"')

    assert (event["digits"], event["text"]) == ("", "")
    call.assert_heard("please say what you want to talk about")


@pytest.mark.parametrize("attributes", ["", 'input="dtmf"'])
async def test_speech_is_no_key(bandwidth: Emulator, place: Place, attributes: str) -> None:
    """A gather of keys alone goes on while the far end speaks, and its event has no text."""
    far_end = SILENT.say(SALES, after=1).press("1")
    call, event = await gathered(bandwidth, place, far_end, attributes)

    assert (event["digits"], "text" in event) == ("1", False)
    call.assert_heard("please say what you")


async def test_a_greeting_is_no_answer(bandwidth: Emulator, place: Place) -> None:
    """What a callee says on picking up is not taken for what it was asked."""
    _, event = await gathered(bandwidth, place, FarEnd().say(SALES, after=4), 'input="speech"')

    assert event["text"] == SALES


async def test_words_that_began_before(bandwidth: Emulator, place: Place) -> None:
    """Somebody who speaks already when the gather begins is heard to the end."""
    bandwidth.far_end("*", SILENT.say(SALES, after=0.5))
    verbs = '<Pause/><Gather gatherUrl="/hook" input="speech"/>'
    async with Application(answer=f"<Response>{verbs}</Response>") as application:
        await place(application)
        await bandwidth.run_until_idle()

    assert application.told("gather")[0]["text"] == SALES


async def test_what_is_said_on_demand(bandwidth: Emulator, place: Place) -> None:
    """A far end that a test makes speak is heard as one with a script."""
    bandwidth.far_end("*", SILENT)
    gather = f'<Gather gatherUrl="/hook" input="speech">{PROMPT}</Gather>'
    async with Application(answer=f"<Response>{gather}</Response>") as application:
        call = await place(application)
        await bandwidth.advance(5)
        bandwidth.say(call, SALES)
        await bandwidth.run_until_idle()

    assert application.told("gather")[0]["text"] == SALES
    assert f"gathered: '', said {SALES!r}" in call.timeline()


async def test_no_partial_result_is_sent(bandwidth: Emulator, place: Place) -> None:
    """Without the setting the URL of partial results is taken, and gets nothing."""
    call, event = await gathered(
        bandwidth, place, SILENT.say(SALES, after=4), 'input="speech" partialResultCallback="/partial" hints="sales"'
    )

    assert event["text"] == SALES
    assert "partialgather" not in call.timeline()


async def test_partial_results() -> None:
    """With the setting an event comes after each word but the last, when it was said, with all words so far."""
    gather = (
        '<Gather gatherUrl="/hook" input="speech" partialResultCallback="/part" partialResultCallbackMethod="GET"/>'
    )
    emulator = Emulator(moved_clock=True, partial_results=True, characters_per_second=10)
    async with Application(initiate=f"<Response>{gather}</Response>") as application, emulator as bandwidth:
        far_end = SILENT.say("I  want a pizza", after=1)
        numbers = {"to": "+19195551234", "from_": "+19195554321"}
        call = await bandwidth.inbound(**numbers, url=application.url, far_end=far_end)
        await bandwidth.run_until_idle()

    parts = application.told("partialgather")
    assert [event["text"] for event in parts] == ["I", "I  want", "I  want a"]
    assert [event["eventTime"][17:23] for event in parts] == ["01.100", "01.700", "01.900"]
    assert {event["callId"] for event in parts} == {call.call_id}
    methods = [request.method for request in application.requests if request.path == "/part"]
    assert methods == ["GET"] * 3
    assert application.told("gather")[0]["text"] == "I  want a pizza"


async def test_a_partial_result_that_is_refused() -> None:
    """It is a problem, and the gather goes on."""
    gather = '<Gather gatherUrl="/hook" input="speech" partialResultCallback="/part"/>'
    emulator = Emulator(moved_clock=True, partial_results=True)
    replies: dict[str, Any] = {"initiate": f"<Response>{gather}</Response>", "partialgather": 500}
    async with Application(**replies) as application, emulator as bandwidth:
        numbers = {"to": "+19195551234", "from_": "+19195554321"}
        await bandwidth.inbound(**numbers, url=application.url, far_end=SILENT.say("Yes please", after=1))
        await bandwidth.run_until_idle()

        (problem,) = bandwidth.expect_problems()
        assert "partialgather" in problem
    assert application.told("gather")[0]["text"] == "Yes please"
