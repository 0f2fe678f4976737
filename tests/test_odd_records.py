"""Listings with odd records: one odd value costs itself only, and one record without an id costs no other."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from support.listings import read_calls
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import BadAnswerError, BandwidthClient, BandwidthError, BasicCredentials, Page, page_stream

NO_IDS = [{"state": "answered"}, {"callId": None}, {"callId": 7}, "c-2", None, ["c-2"]]


@pytest.fixture
def client(make_client: MakeClient, basic: BasicCredentials) -> BandwidthClient:
    """A client that asks for no token."""
    return make_client(auth=basic)


def listed(api: ScriptedApi, *records: object) -> list[object]:
    """Answer each request for the listing with these records; return the list, which may be changed."""
    held = list(records)

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(held)

    api.otherwise = answer
    return held


def call(number: int) -> dict[str, str]:
    """Return the record of a call."""
    return {"callId": f"c-{number}"}


async def read_on(client: BandwidthClient) -> tuple[list[str], list[str]]:
    """Read the calls of a listing, and go on behind each error: the ids, and the places of the errors."""
    calls: list[str] = []
    places: list[str] = []
    cursor: str | None = None
    while len(places) < 10:
        read, error = await read_calls(client.calls.list_calls(cursor=cursor))
        calls += read
        if error is None:
            break
        assert isinstance(error, BadAnswerError)
        places.append(error.where)
        cursor = error.cursor
    return calls, places


async def read_pages(
    client: BandwidthClient, cursor: str | None = None
) -> tuple[list[Page[Any]], BandwidthError | None]:
    """Read the pages of a listing to its end or its error."""
    pages: list[Page[Any]] = []
    try:
        async for page in client.calls.list_calls(cursor=cursor).pages():
            pages.append(page)  # noqa: PERF401 - what was read before the error is the point
    except BandwidthError as error:
        return pages, error
    return pages, None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("startTime", "not a time"),
        ("startTime", ""),
        ("startTime", 7),
        ("to", 5),
        ("state", ["x"]),
        ("stirShaken", "TN"),
    ],
)
async def test_a_field_of_a_wrong_type_is_none(
    api: ScriptedApi, client: BandwidthClient, caplog: pytest.LogCaptureFixture, field: str, value: object
) -> None:
    """The record comes, its odd field is None, what came is in `extra`, and a line names the place, not the value."""
    listed(api, call(0), call(1), {"callId": "c-2", "direction": "inbound", field: value}, call(3))

    calls = [found async for found in client.calls.list_calls()]

    name = {"startTime": "start_time", "stirShaken": "stir_shaken"}.get(field, field)
    assert [found.call_id for found in calls] == ["c-0", "c-1", "c-2", "c-3"]
    assert (calls[2].direction, getattr(calls[2], name), calls[2].extra) == ("inbound", None, {field: value})
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert f"$[2].{field} is " in line
    assert str(value or "''") not in line.partition(" is ")[2]


async def test_a_null_among_texts_costs_itself(
    api: ScriptedApi, client: BandwidthClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Null means absent inside a mapping too: the texts are kept, and nothing is logged."""
    listed(api, {"callId": "c-0", "stirShaken": {"verstat": "TN", "originatingId": None}})

    (found,) = [found async for found in client.calls.list_calls()]

    assert (found.stir_shaken, found.extra) == ({"verstat": "TN"}, {})
    assert "stirShaken" not in caplog.text


