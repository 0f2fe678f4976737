"""Pages while they download: items before the page has ended, one page ahead, in flat memory, and nothing twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from unittest.mock import Mock

import pytest
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy
from support.listings import read_calls
from support.moved_clock import until
from support.scripted_api import Handler, MakeClient, ScriptedApi
from support.tasks import client_tasks

from bandwidth_calls import (
    Answer,
    BadAnswerError,
    BandwidthClient,
    BasicCredentials,
    CallState,
    NoAnswerError,
    RetryPolicy,
    page_stream,
    pages,
)
from bandwidth_calls.cursors import Position
from bandwidth_calls.page_stream import PageSource, PageStream
from bandwidth_calls.timeouts import ReadTimeout, TimeoutWatch
from bandwidth_calls.transport import session

Step = Callable[[], Awaitable[object]]


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a page of a few calls have many slices."""
    monkeypatch.setattr(page_stream, "_SLICE", 60)
    monkeypatch.setattr(page_stream, "_TURN", 2)
    monkeypatch.setattr(page_stream, "_AHEAD", 240)


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> list[PageStream[CallState]]:
    """The pages that listings ask for, in order."""
    made: list[PageStream[CallState]] = []

    class Noted(PageStream[CallState]):
        def __init__(self, source: PageSource[CallState], start: Position, seen: set[int]) -> None:
            super().__init__(source, start, seen)
            made.append(self)

    monkeypatch.setattr(pages, "PageStream", Noted)
    return made


@pytest.fixture
def client(make_client: MakeClient, basic: BasicCredentials) -> BandwidthClient:
    """A client that asks for no token, and sends once again at most."""
    return make_client(auth=basic, retry=RetryPolicy(attempts=2))


def page(first: int, count: int) -> bytes:
    """Write a page of calls `c-100`, `c-101`... of 17 bytes each."""
    return json.dumps([{"callId": f"c-{100 + first + n}"} for n in range(count)], separators=(",", ":")).encode()


def ids(first: int, count: int) -> list[str]:
    """Return the ids of such a page."""
    return [f"c-{100 + first + n}" for n in range(count)]


