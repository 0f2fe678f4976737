"""Conferences through the API: reading them, changing members, playing documents, and ending them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support import schemas
from support.application import Application
from support.emulator_http import BXML_TYPE, Reply, ask, control_url, place_call

from bandwidth_calls.emulator import Call, Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import ClientSession

    Place = Callable[..., Awaitable[Call]]
    Send = Callable[..., Awaitable[Reply]]

ONE, TWO = "+14155551231", "+14155551232"
ROOM = (
    '<Response><Conference conferenceEventUrl="/hook" conferenceEventMethod="POST" tag="c">room-1</Conference>'
    "<SpeakSentence>After the conference</SpeakSentence></Response>"
)


@pytest.fixture
def send(bandwidth: Emulator, http: ClientSession) -> Send:
    """Return a function that sends a request about conferences."""

    async def send(method: str, path: str = "", **more: Any) -> Reply:
        url = f"{bandwidth.base_url}/accounts/{bandwidth.account_id}/conferences{path}"
        return await ask(http, method, url, **more)

    return send


async def meeting(bandwidth: Emulator, place: Place, application: Application) -> tuple[str, list[Call]]:
    """Return the id of a conference of two calls, and the calls."""
    calls = [await place(application, to=number) for number in (ONE, TWO)]
    await bandwidth.advance(5)
    (created,) = application.told("conferenceCreated")
    return created["conferenceId"], calls


async def test_a_conference_is_read(bandwidth: Emulator, place: Place, send: Send, http: ClientSession) -> None:
    """One conference has its members, the list has not. A completed one has the time of its end."""
    async with Application(answer=ROOM) as application:
        conference_id, calls = await meeting(bandwidth, place, application)
        single, (listed,) = (await send("GET", f"/{conference_id}")).json(), (await send("GET")).json()
        for call in calls:
            await ask(http, "POST", control_url(bandwidth, f"calls/{call.call_id}/hang_up"), json={})
        await bandwidth.run_until_idle()
        after = (await send("GET", f"/{conference_id}")).json()

    members = single.pop("activeMembers")
    assert [member["callId"] for member in members] == [call.call_id for call in calls]
    assert single == listed
    assert (single["name"], single["tag"], single["completedTime"]) == ("room-1", "c", None)
    assert (after["activeMembers"], after["completedTime"]) == ([], "2026-01-01T00:00:05.000Z")
    schemas.validate("conference", {**single, "activeMembers": members})


async def test_conferences_are_listed_by_pages(bandwidth: Emulator, place: Place, send: Send) -> None:
    """The oldest come first, and the links keep the filters."""
    bandwidth.far_end("*", FarEnd().hang_up(after=1))
    async with Application(answer=ROOM) as application:
        for name in ("room-1", "room-2", "room-1"):
            application.replies["answer"] = ROOM.replace("room-1", name)
            await place(application)
            await bandwidth.run_until_idle()

        first = await send("GET", params={"name": "room-1", "pageSize": "1"})
        link = first.headers["Link"].partition("?")[2].partition(">")[0]
        second = await send("GET", f"?{link}")
        late = await send("GET", params={"minCreatedTime": "2026-01-01T00:00:07Z"})
        early = await send("GET", params={"maxCreatedTime": "2026-01-01T00:00:02Z"})
        wrong = await send("GET", params={"pageSize": "1001"})

    names = [[room["name"] for room in page.json()] for page in (first, second, late, early)]
    assert names == [["room-1"], ["room-1"], ["room-1"], ["room-1"]]
    assert first.json() != second.json()
    assert "Link" not in second.headers
    assert wrong.status == 400


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"minCreatedTime": "2026-01-01T00:00:02Z", "maxCreatedTime": "2026-01-01T00:00:02Z"}, 1),
        ({"minCreatedTime": "2026-01-01T00:00:02.0005Z"}, 0),
        ({"maxCreatedTime": "2026-01-01T00:00:01.9995Z"}, 0),
    ],
    ids=["then", "later", "earlier"],
)
async def test_conferences_are_filtered_by_exact_times(
    bandwidth: Emulator, place: Place, send: Send, query: dict[str, str], count: int
) -> None:
    """A time between two milliseconds includes neither the conference before it nor the one after it."""
    async with Application(answer=ROOM) as application:
        await meeting(bandwidth, place, application)

    listed = await send("GET", params=query)

    assert len(listed.json()) == count


async def test_a_member_is_muted(bandwidth: Emulator, place: Place, send: Send) -> None:
    """A field that is left out stays as it is. A muted member is no longer heard."""
    bandwidth.far_end(ONE, FarEnd().say("hello all", after=20))
    bandwidth.far_end(TWO, FarEnd().hear("hello all").hang_up())
    async with Application(answer=ROOM) as application:
        conference_id, (one, two) = await meeting(bandwidth, place, application)
        path = f"/{conference_id}/members/{one.call_id}"
        status = (await send("PUT", path, json={"mute": True})).status
        await send("PUT", path, json={"hold": False, "callIdsToCoach": [two.call_id]})
        member = (await send("GET", path)).json()
        await bandwidth.advance(60)

    assert (status, two.ended()) == (204, False)
    assert (member["mute"], member["hold"], member["callIdsToCoach"]) == (True, False, [two.call_id])
    assert member["memberUrl"].endswith(f"/conferences{path}")
    schemas.validate("conferenceMember", member)


async def test_a_second_coach_is_refused(bandwidth: Emulator, place: Place, send: Send) -> None:
    """A conference has one coach; when that is an ordinary member again, another may coach."""
    async with Application(answer=ROOM) as application:
        conference_id, (one, two) = await meeting(bandwidth, place, application)
        first, second = (f"/{conference_id}/members/{call.call_id}" for call in (one, two))
        coach, ordinary = {"callIdsToCoach": ["c-1"]}, {"callIdsToCoach": list[str]()}
        asked = (
            (first, coach),
            (second, coach),
            (second, ordinary),
            (first, coach),
            (first, ordinary),
            (second, coach),
        )
        statuses = [(await send("PUT", path, json=update)).status for path, update in asked]

    assert statuses == [204, 400, 204, 204, 204, 204]


async def test_a_document_is_played_to_all(bandwidth: Emulator, place: Place, send: Send) -> None:
    """A PUT plays a document, and so does a redirect. A document that is not for conferences is 400."""
    more = "<Response><SpeakSentence>From the redirect</SpeakSentence></Response>"
    async with Application(answer=ROOM, conferenceRedirect=more) as application:
        conference_id, calls = await meeting(bandwidth, place, application)
        bxml = "<Bxml><SpeakSentence>From the request</SpeakSentence></Bxml>"
        put = await send("PUT", f"/{conference_id}/bxml", data=bxml, headers=BXML_TYPE)
        wrong = await send("PUT", f"/{conference_id}/bxml", data="<Bxml><Hangup/></Bxml>", headers=BXML_TYPE)
        posted = await send("POST", f"/{conference_id}", json={"redirectUrl": application.url})
        await bandwidth.advance(10)

    assert (put.status, wrong.status, posted.status) == (204, 400, 204)
    (redirect,) = application.told("conferenceRedirect")
    assert (redirect["conferenceId"], redirect["tag"]) == (conference_id, "c")
    for call in calls:
        call.assert_heard("from the request from the redirect")


async def test_a_conference_is_ended(bandwidth: Emulator, place: Place, send: Send) -> None:
    """Its members go on with their next verb, and later changes are 404."""
    async with Application(answer=ROOM) as application:
        conference_id, calls = await meeting(bandwidth, place, application)
        completed = await send("POST", f"/{conference_id}", json={"status": "completed"})
        again = await send("POST", f"/{conference_id}", json={"status": "completed"})
        await bandwidth.run_until_idle()

    assert (completed.status, again.status, application.types.count("conferenceCompleted")) == (204, 404, 1)
    for call in calls:
        call.assert_heard("after the conference")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/conf-1", None, 404),
        ("GET", "/{}/members/c-1", None, 404),
        ("GET", "/{}/nothing", None, 404),
        ("DELETE", "/{}", None, 405),
        ("POST", "/{}", {}, 400),
        ("POST", "/{}", {"status": "over"}, 400),
        ("POST", "/{}", {"status": "completed", "redirectUrl": "http://a.example/"}, 400),
        ("PUT", "/{}/members/c-1", {"mute": "yes"}, 400),
        ("PUT", "/{}/members/c-1", {"callIdsToCoach": "c-1"}, 400),
        ("PUT", "/{}/members/c-1", {"callIdsToCoach": [1]}, 400),
    ],
)
async def test_what_makes_no_sense_is_refused(
    bandwidth: Emulator, place: Place, send: Send, method: str, path: str, body: object, status: int
) -> None:
    """Each wrong request gets the documented status."""
    async with Application(answer=ROOM) as application:
        conference_id, _ = await meeting(bandwidth, place, application)

        reply = await send(method, path.format(conference_id), json=body)

    assert reply.status == status, reply.body


async def test_the_statistics_tell_of_the_queue(http: ClientSession) -> None:
    """The statistics have the size of the queue and its capacity."""
    async with Application() as application, Emulator(moved_clock=True, dequeue_rate=3) as emulator:
        for _ in range(4):
            await place_call(http, emulator, answerUrl=application.url)
        await emulator.advance(0)
        reply = await ask(http, "GET", f"{emulator.base_url}/accounts/{emulator.account_id}/statistics")

    assert reply.json() == {"currentCallQueueSize": 3, "maxCallQueueSize": 900}
    schemas.validate("accountStatistics", reply.json())
