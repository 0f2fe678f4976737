"""The places where a document can be served, and the verbs that each place allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from bandwidth_calls import checks
from bandwidth_calls.bxml.digits import StartGather
from bandwidth_calls.bxml.recording import PauseRecording, ResumeRecording, StartRecording, StopRecording
from bandwidth_calls.bxml.routing import Bridge, Conference
from bandwidth_calls.bxml.speech import PlayAudio, SpeakSentence
from bandwidth_calls.bxml.transfer import Forward, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bandwidth_calls.bxml.element import Verb

Context = Literal["initiate", "answered", "transferAnswer", "conference"]

_CONFERENCE = (PlayAudio, SpeakSentence, StartRecording, StopRecording, PauseRecording, ResumeRecording)
_NOT_IN_TRANSFER_ANSWER = (Bridge, Conference, Forward, Transfer)


def faults(verbs: Sequence[Verb], context: Context) -> Iterator[tuple[int, str]]:
    """Yield the position of each verb that the place does not allow, with the reason."""
    checks.one_of("context", context, get_args(Context))
    forwards = any(isinstance(verb, Forward) for verb in verbs)
    for index, verb in enumerate(verbs):
        if context == "initiate":
            if forwards and isinstance(verb, StartGather):
                yield index, "cannot be combined with Forward"
        elif not _is_allowed(verb, context):
            yield index, f"not allowed in {context} documents"


def _is_allowed(verb: Verb, context: Context) -> bool:
    match context:
        case "conference":
            return isinstance(verb, _CONFERENCE)
        case "transferAnswer":
            return not isinstance(verb, _NOT_IN_TRANSFER_ANSWER)
        case _:
            return not isinstance(verb, Forward)
