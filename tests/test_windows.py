"""The listing of all recordings goes past the service's thousand: nothing is lost, and nothing comes twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from support.account_recordings import CHOICES, START, Service, recording
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import BadAnswerError, BandwidthClient, BandwidthError, BasicCredentials, RetryPolicy
from bandwidth_calls.resources.recordings import Recordings


@pytest.fixture
def recordings(make_client: MakeClient, basic: BasicCredentials) -> Recordings:
    """The resource, of a client that asks once."""
    return make_client(auth=basic, retry=RetryPolicy(attempts=1)).recordings


async def read(recordings: Recordings, **options: Any) -> list[str]:
    """Return the ids of a listing."""
    return [each.recording_id async for each in recordings.list_account_call_recordings(**options)]


async def read_to_error(recordings: Recordings, **options: Any) -> tuple[list[str], BandwidthError]:
    """Return the ids before the error of a listing, and the error."""
    found = list[str]()
    try:
        async for each in recordings.list_account_call_recordings(**options):
            found.append(each.recording_id)
    except BandwidthError as error:
        return found, error
    raise AssertionError("there was no error")


def ids(count: int) -> list[str]:
    """Return the first ids."""
    return [f"r-{number:06}" for number in range(count)]


SPREADS: dict[str, Callable[[int], float]] = {
    "evenly": lambda number: number * 7.3,
    "in bursts": lambda number: number // 700 * 3600 + number % 700 * 0.001,
    "within three seconds": lambda number: number * 0.001,
    "at the ends": lambda number: number * 0.002 + (2_000_000 if number > 1_200 else 0),
}


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("choice", CHOICES)
async def test_nothing_is_lost_and_nothing_comes_twice(
    api: ScriptedApi, recordings: Recordings, spread: str, choice: str
) -> None:
    """Recordings come oldest first, whatever thousand the service chooses and however they are spread."""
    service = Service([recording(number, SPREADS[spread](number)) for number in range(2_500)], CHOICES[choice])
    api.otherwise = service

    assert await read(recordings) == ids(2_500)
    assert len(service.asked) < 40


async def test_up_to_999_cost_one_request(api: ScriptedApi, recordings: Recordings) -> None:
    """Nothing is divided that is not cut off."""
    api.otherwise = service = Service([recording(number, number) for number in range(999)])

    assert await read(recordings) == ids(999)
    assert service.asked == [{}]


async def test_a_thousand_may_be_all_or_not(api: ScriptedApi, recordings: Recordings) -> None:
    """Of exactly a thousand nobody can say whether they are all, so they are asked for in parts."""
    api.otherwise = service = Service([recording(number, number) for number in range(1_000)])

    assert await read(recordings) == ids(1_000)
    assert len(service.asked) == 3


async def test_filters_go_out_with_each_window(api: ScriptedApi, recordings: Recordings) -> None:
    """Numbers are in each request, and the windows join within the bounds of the caller."""
    api.otherwise = service = Service([recording(number, number) for number in range(1_500)])
    bounds = {"min_start_time": START, "max_start_time": START + timedelta(seconds=1_400)}

    found = await read(recordings, to="+19195551234", from_="+19195554321", **bounds)

    assert found == ids(1_400)
    assert {(asked["to"], asked["from"]) for asked in service.asked} == {("+19195551234", "+19195554321")}
    assert service.asked[0]["minStartTime"] == "2026-11-01T00:00:00.000Z"
    assert service.asked[0]["maxStartTime"] == service.asked[-1]["maxStartTime"] == "2026-11-01T00:23:20.000Z"
    windows = sorted((asked["minStartTime"], asked["maxStartTime"]) for asked in service.asked[1:])
    assert [end for _, end in windows[:-1]] == [start for start, _ in windows[1:]]


async def test_a_thousand_within_a_millisecond_is_an_error(api: ScriptedApi, recordings: Recordings) -> None:
    """It is never a silent loss. What came before is handed out, and the cursor leads to the same window."""
    early = [recording(number, number) for number in range(5)]
    api.otherwise = service = Service([*early, *(recording(number, 100) for number in range(5, 1_005))])

    found, error = await read_to_error(recordings)
    service.recordings = service.recordings[:-1]

    assert found == ids(5)
    assert isinstance(error, BadAnswerError)
    assert "one millisecond" in str(error)
    assert await read(recordings, cursor=error.cursor) == [f"r-{number:06}" for number in range(5, 1_004)]


@pytest.mark.parametrize("time", [None, "yesterday", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
async def test_a_cut_answer_without_times_is_an_error(api: ScriptedApi, recordings: Recordings, time: object) -> None:
    """Nobody can say where to divide it."""
    api.otherwise = Service([{"recordingId": f"r-{number}", "startTime": time} for number in range(1_000)])

    with pytest.raises(BadAnswerError, match="no start time"):
        await read(recordings)


async def test_a_link_to_more_is_no_end(api: ScriptedApi, recordings: Recordings) -> None:
    """Should the service begin to link pages here, what is behind the link is not lost."""
    service = Service([recording(number, number) for number in range(300)], lambda found: found[:100])

    async def linking(request: web.Request) -> web.Response:
        answer = await service(request)
        if answer.text and answer.text.count("recordingId") == 100:
            answer.headers["Link"] = '</x?y=z>; rel="next"'
        return answer

    api.otherwise = linking

    assert await read(recordings) == ids(300)


async def test_a_recording_without_a_time_comes_last_and_once(api: ScriptedApi, recordings: Recordings) -> None:
    """What tells no start is not lost."""
    odd = {"recordingId": "r-odd", "startTime": "yesterday"}
    api.otherwise = Service([odd, recording(1, 1), recording(0, 0)])

    assert await read(recordings) == ["r-000000", "r-000001", "r-odd"]


async def test_recordings_of_one_time_are_sorted_by_id(api: ScriptedApi, recordings: Recordings) -> None:
    """The order does not depend on the service's."""
    api.otherwise = Service([recording(number, 5) for number in (2, 0, 1)])

    assert await read(recordings) == ids(3)


