"""Time as the emulator has it: whole milliseconds since 1970 in UTC, the API's own resolution.

What happens is ordered by microseconds, so that no two things happen at once that should not.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

SECOND = 1_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE

_MILLISECOND = 1_000
MICROS = 1_000_000  # in a second

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_TIME = (datetime(9999, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


@attrs.define
class Clock:
    """A clock that runs with its source (seconds since 1970), `speed` times as fast, and can be moved ahead of it."""

    _source: Callable[[], float]
    speed: float = 1.0
    _start: float = attrs.field(init=False)
    _ahead: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._start = self._source()

    def now(self) -> int:
        """The time, in milliseconds."""
        return self.micros() // _MILLISECOND

    def micros(self) -> int:
        """The time, in microseconds."""
        source = self._start + (self._source() - self._start) * self.speed
        return int(source * MICROS) + self._ahead

    def micros_after(self, seconds: object) -> int:
        """The time so many seconds from now; a `ValueError` where that is backwards, or past the year 9998."""
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < _END_OF_TIME:
            raise ValueError(f"seconds must be a number that is not negative: {seconds!r}")
        time = self.micros() + round(seconds * MICROS)
        if time >= _END_OF_TIME * _MILLISECOND:
            raise ValueError(f"seconds lead past the year 9998: {seconds!r}")
        return time

    def move_to(self, micros: int) -> None:
        """Move the clock ahead to this time; never back."""
        self._ahead += max(0, micros - self.micros())

    def reset(self) -> None:
        """Run with the source again."""
        self._ahead = 0


def utc_text(time: int) -> str:
    """The time as the API writes it: `2022-06-16T13:15:07.160Z`."""
    return f"{_second_text(time // SECOND)}.{time % SECOND:03}Z"


@lru_cache(maxsize=4096)
def _second_text(second: int) -> str:
    return (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")


def duration(seconds: float) -> str:
    """Return a duration as the API writes it: `PT13.67S`."""
    return f"PT{seconds:.3f}".rstrip("0").rstrip(".") + "S"


def parse_time(text: str, *, round_up: bool = False) -> int:
    """Read ISO 8601; a time without an offset is taken as UTC. Raises `ValueError`.

    What is finer than a millisecond is cut off, or rounded up, so that an inclusive bound stays exact.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    milliseconds, rest = divmod(moment - _EPOCH, timedelta(milliseconds=1))
    return milliseconds + 1 if round_up and rest else milliseconds
