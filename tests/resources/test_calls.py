"""The five operations as they go out and come back, and waiting for a state."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from aiohttp import web
from aioresponses import aioresponses as mocked_responses
from support.moved_clock import MovedClock
from support.scripted_api import ScriptedApi
from yarl import URL

from bandwidth_calls import (
    BandwidthClient,
    BasicCredentials,
    CallMayHaveBeenPlacedError,
    CreateCall,
    MachineDetectionConfiguration,
    NotFoundError,
    UpdateCall,
    WaitTimeoutError,
)
from bandwidth_calls.bxml import Hangup, Response, SpeakSentence

CALLS = "/api/v2/accounts/9900000/calls"
NEW_YORK = timezone(timedelta(hours=-5))


async def test_create_call_posts_the_call(
    api: ScriptedApi, client: BandwidthClient, a_call: CreateCall, created: dict[str, Any]
) -> None:
    """A call goes out as JSON under the API's names, without what was not set."""
    api.answers.append(web.json_response({**created, "priority": 5, "new": 1}, status=201))

    placed = await client.calls.create_call(a_call)

    (seen,) = api.requests
    assert (seen.method, seen.path, seen.headers["Content-Type"]) == ("POST", CALLS, "application/json")
    assert json.loads(seen.body) == {
        "to": "+19195551234",
        "from": "+19195554321",
        "applicationId": "1234-qwer",
        "answerUrl": "https://app.example/answer",
    }
    assert (placed.call_id, placed.priority, placed.extra) == (created["callId"], 5, {"new": 1})


async def test_create_call_reads_a_mocked_answer(
    mocked: mocked_responses, basic: BasicCredentials, a_call: CreateCall, created: dict[str, Any]
) -> None:
    """A single exchange can be tested without any server."""
    url = "https://voice.bandwidth.com/api/v2/accounts/9900000/calls"
    mocked.post(url, payload=created, status=201)

    async with BandwidthClient("9900000", basic) as client:
        placed = await client.calls.create_call(a_call)

    assert placed.from_ == "+19195554321"
    assert ("POST", URL(url)) in mocked.requests


async def test_a_mocked_answer_of_an_odd_status_leaves_the_call_in_doubt(
    mocked: mocked_responses, basic: BasicCredentials, a_call: CreateCall, created: dict[str, Any]
) -> None:
    """Also where no byte was written, as under a mock, the error tells when the request left."""
    mocked.post("https://voice.bandwidth.com/api/v2/accounts/9900000/calls", payload=created, status=200)

    async with BandwidthClient("9900000", basic) as client:
        with pytest.raises(CallMayHaveBeenPlacedError) as caught:
            await client.calls.create_call(a_call)

    assert isinstance(caught.value.sent_at, datetime)


async def test_a_call_in_doubt_masks_passwords(api: ScriptedApi, client: BandwidthClient) -> None:
    """The request in the error has no password in it, at any depth."""
    api.answers.append(web.Response(status=500))
    call = CreateCall(
        to="+19195551234",
        from_="+19195554321",
        application_id="a",
        answer_url="https://app.example/",
        username="u",
        password="hush",
        fallback_password="hush",
        machine_detection=MachineDetectionConfiguration(password="hush", fallback_password="hush"),
    )

    with pytest.raises(CallMayHaveBeenPlacedError) as caught:
        await client.calls.create_call(call)

    request = caught.value.request
    assert (request.username, request.password, request.fallback_password) == ("u", "*****", "*****")
    assert request.machine_detection is not None
    assert request.machine_detection.password == request.machine_detection.fallback_password == "*****"
    assert "hush" not in f"{caught.value!r} {vars(caught.value)}"


async def test_get_call_state_reads_a_call(api: ScriptedApi, client: BandwidthClient) -> None:
    """A state comes back typed."""
    api.answers.append(web.json_response({"callId": "c-1", "startTime": "2026-11-24T12:00:00.500Z", "state": "new"}))

    call = await client.calls.get_call_state("c-1")

    assert call.start_time == datetime(2026, 11, 24, 12, 0, 0, 500_000, UTC)
    assert call.state == "new"
    assert (api.requests[0].method, api.requests[0].path) == ("GET", f"{CALLS}/c-1")


