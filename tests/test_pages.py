"""Listings: every page, in order, one ahead; nothing lost, nothing twice, nothing left over."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import web
from support.listings import read_calls
from support.moved_clock import until
from support.raw_server import never
from support.scripted_api import MakeClient, ScriptedApi
from support.tasks import client_tasks

from bandwidth_calls import (
    BadAnswerError,
    BandwidthClient,
    BandwidthError,
    BasicCredentials,
    CallState,
    ClientClosedError,
    Listing,
    PermissionDeniedError,
    RetryPolicy,
    ServerError,
    UntrustedLinkError,
)

CALLS = "/api/v2/accounts/9900000/calls"


@pytest.fixture
def client(make_client: MakeClient, basic: BasicCredentials) -> BandwidthClient:
    """A client that asks for no token and sends nothing again."""
    return make_client(auth=basic, retry=RetryPolicy(attempts=1))


class Book:
    """Pages of calls `c-0`, `c-1`... linked to each other; `links` and `faults` change what is answered."""

    def __init__(self, api: ScriptedApi, sizes: list[int]) -> None:
        numbers = itertools.count()
        self.pages = [[f"c-{next(numbers)}" for _ in range(size)] for size in sizes]
        self.links: dict[int, str] = {}
        self.faults: dict[int, list[web.Response]] = {}
        self.asked: list[int] = []
        self.api = api
        api.otherwise = self.answer

    async def answer(self, request: web.Request) -> web.Response:
        """Answer with the page that is asked for."""
        number = int(request.query.get("pageToken", "0"))
        self.asked.append(number)
        if self.faults.get(number):
            return self.faults[number].pop(0)
        query = {**request.query, "pageToken": str(number + 1)}
        link = self.links.get(number, str(request.url.with_query(query)))
        headers = {"Link": f'<{link}>; rel="next"'} if number + 1 < len(self.pages) or number in self.links else {}
        return web.json_response([{"callId": call} for call in self.pages[number]], headers=headers)

    @property
    def ids(self) -> list[str]:
        """All calls, in order."""
        return [call for page in self.pages for call in page]


async def ids(listing: Listing[CallState]) -> list[str]:
    """Read a listing to its end."""
    return [call.call_id async for call in listing]


async def ids_until_it_fails(listing: Listing[CallState]) -> tuple[list[str], BandwidthError]:
    """Read a listing to its error."""
    read, error = await read_calls(listing)
    assert error is not None, "it did not fail"
    return read, error


async def test_every_page_streams_in_order(api: ScriptedApi, client: BandwidthClient) -> None:
    """One loop yields the calls of all pages, also of short and empty ones."""
    book = Book(api, [3, 1, 0, 0, 3, 2])

    read = await ids(client.calls.list_calls())

    assert read == book.ids
    assert book.asked == [0, 1, 2, 3, 4, 5]


async def test_an_empty_listing_is_empty(api: ScriptedApi, client: BandwidthClient) -> None:
    """No calls, no link: the loop ends."""
    Book(api, [0])

    assert await ids(client.calls.list_calls()) == []


async def test_each_loop_starts_afresh(api: ScriptedApi, client: BandwidthClient) -> None:
    """A listing can be iterated any number of times."""
    book = Book(api, [2, 2])
    listing = client.calls.list_calls()

    first, second = await ids(listing), await ids(listing)

    assert first == second == book.ids


async def test_pages_have_items_and_a_cursor(api: ScriptedApi, client: BandwidthClient) -> None:
    """The last page has no cursor."""
    Book(api, [2, 1])

    pages = [page async for page in client.calls.list_calls().pages()]

    assert [[call.call_id for call in page.items] for page in pages] == [["c-0", "c-1"], ["c-2"]]
    assert [type(page.cursor) for page in pages] == [str, type(None)]


async def test_a_cursor_goes_on_with_the_same_filters(api: ScriptedApi, client: BandwidthClient) -> None:
    """From a page's cursor the rest comes, and nothing else, asked for with what it was made with."""
    book = Book(api, [2, 2, 2])
    async with aclosing(client.calls.list_calls(from_="+19195554321", page_size=2).pages()) as pages:
        cursor = (await anext(pages)).cursor

    rest = await ids(client.calls.list_calls(cursor=cursor))

    assert rest == book.ids[2:]
    assert {(seen.method, seen.path) for seen in api.requests} == {("GET", CALLS)}
    assert all("from=%2B19195554321" in seen.query and "pageSize=2" in seen.query for seen in api.requests)


async def test_the_next_page_is_fetched_before_this_one_is_consumed(api: ScriptedApi, client: BandwidthClient) -> None:
    """One page ahead, and no further."""
    book = Book(api, [2, 2, 2, 2])

    async with aclosing(aiter(client.calls.list_calls())) as calls:
        await anext(calls)
        await until(lambda: len(book.asked) == 2)
        for _ in range(50):
            await asyncio.sleep(0)

        assert book.asked == [0, 1]


