"""What the live page shows: the newest calls, requests and problems, in order, and how many there are of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator import rules
from bandwidth_calls.emulator.simulation.clock import utc_text

if TYPE_CHECKING:
    from bandwidth_calls.emulator.api.faults import Fault, Faults
    from bandwidth_calls.emulator.api.journal import Journal, RecordedRequest
    from bandwidth_calls.emulator.armed import Armed
    from bandwidth_calls.emulator.calls.calls import Call, Calls
    from bandwidth_calls.emulator.delivery.faults import WebhookFault
    from bandwidth_calls.emulator.delivery.outbox import Outbox
    from bandwidth_calls.emulator.simulation.clock import Clock

# A browser draws so many rows in a moment; more of them would slow each redraw down.
_MOST = 200


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Snapshot:
    """Reads what the live page shows. `moved` says whether the clock stands still until it is moved."""

    clock: Clock
    moved: bool
    calls: Calls
    faults: Faults
    journal: Journal
    outbox: Outbox

    def read(self) -> dict[str, object]:
        """Return the JSON that control.openapi.json calls Snapshot."""
        requests = self.journal.newest(_MOST)
        first = self.journal.arrived - len(requests) + 1
        problems = self.outbox.problems
        cards = [attrs.asdict(card) for card in self.outbox.cards.values()]
        return {
            "clock": {"now": utc_text(self.clock.now()), "moved": self.moved},
            "operations": self.faults.operations,
            "calls": {"total": len(self.calls), "newest": [call_row(call) for call in self.calls.newest(_MOST)]},
            "requests": {
                "total": self.journal.arrived,
                "newest": [_request(number, request) for number, request in enumerate(requests, first)],
            },
            "problems": {"total": len(problems), "newest": problems[-_MOST:], "cards": cards[-_MOST:]},
            "faults": [
                *(_fault("api", armed) for armed in self.faults),
                *(_fault("webhook", armed) for armed in self.outbox.faults),
            ],
        }


def _fault(kind: str, armed: Armed[Fault] | Armed[WebhookFault]) -> dict[str, object]:
    return {"kind": kind, "id": armed.id, "text": rules.changed(armed.fault, {"times"}), "left": armed.left}


def call_row(call: Call) -> dict[str, object]:
    """Return what the list of calls shows of a call."""
    return {
        "callId": call.call_id,
        "direction": call.direction,
        "from": call.from_,
        "to": call.to,
        "state": call.state,
        "cause": call.disconnect_cause,
        "tag": call.tag,
        "created": utc_text(call.created),
        "steps": len(call.entries),
    }


def _request(number: int, request: RecordedRequest) -> dict[str, object]:
    return {
        "number": number,
        "time": utc_text(request.time),
        "method": request.method,
        "path": request.path,
        "operation": request.operation,
        "status": request.status,
        "fault": request.fault,
    }