async def test_list_calls_sends_every_filter(api: ScriptedApi, client: BandwidthClient) -> None:
    """Filters go out under the API's names, numbers encoded and times in UTC."""
    listing = client.calls.list_calls(
        to="+19195551234",
        from_="sip:a@b.example",
        min_start_time=datetime(2026, 11, 24, 7, 0, tzinfo=NEW_YORK),
        max_start_time=datetime(2026, 11, 24, 12, 0, 0, 1234, tzinfo=UTC),
        disconnect_cause="busy",
        page_size=10_000,
    )

    assert [call async for call in listing] == []
    assert api.requests[0].query == (
        "to=%2B19195551234&from=sip%3Aa%40b.example&minStartTime=2026-11-24T12%3A00%3A00.000Z"
        "&maxStartTime=2026-11-24T12%3A00%3A00.001234Z&disconnectCause=busy&pageSize=10000"
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("page_size", 0),
        ("page_size", 10_001),
        ("page_size", True),
        ("page_size", "5"),
        ("min_start_time", datetime(2026, 1, 1)),
        ("max_start_time", datetime(2026, 1, 1)),
        ("min_start_time", "2026-01-01T00:00:00Z"),
        ("to", ""),
        ("from_", 7),
        ("disconnect_cause", "a\nb"),
        ("cursor", "forged"),
        ("cursor", ""),
    ],
)
def test_a_filter_that_is_wrong_is_refused_at_once(basic: BasicCredentials, field: str, value: Any) -> None:
    """A wrong filter is a ValueError that names it, before a loop even starts."""
    client = BandwidthClient("9900000", basic)

    with pytest.raises(ValueError, match=rf"^{field}: "):
        client.calls.list_calls(**{field: value})


async def test_filters_beside_a_cursor_are_refused(api: ScriptedApi, client: BandwidthClient) -> None:
    """A cursor carries its own filters."""
    api.answers.append(web.json_response([], headers={"Link": '<?pageToken=1>; rel="next"'}))
    page = await anext(aiter(client.calls.list_calls().pages()))
    cursor = page.cursor

    with pytest.raises(ValueError, match="cursor"):
        client.calls.list_calls(cursor=cursor, page_size=5)
    with pytest.raises(ValueError, match="belongs to the listing"):
        client.with_options(account_id="1").calls.list_calls(cursor=cursor)


async def test_update_call_posts_the_update(api: ScriptedApi, client: BandwidthClient) -> None:
    """An update goes out as JSON and brings nothing back."""
    await client.calls.update_call("c-1", UpdateCall(redirect_url="https://app.example/next", tag=""))

    (seen,) = api.requests
    assert (seen.method, seen.path) == ("POST", f"{CALLS}/c-1")
    assert json.loads(seen.body) == {"redirectUrl": "https://app.example/next", "tag": ""}


@pytest.mark.parametrize(
    ("bxml", "sent"),
    [
        ("<Bxml>é</Bxml>", "<Bxml>é</Bxml>".encode()),
        (b"<Bxml/>", b"<Bxml/>"),
        ("x" * 65_536, b"x" * 65_536),
    ],
)
async def test_update_call_bxml_puts_the_document(
    api: ScriptedApi, client: BandwidthClient, bxml: str | bytes, sent: bytes
) -> None:
    """Text and bytes go out unchanged as application/xml."""
    await client.calls.update_call_bxml("c-1", bxml)

    (seen,) = api.requests
    assert (seen.method, seen.path) == ("PUT", f"{CALLS}/c-1/bxml")
    assert (seen.headers["Content-Type"], seen.body) == ("application/xml", sent)


async def test_update_call_bxml_takes_a_document(api: ScriptedApi, client: BandwidthClient) -> None:
    """A built document goes out as it renders."""
    document = Response([SpeakSentence("Tom & Jerry"), Hangup()])

    await client.calls.update_call_bxml("c-1", document)

    assert api.requests[0].body == document.to_bxml().encode()


