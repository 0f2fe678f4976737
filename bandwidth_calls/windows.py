"""The listing of what the service lists by time and cuts off at a number, without a link to the rest.

An answer with so many records is a cut one. Its window of time is divided in two, and both parts are asked for. Windows
join without loss: the first bound is inclusive, the second exclusive.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Generic, TypeVar

import attrs
import msgspec

from bandwidth_calls.cursors import check_path, read_cursor, write_cursor
from bandwidth_calls.errors import BandwidthError
from bandwidth_calls.filters import CURSOR_ALONE, start_of
from bandwidth_calls.page_stream import PageReader, PageSource
from bandwidth_calls.pages import AsyncForOnly, Page, Pages
from bandwidth_calls.reading import Notes, Unreadable
from bandwidth_calls.transport.retry import Operation
from bandwidth_calls.wire import Answer, next_link, query

T = TypeVar("T")

_MOST = 1_000  # records of an answer: so many, and it may be cut off
_SLICE = 64 * 1024  # bytes that are decoded before other tasks get a turn
_SECOND, _MILLISECOND = timedelta(seconds=1), timedelta(milliseconds=1)
_Time = Annotated[datetime, msgspec.Meta(tz=True)] | None


class WindowPosition(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A window of time in a listing, and how far it was read.

    The window goes from `start` to `end`, the listing to `until`; None for no bound. `last_time` and `last` are start
    and id of the last record that was handed out. `passed` counts the records behind it that have no readable id.
    """

    path: str
    filters: dict[str, str]
    start: _Time
    end: _Time
    until: _Time
    last_time: _Time = None
    last: str | None = None
    passed: int = 0

    @property
    def cursor(self) -> str:
        """The position as text."""
        return write_cursor(self)

    @property
    def query(self) -> str:
        """The query that asks for the window."""
        return query({**self.filters, "minStartTime": self.start, "maxStartTime": self.end})

    def following(self, end: datetime | None) -> WindowPosition:
        """Return the window that begins where this one ends."""
        return WindowPosition(self.path, self.filters, self.end, end, self.until)


def start_of_windows(
    path: str, cursor: str | None, first: datetime | None, last: datetime | None, to: str | None, from_: str | None
) -> WindowPosition:
    """Return where a listing starts: at its cursor, or at `first`, which must be aware as `last` must."""
    checked = start_of(path, None, min_start_time=first, max_start_time=last, to=to, from_=from_)
    if cursor is None:
        filters = {name: value for name, value in (("to", to), ("from", from_)) if value is not None}
        start, until = (None if time is None else time.astimezone(UTC) for time in (first, last))
        return WindowPosition(path, filters, start, until, until)
    if checked.query:
        raise ValueError(CURSOR_ALONE)
    position = read_cursor(cursor, WindowPosition)
    check_path(position.path, path)
    return position


@attrs.frozen
class _Window(Generic[T]):
    """What a window holds: the items that were not handed out yet, and behind them the records without an id."""

    position: WindowPosition
    answer: Answer
    items: list[T]
    bad: list[Unreadable]
    behind: WindowPosition

    def bad_error(self) -> BandwidthError:
        """Return the error of the first record without an id, with a cursor that is past it."""
        record, behind = self.bad[0], self.behind
        cursor = msgspec.structs.replace(behind, passed=behind.passed + 1).cursor
        return self.answer.bad(record.place, record.why).with_facts(cursor=cursor)


