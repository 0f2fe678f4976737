from __future__ import annotations

import base64
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from support.emulator_http import NOW, NOW_TEXT, ask, calls_url, list_pages, place_call

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from aiohttp import ClientSession


async def test_no_calls_are_an_empty_list(emulator: Emulator, http: ClientSession) -> None:
    """An empty account has an empty page without a link."""
    reply = await ask(http, "GET", calls_url(emulator))

    assert (reply.status, reply.json()) == (200, [])
    assert "Link" not in reply.headers


async def test_pages_have_a_thousand_calls_unless_asked_for(http: ClientSession) -> None:
    """The default page size is 1000."""
    async with Emulator(calls=2500, clock=lambda: NOW) as emulator:
        pages = await list_pages(http, calls_url(emulator))

    assert [len(page) for page in pages] == [1000, 1000, 500]


@pytest.mark.parametrize(("size", "lengths"), [("1", [1, 1, 1]), ("2", [2, 1]), ("3", [3]), ("10000", [3])])
async def test_pages_have_the_size_that_was_asked_for(size: str, lengths: list[int], http: ClientSession) -> None:
    """A page has a link only if calls follow."""
    async with Emulator(calls=2, clock=lambda: NOW) as emulator:
        await place_call(http, emulator)
        pages = await list_pages(http, calls_url(emulator), pageSize=size)

    assert [len(page) for page in pages] == lengths


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("pageSize", size) for size in ("0", "10001", "-1", "1.0", "", "all", "1e3", "\u0661", "9" * 5000)),
        *(("minStartTime", time) for time in ("yesterday", "", "2022-06-21T00:00:00 00:00")),
        ("maxStartTime", "1655385307160"),
        ("pageToken", ""),
        ("pageToken", "!"),
        ("pageToken", base64.urlsafe_b64encode(b'{"after": 10}').decode() + "!"),
        ("pageToken", "\u00e9"),
        *(
            ("pageToken", base64.urlsafe_b64encode(text).decode())
            for text in (
                b"",
                b"7",
                b"[]",
                b"\xff",
                b"{}",
                b'{"after": -1}',
                b'{"after": true}',
                b'{"after": "1"}',
                b'{"after": 1.0}',
                b"[" * 4000,
            )
        ),
    ],
)
async def test_a_wrong_parameter_is_refused(name: str, value: str, emulator: Emulator, http: ClientSession) -> None:
    """The 400 names the parameter."""
    reply = await ask(http, "GET", calls_url(emulator), params={name: value})

    assert reply.status == 400
    assert reply.json()["description"].startswith(f"Invalid {name}")


async def test_a_token_beyond_the_last_call_is_an_empty_page(emulator: Emulator, http: ClientSession) -> None:
    """A link to calls that are no longer kept still works."""
    token = base64.urlsafe_b64encode(b'{"after": 100000000000000000000}').decode()

    reply = await ask(http, "GET", calls_url(emulator), params={"pageToken": token})

    assert (reply.status, reply.json()) == (200, [])


async def test_the_link_is_absolute_on_the_named_host_and_keeps_every_filter(http: ClientSession) -> None:
    """The link has every filter of the request, percent-encoded, and a token."""
    query = {
        "to": "sip:reception@example.com",
        "from": "+14155550100",
        "minStartTime": "2022-06-21T19:13:21+00:00",
        "maxStartTime": "2030-01-01",
        "disconnectCause": "hangup",
        "pageSize": "1",
    }
    async with Emulator(calls=2500, clock=lambda: NOW, allow_host=["voice.test"]) as emulator:
        reply = await ask(
            http, "GET", calls_url(emulator), params={**query, "other": "x"}, headers={"Host": "voice.test:81"}
        )

    link = reply.headers["Link"]
    url = urlsplit(link[1:].partition(">")[0])
    given = parse_qs(url.query, strict_parsing=True)
    assert link.endswith('>; rel="next"')
    assert (url.scheme, url.netloc, url.path) == ("http", "voice.test:81", "/api/v2/accounts/9900000/calls")
    assert {name: value for name, (value,) in given.items() if name != "pageToken"} == query
    base64.urlsafe_b64decode(given["pageToken"][0])