@pytest.mark.parametrize("bxml", ["", b"", "x" * 65_537, "é" * 32_769, None, 7, "\ud800"])
async def test_update_call_bxml_refuses_what_is_no_document(
    api: ScriptedApi, client: BandwidthClient, bxml: Any
) -> None:
    """Nothing, too much, and what is no text is refused before anything is sent."""
    with pytest.raises(ValueError, match=r"^bxml: "):
        await client.calls.update_call_bxml("c-1", bxml)

    assert api.requests == []


@pytest.mark.parametrize("call_id", ["", ".", "..", "a/b", "a b", "a?b", "a#b", "a%2Fb", "é", None, 7, "a\n"])
async def test_an_id_that_is_none_is_refused(api: ScriptedApi, client: BandwidthClient, call_id: Any) -> None:
    """No id can change where a request goes."""
    for send in (
        client.calls.get_call_state(call_id),
        client.calls.update_call(call_id, UpdateCall(state="completed")),
        client.calls.update_call_bxml(call_id, "<Bxml/>"),
        client.calls.wait_for_state(call_id, "answered"),
    ):
        with pytest.raises(ValueError, match=r"^call_id: "):
            await send

    assert api.requests == []


async def test_a_model_of_the_wrong_type_is_refused(api: ScriptedApi, client: BandwidthClient) -> None:
    """A dict is no CreateCall, and no UpdateCall."""
    odd: Any = {"to": "+19195551234"}

    with pytest.raises(ValueError, match=r"^call: must be a CreateCall"):
        await client.calls.create_call(odd)
    with pytest.raises(ValueError, match=r"^update: must be a UpdateCall"):
        await client.calls.update_call("c-1", odd)
    assert api.requests == []


def states(api: ScriptedApi, *words: str | None) -> None:
    """Answer the next reads with these states; None is a 404."""
    for word in words:
        api.answers.append(
            web.json_response({"callId": "c-1", "state": word}) if word else web.Response(status=404, text="{}")
        )


async def test_waiting_for_a_state_takes_404_as_not_yet(
    api: ScriptedApi, client: BandwidthClient, moved: MovedClock
) -> None:
    """A new call is asked for, with growing pauses, until it comes to the state."""
    states(api, None, None, "initiated", "answered")

    call = await client.calls.wait_for_state("c-1", "answered")

    assert call.state == "answered"
    assert moved.sleeps == [0.5, 0.75, 1.125]


async def test_waiting_ends_with_the_call(api: ScriptedApi, client: BandwidthClient) -> None:
    """A call that was disconnected comes to no other state, so it is given as it is."""
    states(api, "initiated", "disconnected")

    call = await client.calls.wait_for_state("c-1", "answered")

    assert call.state == "disconnected"


async def test_a_call_that_stays_unseen_is_not_found(
    api: ScriptedApi, client: BandwidthClient, moved: MovedClock
) -> None:
    """After `unseen_for` seconds a 404 is what it says."""
    states(api, *[None] * 20)

    with pytest.raises(NotFoundError):
        await client.calls.wait_for_state("c-1", "answered", unseen_for=3)

    assert 3 <= moved.seconds < 6


async def test_waiting_is_bounded(api: ScriptedApi, client: BandwidthClient, moved: MovedClock) -> None:
    """After `timeout` seconds the wait is given up, and pauses never pass ten seconds."""
    states(api, *["answered"] * 50)

    with pytest.raises(WaitTimeoutError, match=r"not disconnected within 100 s"):
        await client.calls.wait_for_state("c-1", "disconnected", timeout=100)

    assert moved.seconds <= 100
    assert max(moved.sleeps) == 10


@pytest.mark.parametrize(
    ("states_", "options", "field"),
    [
        ((), {}, "states"),
        ((7,), {}, "states"),
        (("answered",), {"timeout": -1}, "timeout"),
        (("answered",), {"unseen_for": float("nan")}, "unseen_for"),
    ],
)
async def test_a_wait_that_makes_no_sense_is_refused(
    client: BandwidthClient, states_: tuple[Any, ...], options: dict[str, Any], field: str
) -> None:
    """Wrong arguments are a ValueError that names them."""
    with pytest.raises(ValueError, match=field):
        await client.calls.wait_for_state("c-1", *states_, **options)