@attrs.frozen
class WindowListing(AsyncForOnly, Generic[T]):
    """A listing in the order of start times: `async for` yields its items, `pages()` those of each window.

    Each loop starts at the beginning. An error in a loop has a `cursor` to continue from. A record without a readable
    id is a BadAnswerError behind the items of its window, with a cursor past it. A record without a readable start time
    stands at the end of its window.
    """

    _usage = "async for item in listing"
    _source: PageSource[T]
    _start_of: Callable[[T], datetime | None]
    _begin: WindowPosition

    async def __aiter__(self) -> AsyncGenerator[T]:
        """Yield the items of every window."""
        async for window in self._windows():
            for item in window.items:
                yield item
            if window.bad:
                raise window.bad_error()

    def pages(self) -> AsyncGenerator[Page[T]]:
        """Yield the items of each window that has any, with a cursor to the next window."""
        return Pages(self._read_pages())

    async def _read_pages(self) -> AsyncGenerator[Page[T]]:
        async for window in self._windows():
            if window.bad:
                if window.items:
                    yield Page(window.items, window.behind.cursor)
                raise window.bad_error()
            position = window.position
            is_last = position.end == position.until
            if window.items or is_last:
                yield Page(window.items, None if is_last else position.following(position.until).cursor)

    async def _windows(self) -> AsyncGenerator[_Window[T]]:
        """Yield the windows that are not cut off, in the order of time."""
        position = self._begin
        ends = [position.until] if position.end == position.until else [position.until, position.end]
        while True:
            try:
                answer, records = await self._ask(position)
                if len(records) >= _MOST or next_link(answer.headers.getall("Link", ())) is not None:
                    ends.append(self._middle(position, answer, records))
                    position = msgspec.structs.replace(position, end=ends[-1])
                    continue
            except BandwidthError as error:
                raise error.with_facts(cursor=position.cursor) from None
            yield self._window(position, answer, records)
            if not (ends := ends[:-1]):
                return
            position = position.following(ends[-1])

    async def _ask(self, position: WindowPosition) -> tuple[Answer, list[T | Unreadable]]:
        source, label = self._source, f"GET {self._source.path}"
        answer = await source.sender.send("GET", source.path, Operation.READ, query=position.query)
        reader, records = PageReader(source.kind, _SLICE, Notes(label)), list[T | Unreadable]()
        reader.put(answer.body)
        while reader.ready:
            records += reader.slice()
            await asyncio.sleep(0)
        return answer, records + reader.end(answer)

    def _window(self, position: WindowPosition, answer: Answer, records: list[T | Unreadable]) -> _Window[T]:
        items = sorted((record for record in records if not isinstance(record, Unreadable)), key=self._key)
        bad = [record for record in records if isinstance(record, Unreadable)]
        if position.last is not None:
            handed = _key(position.last_time, position.last)
            items = [item for item in items if self._key(item) > handed]
        behind = position
        if items:
            last, identity = self._start_of(items[-1]), self._source.identify(items[-1])
            behind = msgspec.structs.replace(position, last_time=last, last=identity)
        return _Window(position, answer, items, bad[position.passed :], behind)

    def _key(self, item: T) -> Any:
        return _key(self._start_of(item), self._source.identify(item))

    def _middle(self, position: WindowPosition, answer: Answer, records: list[T | Unreadable]) -> datetime:
        """Return a start time at which a cut window can be divided, or raise that there is none."""
        starts = [self._start_of(record) for record in records if not isinstance(record, Unreadable)]
        times = sorted(time for time in starts if time is not None and _is_within(time, position))
        if not times:
            raise answer.bad("$", "cut off, and no start time in it tells where to go on")
        start, end, middle = position.start, position.end, times[len(times) // 2].astimezone(UTC)
        second = middle.replace(microsecond=0)  # first, in case the service leaves out what is finer
        millisecond = middle.replace(microsecond=middle.microsecond // 1000 * 1000)
        for at in (second, second + _SECOND, millisecond, millisecond + _MILLISECOND):
            if (start is None or at > start) and (end is None or at < end):
                return at
        raise answer.bad("$", f"cut off at {len(records):,} records within one millisecond")


def _is_within(time: datetime, window: WindowPosition) -> bool:
    """Return whether a time lies in a window, and far enough from the ends of the calendar to be calculated with."""
    after, before = window.start is None or time >= window.start, window.end is None or time < window.end
    return after and before and datetime.min.year < time.year < datetime.max.year


def _key(time: datetime | None, identity: str) -> tuple[bool, datetime, str]:
    """Return what records are sorted by: the time, then the id; those without a time come last."""
    return time is None, time or datetime.max.replace(tzinfo=UTC), identity