async def test_fetching_ahead_can_be_turned_off(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """With `prefetch=False` a page is asked for when the one before it is used up."""
    book = Book(api, [2, 2])

    async with aclosing(aiter(make_client(auth=basic, prefetch=False).calls.list_calls())) as calls:
        await anext(calls)
        await anext(calls)
        for _ in range(50):
            await asyncio.sleep(0)
        before = list(book.asked)
        await anext(calls)

    assert (before, book.asked) == ([0], [0, 1])


async def test_leaving_early_cancels_what_is_in_flight(api: ScriptedApi, client: BandwidthClient) -> None:
    """After `break` no task of the client is left, though the next page never came."""
    book = Book(api, [2, 2])
    held = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        if "pageToken" in request.query:
            await held.wait()
        return await book.answer(request)

    api.otherwise = answer

    async for _ in client.calls.list_calls():
        break

    await until(lambda: len(book.asked) == 1 and not client_tasks())
    held.set()
    assert book.asked == [0]


async def test_a_consumer_that_is_cancelled_leaves_nothing(api: ScriptedApi, client: BandwidthClient) -> None:
    """Cancelling the task that reads a listing cancels the page it waits for."""
    Book(api, [2, 2])
    api.answers.append(never)
    reading = asyncio.create_task(ids(client.calls.list_calls()))
    await until(lambda: api.requests)

    reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading
    await until(lambda: not client_tasks())


async def test_a_fault_in_the_middle_is_sent_again(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """A page that fails once is asked for again, and nobody notices."""
    book = Book(api, [2, 2, 2])
    book.faults = {
        1: [web.Response(status=502)],
        2: [web.Response(body=b"no gzip", headers={"Content-Encoding": "gzip"})],
    }

    read = await ids(make_client(auth=basic).calls.list_calls())

    assert read == book.ids


@pytest.mark.parametrize("page", [0, 1, 2])
@pytest.mark.parametrize("prefetch", [True, False])
async def test_a_fault_is_raised_with_a_cursor_that_loses_and_repeats_nothing(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, page: int, prefetch: bool
) -> None:
    """All items before an error are handed out first; the cursor continues with the others."""
    client = make_client(auth=basic, prefetch=prefetch, retry=RetryPolicy(attempts=1))
    book = Book(api, [2, 2, 2])
    book.faults = {page: [web.Response(status=503)]}

    read, error = await ids_until_it_fails(client.calls.list_calls(to="+19195551234"))
    rest = await ids(client.calls.list_calls(cursor=error.cursor))

    assert isinstance(error, ServerError)
    assert len(read) == 2 * page
    assert read + rest == book.ids
    assert "to=%2B19195551234" in api.requests[-1].query


@pytest.mark.parametrize(
    ("body", "where"),
    [(b'[{"callId": "c-9"}, {}]', "$[1].callId"), (b"{}", "$"), (b"<html>", "$"), (b'["c"]', "$[0]"), (b"", "$")],
)
async def test_a_page_of_the_wrong_shape_says_where(
    api: ScriptedApi, client: BandwidthClient, body: bytes, where: str
) -> None:
    """A page that cannot be read is a BadAnswerError with its place and a cursor."""
    book = Book(api, [1, 1])
    book.faults = {1: [web.Response(body=body)]}

    with pytest.raises(BadAnswerError) as caught:
        await ids(client.calls.list_calls())

    assert caught.value.where == where
    assert caught.value.attempts == 1
    assert await ids(client.calls.list_calls(cursor=caught.value.cursor)) == ["c-1"]


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("http://localhost:{port}" + CALLS + "?pageToken=1", id="other host"),
        pytest.param("https://127.0.0.1:{port}" + CALLS + "?pageToken=1", id="other scheme"),
        pytest.param("http://127.0.0.1:1" + CALLS + "?pageToken=1", id="other port"),
        pytest.param("http://127.0.0.1:{port}@localhost:{port}" + CALLS, id="user"),
        pytest.param("//localhost:{port}" + CALLS + "?pageToken=1", id="no scheme"),
        pytest.param("/api/v2/accounts/9900001/calls?pageToken=1", id="other account"),
        pytest.param(CALLS + "/../recordings?pageToken=1", id="dots"),
        pytest.param("?pageToken=0&x=1", id="seen"),
        pytest.param("", id="itself"),
    ],
)
async def test_a_link_that_leads_astray_is_not_followed(api: ScriptedApi, client: BandwidthClient, link: str) -> None:
    """The items come first, then the error; no request goes where the link leads, though it would be answered."""
    book = Book(api, [2, 1, 1])
    port = api.origin.rpartition(":")[2]
    book.links = {0: "?pageToken=0&x=1", 1: link.format(port=port)}
    if link != "?pageToken=0&x=1":
        book.links[0] = "?pageToken=1"

    read, error = await ids_until_it_fails(client.calls.list_calls())

    assert isinstance(error, UntrustedLinkError)
    assert read[:2] == ["c-0", "c-1"]
    assert {seen.path for seen in api.requests} == {CALLS}
    assert {seen.headers["Host"] for seen in api.requests} == {f"127.0.0.1:{port}"}
    assert error.attempts == 1


