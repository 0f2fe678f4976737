from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.emulator_http import BXML, BXML_TYPE, CALL, NOW, NOW_TEXT, ask, calls_url, list_pages, place_call

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from aiohttp import ClientSession

DAY = 86_400


async def test_a_placed_call_is_answered_at_once(emulator: Emulator, http: ClientSession) -> None:
    """Its state has start and answer times, and no end."""
    call_id = await place_call(http, emulator, tag="t")

    state = (await ask(http, "GET", calls_url(emulator, call_id))).json()

    assert state == {
        "applicationId": CALL["applicationId"],
        "accountId": "9900000",
        "callId": call_id,
        "parentCallId": None,
        "to": CALL["to"],
        "from": CALL["from"],
        "direction": "outbound",
        "state": "answered",
        "stirShaken": None,
        "identity": None,
        "enqueuedTime": NOW_TEXT,
        "startTime": NOW_TEXT,
        "answerTime": NOW_TEXT,
        "endTime": None,
        "disconnectCause": None,
        "errorMessage": None,
        "errorId": None,
        "lastUpdate": NOW_TEXT,
    }


async def test_a_completed_call_is_disconnected(emulator: Emulator, http: ClientSession) -> None:
    """The answer is an empty 200, and the call has its end time and cause."""
    call_id = await place_call(http, emulator)
    await emulator.advance(5)

    reply = await ask(http, "POST", calls_url(emulator, call_id), json={"state": "completed"})

    state = (await ask(http, "GET", calls_url(emulator, call_id))).json()
    assert (reply.status, reply.body) == (200, b"")
    ended = {name: state[name] for name in ("state", "disconnectCause", "endTime", "lastUpdate")}
    later = "2026-09-21T14:13:25.000Z"
    assert ended == {"state": "disconnected", "disconnectCause": "hangup", "endTime": later, "lastUpdate": later}


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("POST", "", {"json": {"state": "completed"}}),
        ("POST", "", {"json": {"redirectUrl": "https://app.example/r"}}),
        ("PUT", "/bxml", {"data": BXML, "headers": BXML_TYPE}),
    ],
)
async def test_an_ended_call_cannot_be_changed(
    method: str, path: str, more: dict[str, Any], emulator: Emulator, http: ClientSession
) -> None:
    """Every later change is 409, with the documented body."""
    call_id = await place_call(http, emulator)
    url = calls_url(emulator, call_id)
    await ask(http, "POST", url, json={"state": "completed"})

    reply = await ask(http, method, url + path, **more)

    description = f"Call [{call_id}] cannot be modified in its current state"
    assert (reply.status, reply.json()) == (409, {"type": "validation", "description": description, "id": ""})


async def test_a_redirected_call_stays_answered(emulator: Emulator, http: ClientSession) -> None:
    """A redirect sets the time of the last update and the tag."""
    call_id = await place_call(http, emulator, tag="old")
    await emulator.advance(1)

    update = {"redirectUrl": "https://app.example/r", "tag": ""}
    reply = await ask(http, "POST", calls_url(emulator, call_id), json=update)

    state = (await ask(http, "GET", calls_url(emulator, call_id))).json()
    assert (reply.status, reply.body) == (200, b"")
    assert (state["state"], state["lastUpdate"]) == ("answered", "2026-09-21T14:13:21.000Z")
    assert emulator.calls[0].tag is None


async def test_a_redirect_without_a_tag_keeps_the_old_one(emulator: Emulator, http: ClientSession) -> None:
    """A tag that is left out is not cleared."""
    call_id = await place_call(http, emulator, tag="old")

    await ask(http, "POST", calls_url(emulator, call_id), json={"redirectUrl": "https://app.example/r"})

    assert emulator.calls[0].tag == "old"


async def test_a_new_call_cannot_be_read_before_the_lag(http: ClientSession) -> None:
    """Until then it is 404 and in no list, though it can be updated."""
    async with Emulator(no_webhooks=True, lag=2.5, clock=lambda: NOW) as emulator:
        call_id = await place_call(http, emulator)
        url = calls_url(emulator, call_id)
        await emulator.advance(2.499)
        early = await ask(http, "GET", url)
        early_list = await list_pages(http, calls_url(emulator))
        update = await ask(http, "POST", url, json={"redirectUrl": "https://app.example/r"})
        await emulator.advance(0.001)
        late = await ask(http, "GET", url)
        late_list = await list_pages(http, calls_url(emulator))

    assert (early.status, early_list, update.status) == (404, [[]], 200)
    assert (late.status, [call["callId"] for call in late_list[0]]) == (200, [call_id])


async def test_an_ended_call_is_kept_for_seven_days(emulator: Emulator, http: ClientSession) -> None:
    """Then it is 404, for a change too, and in no list. The emulator still has it."""
    call_id = await place_call(http, emulator)
    url = calls_url(emulator, call_id)
    await ask(http, "POST", url, json={"state": "completed"})

    await emulator.advance(7 * DAY - 0.001)
    kept = await ask(http, "GET", url)
    await emulator.advance(0.001)
    gone = await ask(http, "GET", url)
    update = await ask(http, "POST", url, json={"state": "completed"})

    assert (kept.status, gone.status, update.status) == (200, 404, 404)
    assert await list_pages(http, calls_url(emulator)) == [[]]
    assert [call.call_id for call in emulator.calls] == [call_id]


async def test_a_call_that_goes_on_is_kept(emulator: Emulator, http: ClientSession) -> None:
    """The seven days begin with the end."""
    call_id = await place_call(http, emulator)

    await emulator.advance(8 * DAY)

    assert (await ask(http, "GET", calls_url(emulator, call_id))).status == 200
