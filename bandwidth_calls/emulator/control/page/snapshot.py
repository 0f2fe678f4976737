"""How things stand, for the live page: of each list the newest, in order, and how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.api.operations import FALLIBLE
from bandwidth_calls.emulator.simulation.clock import utc_text

if TYPE_CHECKING:
    from bandwidth_calls.emulator.api.journal import Journal, RecordedRequest
    from bandwidth_calls.emulator.calls.calls import Call, Calls
    from bandwidth_calls.emulator.engine.engine import Engine
    from bandwidth_calls.emulator.simulation.clock import Clock

_MOST = 200


@attrs.frozen
class Standing:
    """Reads how things stand."""

    clock: Clock
    moved: bool
    calls: Calls
    journal: Journal
    engine: Engine

    def read(self) -> dict[str, object]:
        """What control.openapi.json calls Standing."""
        requests = self.journal.newest(_MOST)
        first = self.journal.arrived - len(requests) + 1
        problems = self.engine.world.outbox.problems
        return {
            "clock": {"now": utc_text(self.clock.now()), "moved": self.moved},
            "operations": FALLIBLE,
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
