"""The Statistics resource; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Statistics."""

from __future__ import annotations

import re
from typing import Any

import attrs

from bandwidth_calls.models.statistics import AccountStatistics
from bandwidth_calls.reading import READS, Notes, Reader, load, unlike, unreadable
from bandwidth_calls.transport.retry import Operation
from bandwidth_calls.transport.sending import Sender

_DIGITS = re.compile(r"[0-9]{1,18}")


@attrs.frozen
class Statistics:
    """/accounts/{accountId}/statistics."""

    _sender: Sender

    async def get_statistics(self) -> AccountStatistics:
        """Fetch how long the account's queue of outbound calls is, and how long it may be."""
        path = self._sender.account_path + "/statistics"
        return load(await self._sender.send("GET", path, Operation.READ), AccountStatistics, _reader)


def _whole_number(value: Any, place: str, notes: Notes) -> int:
    """Read a whole number. The documentation of queues shows it as text."""
    if type(value) is str and _DIGITS.fullmatch(value):
        return int(value)
    if type(value) is not int:
        raise unreadable(place, unlike(value, "a whole number"))
    return value


_reader = Reader({**READS, int: _whole_number})
