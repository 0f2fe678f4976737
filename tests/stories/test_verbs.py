"""Speech, keys and time: the verbs that stay within one call, and a far end that listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.application import Application

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Place = Callable[..., Awaitable[Call]]

PROMPT = "<SpeakSentence>Please enter your number now.</SpeakSentence>"  # 29 characters, 1.933 s
SILENT = FarEnd().silence()


def response(*verbs: str) -> str:
    """Return a document of these verbs."""
    return f"<Response>{''.join(verbs)}</Response>"


async def lasts(bandwidth: Emulator, place: Place, *verbs: str) -> float:
    """Return the seconds that a document plays."""
    async with Application(answer=response(*verbs)) as application:
        call = await place(application)
        await bandwidth.run_until_idle()
    assert call.end_time is not None
    assert call.answer_time is not None
    assert (call.disconnect_cause, call.error_message) == ("hangup", None)
    return (call.end_time - call.answer_time) / 1000


@pytest.mark.parametrize(
    ("verb", "seconds"),
    [
        ("<SpeakSentence>123456789012345</SpeakSentence>", 1),
        ("<SpeakSentence>12345<break time='1s'/>6789012345</SpeakSentence>", 16 / 15),
        ("<PlayAudio>a.wav</PlayAudio>", 5),
        ("<Pause/>", 1),
        ('<Pause duration="0.5"/>', 0.5),
        ("<Ring/>", 5),
        ('<Ring duration="3"/>', 3),
        ("<SendDtmf>12</SendDtmf>", 0.8),
        ('<SendDtmf toneDuration="100" toneInterval="50">1234</SendDtmf>', 0.55),
        ("<SendDtmf>1,2wW</SendDtmf>", 2.4),
        ("<SendDtmf>w12,,3</SendDtmf>", 2.5),
        ("<Tag>a</Tag>", 0),
        ("<Hangup/>", 0),
        ("<Gather/>", 5),
        ('<Gather firstDigitTimeout="2" repeatCount="3"><PlayAudio>a.wav</PlayAudio></Gather>', 21),
        ('<Gather firstDigitTimeout="0"/>', 0),
    ],
)
async def test_how_long_a_verb_takes(bandwidth: Emulator, place: Place, verb: str, seconds: float) -> None:
    """Speech has 15 characters a second, audio 5 seconds, and the others what BXML says."""
    bandwidth.far_end("*", SILENT)

    assert await lasts(bandwidth, place, verb) == pytest.approx(seconds, abs=0.002)


async def test_how_long_sound_takes_is_set() -> None:
    """Both settings reach what is played."""
    reply = response("<SpeakSentence>1234567890</SpeakSentence><PlayAudio>a.wav</PlayAudio>")
    async with (
        Application(initiate=reply) as application,
        Emulator(moved_clock=True, characters_per_second=5, audio_seconds=30) as emulator,
    ):
        call = await emulator.inbound(to="+19195554321", from_="+19195551234", url=application.url)
        await emulator.run_until_idle()

    assert call.end_time == call.created + 32_000


async def test_audio_that_is_not_supported(bandwidth: Emulator, place: Place) -> None:
    """An .ogg file ends the call."""
    async with Application(answer=response("<PlayAudio>https://a.example/a.ogg?b=c</PlayAudio>")) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    assert call.disconnect_cause == "application-error"
    assert call.error_message == "unsupported audio: https://a.example/a.ogg?b=c"


async def test_relative_urls_lead_on_from_the_document(bandwidth: Emulator, place: Place) -> None:
    """The document's URL resolves those of audio and of events."""
    async with Application(
        answer=response('<PlayAudio>a.wav</PlayAudio><Redirect redirectUrl="next?a=b"/>')
    ) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    assert f"played: {application.url.removesuffix('hook')}a.wav" in call.transcript()
    assert [request.path_qs for request in application.requests] == ["/hook", "/next?a=b", "/hook"]


@pytest.mark.parametrize(
    ("attributes", "keys", "digits", "terminating", "seconds"),
    [
        ('maxDigits="3"', "1234", "123", "", 0.5),
        ('terminatingDigits="#*"', "12*3", "12", "*", 0.5),
        ('terminatingDigits="#"', "#", "", "#", 0),
        ('interDigitTimeout="2"', "12", "12", "", 2.25),
        ("", "1", "1", "", 5),
    ],
)
async def test_what_ends_a_gather(
    bandwidth: Emulator, place: Place, attributes: str, keys: str, digits: str, terminating: str, seconds: float
) -> None:
    """Enough keys, a terminating key, or too long a pause after a key ends it."""
    bandwidth.far_end("*", SILENT.press(keys, after=1))
    async with Application(answer=response(f'<Gather gatherUrl="/hook" tag="g" {attributes}/>')) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    (gather,) = application.told("gather")
    assert (gather["digits"], gather["terminatingDigit"], gather["tag"]) == (digits, terminating, "g")
    assert call.end_time == call.created + 3000 + seconds * 1000


