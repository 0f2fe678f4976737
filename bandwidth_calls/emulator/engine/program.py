"""A call's program: documents are fetched from the application and played, until the call ends."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urljoin

import attrs

from bandwidth_calls.emulator.bxml.reader import InvalidBxml, read_document
from bandwidth_calls.emulator.delivery.courier import Place, Webhook
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bandwidth_calls.emulator.bxml.reader import Document, Verb
    from bandwidth_calls.emulator.delivery.courier import Outcome
    from bandwidth_calls.emulator.engine.engine import Engine
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.simulation.process import Steps

# A document that leads to another at once, without end, is a mistake of the application, which a clock cannot show.
_MOST_DOCUMENTS = 1_000
_NOTHING: Mapping[str, object] = MappingProxyType({})


class Ended(Exception):  # noqa: N818 - it is no error
    """Raised in a program when the call is over."""

    def __init__(self, cause: str, message: str | None = None) -> None:
        super().__init__(cause, message)
        self.cause = cause
        self.message = message


@attrs.frozen
class Script:
    """A document, and the URL that it came from: its relative URLs are resolved against that."""

    document: Document
    url: str


class Run:
    """What a verb has at hand while it is played."""

    def __init__(self, line: Line, url: str, context: str, verbs: Verbs) -> None:
        self.line = line
        self.url = url
        self.context = context
        self.verbs = verbs

    @property
    def engine(self) -> Engine:
        """What plays all calls."""
        return self.line.engine

    def hook(self, verb: Verb, name: str) -> Webhook | None:
        """Where the events of a verb go: `gather` has `gatherUrl`, `gatherMethod` and so on; None without the URL."""
        place = place_in(verb, name, self.url)
        if place is None:
            return None
        return Webhook(place, self._fallback(verb, name), self.line.call.callback_timeout)

    def _fallback(self, verb: Verb, name: str) -> Place | None:
        url = verb.attributes.get(f"{name}FallbackUrl")
        if not isinstance(url, str):
            return None
        login = verb.word("fallbackUsername"), verb.word("fallbackPassword")
        return Place(urljoin(self.url, url), verb.word(f"{name}FallbackMethod") or "POST", *login)

    def ask(self, name: str, hook: Webhook, **more: object) -> Steps[Script]:
        """Send an event, and wait for the document that comes back; raises `Ended` where none does."""
        return (yield from ask(self.line, name, hook, more, self.context))

    def tell(self, name: str, hook: Webhook, **more: object) -> None:
        """Send an event, whose reply does not count."""
        self.engine.post.deliver(self.line.call, name, more, hook)


def place_in(verb: Verb, name: str, document_url: str) -> Place | None:
    """Where a verb says that its events go, in a document from this URL: as `Run.hook`, without the fallback."""
    url = verb.word(f"{name}Url")
    if not url:
        return None
    login = (verb.word("username"), verb.word("password")) if "username" in verb.attributes else ()
    return Place(urljoin(document_url, url), verb.word(f"{name}Method") or "POST", *login)


def ask(
    line: Line, name: str, hook: Webhook, more: Mapping[str, object] = _NOTHING, context: str = "call"
) -> Steps[Script]:
    """Send an event, and wait for the document that comes back; raises `Ended` where none does."""
    process = line.program

    def reply(outcome: Outcome) -> None:
        if process is None or not process.signal("reply", outcome):
            line.note("dropped", f"the reply to {name}: the call went on without it")

    line.engine.post.deliver(line.call, name, more, hook, reply)
    signal = yield Wait(None, ("reply",))
    outcome: Outcome = signal.value  # type: ignore[union-attr, assignment]  # nothing else ends this wait
    last = outcome.last
    if not last.is_good:
        raise Ended("callback-error", f"{name}: {last}")
    try:
        return Script(read_document(last.body, context), last.place.url)
    except InvalidBxml as error:
        line.engine.post.problem(f"{last.place.url} answered {name} with invalid BXML: {error}", line.call)
        raise Ended("invalid-bxml", str(error)) from None


def play(line: Line, script: Script, verbs: Verbs, context: str = "call") -> Steps[None]:
    """Play a document, and those that its verbs lead to, until the last has run out."""
    following: Script | None = script
    for _ in range(_MOST_DOCUMENTS):
        if following is None:
            return
        following = yield from _play_one(Run(line, following.url, context, verbs), following.document)
    raise Ended("application-error", f"{_MOST_DOCUMENTS} documents followed each other")


def _play_one(run: Run, document: Document) -> Steps[Script | None]:
    for verb in document.verbs:
        run.line.note(f"<{verb.name}>", _shown(verb))
        run.engine.answer_before(run.line, verb)
        following = yield from run.verbs.get(verb.name, not_emulated)(run, verb)
        if following is not None:
            return following
    return None


def not_emulated(run: Run, verb: Verb) -> Steps[Script | None]:
    """End the call and say so: a verb that did nothing would look as if it had worked."""
    yield from ()
    fail(run, f"<{verb.name}> is not emulated")


def fail(run: Run, text: str) -> NoReturn:
    """End the call for what the application asked for, and tell the developer why."""
    run.engine.post.problem(text, run.line.call)
    raise Ended("application-error", text)


def _shown(verb: Verb) -> str:
    tag = verb.attributes.get("tag")
    return verb.text or (f"tag {tag}" if tag else "")


if TYPE_CHECKING:
    Player = Callable[[Run, Verb], Steps[Script | None]]
    Verbs = dict[str, Player]
