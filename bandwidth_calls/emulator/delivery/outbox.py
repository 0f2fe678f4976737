"""What applications are told: events are made, sent, noted on the timeline of their call; what fails is a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.delivery import events
from bandwidth_calls.emulator.delivery.courier import Courier
from bandwidth_calls.emulator.delivery.faults import WebhookFaults

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bandwidth_calls.emulator.calls.calls import Call, Changes
    from bandwidth_calls.emulator.delivery.courier import Outcome, Webhook
    from bandwidth_calls.emulator.settings import Settings
    from bandwidth_calls.emulator.simulation.clock import Clock
    from bandwidth_calls.emulator.simulation.scheduler import Scheduler


class Post:
    """Sends events. `account_url` is where the resources of the account are, once the emulator has started."""

    def __init__(self, settings: Settings, clock: Clock, scheduler: Scheduler, changes: Changes) -> None:
        self.faults = WebhookFaults()
        self.problems: list[str] = []
        self.account_url = ""
        self.courier = Courier(settings, self.faults)
        self._clock = clock
        self._scheduler = scheduler
        self._changes = changes

    @property
    def calls_url(self) -> str:
        """Where calls are."""
        return f"{self.account_url}/calls"

    @property
    def conferences_url(self) -> str:
        """Where conferences are."""
        return f"{self.account_url}/conferences"

    def deliver(
        self,
        call: Call,
        name: str,
        more: Mapping[str, object],
        hook: Webhook,
        then: Callable[[Outcome], None] | None = None,
    ) -> None:
        """Send an event; `then` is given the outcome, at the time at which the service would have it."""
        self.send(events.make(name, call, self.calls_url, self._clock.now(), more), call, hook, then)

    def send(
        self,
        event: Mapping[str, object],
        call: Call,
        hook: Webhook,
        then: Callable[[Outcome], None] | None = None,
    ) -> None:
        """Send an event that is made already; the timeline of the call tells of it."""

        async def run() -> Callable[[], None]:
            outcome = await self.courier.deliver(event, hook)
            return lambda: self._after(outcome.cost, lambda: self._delivered(call, event, outcome, then))

        name = f"{hook.place.method} {hook.place.url} ({event['eventType']}, call {call.call_id})"
        self._after(self.faults.take_late(event, hook.place.url), lambda: self._scheduler.work(name, run))

    def problem(self, text: str, call: Call) -> None:
        """Note what an application did wrong."""
        self.problems.append(f"{text} (call {call.call_id})")
        self._changes.tell()

    def reset(self) -> None:
        """Forget what was asked for, and what went wrong."""
        self.faults.clear()
        self.problems.clear()

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        if seconds:
            self._scheduler.after(seconds, action)
        else:
            action()

    def _delivered(
        self, call: Call, event: Mapping[str, object], outcome: Outcome, then: Callable[[Outcome], None] | None
    ) -> None:
        for exchange in outcome.exchanges:
            detail = {"event": event, "reply": exchange.body.decode("utf-8", "replace")}
            call.note(self._clock.now(), f"webhook {event['eventType']}", str(exchange), detail)
            if not exchange.is_good and not exchange.challenge:
                self.problem(f"{event['eventType']}: {exchange}", call)
        if then is not None:
            then(outcome)
