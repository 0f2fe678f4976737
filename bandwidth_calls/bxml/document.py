"""The two documents: verbs in the order in which they run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bandwidth_calls.bxml import context as places
from bandwidth_calls.bxml.element import Verb, element, nested, shape
from bandwidth_calls.bxml.render import render
from bandwidth_calls.bxml.rules import refusal

if TYPE_CHECKING:
    from collections.abc import Sequence


@element
class Document:
    """What `Response` and `Bxml` share."""

    children: Sequence[Verb] = nested(Verb, default=(), kw_only=False)

    def __attrs_post_init__(self) -> None:
        _check_nesting(self, type(self).__name__)

    def to_bxml(self) -> str:
        """Write the document, ready to serve as `application/xml`; over 65,536 bytes of UTF-8 is a BxmlError."""
        return render(self)

    def __str__(self) -> str:
        return render(self)

    def check(self, context: places.Context) -> None:
        """Raise BxmlError where the place in which the document is served does not allow one of its verbs.

        - `initiate`: the answer for an inbound call that is not answered yet; here alone `Forward` may stand.
        - `answered`: the answer to most other events of a call.
        - `transferAnswer`: no `Bridge`, `Conference`, `Forward`, `Transfer`.
        - `conference`: `PlayAudio`, `SpeakSentence` and the verbs of `StartRecording` only.
        """
        for index, why in places.faults(self.children, context):
            raise refusal(f"{type(self).__name__} > {type(self.children[index]).__name__}", why)


@element
class Response(Document):
    """A document, as an answer to a webhook. An empty one hangs up.

    https://dev.bandwidth.com/docs/voice/bxml
    """


@element
class Bxml(Document):
    """A document under its other root, as the documentation of `update_call_bxml` has it.

    https://dev.bandwidth.com/docs/voice/bxml
    """


def _check_nesting(parent: Any, where: str) -> None:
    rule = shape(type(parent)).children
    if rule is None:
        return
    for index, child in enumerate(parent.children):
        place = f"{where} > {type(child).__name__}"
        if not isinstance(child, rule.allowed):
            raise refusal(place, "not allowed here")
        _check_nesting(child, f"{place}[{index}]")
