"""The async iterator over `Link: rel="next"`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from typing import Generic, TypeVar

import attrs

from bandwidth_calls.cursors import Place
from bandwidth_calls.errors import BandwidthError, UntrustedLinkError
from bandwidth_calls.page_stream import Arrival, Onward, at
from bandwidth_calls.transport.sending import Sender
from bandwidth_calls.wire import Answer, follow, next_link

T = TypeVar("T")


@attrs.frozen
class Page(Generic[T]):
    """One page of a listing: its items, and a cursor to the page after it, None on the last one."""

    items: list[T]
    cursor: str | None


@attrs.frozen
class Listing(Generic[T]):
    """A listing: `async for` gives its items, `pages()` its pages; each loop starts afresh.

    Items are given while their page arrives. The next page is asked for as soon as this one's link to it is there, one
    ahead at most, so memory stays flat however long the listing is. Leaving a loop early cancels what is on its way.
    Whatever a loop raises has a `cursor` to go on from, which counts the items that were given.
    """

    _sender: Sender
    _path: str
    _start: Place
    _kind: type[T]
    _identify: Callable[[T], str]

    async def __aiter__(self) -> AsyncGenerator[T]:
        """Give the items of every page."""
        async with aclosing(self._arrivals()) as arrivals:
            async for arrival in arrivals:
                while (items := await arrival.part()) is not None:
                    for item in items:
                        yield item

    async def pages(self) -> AsyncGenerator[Page[T]]:
        """Give the pages, each read whole. An empty page is not the end while it links to another."""
        async with aclosing(self._arrivals()) as arrivals:
            async for arrival in arrivals:
                items = await arrival.whole()
                onward = arrival.place if isinstance(arrival.onward, UntrustedLinkError) else arrival.onward
                yield Page(items, onward.cursor if onward else None)

    async def _arrivals(self) -> AsyncGenerator[Arrival[T]]:
        """Give each page while it arrives; the consumer reads it to its end."""
        seen: set[int] = set()
        ask = partial(self._ask, seen)
        arrival: Arrival[T] | None = ask(self._start)
        try:
            while arrival is not None:
                seen.add(hash(arrival.place.query))
                if self._sender.prefetch:
                    arrival.lead(ask)
                yield arrival
                if isinstance(arrival.onward, UntrustedLinkError):
                    raise at(arrival.place, arrival.onward)
                arrival = arrival.following or (None if arrival.onward is None else ask(arrival.onward))
        finally:
            if arrival is not None:
                arrival.cancel()

    def _ask(self, seen: set[int], place: Place) -> Arrival[T]:
        arrival = Arrival(place, self._kind, self._identify, partial(self._find_onward, place, seen))
        arrival.watch(self._sender.way.session.spawn(self._fetch(arrival)))
        return arrival

    async def _fetch(self, arrival: Arrival[T]) -> BandwidthError | None:
        """Fetch a page. An error is given, not raised: a page fetched ahead may never be asked for."""
        try:
            await self._sender.send("GET", self._path, query=arrival.place.query, sink=arrival)
        except BandwidthError as error:
            return error
        return None

    def _find_onward(self, place: Place, seen: set[int], answer: Answer) -> Onward:
        """Find the page after a page; the error of a link that is not to be followed is for after the items."""
        try:
            link = next_link(answer.headers.getall("Link", ()))
            if link is None:
                return None
            query = follow(link, self._sender.base, self._path)
            if query == place.query or hash(query) in seen:
                raise UntrustedLinkError("a next-page link leads back to a page already seen")
        except UntrustedLinkError as error:
            error.attempts, error.sent_at = answer.attempts, answer.sent_at
            return error
        return Place(place.account_id, query)
