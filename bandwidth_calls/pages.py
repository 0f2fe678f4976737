"""The async iterator over `Link: rel="next"`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine
from contextlib import closing
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import attrs

from bandwidth_calls.cursors import Position
from bandwidth_calls.errors import UntrustedLinkError
from bandwidth_calls.page_stream import PageSource, PageStream

T = TypeVar("T")


@attrs.frozen
class Page(Generic[T]):
    """One page of a listing: its items, and a cursor to the page after it, None on the last one."""

    items: list[T]
    cursor: str | None


class AsyncForOnly:
    """What only `async for` can iterate. `for` and `await` are a TypeError that says what to write."""

    __slots__ = ()
    _usage: ClassVar[str]

    if not TYPE_CHECKING:  # type checkers refuse both by themselves

        def __iter__(self):
            raise TypeError(f"a listing is asynchronous: write `{self._usage}`, without `await`")

        __await__ = __iter__


@attrs.frozen
class Listing(AsyncForOnly, Generic[T]):
    """A listing: `async for` yields its items, `pages()` its pages; each loop starts at the beginning.

    Items are yielded while their page arrives. The next page is requested when the link to it has arrived, one page
    ahead at most. So memory stays flat however long the listing is. Leaving a loop early cancels its requests.
    An error in a loop has a `cursor` to continue from, which counts the items that were yielded. A record without a
    readable id is a BadAnswerError behind all items before it. Its `cursor` is past the record.
    """

    _usage = "async for item in listing"
    _source: PageSource[T]
    _start: Position

    async def __aiter__(self) -> AsyncGenerator[T]:
        """Yield the items of every page."""
        with closing(_PageLoop(self._source, self._start)) as loop:
            while (page := await loop.next_page()) is not None:
                while not page.ended:
                    for item in await page.next_items():
                        yield item

    def pages(self) -> AsyncGenerator[Page[T]]:
        """Yield the pages, each read whole. An empty page is not the end while it links to another.

        Items before a record without a readable id come as a shorter page, whose cursor leads to that record.
        """
        return Pages(self._read_pages())

    async def _read_pages(self) -> AsyncGenerator[Page[T]]:
        with closing(_PageLoop(self._source, self._start)) as loop:
            while (page := await loop.next_page()) is not None:
                items = await page.all_items()
                if page.bad_record is not None:
                    if items:
                        yield Page(items, page.position.cursor)
                    raise page.record_error(page.bad_record)
                # A page whose link must not be followed is not the last one, so it has a cursor: behind its own items.
                after = page.position if isinstance(page.next_link, UntrustedLinkError) else page.next_link
                yield Page(items, after.cursor if after is not None else None)


@attrs.frozen(eq=False)
class Pages(AsyncForOnly, AsyncGenerator[Page[T], None]):
    """The asynchronous generator of pages."""

    _usage = "async for page in listing.pages()"
    _pages: AsyncGenerator[Page[T]]

    def asend(self, value: None) -> Coroutine[Any, Any, Page[T]]:
        """Return the next page."""
        return self._pages.asend(value)

    def athrow(self, *error: Any) -> Coroutine[Any, Any, Page[T]]:
        """Raise an error in the loop."""
        return self._pages.athrow(*error)

    def aclose(self) -> Coroutine[Any, Any, None]:
        """End the loop."""
        return self._pages.aclose()


@attrs.define
class _PageLoop(Generic[T]):
    """One loop over a listing: the current page, the page that is fetched ahead, and the links already seen.

    The links are kept as hashes of their queries, since a long listing has thousands.
    """

    _source: PageSource[T]
    _start: Position
    _page: PageStream[T] | None = attrs.field(default=None, init=False)
    _ahead: PageStream[T] | None = attrs.field(default=None, init=False)
    _seen: set[int] = attrs.field(factory=set, init=False)

    async def next_page(self) -> PageStream[T] | None:
        """Return the next page when its head has arrived; None after the last page."""
        link = self._start if self._page is None else self._page.next_link
        if isinstance(link, UntrustedLinkError) and self._page is not None:
            raise link.with_facts(cursor=self._page.position.cursor)
        if self._ahead is not None and self._ahead.start != link:
            self._ahead.close()  # the answer broke off, and when it began again it had another link
            self._ahead = None
        if not isinstance(link, Position):
            self._page = None
            return None
        self._page = page = self._ahead or PageStream(self._source, link, self._seen)
        self._ahead = None
        self._seen.add(hash(link.query))
        await page.head.wait()
        if self._source.sender.prefetch and isinstance(page.next_link, Position):
            self._ahead = PageStream(self._source, page.next_link, self._seen)
        return page

    def close(self) -> None:
        """Cancel what is still being fetched."""
        for page in (self._page, self._ahead):
            if page is not None:
                page.close()