async def test_no_key_at_all(bandwidth: Emulator, place: Place) -> None:
    """The application gets the event all the same. Verbs after a gather with a URL are not played."""
    verbs = f'<Gather gatherUrl="/hook" firstDigitTimeout="3">{PROMPT}</Gather><SpeakSentence>Never</SpeakSentence>'
    async with Application(answer=response(verbs)) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    (gather,) = application.told("gather")
    assert (gather["digits"], gather["terminatingDigit"]) == ("", "")
    call.assert_never_heard("never")


async def test_a_key_stops_the_audio(bandwidth: Emulator, place: Place) -> None:
    """The far end heard only what was said until then."""
    bandwidth.far_end("*", SILENT.press("1", after=1))
    async with Application(
        answer=response(f'<Gather gatherUrl="/hook" maxDigits="1">{PROMPT}</Gather>')
    ) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    assert "said: Please enter yo... (cut off)" in call.transcript()
    assert call.end_time == call.created + 3000


async def test_without_a_url_keys_are_thrown_away(bandwidth: Emulator, place: Place) -> None:
    """The next verb follows."""
    bandwidth.far_end("*", SILENT.press("1", after=1))
    verbs = '<Gather maxDigits="1"/><SpeakSentence>Next</SpeakSentence>'
    async with Application(answer=response(verbs)) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    call.assert_heard("next")
    assert application.types == ["answer", "disconnect"]


async def test_each_key_is_told_while_other_verbs_run(bandwidth: Emulator, place: Place) -> None:
    """Events are sent from StartGather to StopGather, but not inside a Gather."""
    bandwidth.far_end("*", SILENT.press("1", after=1).press("2", after=2).press("3", after=3))
    verbs = (
        '<StartGather dtmfUrl="/hook" tag="s"/><Pause duration="2"/>'
        '<Gather maxDigits="1"/><StopGather/><Pause duration="60"/>'
    )
    async with Application(answer=response(verbs)) as application:
        await place(application)
        await bandwidth.run_until_idle()

    assert [(event["digit"], event["tag"]) for event in application.told("dtmf")] == [("1", "s")]


@pytest.mark.parametrize(
    ("verbs", "tag"),
    [("<Tag> new </Tag>", "new"), ("<Tag/>", None), ('<Tag>new</Tag><Redirect redirectUrl="/hook" tag=""/>', None)],
)
async def test_a_tag_comes_with_later_events(bandwidth: Emulator, place: Place, verbs: str, tag: str | None) -> None:
    """Events have it until it is changed or cleared."""
    async with Application(answer=response(verbs)) as application:
        await place(application, tag="old")
        await bandwidth.run_until_idle()

    assert (application.events[0]["tag"], application.events[-1].get("tag")) == ("old", tag)


