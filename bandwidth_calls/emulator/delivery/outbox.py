"""Makes events, sends them, and notes each delivery on the timeline of its call. A failure becomes a problem."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.delivery import events
from bandwidth_calls.emulator.delivery.courier import Courier
from bandwidth_calls.emulator.delivery.faults import WebhookFaults
from bandwidth_calls.emulator.delivery.network import Network

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bandwidth_calls.emulator.calls.calls import Call, Changes
    from bandwidth_calls.emulator.delivery.courier import Outcome, Webhook
    from bandwidth_calls.emulator.settings import Settings
    from bandwidth_calls.emulator.simulation.clock import Clock
    from bandwidth_calls.emulator.simulation.scheduler import Scheduler

# How BXML begins. Of a reply that is none, such as a page of HTML, so many bytes are kept.
_DOCUMENT = re.compile(rb"(\xef\xbb\xbf)?\s*<(\?xml|!--|Response|Bxml)")
_MOST_KEPT = 2_000


@attrs.define(eq=False)
class ProblemCard:
    """A problem, how often it was noted, and the last call that had it."""

    text: str
    count: int = 0
    call_id: str = ""


class Outbox:
    """Sends events. `account_url` is the URL of the account; it is empty until the emulator has started."""

    def __init__(self, settings: Settings, clock: Clock, scheduler: Scheduler, changes: Changes) -> None:
        self.faults = WebhookFaults(changes)
        self.problems: list[str] = []
        self.cards: dict[str, ProblemCard] = {}
        self.troubled: set[str] = set()  # the ids of the calls that had problems
        self._refused_by: set[str] = set()
        self.account_url = ""
        self.network = Network(settings.maps)
        self.courier = Courier(settings, self.network, self.faults)
        self._clock = clock
        self._scheduler = scheduler
        self._changes = changes

    @property
    def calls_url(self) -> str:
        """The URL of the account's calls."""
        return f"{self.account_url}/calls"

    @property
    def conferences_url(self) -> str:
        """The URL of the account's conferences."""
        return f"{self.account_url}/conferences"

    def deliver(
        self,
        call: Call,
        name: str,
        more: Mapping[str, object],
        hook: Webhook,
        then: Callable[[Outcome], None] | None = None,
    ) -> None:
        """Send an event of a call. `then` gets the outcome at the virtual time at which the service would have it."""
        self.send(events.make(name, call, self.calls_url, self._clock.now(), more), call, hook, then)

    def send(
        self,
        event: Mapping[str, object],
        call: Call,
        hook: Webhook,
        then: Callable[[Outcome], None] | None = None,
    ) -> None:
        """Send an event that is already made. The delivery is noted on the timeline of `call`."""

        async def run() -> Callable[[], None]:
            outcome = await self.courier.deliver(event, hook)
            return lambda: self._after(outcome.cost, lambda: self._delivered(call, event, outcome, then))

        endpoint = hook.endpoint
        name = f"{endpoint.method} {endpoint.url} ({event['eventType']}, call {call.call_id})"
        self._after(self.faults.take_late(event, endpoint.url), lambda: self._scheduler.work(name, run))

    def problem(self, text: str, call: Call) -> None:
        """Note something that the application did wrong."""
        self.problems.append(f"{text} (call {call.call_id})")
        # The same problem of many calls is one card, whatever their ids.
        key = text.replace(call.call_id, "")
        card = self.cards.setdefault(key, ProblemCard(text))
        card.count, card.call_id = card.count + 1, call.call_id
        self.troubled.add(call.call_id)
        self._changes.tell()

    def unreached(self, text: str, call: Call, refused_by: str | None) -> None:
        """Note that a URL was not reached. Of an address where nothing listens, one problem is enough."""
        if refused_by not in self._refused_by:
            self.problem(text, call)
        if refused_by is not None:
            self._refused_by.add(refused_by)

    def forget_problems(self) -> None:
        """Remove all problems, so that the same one is noted again."""
        self.problems.clear()
        self.cards.clear()
        self.troubled.clear()
        self._refused_by.clear()

    def reset(self) -> None:
        """Remove all faults and problems, and drop all WebSockets."""
        self.network.abort()
        self.faults.clear()
        self.forget_problems()

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        # A timer of 0 seconds would let everything that is due now happen first.
        if seconds:
            self._scheduler.after(seconds, action)
        else:
            action()

    def _delivered(
        self, call: Call, event: Mapping[str, object], outcome: Outcome, then: Callable[[Outcome], None] | None
    ) -> None:
        for exchange in outcome.exchanges:
            detail = {"event": event, "reply": _shown(exchange.body)}
            call.add(exchange.entry(self._clock.now(), f"webhook {event['eventType']}", detail))
            if not exchange.is_good and not exchange.challenge:
                self.unreached(f"{event['eventType']}: {exchange}", call, exchange.refused_by)
        if then is not None:
            then(outcome)


def _shown(reply: bytes) -> str:
    """Return a reply as text: a document whole, of anything else the beginning."""
    if _DOCUMENT.match(reply) or len(reply) <= _MOST_KEPT:
        return reply.decode("utf-8", "replace")
    return reply[:_MOST_KEPT].decode("utf-8", "replace") + "..."