async def test_records_without_an_id_cost_themselves_only(api: ScriptedApi, recordings: Recordings) -> None:
    """Each is an error behind the others of its window, with a cursor past it."""
    nameless: list[dict[str, Any]] = [{"startTime": "2026-11-01T00:00:00Z"}, {"recordingId": 5}]
    api.otherwise = Service([nameless[0], recording(0, 0), nameless[1], recording(1, 1)])

    found, first = await read_to_error(recordings)
    rest, second = await read_to_error(recordings, cursor=first.cursor)
    end = await read(recordings, cursor=second.cursor)

    assert (found, rest, end) == (ids(2), [], [])
    assert "$[0].recordingId is missing" in str(first)
    assert "$[2].recordingId is a number" in str(second)


async def test_pages_are_windows_with_cursors(api: ScriptedApi, recordings: Recordings) -> None:
    """Each page leads to the next, so that a listing can go on in another process."""
    api.otherwise = Service([recording(number, number) for number in range(2_500)])
    found, cursor, pages = list[str](), None, 0

    while pages == 0 or cursor is not None:
        page = await anext(recordings.list_account_call_recordings(cursor=cursor).pages())
        found += [each.recording_id for each in page.items]
        cursor, pages = page.cursor, pages + 1

    assert found == ids(2_500)
    assert pages > 3


async def test_pages_before_a_record_without_an_id(api: ScriptedApi, recordings: Recordings) -> None:
    """The items come as a page, whose cursor leads to the record, and then the error comes."""
    api.otherwise = Service([recording(0, 0), {"startTime": None}])
    pages = recordings.list_account_call_recordings().pages()

    page = await anext(pages)
    with pytest.raises(BadAnswerError):
        await anext(pages)

    assert [each.recording_id for each in page.items] == ids(1)
    with pytest.raises(BadAnswerError):
        await read(recordings, cursor=page.cursor)


async def test_an_error_between_windows_has_a_cursor(api: ScriptedApi, recordings: Recordings) -> None:
    """The listing goes on where it broke off."""
    service = Service([recording(number, number) for number in range(2_500)])
    asked = 0

    async def failing(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=500) if asked == 5 else await service(request)

    api.otherwise = failing

    found, error = await read_to_error(recordings)

    assert 0 < len(found) < 2_500
    assert found + await read(recordings, cursor=error.cursor) == ids(2_500)


async def test_a_listing_may_be_read_twice(api: ScriptedApi, recordings: Recordings) -> None:
    """Each loop starts at the beginning."""
    api.otherwise = Service([recording(0, 0)])
    listing = recordings.list_account_call_recordings()

    assert [each async for each in listing] == [each async for each in listing]


def test_for_without_async_says_what_to_write(recordings: Recordings) -> None:
    """As for every listing."""
    with pytest.raises(TypeError, match="async for item in listing"):
        list(recordings.list_account_call_recordings())  # type: ignore[call-overload]  # the point


@pytest.mark.parametrize(
    ("field", "value"),
    [("min_start_time", datetime(2026, 1, 1)), ("max_start_time", "today"), ("to", ""), ("from_", 5)],
)
def test_a_wrong_filter_is_refused(recordings: Recordings, field: str, value: Any) -> None:
    """The error names the argument, before anything is sent."""
    with pytest.raises(ValueError, match=f"^{field}: "):
        recordings.list_account_call_recordings(**{field: value})


async def test_cursors_belong_to_one_listing(api: ScriptedApi, make_client: MakeClient, recordings: Recordings) -> None:
    """A cursor of another account or operation, a changed one, and one beside a filter are ValueErrors."""
    api.otherwise = Service([recording(number, number) for number in range(1_000)])
    cursor = (await anext(recordings.list_account_call_recordings().pages())).cursor
    client = make_client(auth=BasicCredentials("a", "b"))
    other: BandwidthClient = client.with_options(account_id="1")
    assert cursor is not None

    for refused in (
        lambda: other.recordings.list_account_call_recordings(cursor=cursor),
        lambda: recordings.list_call_recordings("c-1", cursor=cursor),
        lambda: client.calls.list_calls(cursor=cursor),
        lambda: client.conferences.list_conferences(cursor=cursor),
        lambda: recordings.list_account_call_recordings(cursor=cursor[:-3] + "AAA"),
        lambda: recordings.list_account_call_recordings(cursor=cursor, to="+19195551234"),
        lambda: recordings.list_account_call_recordings(cursor=cursor, min_start_time=START),
    ):
        with pytest.raises(ValueError, match=r"^cursor: "):
            refused()
