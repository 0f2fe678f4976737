"""Finds calls for the page: by what a person types, and by state, cause and problems."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.control.page.snapshot import call_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bandwidth_calls.emulator.calls.calls import Call
    from bandwidth_calls.emulator.calls.past import PastCalls
    from bandwidth_calls.emulator.engine.world import World

_MOST = 200
# Past calls are computed one by one, so of a million only the newest are looked through.
_MOST_PAST = 5_000
_SEARCHED = ("callId", "from", "to", "tag", "cause", "state", "direction")


@attrs.frozen(eq=False, repr=False)
class Search:
    """Looks through the calls of the emulator, newest first, and then those of `--calls`."""

    world: World
    past: PastCalls

    def find(self, query: Mapping[str, str]) -> dict[str, object]:
        """Return the newest calls that fit, at most 200, and how many fit."""
        wanted = query.get("text", "").strip().casefold()
        state, cause = query.get("state", ""), query.get("cause", "")
        troubled = self.world.outbox.troubled if query.get("problems") else None
        rows = (
            row
            for row in self._rows()
            if state in ("", row["state"])
            and cause in ("", row["cause"])
            and (troubled is None or row["callId"] in troubled)
            and (not wanted or any(wanted in str(row[name] or "").casefold() for name in _SEARCHED))
        )
        newest = list(islice(rows, _MOST))
        return {"newest": newest, "total": len(newest) + sum(1 for _ in rows)}

    def _rows(self) -> Iterator[dict[str, object]]:
        calls: list[Call] = self.world.calls.newest(len(self.world.calls))
        yield from map(call_row, reversed(calls))
        count = len(self.past)
        for index in range(count - 1, max(-1, count - 1 - _MOST_PAST), -1):
            yield _past_row(json.loads(self.past.json(index)))


def _past_row(state: Mapping[str, object]) -> dict[str, object]:
    return {
        "callId": state["callId"],
        "direction": state["direction"],
        "from": state["from"],
        "to": state["to"],
        "state": state["state"],
        "cause": state["disconnectCause"],
        "tag": None,
        "created": state["enqueuedTime"],
        "steps": 0,
        "past": True,
    }
