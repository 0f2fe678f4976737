"""Calls that ended before the emulator started. None is stored: each is computed from its index.

So a million of them cost no memory.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

from bandwidth_calls.emulator.simulation.clock import DAY, MINUTE, SECOND, utc_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bandwidth_calls.emulator.calls.calls import Filter

# The lengths 5, 4 and 7 share no factor, so every combination occurs in a cycle of 140 calls.
_TO = ("+19195551234", "+19195551235", "+14155550101", "sip:reception@example.com", "+13125550199")
_FROM = ("+19195554321", "+19195554322", "+14155550100", "+13125550100")
_CAUSES = ("hangup", "hangup", "hangup", "busy", "timeout", "rejected", "error")
_ANSWERED = {"hangup", "error"}
_CYCLE = len(_TO) * len(_FROM) * len(_CAUSES)

_RINGING = 5 * SECOND
_LASTS = 60 * SECOND
# All calls started within four days, and so are still kept: calls are kept for seven.
_SPREAD = 4 * DAY
_WIDEST_GAP = MINUTE
_NEWEST = 10 * MINUTE

# An odd factor permutes the 32-bit numbers. So ids look random, and an id leads back to its index.
_SCRAMBLE = 2_654_435_761
_UNSCRAMBLE = pow(_SCRAMBLE, -1, 2**32)
# 2**64 divided by the golden ratio spreads consecutive numbers evenly (Knuth).
_MIX = 0x9E3779B97F4A7C15

APPLICATION_ID = "04e88489-df02-4e34-a0ee-27a91849555f"


class PastCalls:
    """`count` disconnected calls, oldest first. The newest started ten minutes before `now`."""

    def __init__(self, count: int, account_id: str, now: int) -> None:
        self._count = count
        self._prefix = f"c-{zlib.crc32(account_id.encode()):08x}-"
        self._gap = max(1, min(_WIDEST_GAP, _SPREAD // max(1, count)))
        self._first_start = now - _NEWEST - self._gap * (count - 1)
        self._templates = [_template(kind, account_id) for kind in range(min(count, _CYCLE))]

    def __len__(self) -> int:
        return self._count

    def find(self, call_id: str, ended_after: int) -> int | None:
        """Return the index of the call with this id, unless it ended at `ended_after` or before."""
        try:
            index = (int(call_id[11:19], 16) * _UNSCRAMBLE - 1) % 2**32
        except ValueError:
            return None
        known = index < self._count and self._call_id(index) == call_id
        return index if known and self._start(index) + _LASTS > ended_after else None

    def select(self, wanted: Filter, after: int, ended_after: int) -> Iterator[int]:
        """Yield the indices above `after` of the calls that pass the filter, oldest first.

        Calls that ended at `ended_after` or before are left out.
        """
        first = max(after + 1, 0, self._starting_from(ended_after - _LASTS + 1))
        last = self._count
        if wanted.min_start_time is not None:
            first = max(first, self._starting_from(wanted.min_start_time))
        if wanted.max_start_time is not None:
            last = min(last, self._starting_from(wanted.max_start_time + 1))
        kinds = [kind for kind in range(len(self._templates)) if wanted.matches(*_kind(kind))]
        if not kinds:
            return
        for cycle in range(first - first % _CYCLE, last, _CYCLE):
            yield from (cycle + kind for kind in kinds if first <= cycle + kind < last)

    def json(self, index: int) -> str:
        """Return the state of the call at an index as JSON."""
        start = self._start(index)
        return self._templates[index % _CYCLE] % {
            "id": self._call_id(index),
            "start": utc_text(start),
            "answer": utc_text(start + _RINGING),
            "end": utc_text(start + _LASTS),
        }

    def _start(self, index: int) -> int:
        return self._first_start + self._gap * index

    def _starting_from(self, time: int) -> int:
        """Return the index of the first call that started at this time or later."""
        return -((self._first_start - time) // self._gap)

    def _call_id(self, index: int) -> str:
        mixed = (index + 1) * _MIX % 2**64
        first, second, third = mixed >> 48, mixed >> 36 & 0xFFF, 0x8000 | mixed >> 22 & 0x3FFF
        head = f"{self._prefix}{(index + 1) * _SCRAMBLE % 2**32:08x}"
        return f"{head}-{first:04x}-4{second:03x}-{third:04x}-{mixed & 0xFFFFFFFFFFFF:012x}"


def _kind(kind: int) -> tuple[str, str, str]:
    """Return the `to`, the `from` and the cause of every call at this position of the cycle."""
    return _TO[kind % len(_TO)], _FROM[kind % len(_FROM)], _CAUSES[kind % len(_CAUSES)]


def _template(kind: int, account_id: str) -> str:
    """Return the JSON of every call at this position of the cycle, with placeholders for its id and times."""
    to, from_, cause = _kind(kind)
    failed = cause == "error"
    state = {
        "applicationId": APPLICATION_ID,
        "accountId": account_id,
        "callId": "%(id)s",
        "parentCallId": None,
        "to": to,
        "from": from_,
        "direction": "outbound",
        "state": "disconnected",
        "stirShaken": None,
        "identity": None,
        "enqueuedTime": "%(start)s",
        "startTime": "%(start)s",
        "answerTime": "%(answer)s" if cause in _ANSWERED else None,
        "endTime": "%(end)s",
        "disconnectCause": cause,
        "errorMessage": "The call failed" if failed else None,
        "errorId": f"{kind:08x}" if failed else None,
        "lastUpdate": "%(end)s",
    }
    return json.dumps(state)
