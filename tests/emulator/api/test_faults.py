from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from aiohttp import ClientPayloadError, ServerDisconnectedError
from support.emulator_http import BXML, BXML_TYPE, CALL, NOW, ask, calls_url, get_token, list_pages, place, place_call
from support.moved_clock import until

from bandwidth_calls.emulator import Emulator
from bandwidth_calls.emulator.api.faults import Fault, FaultKeywords

if TYPE_CHECKING:
    from aiohttp import ClientSession


async def test_a_status_stands_in_for_the_answer(emulator: Emulator, http: ClientSession) -> None:
    """The request is not processed, and the next one is answered as ever."""
    emulator.fault("createCall", status=429, headers={"retry-after": "1"}, body={"type": "error"})

    failed = await place(http, emulator)
    placed = await place(http, emulator)

    assert (failed.status, failed.json(), failed.headers["Retry-After"]) == (429, {"type": "error"}, "1")
    assert (placed.status, len(emulator.calls)) == (201, 1)


async def test_a_text_is_sent_as_it_is(emulator: Emulator, http: ClientSession) -> None:
    """A body that is text may be anything, of any content type."""
    emulator.fault("listCalls", status=502, headers={"Content-Type": "text/html"}, body="<h1>Bad")

    reply = await ask(http, "GET", calls_url(emulator))

    assert (reply.status, reply.body, reply.headers["Content-Type"]) == (502, b"<h1>Bad", "text/html")


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (401, "The credentials provided were invalid"),
        (404, "Call [c-1] not found"),
        (409, "Call [c-1] cannot be modified in its current state"),
        (429, "Account call creation rate limit exceeded"),
        (500, "An unknown internal error occurred"),
        (503, "Managing too many concurrent calls"),
    ],
)
async def test_a_status_alone_has_the_documented_body(
    status: int, description: str, emulator: Emulator, http: ClientSession
) -> None:
    """Where the fault has no body, the documentation's is sent."""
    emulator.fault("getCallState", status=status)

    reply = await ask(http, "GET", calls_url(emulator, "c-1"))

    assert (reply.status, reply.json()["description"]) == (status, description)


async def test_a_status_without_a_documented_body_has_none(emulator: Emulator, http: ClientSession) -> None:
    """A gateway's 502 is empty."""
    emulator.fault("getCallState", status=502)

    reply = await ask(http, "GET", calls_url(emulator, "c-1"))

    assert (reply.status, reply.body) == (502, b"")


async def test_a_call_may_be_placed_and_the_answer_be_an_error(emulator: Emulator, http: ClientSession) -> None:
    """With `process` the request takes effect first: the case that is dangerous to send again."""
    emulator.fault("createCall", status=500, process=True)

    reply = await place(http, emulator)

    assert (reply.status, len(emulator.calls)) == (500, 1)


@pytest.mark.parametrize(("when", "placed"), [("before", 0), ("after", 1)])
async def test_the_connection_is_cut(when: str, placed: int, emulator: Emulator, http: ClientSession) -> None:
    """No answer comes; whether the call was placed depends on when."""
    emulator.fault("createCall", drop=when)

    with pytest.raises(ServerDisconnectedError):
        await place(http, emulator)

    assert (len(emulator.calls), emulator.requests[0].status) == (placed, None)


@pytest.mark.parametrize("size", [0, 10])
async def test_an_answer_is_truncated(size: int, emulator: Emulator, http: ClientSession) -> None:
    """The headers promise the whole body, and only the beginning comes."""
    emulator.fault("createCall", truncate=size)

    answer = await http.post(calls_url(emulator), json=CALL)
    with pytest.raises(ClientPayloadError):
        await answer.read()

    assert (answer.status, len(emulator.calls)) == (201, 1)
    assert int(answer.headers["Content-Length"]) > size