async def test_a_wrong_value_among_texts_costs_itself(
    api: ScriptedApi, client: BandwidthClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The texts of the mapping are kept; the whole of it is in `extra`."""
    listed(api, {"callId": "c-0", "stirShaken": {"verstat": "TN", "level": 3}})

    (found,) = [found async for found in client.calls.list_calls()]

    assert (found.stir_shaken, found.extra["stirShaken"]) == ({"verstat": "TN"}, {"verstat": "TN", "level": 3})
    assert caplog.text.count("$[0].stirShaken is ") == 1


async def test_a_time_without_a_zone_is_utc(
    api: ScriptedApi, client: BandwidthClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The documentation says that all times are UTC, so this is nothing odd."""
    listed(api, {"callId": "c-0", "startTime": "2026-09-13T16:49:40.500"})

    (found,) = [found async for found in client.calls.list_calls()]

    assert found.start_time == datetime(2026, 9, 13, 16, 49, 40, 500_000, UTC)
    assert "startTime" not in caplog.text


async def test_a_field_is_logged_once_a_page(
    api: ScriptedApi, client: BandwidthClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a thousand odd records of a page, each field has one line, with its first place; the next page has its own."""
    monkeypatch.setattr(page_stream, "_SLICE", 2000)
    odd = [{"callId": f"c-{n}", "to": n, "endTime": ""} for n in range(500)]
    api.answers.append(web.json_response([call(0), *odd], headers={"Link": '<?pageToken=x>; rel="next"'}))
    api.answers.append(web.json_response(odd))

    calls, error = await read_calls(client.calls.list_calls())

    lines = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert (len(calls), error) == (1001, None)
    assert [line.partition(": ")[2].partition(" ")[0] for line in lines] == [
        "$[1].to",
        "$[1].endTime",
        "$[0].to",
        "$[0].endTime",
    ]


@pytest.mark.parametrize("record", NO_IDS, ids=json.dumps)
async def test_a_record_without_an_id_blocks_nothing(api: ScriptedApi, client: BandwidthClient, record: object) -> None:
    """All items before it come, then one error names its place, and the cursor of that goes on behind it."""
    listed(api, call(0), call(1), record, call(3), call(4))

    calls, places = await read_on(client)

    assert calls == ["c-0", "c-1", "c-3", "c-4"]
    assert places == ["$[2]" if not isinstance(record, dict) else "$[2].callId"]


@pytest.mark.parametrize(
    "records",
    [[{}], [{}, {}], [{}, call(1)], [call(0), {}], [call(0), {}, {}, call(3), {}, call(5)]],
    ids=json.dumps,
)
async def test_each_record_without_an_id_is_named_once(
    api: ScriptedApi, client: BandwidthClient, records: list[dict[str, str]]
) -> None:
    """At the beginning, at the end, and several in a row: each is named, and nothing is lost or given twice."""
    listed(api, *records)

    calls, places = await read_on(client)

    assert calls == [record["callId"] for record in records if record]
    assert places == [f"$[{number}].callId" for number, record in enumerate(records) if not record]


async def test_the_pages_behind_a_record_without_an_id_come_too(api: ScriptedApi, client: BandwidthClient) -> None:
    """A listing goes on to its next page behind the record, also if that was the last one of its page."""
    first = web.json_response([call(0), {}], headers={"Link": '<?pageToken=x>; rel="next"'})
    again = web.json_response([call(0), {}], headers={"Link": '<?pageToken=x>; rel="next"'})
    second = web.json_response([call(2)])
    answers = {"": [first, again], "pageToken=x": [second, web.json_response([call(2)])]}

    async def answer(request: web.Request) -> web.Response:
        return answers[request.query_string].pop(0)

    api.otherwise = answer

    assert await read_on(client) == (["c-0", "c-2"], ["$[1].callId"])


async def test_pages_give_a_shorter_page_before_the_error(api: ScriptedApi, client: BandwidthClient) -> None:
    """Its cursor leads to the record, and the cursor of the error behind it."""
    listed(api, call(0), call(1), {}, call(3))

    (page,), error = await read_pages(client)
    none, again = await read_pages(client, page.cursor)
    (rest,), end = await read_pages(client, error.cursor if error else None)

    assert [found.call_id for found in page.items] == ["c-0", "c-1"]
    assert isinstance(error, BadAnswerError)
    assert isinstance(again, BadAnswerError)
    assert (error.where, none, again.where, again.cursor) == ("$[2].callId", [], "$[2].callId", error.cursor)
    assert ([found.call_id for found in rest.items], rest.cursor, end) == (["c-3"], None, None)


@pytest.mark.parametrize("gone", [1, 2])
async def test_items_that_left_the_page_change_nothing(api: ScriptedApi, client: BandwidthClient, gone: int) -> None:
    """Where the first items have left the page meanwhile, nothing is lost, named or given twice."""
    held = listed(api, call(0), call(1), {}, call(3), {}, call(5))

    before, error = await read_calls(client.calls.list_calls())
    del held[:gone]
    between, second = await read_calls(client.calls.list_calls(cursor=error.cursor if error else None))
    after, end = await read_calls(client.calls.list_calls(cursor=second.cursor if second else None))

    assert (before, between, after, end) == (["c-0", "c-1"], ["c-3"], ["c-5"], None)
    assert isinstance(second, BadAnswerError)
    assert second.where == f"$[{4 - gone}].callId"


async def test_a_record_whose_id_came_back_is_given(api: ScriptedApi, client: BandwidthClient) -> None:
    """If the service has mended the record that was named, it is given after all."""
    held = listed(api, call(0), {}, call(2))

    _, error = await read_calls(client.calls.list_calls())
    held[1] = call(1)
    rest, _ = await read_calls(client.calls.list_calls(cursor=error.cursor if error else None))

    assert rest == ["c-1", "c-2"]


async def test_a_slice_with_a_bad_record_gives_the_items_before_it(
    api: ScriptedApi, client: BandwidthClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place of the record is that in its page, not in the slice that was read."""
    monkeypatch.setattr(page_stream, "_SLICE", 60)
    body = json.dumps([{} if n == 50 else call(n) for n in range(100)], separators=(",", ":")).encode()
    api.answers += [web.Response(body=body), web.Response(body=body)]

    calls, places = await read_on(client)

    assert calls == [f"c-{n}" for n in range(100) if n != 50]
    assert places == ["$[50].callId"]


async def test_a_bad_record_comes_before_its_page_has_ended(
    api: ScriptedApi, client: BandwidthClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The items before the record, and its error, do not wait for the rest of the page."""
    monkeypatch.setattr(page_stream, "_SLICE", 60)
    body = json.dumps([{} if n == 8 else call(n) for n in range(100)], separators=(",", ":")).encode()
    read = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = len(body)
        await response.prepare(request)
        await response.write(body[:400])
        await read.wait()
        return response

    api.otherwise = answer

    async with aclosing(aiter(client.calls.list_calls())) as calls:
        first = [(await anext(calls)).call_id for _ in range(8)]
        with pytest.raises(BadAnswerError) as caught:
            await anext(calls)
        read.set()

    assert first == [f"c-{n}" for n in range(8)]
    assert (caught.value.where, caught.value.attempts) == ("$[8].callId", 1)
