"""The async iterator over `Link: rel="next"`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Generic, TypeVar

import attrs

from bandwidth_calls.cursors import Place
from bandwidth_calls.errors import BandwidthError, ClientClosedError, UntrustedLinkError
from bandwidth_calls.fast import load_page
from bandwidth_calls.sending import Sender
from bandwidth_calls.wire import Answer, follow, next_link

T = TypeVar("T")


@attrs.frozen
class Page(Generic[T]):
    """One page of a listing: its items, and a cursor to the page after it, None on the last one."""

    items: list[T]
    cursor: str | None


@attrs.frozen
class _Fetched(Generic[T]):
    items: list[T]
    answer: Answer


@attrs.frozen
class Listing(Generic[T]):
    """A listing: `async for` gives its items, `pages()` its pages; each loop starts afresh.

    The next page is fetched while one is consumed, one ahead at most, so memory holds two pages however long the
    listing is. Leaving a loop early cancels that fetch. Whatever a loop raises has a `cursor` to go on from.
    """

    _sender: Sender
    _path: str
    _start: Place
    _kind: type[T]
    _identify: Callable[[T], str]

    async def __aiter__(self) -> AsyncGenerator[T]:
        """Give the items of every page."""
        async with aclosing(self.pages()) as pages:
            async for page in pages:
                for item in page.items:
                    yield item

    async def pages(self) -> AsyncGenerator[Page[T]]:
        """Give the pages, each read whole. An empty page is not the end while it links to another."""
        place: Place | None = self._start
        seen: set[int] = set()
        ahead: asyncio.Task[_Fetched[T] | BandwidthError] | None = None
        try:
            while place is not None:
                fetched = await (_arrival(ahead) if ahead else self._fetch(place))
                if isinstance(fetched, BandwidthError):
                    raise _at(place, fetched)
                seen.add(hash(place.query))
                following, astray = self._following(fetched.answer, seen)
                ahead = self._fetch_ahead(following)
                whole = self._whole(place, fetched.items)
                onward = whole if astray else following
                yield Page(place.rest(fetched.items, self._identify), onward.cursor if onward else None)
                if astray:
                    raise _at(whole, astray)
                place = following
        finally:
            if ahead is not None:
                ahead.cancel()

    def _fetch_ahead(self, following: Place | None) -> asyncio.Task[_Fetched[T] | BandwidthError] | None:
        if following is None or not self._sender.prefetch:
            return None
        return self._sender.way.session.spawn(self._fetch(following))

    async def _fetch(self, place: Place) -> _Fetched[T] | BandwidthError:
        """Fetch a page. An error is given, not raised: a page fetched ahead may never be asked for."""
        try:
            answer = await self._sender.send("GET", self._path, query=place.query)
            return _Fetched(load_page(answer, self._kind), answer)
        except BandwidthError as error:
            return error

    def _following(self, answer: Answer, seen: set[int]) -> tuple[Place | None, UntrustedLinkError | None]:
        """Find the page after this one; its error, where the link is not to be followed, is for after the items."""
        try:
            link = next_link(answer.headers.getall("Link", ()))
            if link is None:
                return None, None
            query = follow(link, self._sender.base, self._path)
            if hash(query) in seen:
                raise UntrustedLinkError("a next-page link leads back to a page already seen")
        except UntrustedLinkError as error:
            error.attempts, error.sent_at = answer.attempts, answer.sent_at
            return None, error
        return Place(self._start.account_id, query), None

    def _whole(self, place: Place, items: list[T]) -> Place:
        last = self._identify(items[-1]) if items else place.last
        return attrs.evolve(place, handed=max(place.handed, len(items)), last=last)


async def _arrival(ahead: asyncio.Task[_Fetched[T] | BandwidthError]) -> _Fetched[T] | BandwidthError:
    await asyncio.wait([ahead])
    # Only the closing of the client cancels it while somebody waits here.
    return ClientClosedError("the client was closed while a page was fetched") if ahead.cancelled() else ahead.result()


def _at(place: Place, error: BandwidthError) -> BandwidthError:
    error.cursor = place.cursor
    return error
