"""Webhooks behind real servers: aiohttp, and Uvicorn with nothing, Starlette and FastAPI before them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from support.webhook_servers import ANSWER, AUTH, REPLY, SERVERS, make_webhooks, on_uvicorn

from bandwidth_calls.webhooks import GatherEvent


@pytest.fixture(params=SERVERS)
async def url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Return the URL of the webhooks, on each server."""
    async with SERVERS[request.param]() as where:
        yield where


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A sender of webhooks."""
    async with aiohttp.ClientSession() as session:
        yield session


async def test_an_event_is_answered_with_bxml(url: str, http: aiohttp.ClientSession) -> None:
    """A posted event reaches its handler, and the document comes back under the right type."""
    async with http.post(url, json=ANSWER, headers=AUTH) as response:
        body = await response.text()

    assert (response.status, body) == (200, REPLY)
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"


async def test_a_get_webhook_is_answered(url: str, http: aiohttp.ClientSession) -> None:
    """The query form reaches the same handler."""
    async with http.get(url, params=ANSWER, headers=AUTH) as response:
        body = await response.text()

    assert (response.status, body) == (200, REPLY)


async def test_the_first_of_a_repeated_name_counts(url: str, http: aiohttp.ClientSession) -> None:
    """Every server gives the same event of one query."""
    names = [*ANSWER.items(), ("from", "+19195550000"), ("eventType", "disconnect"), ("tag", "")]

    async with http.get(url, params=names, headers=AUTH) as response:
        body = await response.text()

    assert (response.status, body) == (200, REPLY)


async def test_a_sender_is_challenged_first(url: str, http: aiohttp.ClientSession) -> None:
    """The first request comes without credentials, and is told to bring them."""
    async with http.post(url, json=ANSWER) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"].startswith("Basic realm=")


async def test_an_event_without_a_handler_is_204(url: str, http: aiohttp.ClientSession) -> None:
    """An empty reply has no body, and the connection serves on."""
    for _ in range(2):
        async with http.post(url, json={"eventType": "disconnect"}, headers=AUTH) as response:
            assert (response.status, await response.read()) == (204, b"")


async def test_what_is_no_event_is_400(url: str, http: aiohttp.ClientSession) -> None:
    """A body that is no event is refused."""
    async with http.post(url, data=b"\xff", headers=AUTH) as response:
        assert response.status == 400


async def test_other_methods_are_405(url: str, http: aiohttp.ClientSession) -> None:
    """Webhooks come by POST or GET."""
    async with http.put(url, json=ANSWER, headers=AUTH) as response:
        assert (response.status, response.headers["Allow"]) == (405, "GET, POST")


async def test_an_endless_body_is_cut(url: str, http: aiohttp.ClientSession) -> None:
    """An endless body gets a 413 as soon as it passes the cap."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100_000_000:
            sent += 10_000
            yield b"x" * 10_000
            await asyncio.sleep(0)

    status = 0
    try:
        async with http.post(url, data=endless(), headers=AUTH) as response:
            status = response.status
    except aiohttp.ClientOSError:
        status = 413  # the server closed the connection before its answer was read, which is as good

    assert status == 413
    assert sent < 100_000_000


async def test_a_sender_that_goes_away_is_not_answered() -> None:
    """A request whose body is incomplete runs no handler."""
    sent: list[Any] = []
    messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(name.lower().encode(), value.encode()) for name, value in AUTH.items()]
    scope = {"type": "http", "method": "POST", "headers": headers, "query_string": b""}
    await make_webhooks().asgi(scope, receive, send)

    assert sent == []


@pytest.mark.parametrize(("event", "status", "length"), [("dtmf", 204, None), ("answer", 200, str(len(REPLY)))])
async def test_a_reply_without_a_body_has_no_length(event: str, status: int, length: str | None) -> None:
    """HTTP forbids the length of a 204, and servers differ in what they make of it."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": json.dumps({**ANSWER, "eventType": event}).encode()}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(name.lower().encode(), value.encode()) for name, value in AUTH.items()]
    scope = {"type": "http", "method": "POST", "headers": headers, "query_string": b""}
    await make_webhooks().asgi(scope, receive, send)

    start, _ = sent
    assert start["status"] == status
    assert dict(start["headers"]).get(b"content-length") == (length and length.encode())


async def test_a_websocket_is_closed() -> None:
    """A WebSocket is no webhook. Closed before it is accepted, its handshake is a 403."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await make_webhooks().asgi({"type": "websocket"}, receive, send)

    assert sent == [{"type": "websocket.close", "code": 1000}]


async def test_other_protocols_are_refused() -> None:
    """A protocol of which nothing is known is an error of the server."""

    async def never(*_: Any) -> Any:
        raise AssertionError

    with pytest.raises(ValueError, match="scope: must be http, websocket or lifespan, not raw"):
        await make_webhooks().asgi({"type": "raw"}, never, never)


async def test_a_whole_menu_is_played(http: aiohttp.ClientSession) -> None:
    """Two events of one call, each answered by its own handler."""
    webhooks = make_webhooks()

    @webhooks.on(GatherEvent)
    async def pressed(event: GatherEvent) -> str:
        return f"<Response><Tag>{event.digits}</Tag></Response>"

    async with on_uvicorn(webhooks.asgi) as url:
        async with http.post(url, json=ANSWER, headers=AUTH) as first:
            assert first.status == 200
        async with http.post(url, data=json.dumps({"eventType": "gather", "digits": "1"}), headers=AUTH) as second:
            assert await second.text() == "<Response><Tag>1</Tag></Response>"
