"""Calling hours by the clock of the person who is called."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import attrs

from bandwidth_calls import checks

_WEEK = tuple(range(7))
_DAY = timedelta(days=1)


def _time(field: str, value: object) -> time:
    if isinstance(value, str):
        try:
            value = time.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{field}: must be a time such as 09:00, not {checks.shown(value)}") from None
    if not isinstance(value, time) or value.tzinfo is not None:
        raise ValueError(f"{field}: must be a time without a zone, such as 09:00")
    return value


@attrs.frozen(init=False)
class Hours:
    """Hours in which people may be called, such as `Hours("09:00", "20:00", days=range(5))`.

    They are read by the clock of a job's `zone`. `opens` is inclusive, `closes` exclusive; both are a
    `datetime.time` or text. Hours whose `closes` is not later than their `opens` end on the next day. `days` are those
    on which they open, 0 for Monday to 6 for Sunday. A key that is taken outside of them waits for the next opening.
    """

    opens: time
    closes: time
    days: tuple[int, ...]

    def __init__(self, opens: time | str, closes: time | str, days: Iterable[int] = _WEEK) -> None:
        wanted = set(days)
        chosen = tuple(day for day in _WEEK if day in wanted)
        if not chosen or len(chosen) < len(wanted):
            raise ValueError("days: must be some of 0 (Monday) to 6 (Sunday)")
        self.__attrs_init__(_time("opens", opens), _time("closes", closes), chosen)

    def next_opening(self, at: datetime, zone: str) -> datetime:
        """Return the first moment from `at` (aware) on at which somebody in a zone may be called, in UTC."""
        at = checks.aware("at", at).astimezone(UTC)
        first = at.astimezone(_zone(zone)).date() - _DAY
        for day in (first + _DAY * number for number in range(10)):  # a week, and a day on either side of midnight
            if day.weekday() in self.days:
                opens = datetime.combine(day, self.opens, _zone(zone)).astimezone(UTC)
                until = day if self.closes > self.opens else day + _DAY
                closes = datetime.combine(until, self.closes, _zone(zone)).astimezone(UTC)
                if at < closes and opens < closes:
                    return max(at, opens)
        raise AssertionError("some day of every week is open")


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