def answer(*pieces: bytes | Step, length: int | None = None, link: str | None = None) -> Handler:
    """Answer with pieces of a body, and do what stands between them; a length that is not reached breaks it off."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Link": f'<?pageToken={link}>; rel="next"'} if link else {})
        response.content_length = length or sum(len(piece) for piece in pieces if isinstance(piece, bytes))
        await response.prepare(request)
        for piece in pieces:
            if isinstance(piece, bytes):
                await response.write(piece)
            else:
                await piece()
        if length is not None and request.transport is not None:
            request.transport.close()
        return response

    return handler


@pytest.fixture
def impatient(make_client: MakeClient, basic: BasicCredentials, once: RetryPolicy) -> BandwidthClient:
    """A client that asks for no token, and sends nothing again."""
    return make_client(auth=basic, retry=once)


@pytest.fixture
async def gate() -> AsyncIterator[asyncio.Event]:
    """What an answer waits at; open at the end, so that no server hangs."""
    event = asyncio.Event()
    yield event
    event.set()


async def test_items_come_before_their_page_has_ended(
    api: ScriptedApi, client: BandwidthClient, gate: asyncio.Event
) -> None:
    """What has arrived is yielded while the rest is still downloading."""
    body = page(0, 20)
    api.answers.append(answer(body[:200], gate.wait, body[200:]))

    async with aclosing(aiter(client.calls.list_calls())) as calls:
        first = [(await anext(calls)).call_id for _ in range(6)]
        gate.set()
        rest = [call.call_id async for call in calls]

    assert first + rest == ids(0, 20)


async def test_the_next_page_is_asked_for_when_the_head_of_this_one_is_there(
    api: ScriptedApi, client: BandwidthClient, gate: asyncio.Event
) -> None:
    """It is requested before the body of this one has arrived."""
    api.answers += [answer(gate.wait, page(0, 3), link="x"), answer(page(3, 2))]
    reading = asyncio.create_task(read_calls(client.calls.list_calls()))

    await until(lambda: len(api.requests) == 2)
    gate.set()

    assert await reading == (ids(0, 5), None)


async def test_other_tasks_get_their_turn_while_a_page_is_read(api: ScriptedApi, client: BandwidthClient) -> None:
    """A page that is all there is given in slices, with turns for others between them."""
    api.answers.append(answer(page(0, 100)))
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with aclosing(aiter(client.calls.list_calls())) as calls:
        await anext(calls)
        await until(lambda: not client_tasks())
        task = asyncio.create_task(other())
        assert [call.call_id async for call in calls] == ids(1, 99)

    task.cancel()
    assert turns >= 10


async def test_no_more_is_held_than_a_little(
    api: ScriptedApi, client: BandwidthClient, streams: list[PageStream[CallState]]
) -> None:
    """A reader that takes no items lets the connection wait; one that takes them gets them all."""
    big = page(0, 50)
    api.answers.append(answer(big))
    held: list[int] = []

    async with aclosing(aiter(client.calls.list_calls())) as calls:
        first = (await anext(calls)).call_id
        for _ in range(100):
            await asyncio.sleep(0)
            held.append(streams[0].buffered)
        rest = [call.call_id async for call in calls]

    assert max(held) < len(big)
    assert [first, *rest] == ids(0, 50)
    assert streams[0].patience > 0


async def test_a_slow_consumer_does_not_keep_the_connection(
    api: ScriptedApi, client: BandwidthClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When patience has ended the rest of the page is held here, and its connection is free."""
    monkeypatch.setattr(page_stream, "_PATIENCE", 0.001)
    body = page(0, 2000)
    api.answers.append(answer(*(body[n : n + 1000] for n in range(0, len(body), 1000))))

    async with aclosing(aiter(client.calls.list_calls())) as calls:
        first = await anext(calls)
        await until(lambda: not client_tasks())
        rest = [call.call_id async for call in calls]

    assert [first.call_id, *rest] == ids(0, 2000)


async def test_an_answer_that_breaks_off_is_asked_for_again(api: ScriptedApi, client: BandwidthClient) -> None:
    """What was given of it is not given again, and nothing is left out."""
    body, given = page(0, 20), asyncio.Event()
    api.answers += [
        answer(body[:250], given.wait, length=len(body), link="x"),
        answer(page(20, 2)),
        answer(body, link="x"),
    ]

    calls: list[str] = []
    async for call in client.calls.list_calls():
        calls.append(call.call_id)
        if len(calls) == 5:
            given.set()

    assert calls == ids(0, 22)
    assert [seen.query for seen in api.requests].count("pageToken=x") == 1


async def test_what_is_held_of_an_answer_that_broke_off_is_forgotten() -> None:
    """When the page begins again, it is read from its beginning."""
    head = Answer(200, CIMultiDictProxy(CIMultiDict()), b"", "GET /calls")
    sender, fetched = Mock(), asyncio.Event()
    sender.send.return_value = _when(fetched, head)
    sender.transport.session.spawn = asyncio.create_task
    source = PageSource(sender, "/calls", CallState, lambda call: call.call_id)
    stream = PageStream(source, Position("9900000", ""), set())

    stream.begin(head)
    stream.take(page(0, 20)[:100])
    first = await stream.next_items()
    stream.take(page(0, 20)[100:150])
    stream.begin(head)
    stream.take(page(0, 20))
    fetched.set()
    rest = await stream.all_items()

    assert [call.call_id for call in first + rest] == ids(0, 20)
    assert stream.buffered == 0


async def _when(fetched: asyncio.Event, head: Answer) -> Answer:
    await fetched.wait()
    return head


