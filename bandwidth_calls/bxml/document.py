"""The two kinds of documents: verbs in the order in which they run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bandwidth_calls.bxml import context as places
from bandwidth_calls.bxml.element import Built, Verb, document, nested, shape
from bandwidth_calls.bxml.render import render
from bandwidth_calls.bxml.rules import refusal

if TYPE_CHECKING:
    from collections.abc import Sequence


@document
class Document(Built):
    """The common part of `Response` and `Bxml`."""

    children: Sequence[Verb] = nested(Verb, default=(), kw_only=False)

    def __attrs_post_init__(self) -> None:
        if wrong := _wrong(self):
            raise refusal(" > ".join([type(self).__name__, *wrong]), "not allowed here")

    def to_bxml(self) -> str:
        """Return the document, ready to serve as `application/xml`. More than 65,536 bytes of UTF-8 are a BxmlError."""
        return render(self)

    def __str__(self) -> str:
        return render(self)

    def check(self, context: places.Context) -> None:
        """Raise a BxmlError if the place where the document is served does not allow one of its verbs.

        - `initiate`: the reply for an inbound call that is not answered yet. Only this place allows `Forward`, and not
          together with `StartGather`.
        - `answered`: the reply to most other events of a call.
        - `transferAnswer`: no `Bridge`, `Conference`, `Forward` or `Transfer`.
        - `conference`: `PlayAudio`, `SpeakSentence`, and the verbs that start, stop, pause and resume a recording.

        An unknown place is a ValueError.
        """
        for index, why in places.faults(self.children, context):
            raise refusal(f"{type(self).__name__} > {type(self.children[index]).__name__}", why)


@document
class Response(Document):
    """A document in the reply to a webhook. An empty document hangs up.

    https://dev.bandwidth.com/docs/voice/bxml
    """


@document
class Bxml(Document):
    """A document under the other root element, as in Bandwidth's documentation of `update_call_bxml`.

    https://dev.bandwidth.com/docs/voice/bxml
    """


def _wrong(parent: Any) -> list[str]:
    """Return the way to the first element that is not allowed where it is; nothing if each one is."""
    rule = shape(type(parent)).children
    if rule is None:
        return []
    for index, child in enumerate(parent.children):
        if not isinstance(child, rule.allowed):
            return [type(child).__name__]
        if "children" in child.__dict__ and (inner := _wrong(child)):
            return [f"{type(child).__name__}[{index}]", *inner]
    return []
