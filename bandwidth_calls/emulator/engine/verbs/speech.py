"""SpeakSentence, PlayAudio, Pause, Ring, SendDtmf, Tag, Hangup, Redirect."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urljoin, urlsplit

from bandwidth_calls.emulator.delivery.courier import Endpoint
from bandwidth_calls.emulator.engine.audio import seconds_of
from bandwidth_calls.emulator.engine.lines import Ended
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.engine.program import Frame, Script, Verbs
    from bandwidth_calls.emulator.settings import Settings
    from bandwidth_calls.emulator.simulation.process import Signal, Steps

# Documented: without a type a format is told by its extension, and anything unknown is taken for WAV.
_UNSUPPORTED_AUDIO = re.compile(r".*\.(ogg|opus|flac|m4a|aac|wma|webm|mp4)", re.IGNORECASE)
# Seconds of the pauses in SendDtmf: documented.
_PAUSES = {",": 0.5, "w": 0.5, "W": 1.0}


def speak_sentence(frame: Frame, verb: Verb) -> Steps[None]:
    """Play a SpeakSentence to its end."""
    yield from sound(frame, verb, ())


def play_audio(frame: Frame, verb: Verb) -> Steps[None]:
    """Play a PlayAudio to its end."""
    yield from sound(frame, verb, ())


def sound(frame: Frame, verb: Verb, until: tuple[str, ...]) -> Steps[Signal | None]:
    """Play a SpeakSentence or a PlayAudio. Return the signal that cut it short, if one did."""
    line, program = frame.line, frame.line.program
    if verb.name == "SpeakSentence":
        return (yield from line.play("said", verb.text, speech_seconds(verb, frame.world.settings), until))
    audio = audio_of(verb, frame.url)
    assert program is not None  # noqa: S101 - for the type checker: a program is playing this
    seconds = yield from seconds_of(frame.world, program, line.call, audio, until)
    if not isinstance(seconds, float):
        return seconds
    return (yield from line.play("played", audio.url, seconds, until)) if seconds else None


def speech_seconds(verb: Verb, settings: Settings) -> float:
    """Return how long a SpeakSentence lasts."""
    return len(verb.text) / settings.characters_per_second


def audio_of(verb: Verb, url: str) -> Endpoint:
    """Return the file of a PlayAudio in a document from this URL. Raise `Ended` if its extension is not supported."""
    audio = urljoin(url, verb.text)
    if _UNSUPPORTED_AUDIO.fullmatch(urlsplit(audio).path):
        raise Ended("application-error", f"unsupported audio: {audio}")
    return Endpoint(audio, "GET", verb.word("username"), verb.word("password"))


def pause(_: Frame, verb: Verb) -> Steps[None]:
    """Stay silent."""
    yield Wait(verb.number("duration"))


def ring(frame: Frame, verb: Verb) -> Steps[None]:
    """Play ringing."""
    frame.line.note("ringing tone")
    yield Wait(verb.number("duration"))


def send_dtmf(frame: Frame, verb: Verb) -> Steps[None]:
    """Send keys to the far end. They are only noted."""
    frame.line.note("sent keys", verb.text)
    keys = sum(key not in _PAUSES for key in verb.text)
    # Documented: a pause between two keys replaces their interval.
    intervals = sum(_PAUSES.keys().isdisjoint(pair) for pair in pairwise(verb.text))
    tones = keys * verb.number("toneDuration") + intervals * verb.number("toneInterval")
    yield Wait(tones / 1000 + sum(_PAUSES.get(key, 0.0) for key in verb.text))


def tag(frame: Frame, verb: Verb) -> Steps[None]:
    """Set the tag, or clear it."""
    frame.line.call.set_tag(verb.text)
    yield from ()


def hang_up(frame: Frame, _: Verb) -> Steps[NoReturn]:
    """End the call. An inbound call that was not answered is rejected."""
    yield from ()
    raise Ended("rejected" if frame.line.call.answer_time is None else "hangup")


def redirect(frame: Frame, verb: Verb) -> Steps[Script]:
    """Ask for another document, and go on with it."""
    frame.set_tag(verb)
    hook = frame.hook(verb, "redirect")
    assert hook is not None  # noqa: S101 - the reader refuses a Redirect without its URL
    return (yield from frame.ask("redirect", hook))


PLAYERS: Verbs = {
    "Hangup": hang_up,
    "Pause": pause,
    "PlayAudio": play_audio,
    "Redirect": redirect,
    "Ring": ring,
    "SendDtmf": send_dtmf,
    "SpeakSentence": speak_sentence,
    "Tag": tag,
}
