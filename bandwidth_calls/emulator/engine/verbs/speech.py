"""The verbs that are heard, or let time pass; and those that are over at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urljoin, urlsplit

from bandwidth_calls.emulator.engine.program import Ended
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.engine.program import Run, Script
    from bandwidth_calls.emulator.settings import Settings
    from bandwidth_calls.emulator.simulation.process import Steps

_UNSUPPORTED_AUDIO = re.compile(r".*\.(ogg|opus|flac|m4a|aac|wma|webm|mp4)", re.IGNORECASE)
_PAUSES = {",": 0.5, "w": 0.5, "W": 1.0}


def speak_sentence(run: Run, verb: Verb) -> Steps[None]:
    """Speak to the end."""
    yield from sound(run, verb, ())


def play_audio(run: Run, verb: Verb) -> Steps[None]:
    """Play to the end."""
    yield from sound(run, verb, ())


def sound(run: Run, verb: Verb, until: tuple[str, ...]) -> Steps[str | None]:
    """Let SpeakSentence or PlayAudio be heard; return the key that cut it short, if one did.

    Audio is not fetched: it takes the time that is set for any, and one of a kind that is not supported by its
    extension ends the call.
    """
    kind, text, seconds = sound_of(verb, run.url, run.engine.settings)
    return (yield from run.line.play(kind, text, seconds, until))


def sound_of(verb: Verb, url: str, settings: Settings) -> tuple[str, str, float]:
    """Of which kind a sound is, what it is, and how many seconds it takes."""
    if verb.name == "SpeakSentence":
        return "said", verb.text, len(verb.text) / settings.characters_per_second
    audio = urljoin(url, verb.text)
    if _UNSUPPORTED_AUDIO.fullmatch(urlsplit(audio).path):
        raise Ended("application-error", f"unsupported audio: {audio}")
    return "played", audio, settings.audio_seconds


def pause(_: Run, verb: Verb) -> Steps[None]:
    """Stay silent."""
    yield Wait(verb.number("duration"))


def ring(run: Run, verb: Verb) -> Steps[None]:
    """Play ringing."""
    run.line.note("ringing tone")
    yield Wait(verb.number("duration"))


def send_dtmf(run: Run, verb: Verb) -> Steps[None]:
    """Send keys; the far end notes them."""
    run.line.note("sent keys", verb.text)
    keys = sum(key not in _PAUSES for key in verb.text)
    tones = keys * verb.number("toneDuration") + max(0, keys - 1) * verb.number("toneInterval")
    yield Wait(tones / 1000 + sum(_PAUSES.get(key, 0.0) for key in verb.text))


def tag(run: Run, verb: Verb) -> Steps[None]:
    """Set the tag, or clear it."""
    run.line.call.tag = verb.text or None
    yield from ()


def hang_up(run: Run, _: Verb) -> Steps[NoReturn]:
    """End the call; an inbound one that was not answered is rejected."""
    yield from ()
    raise Ended("rejected" if run.line.call.answer_time is None else "hangup")


def redirect(run: Run, verb: Verb) -> Steps[Script]:
    """Go on with another document."""
    run.engine.set_tag(run.line.call, verb)
    hook = run.hook(verb, "redirect")
    assert hook is not None  # noqa: S101 - the reader refuses a Redirect without its URL
    return (yield from run.ask("redirect", hook))
