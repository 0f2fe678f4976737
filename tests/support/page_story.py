"""What the tests of the live page play: applications that ask for keys and record, and a caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from support.application import Application

# A busy machine may need seconds for each step in the browser, so the application waits for a minute.
GATHER = (
    '<Response><Gather gatherUrl="/hook" maxDigits="1" firstDigitTimeout="60">'
    "<SpeakSentence>Press 1.</SpeakSentence></Gather></Response>"
)
LONG = '<Response><SpeakSentence>Thank you.</SpeakSentence><Pause duration="60"/></Response>'
MENU = (
    '<Response><Gather gatherUrl="/hook" maxDigits="2">'
    "<SpeakSentence>Press two keys.</SpeakSentence></Gather></Response>"
)
THANKS = (
    '<Response><StartRecording transcribe="true"/><SpeakSentence>Thank you.</SpeakSentence><Pause duration="2"/>'
    "<StopRecording/><Pause/></Response>"
)


async def play(bandwidth: Emulator, application: Application) -> Call:
    """Play a call in which the caller presses two keys and says a word."""
    far_end = FarEnd().hear("two keys").press("12", after=0.5).hear("thank you").say("Bye now")
    numbers = {"to": "+19195554321", "from_": "+19195551234"}
    call = await bandwidth.inbound(**numbers, url=application.url, far_end=far_end)
    await bandwidth.run_until_idle()
    return call