async def test_a_page_that_begins_again_may_link_elsewhere(api: ScriptedApi, client: BandwidthClient) -> None:
    """The link of the answer that came whole is the one that counts."""
    body, given = page(0, 20), asyncio.Event()

    async def otherwise(request: web.Request) -> web.StreamResponse:
        old = web.Response(body=page(90, 1))
        return old if request.query["pageToken"] == "old" else web.Response(body=page(20, 1))

    api.answers += [answer(body[:250], given.wait, length=len(body), link="old")]
    api.otherwise = otherwise

    calls: list[str] = []
    async for call in client.calls.list_calls():
        calls.append(call.call_id)
        if len(calls) == 5:
            await until(lambda: len(api.requests) == 2)
            api.answers.append(answer(body, link="new"))
            given.set()

    assert calls == ids(0, 21)


async def test_an_error_counts_the_items_that_were_given(api: ScriptedApi, impatient: BandwidthClient) -> None:
    """Going on from the cursor of a page that broke off repeats nothing and loses nothing."""
    body = page(0, 20)
    api.answers.append(answer(body[:250], length=len(body)))

    calls, error = await read_calls(impatient.calls.list_calls(to="+19195551234"))
    api.answers.append(answer(body))
    rest, after = await read_calls(impatient.calls.list_calls(cursor=error.cursor if error else None))

    assert isinstance(error, NoAnswerError)
    assert after is None
    assert len(calls) > 3
    assert calls + rest == ids(0, 20)


async def test_pages_count_a_page_that_broke_off_for_nothing(api: ScriptedApi, impatient: BandwidthClient) -> None:
    """A page that is wanted whole was not handed out, so its cursor begins with it."""
    body = page(0, 20)
    api.answers.append(answer(body[:250], length=len(body)))

    with pytest.raises(NoAnswerError) as caught:
        [page async for page in impatient.calls.list_calls().pages()]
    api.answers.append(answer(body))
    rest, _ = await read_calls(impatient.calls.list_calls(cursor=caught.value.cursor))

    assert rest == ids(0, 20)


async def test_an_error_late_in_a_page_tells_its_place_in_the_page(api: ScriptedApi, client: BandwidthClient) -> None:
    """What came before it was given, and is counted."""
    body = page(0, 20).replace(b'{"callId":"c-115"}', b'{"callId":115}')
    api.answers.append(answer(body))

    calls, error = await read_calls(client.calls.list_calls())
    api.answers.append(answer(page(0, 20)))
    rest, _ = await read_calls(client.calls.list_calls(cursor=error.cursor if error else None))

    assert isinstance(error, BadAnswerError)
    assert error.where == "$[15].callId"
    assert calls == ids(0, 15)
    assert calls + rest == ids(0, 20)


async def test_a_page_beyond_the_cap_is_an_error_after_its_first_items(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """The cap on a body holds for one that streams, too."""
    client = make_client(auth=basic, max_body=300)
    api.answers.append(answer(page(0, 20)))

    _, error = await read_calls(client.calls.list_calls())

    assert isinstance(error, BadAnswerError)
    assert "larger than 300 bytes" in str(error)


async def test_the_silence_of_a_consumer_is_not_the_services(
    api: ScriptedApi,
    client: BandwidthClient,
    streams: list[PageStream[CallState]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While a page waits for its reader, the read timeout does not run."""
    made: list[ReadTimeout] = []

    def make(watch: TimeoutWatch, seconds: float) -> ReadTimeout:
        made.append(ReadTimeout(watch, seconds))
        return made[-1]

    monkeypatch.setattr(session, "ReadTimeout", make)
    api.answers += [answer(page(0, 2), link="x"), answer(page(2, 50))]

    async with aclosing(aiter(client.calls.list_calls())) as calls:
        await anext(calls)
        await until(lambda: len(streams) == 2 and streams[1].buffered >= 240)
        await until(lambda: made[1].due == float("inf"))
        rest = [call.call_id async for call in calls]

    assert rest == ids(1, 51)