@pytest.mark.parametrize(
    "query",
    [
        {"to": "+14155550101"},
        {"from": "+13125550100"},
        {"disconnectCause": "busy"},
        {"to": "+14155550101", "from": "+13125550100", "disconnectCause": "hangup"},
        {"to": "+10000000000"},
        {"from": " 13125550100"},
        {"disconnectCause": ""},
        {"to": "+14155550101", "minStartTime": "2026-09-21T10:00:00Z", "maxStartTime": "2026-09-21T13:00:00Z"},
    ],
)
async def test_filters_pick_what_matches(query: dict[str, str], http: ClientSession) -> None:
    """The pages have exactly the calls that match every filter, in order."""
    names = {"to": "to", "from": "from", "disconnectCause": "disconnectCause"}
    async with Emulator(calls=500, clock=lambda: NOW) as emulator:
        everything = chain(*await list_pages(http, calls_url(emulator)))
        found = list(chain(*await list_pages(http, calls_url(emulator), pageSize="7", **query)))

    low, high = query.get("minStartTime", "0"), query.get("maxStartTime", "9")
    expected = [
        call
        for call in everything
        if all(call[names[name]] == value for name, value in query.items() if name in names)
        and low <= call["startTime"] <= high
    ]
    assert found == expected


async def test_bounds_are_inclusive_for_past_calls(http: ClientSession) -> None:
    """Bounds are inclusive, to the microsecond."""
    async with Emulator(calls=5, clock=lambda: NOW) as emulator:
        ((*calls,),) = await list_pages(http, calls_url(emulator))
        start, end = calls[1]["startTime"], calls[3]["startTime"]
        inside = await list_pages(http, calls_url(emulator), minStartTime=start, maxStartTime=end)
        later = await list_pages(
            http, calls_url(emulator), minStartTime=start.replace("Z", "001Z"), maxStartTime=end.replace("Z", "001Z")
        )

    assert (inside, later) == ([calls[1:4]], [calls[2:4]])


async def test_filters_pick_placed_calls_too(emulator: Emulator, http: ClientSession) -> None:
    """Placed calls are filtered like past calls, with inclusive bounds."""
    first = await place_call(http, emulator, to="+19195550001")
    await ask(http, "POST", calls_url(emulator, first), json={"state": "completed"})
    await emulator.advance(1)
    second = await place_call(http, emulator, to="+19195550002", **{"from": "+19195550003"})

    found = [
        [call["callId"] for (*page,) in await list_pages(http, calls_url(emulator), **query) for call in page]
        for query in (
            {"to": "+19195550001"},
            {"from": "+19195550003"},
            {"disconnectCause": "hangup"},
            {"minStartTime": "2026-09-21T14:13:21.000Z"},
            {"minStartTime": "2026-09-21T14:13:21.001Z"},
            {"maxStartTime": NOW_TEXT},
            {"maxStartTime": "2026-09-21T14:13:19.999Z"},
        )
    ]

    assert found == [[first], [second], [first], [second], [], [first], []]


async def test_a_page_token_stays_right_while_calls_are_added(http: ClientSession) -> None:
    """No call is repeated or left out if calls are placed between two pages."""
    async with Emulator(calls=3, clock=lambda: NOW) as emulator:
        url = calls_url(emulator) + "?pageSize=2"
        seen: list[str] = []
        placed: list[str] = []
        while url:
            reply = await ask(http, "GET", url)
            seen += [call["callId"] for call in reply.json()]
            if len(placed) < 4:
                placed += [await place_call(http, emulator) for _ in range(2)]
            url = reply.headers.get("Link", "").partition(">")[0][1:]

    assert seen[3:] == placed
    assert len(set(seen)) == len(seen)


async def test_an_odd_filter_can_be_carried_on(http: ClientSession) -> None:
    """A bound that is not ASCII works in the link as in the request."""
    async with Emulator(calls=3, clock=lambda: NOW) as emulator:
        pages = await list_pages(http, calls_url(emulator), pageSize="1", minStartTime="2020-01-01\u00e910:00:00Z")

    assert len(pages) == 3
