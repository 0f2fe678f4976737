"""BXML: build, write and read the documents that tell a call what to do next.

    from bandwidth_calls.bxml import Gather, Hangup, PlayAudio, Response, SpeakSentence

    document = Response([
        SpeakSentence("Hello"),
        Gather([PlayAudio("menu.wav")], gather_url="/menu", max_digits=1),
        Hangup(),
    ])
    document.to_bxml()

Each verb is a frozen class under the verb's own name. Its content comes first, its attributes by keyword in
snake_case. An attribute that is None is not written, so Bandwidth's default applies. A wrong value or a verb in a
wrong place is a BxmlError that names the place. `parse` reads a document. `document.check("conference")` checks the
rules of the place where a document is served. A `str` is text and always escaped; markup for speech is `Ssml`.

What to read first: `speech` shows how verbs look, `element` how they are declared, `render` how they are written.
"""

from bandwidth_calls.bxml.context import Context
from bandwidth_calls.bxml.digits import Gather, StartGather, StopGather
from bandwidth_calls.bxml.document import Bxml, Response
from bandwidth_calls.bxml.element import Verb
from bandwidth_calls.bxml.reader import parse
from bandwidth_calls.bxml.recording import (
    PauseRecording,
    Record,
    ResumeRecording,
    StartRecording,
    StopRecording,
)
from bandwidth_calls.bxml.routing import Bridge, Conference, Connect, Endpoint, Hangup, Redirect, Refer, Tag
from bandwidth_calls.bxml.speech import Pause, PlayAudio, Ring, SendDtmf, SpeakSentence
from bandwidth_calls.bxml.ssml import Ssml
from bandwidth_calls.bxml.streaming import (
    CustomParam,
    StartStream,
    StartTranscription,
    StopStream,
    StopTranscription,
    StreamParam,
)
from bandwidth_calls.bxml.transfer import Forward, PhoneNumber, SipUri, Transfer
from bandwidth_calls.errors import BxmlError

__all__ = [
    "Bridge",
    "Bxml",
    "BxmlError",
    "Conference",
    "Connect",
    "Context",
    "CustomParam",
    "Endpoint",
    "Forward",
    "Gather",
    "Hangup",
    "Pause",
    "PauseRecording",
    "PhoneNumber",
    "PlayAudio",
    "Record",
    "Redirect",
    "Refer",
    "Response",
    "ResumeRecording",
    "Ring",
    "SendDtmf",
    "SipUri",
    "SpeakSentence",
    "Ssml",
    "StartGather",
    "StartRecording",
    "StartStream",
    "StartTranscription",
    "StopGather",
    "StopRecording",
    "StopStream",
    "StopTranscription",
    "StreamParam",
    "Tag",
    "Transfer",
    "Verb",
    "parse",
]
