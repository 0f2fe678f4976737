"""A call's program: documents are fetched from the application and played, until the call ends."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urljoin

import attrs

from bandwidth_calls.emulator.bxml.reader import InvalidBxml, read_document
from bandwidth_calls.emulator.delivery.courier import Endpoint, Webhook
from bandwidth_calls.emulator.engine import person
from bandwidth_calls.emulator.engine.lines import Ended
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bandwidth_calls.emulator.bxml.reader import Document, Verb
    from bandwidth_calls.emulator.calls.calls import Call
    from bandwidth_calls.emulator.delivery.courier import Exchange, Outcome
    from bandwidth_calls.emulator.delivery.outbox import Outbox
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.world import World
    from bandwidth_calls.emulator.simulation.process import Steps

# Two documents that redirect to each other at once would never end, and on a moved clock no time would pass.
_MOST_DOCUMENTS = 1_000
# Verbs that do not answer an inbound call. Hangup, Forward and a silent Ring are documented, the others are a choice.
_NOT_ANSWERING = {"Hangup", "Forward", "Redirect", "Tag"}
_NOTHING: Mapping[str, object] = MappingProxyType({})


@attrs.frozen(eq=False, repr=False)
class Script:
    """A document and the URL that it came from, which resolves its relative URLs. The API's documents have none."""

    document: Document
    url: str

    def report(self, outbox: Outbox, call: Call) -> None:
        """Note what may fail at Bandwidth as problems of a call."""
        for problem in self.document.problems:
            outbox.problem(f"the BXML of {self.url or 'the API request'} may fail at Bandwidth: {problem}", call)


@attrs.frozen(eq=False, repr=False)
class Frame:
    """What a verb has at hand while it is played.

    `url` is that of its document. `context` is where the document is played, such as `call` or `transferAnswer`:
    it decides which verbs are allowed. `verbs` plays the verbs of further documents.
    """

    line: Line
    url: str
    context: str
    verbs: Verbs

    @property
    def world(self) -> World:
        """What all calls share."""
        return self.line.world

    def hook(self, verb: Verb, name: str, url_suffix: str = "Url") -> Webhook | None:
        """Return the webhook of a verb, by the prefix of its attributes: `gather` for `gatherUrl` and so on.

        Without the URL return None.
        """
        endpoint = endpoint_in(verb, name, self.url, url_suffix)
        if endpoint is None:
            return None
        return Webhook(endpoint, self._fallback(verb, name), self.line.call.callback_timeout)

    def _fallback(self, verb: Verb, name: str) -> Endpoint | None:
        url = verb.attributes.get(f"{name}FallbackUrl")
        if not isinstance(url, str):
            return None
        login = verb.word("fallbackUsername"), verb.word("fallbackPassword")
        return Endpoint(urljoin(self.url, url), verb.word(f"{name}FallbackMethod") or "POST", *login)

    def ask(self, name: str, hook: Webhook, **more: object) -> Steps[Script]:
        """Send an event, and return the document of the reply. Without one raise `Ended`."""
        return (yield from ask(self.line, name, hook, more, self.context))

    def tell(self, name: str, hook: Webhook, **more: object) -> None:
        """Send an event, and ignore the reply."""
        self.world.outbox.deliver(self.line.call, name, more, hook)

    def set_tag(self, verb: Verb) -> None:
        """Set the call's tag to that of a verb, if it has the attribute."""
        tag = verb.word("tag")
        if tag is not None:
            self.line.call.set_tag(tag)


def endpoint_in(verb: Verb, name: str, document_url: str, url_suffix: str = "Url") -> Endpoint | None:
    """Return the endpoint of a verb's webhook, as `Frame.hook` does, for a document from this URL."""
    url = verb.word(f"{name}{url_suffix}")
    if not url:
        return None
    login = (verb.word("username"), verb.word("password")) if "username" in verb.attributes else ()
    return Endpoint(urljoin(document_url, url), verb.word(f"{name}Method") or "POST", *login)


def ask(
    line: Line, name: str, hook: Webhook, more: Mapping[str, object] = _NOTHING, context: str = "call"
) -> Steps[Script]:
    """Send an event, and return the document of the reply. Without one raise `Ended`."""
    # A reply that comes after a redirect must not go to the program that began since.
    process = line.program

    def reply(outcome: Outcome) -> None:
        if process is None or not process.signal("reply", outcome):
            line.note("dropped", f"the reply to {name}: the call went on without it")

    line.world.outbox.deliver(line.call, name, more, hook, reply)
    signal = yield Wait(None, ("reply",))
    outcome: Outcome = signal.value  # type: ignore[union-attr, assignment]  # nothing else ends this wait
    last = outcome.last
    if not last.is_good:
        raise Ended("callback-error", f"{name}: {last}")
    try:
        script = Script(read_document(last.body, context), last.endpoint.url)
    except InvalidBxml as error:
        line.world.outbox.problem(f"{last.endpoint.url} answered {name} with {_remedy(last, error)}", line.call)
        raise Ended("invalid-bxml", str(error)) from None
    script.report(line.world.outbox, line.call)
    return script


def _remedy(reply: Exchange, error: InvalidBxml) -> str:
    """Return what is wrong with a reply. Frameworks send JSON where an application returns text or nothing."""
    if reply.media_type.endswith("json"):
        return f"no BXML: the reply is {reply.media_type}: send BXML as application/xml"
    return f"invalid BXML: {error}"


def play(line: Line, script: Script, verbs: Verbs, context: str = "call") -> Steps[None]:
    """Play a document and those that its verbs lead to, until the end of the last one."""
    following: Script | None = script
    for _ in range(_MOST_DOCUMENTS):
        if following is None:
            return
        following = yield from _play_one(Frame(line, following.url, context, verbs), following.document)
    raise Ended("application-error", f"{_MOST_DOCUMENTS} documents followed each other")


def _play_one(frame: Frame, document: Document) -> Steps[Script | None]:
    """Play the verbs of one document. Return the script that one of them leads to; the rest is not played."""
    for verb in document.verbs:
        frame.line.note(f"<{verb.name}>", _shown(verb))
        _answer_before(frame.line, verb)
        following = yield from frame.verbs.get(verb.name, not_emulated)(frame, verb)
        if following is not None:
            return following
    return None


def _answer_before(line: Line, verb: Verb) -> None:
    """Answer an inbound call, if this verb does so."""
    silent_ring = verb.name == "Ring" and not verb.flag("answerCall")
    if line.call.answer_time is None and verb.name not in _NOT_ANSWERING and not silent_ring:
        person.answer(line)


def not_emulated(frame: Frame, verb: Verb) -> Steps[Script | None]:
    """End the call with a problem. A verb that did nothing would look as if it had worked."""
    yield from ()
    fail(frame, f"<{verb.name}> is not emulated")


def fail(frame: Frame, text: str) -> NoReturn:
    """End the call because of the application's document, and note a problem."""
    frame.world.outbox.problem(text, frame.line.call)
    raise Ended("application-error", text)


def _shown(verb: Verb) -> str:
    tag = verb.attributes.get("tag")
    return verb.text or (f"tag {tag}" if tag else "")


if TYPE_CHECKING:
    # A generator, also for a verb that never waits: there `yield from ()` makes it one.
    Player = Callable[[Frame, Verb], Steps[Script | None]]
    Verbs = dict[str, Player]
