"""Faults of webhooks: what a test asks to go wrong between the service and the application."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator import rules
from bandwidth_calls.emulator.armed import MOST_TIMES, ArmedFaults

if TYPE_CHECKING:
    from collections.abc import Mapping

# A day, in seconds: longer than any timeout of a webhook or duration of a call that a test needs.
_LONGEST_DELAY = 86_400.0


@attrs.frozen(kw_only=True)
class WebhookFault:
    """Which webhooks fail, and how. These fields are the keywords of `webhook_fault` and its JSON.

    Of the webhooks that fit `event`, `url` (a pattern) and `call_id`, the `nth` fails, and so many `times` from there.
    `delay` makes the reply late, and `late` the event itself, in seconds of the emulator's clock; `drop` breaks the
    connection; `duplicate` sends the event twice. An event that is `late` has no other fault.
    """

    event: str = rules.ruled(rules.not_blank, "*")
    url: str = rules.ruled(rules.not_blank, "*")
    call_id: str | None = rules.ruled(rules.not_blank, None)
    nth: int = rules.ruled(rules.whole(1, MOST_TIMES), 1)
    times: int = rules.ruled(rules.whole(1, MOST_TIMES), 1)
    delay: float = rules.ruled(rules.number(0, _LONGEST_DELAY), 0.0)
    late: float = rules.ruled(rules.number(0, _LONGEST_DELAY), 0.0)
    drop: bool = rules.ruled(rules.flag, False)
    duplicate: bool = rules.ruled(rules.flag, False)

    def fits(self, event: Mapping[str, object], url: str) -> bool:
        """Whether a delivery is one of those that may fail."""
        is_event = self.event in ("*", event["eventType"])
        return is_event and fnmatchcase(url, self.url) and self.call_id in (None, event.get("callId"))


NONE = WebhookFault()


class WebhookFaults(ArmedFaults[WebhookFault]):
    """The faults of webhooks that are armed."""

    def add(self, fault: WebhookFault) -> None:
        """Add a fault."""
        self.arm(fault, spared=fault.nth - 1)

    def take_prompt(self, event: Mapping[str, object], url: str) -> WebhookFault:
        """Return the fault of a delivery, and count it as used; `NONE` if there is none."""
        return self.take(lambda fault: not fault.late and fault.fits(event, url)) or NONE

    def take_late(self, event: Mapping[str, object], url: str) -> float:
        """Return how many seconds late an event is sent, and count its fault as used."""
        return (self.take(lambda fault: bool(fault.late) and fault.fits(event, url)) or NONE).late
