"""The emulator's clock. Times are whole milliseconds since 1970 in UTC, which is the resolution of the API.

Timers are ordered by microseconds, so that rounding does not make two of them due at once.
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


@attrs.define(eq=False)
class Clock:
    """A clock that runs `speed` times as fast as its source (seconds since 1970). It can be moved ahead."""

    _source: Callable[[], float]
    speed: float = 1.0
    _start: float = attrs.field(init=False)
    _ahead: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._start = self._source()

    def now(self) -> int:
        """Return the time in milliseconds since 1970."""
        return self.micros() // _MILLISECOND

    def micros(self) -> int:
        """Return the time in microseconds since 1970."""
        source = self._start + (self._source() - self._start) * self.speed
        return int(source * MICROS) + self._ahead

    def micros_after(self, seconds: object) -> int:
        """Return the time so many seconds from now, in microseconds since 1970.

        Raise `ValueError` for a negative number, or for a time past the year 9998: `datetime` ends soon after.
        """
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < _END_OF_TIME:
            raise ValueError(f"seconds must be a number that is not negative: {seconds!r}")
        time = self.micros() + round(seconds * MICROS)
        if time >= _END_OF_TIME * _MILLISECOND:
            raise ValueError(f"seconds lead past the year 9998: {seconds!r}")
        return time

    def move_to(self, micros: int) -> None:
        """Move the clock ahead to this time (microseconds since 1970). A time in the past changes nothing."""
        self._ahead += max(0, micros - self.micros())

    def reset(self) -> None:
        """Undo every move: show the time of the source again."""
        self._ahead = 0


def utc_text(time: int) -> str:
    """Return a time as the API writes it: `2022-06-16T13:15:07.160Z`."""
    return f"{_second_text(time // SECOND)}.{time % SECOND:03}Z"


# Most times of a listing share their second with others.
@lru_cache(maxsize=4096)
def _second_text(second: int) -> str:
    return (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")


def duration(seconds: float) -> str:
    """Return a duration as the API writes it: `PT13.67S`."""
    return f"PT{seconds:.3f}".rstrip("0").rstrip(".") + "S"


def parse_time(text: str, *, round_up: bool = False) -> int:
    """Return an ISO 8601 time in milliseconds since 1970. Without an offset it is UTC. Raise `ValueError` for others.

    A fraction of a millisecond is cut off, or rounded up with `round_up`. So both inclusive bounds stay exact.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    milliseconds, rest = divmod(moment - _EPOCH, timedelta(milliseconds=1))
    return milliseconds + 1 if round_up and rest else milliseconds
