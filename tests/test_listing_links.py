"""Links that lead in a circle, pages that are prefetched and not read, and prefetches that are superseded."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from aiohttp import web
from support.listings import read_calls
from support.moved_clock import until
from support.raw_server import never
from support.scripted_api import Handler, MakeClient, ScriptedApi
from support.tasks import client_tasks

from bandwidth_calls import (
    BandwidthClient,
    BasicCredentials,
    CallState,
    RetryPolicy,
    UntrustedLinkError,
    page_stream,
    pages,
)
from bandwidth_calls.page_stream import PageStream


@pytest.fixture
def client(make_client: MakeClient, basic: BasicCredentials) -> BandwidthClient:
    """A client that asks for no token, and sends once again at most."""
    return make_client(auth=basic, retry=RetryPolicy(attempts=2))


def linked(call_id: str, link: str | None) -> web.Response:
    """Answer with a page of one call and a link."""
    headers = {} if link is None else {"Link": f'<{link}>; rel="next"'}
    return web.json_response([{"callId": call_id}], headers=headers)


@pytest.mark.parametrize("prefetch", [True, False])
@pytest.mark.parametrize(
    ("links", "calls"),
    [
        (["?pageToken=a", "?pageToken=b", "?pageToken=a"], ["c-0", "c-1", "c-2"]),
        (["?pageToken=a", "/api/v2/accounts/9900000/calls"], ["c-0", "c-1"]),
    ],
    ids=["to a page between", "to the first page"],
)
async def test_links_that_lead_in_a_circle_end_the_listing(
    api: ScriptedApi,
    make_client: MakeClient,
    basic: BasicCredentials,
    prefetch: bool,
    links: list[str],
    calls: list[str],
) -> None:
    """A, B, A: each page is read once, and no page is requested twice."""
    client = make_client(auth=basic, prefetch=prefetch)
    api.answers += [linked(f"c-{number}", link) for number, link in enumerate(links)]

    read, error = await read_calls(client.calls.list_calls())

    assert isinstance(error, UntrustedLinkError)
    assert read == calls
    assert len(api.requests) == len(links)


async def test_a_prefetched_page_that_nobody_reads_frees_its_connection(
    api: ScriptedApi, client: BandwidthClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection waits once until its patience is used up; the rest is buffered without another wait."""
    monkeypatch.setattr(page_stream, "_AHEAD", 240)
    monkeypatch.setattr(page_stream, "_PATIENCE", 0.01)
    waits = list[str]()

    class Counted(PageStream[CallState]):
        async def room(self) -> None:
            waits.append(self.start.query)
            await super().room()

    monkeypatch.setattr(pages, "PageStream", Counted)
    api.answers += [linked("c-0", "?pageToken=a"), slow_page(100)]

    async with aclosing(aiter(client.calls.list_calls())) as calls:
        await anext(calls)
        await until(lambda: len(api.requests) == 2 and not client_tasks())
        rest = [call.call_id async for call in calls]

    assert len(rest) == 100
    assert waits == ["pageToken=a"]


def slow_page(count: int) -> Handler:
    """Answer with a page of so many calls of 50 kB each: more than the buffers of aiohttp hold."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for number in range(count):
            await response.write(b'%c{"callId":"c-%d","tag":"%s"}' % (b",["[not number], number, b"x" * 50_000))
            await asyncio.sleep(0)
        await response.write(b"]")
        return response

    return handler


@pytest.mark.parametrize("link", ["?pageToken=new", None])
async def test_a_prefetch_that_is_superseded_is_cancelled(
    api: ScriptedApi, client: BandwidthClient, monkeypatch: pytest.MonkeyPatch, link: str | None
) -> None:
    """A page that broke off had another link. What was requested by that link is requested no longer."""
    monkeypatch.setattr(page_stream, "_SLICE", 10)
    given = asyncio.Event()

    async def broken_off(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Link": '<?pageToken=old>; rel="next"', "Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'[{"callId":"c-0"},{"callId"')
        await given.wait()
        assert request.transport is not None
        request.transport.close()
        return response

    api.answers += [broken_off, never]
    calls = list[str]()
    async for call in client.calls.list_calls():
        calls.append(call.call_id)
        if call.call_id == "c-0":
            await until(lambda: len(api.requests) == 2)
            whole = linked("c-0", link)
            api.answers += [whole, linked("c-1", None)]
            given.set()

    assert calls == (["c-0"] if link is None else ["c-0", "c-1"])
    await until(lambda: not client_tasks())
