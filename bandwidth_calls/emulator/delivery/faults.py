"""What goes wrong between the service and the application, where a test asks for it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen(kw_only=True)
class WebhookFault:
    """A reply that comes `delay` virtual seconds late, a connection that breaks, or an event that is sent twice.

    With `late` the event itself is sent so many seconds later than it should be, after others that came about since.
    """

    delay: float = 0.0
    late: float = 0.0
    drop: bool = False
    duplicate: bool = False


NONE = WebhookFault()


@attrs.define
class _Rule:
    fault: WebhookFault
    event: str
    url: str
    call_id: str | None
    skip: int
    times: int

    def hits(self, event: Mapping[str, object], url: str) -> bool:
        fits = self.event in ("*", event["eventType"]) and fnmatchcase(url, self.url)
        if not fits or self.call_id not in (None, event.get("callId")) or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class WebhookFaults:
    """Those asked for. The first that fits a delivery hits it, `times` times, after it was spared `nth - 1` times."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def add(
        self,
        fault: WebhookFault,
        *,
        event: str = "*",
        url: str = "*",
        call_id: str | None = None,
        nth: int = 1,
        times: int = 1,
    ) -> None:
        """Ask for one; a `ValueError` names what makes no sense."""
        for name, seconds in (("delay", fault.delay), ("late", fault.late)):
            if not 0 <= seconds <= 86_400:
                raise ValueError(f"{name} must be from 0 to 86400 seconds: {seconds!r}")
        if type(nth) is not int or nth < 1 or type(times) is not int or times < 1:
            raise ValueError(f"nth and times must be whole numbers from 1: {nth!r}, {times!r}")
        self._rules.append(_Rule(fault, event, url, call_id, nth - 1, times))

    def take(self, event: Mapping[str, object], url: str) -> WebhookFault:
        """What goes wrong with this delivery."""
        rules = (rule for rule in self._rules if not rule.fault.late)
        return next((rule.fault for rule in rules if rule.hits(event, url)), NONE)

    def take_late(self, event: Mapping[str, object], url: str) -> float:
        """How many seconds late this event is to be sent."""
        rules = (rule for rule in self._rules if rule.fault.late)
        return next((rule.fault.late for rule in rules if rule.hits(event, url)), 0.0)

    def clear(self) -> None:
        """Let everything go well again."""
        self._rules.clear()
