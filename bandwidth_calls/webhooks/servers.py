"""Adapters from aiohttp and ASGI to `Webhooks.handle`. They stop reading a body once it is too long."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import attrs

if TYPE_CHECKING:
    from aiohttp import web

    from bandwidth_calls.webhooks.dedupe import Reply

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]


def first_values(query: Mapping[str, str | list[str]]) -> dict[str, Any]:
    """Return the first value of each name of a query. Of two values, mappings return either, or a list of both.

    `getlist` is the method of the mappings of Flask, Django and Starlette.
    """
    read = getattr(query, "getlist", query.__getitem__)
    values = {name: read(name) for name in query}
    return {name: value[0] if isinstance(value, list) and value else value for name, value in values.items()}


async def read_aiohttp(request: web.Request, most: int) -> bytes:
    """Read the body of an aiohttp request, up to the first chunk that makes it longer than `most` bytes."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > most:
            break
    return bytes(body)


@attrs.frozen
class AsgiApp:
    """An ASGI 3 application. It is an object because servers take a bound method for ASGI 2."""

    handle: Callable[..., Awaitable[Reply]] = attrs.field(repr=False)
    max_body: int

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Answer one request, or take part in the server's startup and shutdown."""
        if scope["type"] == "lifespan":
            return await _live(receive, send)
        if scope["type"] != "http":
            raise ValueError(f"scope: must be http or lifespan, not {scope['type']}")
        body = await _read(receive, self.max_body)
        if body is None:
            return None
        query = parse_qs(scope["query_string"].decode("utf-8", "replace"), keep_blank_values=True)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        await _answer(await self.handle(scope["method"], query, headers, body), send)
        return None


async def _live(receive: _Receive, send: _Send) -> None:
    for stage in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{stage}.complete"})


async def _read(receive: _Receive, most: int) -> bytes | None:
    """Read a body; return None if the sender disconnected before its end."""
    body = bytearray()
    while len(body) <= most:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body)


async def _answer(reply: Reply, send: _Send) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
    if reply.status != 204:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
