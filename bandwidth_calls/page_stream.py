"""A page while it downloads, with back-pressure, and its items in slices."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar, cast

import attrs

from bandwidth_calls.cursors import Position
from bandwidth_calls.errors import BadAnswerError, BandwidthError, ClientClosedError, UntrustedLinkError
from bandwidth_calls.fast import UNREADABLE, FastReader, PlainReader, reader_of
from bandwidth_calls.reading import Notes, Unreadable, load_list
from bandwidth_calls.transport.retry import Operation
from bandwidth_calls.transport.sending import Sender
from bandwidth_calls.wire import Answer, follow, next_link

T = TypeVar("T")

_SLICE = 64 * 1024  # bytes that are decoded at once: so few that they stay in the processor's cache
_TURN = 8  # slices that are decoded before other tasks get a turn: some milliseconds
_AHEAD = 512 * 1024  # bytes that are buffered before the connection has to wait: one turn of slices
_PATIENCE = 1.0  # seconds that the connection waits in all for the reader: a service may cut one that idles
_CUTS = 4  # cuts that are tried in a slice before more bytes are waited for


@attrs.frozen
class PageSource(Generic[T]):
    """What the pages of one listing share: who sends, the path, the model of an item, and its id."""

    sender: Sender
    path: str
    kind: type[T]
    identify: Callable[[T], str]


class PageStream(Generic[T]):
    """A page while it downloads, with back-pressure: at most 512 KiB are buffered ahead of the reader.

    The session puts bytes in, by `begin` and `take`, and begins again when an answer broke off. A listing takes items
    out, by `next_items` or `all_items`. A connection that waits long may be cut by the service. So for a slow reader
    the rest of the page is buffered here after a second, as bytes.

    `head` is set when the head of the answer has arrived, or when there will be none. `next_link` is then the position
    of the next page, None on the last page, or the error of a link that must not be followed. A link may not lead
    back to the hashes of queries in `seen`. `ended` is set when all items were handed out. `bad_record` is set when the
    items before a record without a readable id were handed out. `buffered` is in bytes, `patience` the seconds that the
    connection may still wait.
    """

    limit: float | None = None
    headers: Mapping[str, str] = {}

    def __init__(self, source: PageSource[T], start: Position, seen: set[int]) -> None:
        self.start, self.head = start, asyncio.Event()
        self.next_link: Position | UntrustedLinkError | None = None
        self.ended = False
        self.bad_record: Unreadable | None = None
        self.buffered, self.patience = 0, _PATIENCE
        self._source, self._seen = source, seen
        self._answer: Answer | None = None
        self._news, self._room = asyncio.Event(), asyncio.Event()
        self._pieces: deque[bytes] = deque()
        self._slices = self._count = 0
        self._last: T | None = None
        self._kept: list[T | Unreadable] | None = [] if start.handed else None
        self._notes = Notes(f"GET {source.path}")
        self._reader = PageReader(source.kind, _SLICE, self._notes)
        fetch = source.sender.send("GET", source.path, Operation.READ, query=start.query, sink=self)
        self._task = source.sender.transport.session.spawn(fetch)
        self._task.add_done_callback(self._fetched)

    @property
    def position(self) -> Position:
        """The position behind the last item that was handed out."""
        if self._last is None:
            return self.start
        return self.start.after(self._count, self._source.identify(self._last))

    def close(self) -> None:
        """Cancel the download."""
        self._task.cancel()

    def begin(self, answer: Answer) -> None:
        """Take the head of an answer, and forget what came of an earlier one."""
        if self._answer is not None:
            self._reader = PageReader(self._source.kind, _SLICE, self._notes)
            self._pieces.clear()
            self.buffered = 0
            # Items are kept back until it is clear which of them were handed out.
            self._kept = [] if self.position.handed else None
        self._answer, self.next_link = answer, self._find_next(answer)
        self.head.set()

    def take(self, piece: bytes) -> bool:
        """Take a piece of the body; return whether more than enough is buffered."""
        self._pieces.append(piece)
        self.buffered += len(piece)
        if self.buffered >= _SLICE:
            self._news.set()
        return self.buffered >= _AHEAD and self.patience > 0

    async def room(self) -> None:
        """Return when the reader has taken items, or when it was waited for long enough."""
        self._room.clear()
        loop = asyncio.get_running_loop()
        since = loop.time()
        try:
            async with asyncio.timeout(self.patience):
                await self._room.wait()
        except TimeoutError:
            self.patience = 0.0  # whatever a coarse clock says, which may have moved by less
        else:
            self.patience -= loop.time() - since

    async def next_items(self) -> list[T]:
        """Return the next items as soon as they are there; none when the page has `ended`, or before a `bad_record`."""
        while not self.ended:
            records = list[T | Unreadable]()
            if self.bad_record is not None:
                raise self.record_error(self.bad_record)
            if self._slices == _TURN:
                self._slices = 0
                await asyncio.sleep(0)
            elif self._reader.ready:
                records = self._slice()
            elif self._pieces:
                self._feed()
            elif self._task.done():
                records = self._rest()
            else:
                await self._news.wait()
                self._news.clear()
            if records:
                items = self._before_bad(records) if Unreadable in map(type, records) else cast(list[T], records)
                if items:
                    self._count, self._last = self._count + len(items), items[-1]
                return items
        return []

    async def all_items(self) -> list[T]:
        """Return all items at once, or those before a `bad_record`; another error counts none as handed out."""
        items = list[T]()
        try:
            while not self.ended and self.bad_record is None:
                items += await self.next_items()
        except BandwidthError as error:
            raise error.with_facts(cursor=self.start.cursor) from None
        return items

    def record_error(self, record: Unreadable) -> BadAnswerError:
        """Return the error of the `bad_record`, with a cursor that is past it."""
        assert self._answer is not None  # noqa: S101 - the record came in its body
        return self._answer.bad(record.place, record.why).with_facts(cursor=self.position.past_record().cursor)

    def _find_next(self, answer: Answer) -> Position | UntrustedLinkError | None:
        """Find the next page. The error of a link that must not be followed is raised later, behind the items."""
        source = self._source
        try:
            headers = answer.headers.getall("Link", ())
            if not headers or (link := next_link(headers)) is None:
                return None
            query = follow(link, source.sender.base, source.path)
            if query == self.start.query or hash(query) in self._seen:
                raise UntrustedLinkError("a next-page link leads back to a page already seen")
        except UntrustedLinkError as error:
            return error.with_facts(attempts=answer.attempts, sent_at=answer.sent_at)
        return Position(self.start.path, query)

    def _fetched(self, task: asyncio.Task[Answer]) -> None:
        if not task.cancelled():
            task.exception()  # a page fetched ahead may never be read; asyncio warns of an error nobody looked at
        self.head.set()
        self._news.set()

    def _feed(self) -> None:
        piece = self._pieces.popleft()
        self.buffered -= len(piece)
        if self.buffered < _AHEAD / 2:
            self._room.set()
        self._reader.put(piece)

    def _slice(self) -> list[T | Unreadable]:
        self._slices += 1
        records = self._reader.slice()
        if self._kept is None:
            return records
        self._kept += records
        return []

    def _rest(self) -> list[T | Unreadable]:
        """Return the records that are left when all has arrived, or raise why it has not."""
        try:
            records = self._reader.end(self._task.result())
        except asyncio.CancelledError:  # of the fetch: only closing the client cancels it while somebody waits for it
            fault: BandwidthError = ClientClosedError("the client was closed while a page was fetched")
        except BandwidthError as error:
            fault = error
        else:
            self.ended = True
            return records if self._kept is None else self._not_handed_out(self._kept + records)
        raise fault.with_facts(cursor=self.position.cursor)

    def _not_handed_out(self, records: list[T | Unreadable]) -> list[T | Unreadable]:
        identify = self._source.identify
        ids = [None if isinstance(record, Unreadable) else identify(record) for record in records]
        return records[self.position.count_handed(ids) :]

    def _before_bad(self, records: list[T | Unreadable]) -> list[T]:
        """Return the items before the first record that cannot be read. The page has not ended: its error is left."""
        end = list(map(type, records)).index(Unreadable)
        self.bad_record, self.ended = cast(Unreadable, records[end]), False
        return cast(list[T], records[:end])


class PageReader(Generic[T]):
    """Reads a page of models from the bytes that are put in: slices of a size as they arrive, and the rest by `end`.

    A slice ends at a `},{`, whose comma becomes the bracket that closes one list, and then the one that opens the next.
    Where it stands inside a text or a nested list, what comes before it is no whole list. That is a syntax error, and
    an earlier cut is tried. So a cut that can be read is a right one. `ready` is whether a slice can be tried.
    """

    def __init__(self, kind: type[T], size: int, notes: Notes) -> None:
        self.ready = False
        self._kind, self._size, self._notes = kind, size, notes
        self._reader: FastReader[T] | PlainReader[T] = reader_of(kind)  # type: ignore[arg-type]  # it is hashable
        self._rest = bytearray()
        self._wanted = size  # how many bytes must be there before a cut is tried
        self._items = self._bytes = 0  # what was read before the rest began

    def put(self, piece: bytes) -> None:
        """Take the next bytes of the page."""
        self._rest += piece
        self.ready = len(self._rest) >= self._wanted

    def slice(self) -> list[T | Unreadable]:
        """Read the records that are whole within a slice; none when more bytes are needed."""
        cut = self._wanted
        for _ in range(_CUTS):
            if (cut := self._rest.rfind(b"},{", 0, cut) + 1) == 0:
                break
            if (items := self._read_to(cut)) is not None:
                return items
        self._await(self._wanted * 2)
        return []

    def _read_to(self, cut: int) -> list[T | Unreadable] | None:
        self._rest[cut] = ord("]")
        try:
            items = self._reader.page(memoryview(self._rest)[: cut + 1], self._notes, self._items)
        except UNREADABLE:
            self._rest[cut] = ord(",")
            return None
        del self._rest[:cut]
        self._rest[0] = ord("[")
        self._items, self._bytes = self._items + len(items), self._bytes + cut
        self._await(self._size)
        return items

    def _await(self, wanted: int) -> None:
        self._wanted = wanted
        self.ready = len(self._rest) >= wanted

    def end(self, answer: Answer) -> list[T | Unreadable]:
        """Read what is left when all has arrived, or raise what `load_list` raises for the page as a whole."""
        try:
            return self._reader.page(self._rest, self._notes, self._items)
        except UNREADABLE:
            # Blanks stand for what was read before, so that a place in the rest is the place in the page.
            page = attrs.evolve(answer, body=b" " * self._bytes + self._rest)
            return load_list(page, self._kind, self._notes, first=self._items)