async def test_an_answer_is_delayed(emulator: Emulator, http: ClientSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request takes effect before the wait, in real seconds, and is then answered as ever."""
    waited: list[tuple[float, int]] = []

    async def sleep(seconds: float) -> None:
        waited.append((seconds, len(emulator.calls)))

    monkeypatch.setattr("bandwidth_calls.emulator.server.sleep", sleep)
    emulator.fault("createCall", delay=1.5)

    reply = await place(http, emulator)

    assert (reply.status, waited) == (201, [(1.5, 1)])


async def test_a_delayed_status_is_not_processed(
    emulator: Emulator, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A delay can be joined with what comes after it."""

    async def sleep(_: float) -> None:
        return

    monkeypatch.setattr("bandwidth_calls.emulator.server.sleep", sleep)
    emulator.fault("createCall", delay=1, status=503, truncate=5)

    answer = await http.post(calls_url(emulator), json=CALL)
    with pytest.raises(ClientPayloadError):
        await answer.read()

    assert (answer.status, len(emulator.calls)) == (503, 0)


async def test_the_emulator_stops_though_an_answer_is_delayed(http: ClientSession) -> None:
    """A client that waits for a delayed answer is cut off when the emulator is left."""
    async with Emulator(clock=lambda: NOW) as emulator:
        emulator.fault("createCall", delay=3600)
        placing = asyncio.create_task(place(http, emulator))
        await until(lambda: emulator.calls)

    with pytest.raises(ServerDisconnectedError):
        await placing


@pytest.mark.parametrize("what", [{"drop": "after"}, {"truncate": 5}, {"status": 500, "process": True}])
async def test_a_client_that_has_left_is_not_missed(
    what: dict[str, Any], emulator: Emulator, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the wait is over there is nobody to fail any more, and the emulator goes on."""
    is_waiting, has_left = asyncio.Event(), asyncio.Event()

    async def sleep(_: float) -> None:
        is_waiting.set()
        await has_left.wait()

    monkeypatch.setattr("bandwidth_calls.emulator.server.sleep", sleep)
    emulator.fault("createCall", delay=1, **what)
    placing = asyncio.create_task(place(http, emulator))
    await is_waiting.wait()
    placing.cancel()
    await asyncio.gather(placing, return_exceptions=True)

    has_left.set()

    assert (await place(http, emulator)).status == 201
    assert len(emulator.calls) == 2


@pytest.mark.parametrize("operation", ["createCall", "listCalls", "getCallState", "updateCall", "updateCallBxml"])
async def test_each_operation_can_fail(operation: str, emulator: Emulator, http: ClientSession) -> None:
    """A fault hits its operation, and no other."""
    call_id = await place_call(http, emulator)
    emulator.fault(operation, status=500)

    statuses = {
        "listCalls": (await ask(http, "GET", calls_url(emulator))).status,
        "getCallState": (await ask(http, "GET", calls_url(emulator, call_id))).status,
        "updateCallBxml": (
            await ask(http, "PUT", calls_url(emulator, call_id, "bxml"), data=BXML, headers=BXML_TYPE)
        ).status,
        "updateCall": (await ask(http, "POST", calls_url(emulator, call_id), json={"state": "completed"})).status,
        "createCall": (await place(http, emulator)).status,
    }

    assert [name for name, status in statuses.items() if status == 500] == [operation]


async def test_the_token_endpoint_can_fail(emulator: Emulator, anonymous: ClientSession) -> None:
    """`token` is the token endpoint."""
    emulator.fault("token", status=500, body={"error": "server_error"})

    reply = await ask(anonymous, "POST", emulator.token_url, data={})

    assert (reply.status, reply.json()) == (500, {"error": "server_error"})
    assert await get_token(anonymous, emulator)


@pytest.mark.parametrize("path", ["/accounts/9900000/calls", "/nowhere"])
async def test_any_request_can_fail(path: str, emulator: Emulator, http: ClientSession) -> None:
    """`*` is whatever comes."""
    emulator.fault("*", status=503)

    reply = await ask(http, "GET", emulator.base_url + path)

    assert reply.status == 503


async def test_faults_come_in_order_and_as_often_as_asked_for(emulator: Emulator, http: ClientSession) -> None:
    """Each fault is used up before the next."""
    emulator.fault("createCall", status=500)
    emulator.fault("*", times=2, status=503)
    emulator.fault("createCall", status=502)

    statuses = [(await place(http, emulator)).status for _ in range(5)]

    assert statuses == [500, 503, 503, 502, 201]


async def test_a_fault_comes_before_authentication(emulator: Emulator, anonymous: ClientSession) -> None:
    """A request with bad credentials fails as the fault says."""
    emulator.fault("listCalls", status=500)

    reply = await ask(anonymous, "GET", calls_url(emulator))

    assert reply.status == 500


async def test_a_redirect_can_be_had(emulator: Emulator, http: ClientSession) -> None:
    """A status below 400 is as good as any."""
    emulator.fault("listCalls", status=307, headers={"Location": "http://thief.example/"})

    reply = await ask(http, "GET", calls_url(emulator))

    assert (reply.status, reply.headers["Location"]) == (307, "http://thief.example/")


async def test_an_empty_answer_has_nothing_to_truncate(emulator: Emulator, http: ClientSession) -> None:
    """updateCall answers without a body, so its answer is whole."""
    call_id = await place_call(http, emulator)
    emulator.fault("updateCall", truncate=0)

    reply = await ask(http, "POST", calls_url(emulator, call_id), json={"state": "completed"})

    assert (reply.status, reply.body) == (200, b"")
    assert len(await list_pages(http, calls_url(emulator))) == 1


@pytest.mark.parametrize(
    ("operation", "times", "what", "named"),
    [
        ("createcall", 1, {"status": 500}, "operation"),
        (None, 1, {"status": 500}, "operation"),
        ("createCall", 0, {"status": 500}, "times"),
        ("createCall", 1_000_001, {"status": 500}, "times"),
        ("createCall", True, {"status": 500}, "times"),
        ("createCall", "1", {"status": 500}, "times"),
        ("createCall", 1, {}, "status, drop, delay, truncate"),
        ("createCall", 1, {"delay": 0}, "status, drop, delay, truncate"),
        ("createCall", 1, {"state": 500}, "state"),
        ("createCall", 1, {"status": "500"}, "status"),
        ("createCall", 1, {"status": 101}, "status"),
        ("createCall", 1, {"status": 600}, "status"),
        ("createCall", 1, {"drop": "now"}, "drop"),
        ("createCall", 1, {"drop": ["before"]}, "drop"),
        ("createCall", 1, {"drop": "after", "status": 500}, "drop"),
        ("createCall", 1, {"drop": "after", "truncate": 1}, "drop"),
        ("createCall", 1, {"delay": -1}, "delay"),
        ("createCall", 1, {"delay": "1"}, "delay"),
        ("createCall", 1, {"delay": float("nan")}, "delay"),
        ("createCall", 1, {"truncate": -1}, "truncate"),
        ("createCall", 1, {"truncate": 1.5}, "truncate"),
        ("createCall", 1, {"delay": 1, "body": "x"}, "body"),
        ("createCall", 1, {"delay": 1, "headers": {"A": "b"}}, "headers"),
        ("createCall", 1, {"delay": 1, "process": True}, "process"),
        ("createCall", 1, {"status": 500, "process": 1}, "process"),
        ("createCall", 1, {"status": 500, "body": 7}, "body"),
        ("createCall", 1, {"status": 500, "body": "\ud800"}, "body"),
        ("createCall", 1, {"status": 500, "body": [object()]}, "body"),
        ("createCall", 1, {"status": 500, "headers": []}, "headers"),
        ("createCall", 1, {"status": 500, "headers": {"Retry-After": 1}}, "headers"),
        ("createCall", 1, {"status": 500, "headers": {"A": "b\r\nC: d"}}, "headers"),
        ("createCall", 1, {"status": 500, "headers": {"A b": "c"}}, "headers"),
        ("createCall", 1, {"status": 500, "headers": {1: "c"}}, "headers"),
        ("createCall", 1, {"status": 500, "headers": {"content-length": "1"}}, "headers"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(operation: Any, times: Any, what: dict[str, Any], named: str) -> None:
    """The `ValueError` names what is wrong."""
    emulator = Emulator()

    with pytest.raises(ValueError, match=named):
        emulator.fault(operation, times, **what)


def test_editors_know_every_keyword() -> None:
    """The keywords for type checkers are the fields of a fault that follow `times`."""
    operation, times, *what = attrs.fields_dict(Fault)

    assert (operation, times) == ("operation", "times")
    assert list(FaultKeywords.__annotations__) == what
