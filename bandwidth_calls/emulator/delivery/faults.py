"""Faults of webhooks: what a test asks to go wrong between the service and the application."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import count
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator import rules

if TYPE_CHECKING:
    from collections.abc import Mapping

# A day, in seconds: longer than any timeout of a webhook or duration of a call that a test needs.
_LONGEST_DELAY = 86_400.0
# No test needs more; without a limit a typing mistake would go unnoticed.
_MOST_TIMES = 1_000_000


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
    nth: int = rules.ruled(rules.whole(1, _MOST_TIMES), 1)
    times: int = rules.ruled(rules.whole(1, _MOST_TIMES), 1)
    delay: float = rules.ruled(rules.number(0, _LONGEST_DELAY), 0.0)
    late: float = rules.ruled(rules.number(0, _LONGEST_DELAY), 0.0)
    drop: bool = rules.ruled(rules.flag, False)
    duplicate: bool = rules.ruled(rules.flag, False)

    def fits(self, event: Mapping[str, object], url: str) -> bool:
        """Whether a delivery is one of those that may fail."""
        is_event = self.event in ("*", event["eventType"])
        return is_event and fnmatchcase(url, self.url) and self.call_id in (None, event.get("callId"))


NONE = WebhookFault()


@attrs.define(eq=False)
class _Pending:
    id: int
    fault: WebhookFault
    spared: int
    left: int


class WebhookFaults:
    """The faults that are pending, in the order in which they were added."""

    def __init__(self) -> None:
        self._pending: list[_Pending] = []
        self._ids = count()

    def add(self, fault: WebhookFault) -> None:
        """Add a fault."""
        self._pending.append(_Pending(next(self._ids), fault, fault.nth - 1, fault.times))

    def take(self, event: Mapping[str, object], url: str) -> WebhookFault:
        """Return the fault of a delivery, and count it as used; `NONE` if there is none."""
        return self._take(event, url, late=False)

    def take_late(self, event: Mapping[str, object], url: str) -> float:
        """Return how many seconds late an event is sent, and count its fault as used."""
        return self._take(event, url, late=True).late

    def armed(self) -> list[tuple[int, WebhookFault, int]]:
        """Return the id of each fault that is pending, the fault, and the number of webhooks that it still hits."""
        return [(pending.id, pending.fault, pending.left) for pending in self._pending if pending.left]

    def cancel(self, fault_id: int) -> None:
        """Forget a fault; one that is over already is forgotten too."""
        self._pending = [pending for pending in self._pending if pending.id != fault_id]

    def clear(self) -> None:
        """Forget all faults."""
        self._pending.clear()

    def _take(self, event: Mapping[str, object], url: str, *, late: bool) -> WebhookFault:
        for pending in self._pending:
            if bool(pending.fault.late) != late or not pending.left or not pending.fault.fits(event, url):
                continue
            # Only webhooks that fit are counted, so that `nth` does not depend on others.
            if not pending.spared:
                pending.left -= 1
                return pending.fault
            pending.spared -= 1
        return NONE