async def test_a_far_end_that_listens(bandwidth: Emulator, place: Place) -> None:
    """It presses as soon as the phrase was said, and then waits for the next phrase."""
    far_end = SILENT.hear("press one").press("1").hear("Press ONE!").press("2")
    bandwidth.far_end("*", far_end)
    verbs = "<SpeakSentence>To pay, press one; or else</SpeakSentence><SpeakSentence>press one</SpeakSentence>"
    async with Application(answer=response(verbs)) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    pressed = [(entry.time - call.created, entry.text) for entry in call.entries if entry.kind == "pressed"]
    assert pressed == [(2000 + 26_000 // 15 * 16 // 24, "1"), (2000 + 26_000 // 15 + 600, "2")]


async def test_a_phrase_counts_once(bandwidth: Emulator, place: Place) -> None:
    """A far end that waits for it again waits for the next time, also in the same sentence."""
    bandwidth.far_end("*", SILENT.hear("one").press("1").hear("one").press("2"))
    async with Application(answer=response("<SpeakSentence>one two one two</SpeakSentence>")) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    pressed = [(entry.time - call.created, entry.text) for entry in call.entries if entry.kind == "pressed"]
    assert pressed == [(2200, "1"), (2733, "2")]


async def test_a_phrase_may_run_over_two_sentences(bandwidth: Emulator, place: Place) -> None:
    """What was heard before is part of the phrase."""
    bandwidth.far_end("*", SILENT.hear("one two").hang_up())
    verbs = "<SpeakSentence>one</SpeakSentence><SpeakSentence>two three</SpeakSentence><Pause duration='60'/>"
    async with Application(answer=response(verbs)) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    assert "said: two th... (cut off)" in call.transcript() or "said: two... (cut off)" in call.transcript()


async def test_a_phrase_that_does_not_come(bandwidth: Emulator, place: Place) -> None:
    """The far end hangs up, and the timeline has what it heard instead."""
    bandwidth.far_end("*", SILENT.hear("press two").else_hang_up(after=10))
    async with Application(answer=response(f'{PROMPT}<Pause duration="60"/>')) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    assert call.end_time == call.created + 12_000
    assert "waited 10 s for 'press two', heard 'please enter your number now'" in call.timeline()


@pytest.mark.parametrize(
    "make",
    [
        lambda: FarEnd().answer(after=-1),
        lambda: FarEnd().answer(after="1"),  # type: ignore[arg-type]  # what is tested
        lambda: FarEnd().press("x"),
        lambda: FarEnd().press(""),
        lambda: FarEnd().say(" "),
        lambda: FarEnd().hear("!"),
        lambda: FarEnd().say("a").else_hang_up(),
        lambda: FarEnd().hang_up(after=float("nan")),
    ],
)
def test_a_senseless_script_is_refused(make: Callable[[], FarEnd]) -> None:
    """The method that adds the step raises the error."""
    with pytest.raises(ValueError, match=r"must|keys|words|phrase"):
        make()


@pytest.mark.parametrize(("number", "far_end"), [("", FarEnd()), (1, FarEnd()), ("+1919*", "busy")])
def test_a_far_end_is_set_for_a_number(number: Any, far_end: Any) -> None:
    """Anything else is a TypeError."""
    with pytest.raises(TypeError, match="give a number or a pattern"):
        Emulator().far_end(number, far_end)


async def test_what_is_asserted_explains_itself(bandwidth: Emulator, place: Place) -> None:
    """A failed assertion shows the most similar speech, and the timeline."""
    async with Application(answer=response(PROMPT)) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    with pytest.raises(AssertionError, match=r"(?s)nearest is 'Please enter your number now\.'\n.*queued"):
        call.assert_heard("Please enter your name now")
    with pytest.raises(AssertionError, match="nothing like it was said"):
        call.assert_heard("xyz")
    with pytest.raises(AssertionError, match=r"(?s)was heard\n.*queued"):
        call.assert_never_heard("YOUR number")
    with pytest.raises(AssertionError, match=r"(?s)dialled 0 times, not once\n.*queued"):
        bandwidth.assert_dialled_once("+14155551234")
    with pytest.raises(AssertionError, match=r"(?s)there were calls\n.*queued"):
        bandwidth.assert_no_calls()
    assert bandwidth.assert_dialled_once(call.to) is call


async def test_a_far_end_hears_whole_words(bandwidth: Emulator, place: Place) -> None:
    """A part of a word does not match."""
    async with Application(answer=response("<SpeakSentence>Forty one</SpeakSentence>")) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    call.assert_never_heard("fort")
    call.assert_heard("ONE")


async def test_waiting_for_what_never_happens(bandwidth: Emulator, place: Place) -> None:
    """The error has the timelines of the calls that are up."""
    async with Application(answer=response('<Pause duration="600"/>')) as application:
        call = await place(application)

        with pytest.raises(TimeoutError, match=r"(?s)there is more to come after 60 seconds\n.*answered"):
            await bandwidth.run_until_idle(within=60)
        with pytest.raises(TimeoutError, match=r"(?s)what was waited for did not happen\n.*answered"):
            await bandwidth.run_until(call.ended, within=60)


async def test_waiting_where_nothing_is_due(bandwidth: Emulator) -> None:
    """The error says that nothing is due, and what time it is."""
    with pytest.raises(TimeoutError, match=r"the clock shows 2026-01-01T00:00:00\.000Z, nothing is due"):
        await bandwidth.run_until(lambda: False)


async def test_the_clock_is_moved_by_one_at_a_time(bandwidth: Emulator, place: Place) -> None:
    """A second `advance` at the same time raises an error."""

    def reply(_: dict[str, Any]) -> str:
        with pytest.raises(RuntimeError, match="moved already"):
            bandwidth.advance(1).send(None)
        return response()

    async with Application(answer=reply) as application:
        await place(application)
        await bandwidth.advance(10)

    assert application.types == ["answer", "disconnect"]


async def test_a_verb_has_a_fallback_of_its_own(bandwidth: Emulator, place: Place) -> None:
    """It is asked with its own method if the URL fails. Its URL may be relative."""
    gather = (
        '<Gather gatherUrl="/broken" gatherMethod="GET" gatherFallbackUrl="/other" gatherFallbackMethod="GET" '
        'firstDigitTimeout="1"/>'
    )
    replies: Iterator[int | str] = iter([500, response("<SpeakSentence>From the fallback</SpeakSentence>")])
    async with Application(answer=response(gather), gather=lambda _: next(replies)) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    asked = [(request.method, request.path) for request in application.requests]
    assert asked[1:3] == [("GET", "/broken"), ("GET", "/other")]
    call.assert_heard("from the fallback")


async def test_the_timeout_of_a_call_is_that_of_its_verbs(bandwidth: Emulator, place: Place) -> None:
    """callbackTimeout bounds each reply."""
    bandwidth.webhook_fault("gather", delay=3)
    reply = response('<Gather gatherUrl="/hook" firstDigitTimeout="1"/>')
    async with Application(answer=reply, gather=reply) as application:
        call = await place(application, callbackTimeout=3)
        await bandwidth.run_until_idle()

    assert call.disconnect_cause == "callback-error"
    assert "no reply within 3 s" in str(call.error_message)
