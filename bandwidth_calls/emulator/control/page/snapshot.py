"""What the live page shows: the newest calls, requests and problems, in order, and how many there are of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.simulation.clock import utc_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bandwidth_calls.emulator.api.journal import Journal, RecordedRequest
    from bandwidth_calls.emulator.calls.calls import Call, Calls
    from bandwidth_calls.emulator.delivery.outbox import Outbox
    from bandwidth_calls.emulator.simulation.clock import Clock

# A browser draws so many rows in a moment; more of them would slow each redraw down.
_MOST = 200


@attrs.frozen(kw_only=True)
class Snapshot:
    """Reads what the live page shows. `moved` says whether the clock stands still until it is moved."""

    clock: Clock
    moved: bool
    operations: Sequence[str]
    calls: Calls
    journal: Journal
    outbox: Outbox

    def read(self) -> dict[str, object]:
        """Return the JSON that control.openapi.json calls Snapshot."""
        requests = self.journal.newest(_MOST)
        first = self.journal.arrived - len(requests) + 1
        problems = self.outbox.problems
        return {
            "clock": {"now": utc_text(self.clock.now()), "moved": self.moved},
            "operations": self.operations,
            "calls": {"total": len(self.calls), "newest": [_call(call) for call in self.calls.newest(_MOST)]},
            "requests": {
                "total": self.journal.arrived,
                "newest": [_request(number, request) for number, request in enumerate(requests, first)],
            },
            "problems": {"total": len(problems), "newest": problems[-_MOST:]},
        }


def _call(call: Call) -> dict[str, object]:
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