async def test_after_a_bad_link_the_cursor_repeats_nothing(api: ScriptedApi, client: BandwidthClient) -> None:
    """After the link was mended, the cursor continues behind the items that were handed out."""
    book = Book(api, [2, 2])
    book.links = {0: "https://thief.example/"}

    read, error = await ids_until_it_fails(client.calls.list_calls())
    book.links = {}
    rest = await ids(client.calls.list_calls(cursor=error.cursor))

    assert read + rest == book.ids


async def test_a_page_before_a_bad_link_has_a_cursor(api: ScriptedApi, client: BandwidthClient) -> None:
    """A page whose link is not to be followed is not the last one, so its cursor is not None."""
    book = Book(api, [2])
    book.links = {0: "https://thief.example/"}

    async with aclosing(client.calls.list_calls().pages()) as pages:
        page = await anext(pages)

    assert page.cursor is not None


@pytest.mark.parametrize("link", ["<{}>; rel=next", '<{}>; REL="prev NEXT"', '</x>; rel="prev", <{}>; rel="next"'])
async def test_links_are_read_by_relation(api: ScriptedApi, client: BandwidthClient, link: str) -> None:
    """Unquoted, upper case, among others: it is the relation that counts."""
    headers = {"Link": link.format("?pageToken=x")}
    api.answers.append(web.json_response([{"callId": "c-0"}], headers=headers))
    api.answers.append(web.json_response([{"callId": "c-1"}]))

    assert await ids(client.calls.list_calls()) == ["c-0", "c-1"]


async def test_two_link_headers_are_both_read(api: ScriptedApi, client: BandwidthClient) -> None:
    """A second Link header counts as much as the first."""
    first = web.json_response([{"callId": "c-0"}], headers={"Link": '</x>; rel="prev"'})
    first.headers.add("Link", '<?pageToken=x>; rel="next"')
    api.answers.extend([first, web.json_response([{"callId": "c-1"}])])

    assert await ids(client.calls.list_calls()) == ["c-0", "c-1"]


async def test_closing_the_client_ends_a_listing(api: ScriptedApi, client: BandwidthClient) -> None:
    """Who waits for a page when the client is closed gets a ClientClosedError with a cursor."""
    book = Book(api, [1, 1])
    held = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        if "pageToken" in request.query:
            await held.wait()
        return await book.answer(request)

    api.otherwise = answer
    reading = asyncio.create_task(ids(client.calls.list_calls()))
    await until(lambda: len(api.requests) == 2)

    await client.close()
    held.set()

    with pytest.raises(ClientClosedError) as caught:
        await reading
    assert isinstance(caught.value.cursor, str)


async def test_an_error_at_the_very_first_page_has_a_cursor(api: ScriptedApi, client: BandwidthClient) -> None:
    """Also when nothing was read yet there is a place to go on from."""
    book = Book(api, [2])
    book.faults = {0: [web.Response(status=403)]}

    with pytest.raises(PermissionDeniedError) as caught:
        await ids(client.calls.list_calls(page_size=7))
    rest = await ids(client.calls.list_calls(cursor=caught.value.cursor))

    assert rest == book.ids
    assert "pageSize=7" in api.requests[-1].query


async def test_an_error_that_is_never_asked_for_is_no_warning(api: ScriptedApi, client: BandwidthClient) -> None:
    """A page fetched ahead that failed, and that nobody came for, leaves nothing behind."""
    book = Book(api, [2, 2])
    book.faults = {1: [web.Response(status=500)]}

    async for _ in client.calls.list_calls():
        await until(lambda: len(book.asked) == 2 and not client_tasks())
        break

    assert book.asked == [0, 1]


async def test_a_listing_survives_any_break(api: ScriptedApi, client: BandwidthClient) -> None:
    """Leaving after each page and continuing from its cursor yields the same listing."""
    book = Book(api, [3, 0, 2])
    collected: list[Any] = []
    cursor: str | None = None

    while True:
        listing = client.calls.list_calls(cursor=cursor)
        async with aclosing(listing.pages()) as pages:
            page = await anext(pages)
        collected += [call.call_id for call in page.items]
        cursor = page.cursor
        if cursor is None:
            break

    assert collected == book.ids


async def test_every_error_of_a_listing_is_ours(api: ScriptedApi, client: BandwidthClient) -> None:
    """A Link header that cannot be read and speaks of a next page is an error, not the end."""
    api.answers.append(web.json_response([{"callId": "c-0"}], headers={"Link": "/calls?x; rel=next"}))

    with pytest.raises(BandwidthError, match="cannot be read"):
        await ids(client.calls.list_calls())
