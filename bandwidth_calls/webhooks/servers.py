"""Adapters from aiohttp and ASGI to `Webhooks`: one verdict on a request, whichever server received it.

A request is refused before its body is read, where its head is enough for that. The body must come within the deadline.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import attrs

from bandwidth_calls.webhooks.dedupe import Reply

if TYPE_CHECKING:
    from aiohttp import web

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]

# Seconds for which the rest of a refused body is read, and forgotten: a sender that still writes would else not see
# the reply, but a reset.
_LINGERING = 5.0
_COMPRESSED = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


class _UnreadableBody(Exception):  # noqa: N818 - raised and caught within this file
    """Raised for a body that cannot be decompressed or is not framed as HTTP says."""


class _SenderLeft(Exception):  # noqa: N818 - as above
    """Raised when the sender disconnects in the middle of its body."""


@attrs.frozen
class Receiver:
    """What `Webhooks` gives its adapters: the check of a head, and the reply to a body that took some seconds."""

    refuse: Callable[[str, Mapping[str, str]], Reply | None]
    respond: Callable[[str, Mapping[str, Any], bytes, float], Awaitable[Reply]]
    max_body: int
    deadline: float | None

    async def reply(
        self, method: str, query: Mapping[str, Any], headers: Mapping[str, str], read: Callable[[], Awaitable[bytes]]
    ) -> Reply:
        """Check the head, read the body within the deadline, and respond within what is left of it."""
        if (refused := self.refuse(method, headers)) is not None:
            return refused
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self.deadline):
                body = await read()
        except TimeoutError:
            return Reply(408)
        except _UnreadableBody:
            return Reply(400)
        return await self.respond(method, query, body, asyncio.get_running_loop().time() - began)


def first_values(query: Mapping[str, str | list[str]]) -> dict[str, Any]:
    """Return the first value of each name of a query. Of two values, mappings return either, or a list of both.

    `getlist` is the method of the mappings of Flask, Django and Starlette.
    """
    read = getattr(query, "getlist", query.__getitem__)
    values = {name: read(name) for name in query}
    return {name: value[0] if isinstance(value, list) and value else value for name, value in values.items()}


async def answer_aiohttp(receiver: Receiver, request: web.Request) -> web.Response:
    """Answer a request of aiohttp."""
    from aiohttp import web  # other servers do not need aiohttp

    try:
        read = partial(_read_aiohttp, request, receiver.max_body)
        reply = await receiver.reply(request.method, request.query, request.headers, read)
    except _SenderLeft:
        request.protocol.force_close()
        return web.Response()  # aiohttp wants a response, which is sent to nobody
    response = web.Response(status=reply.status, headers=reply.headers, body=reply.body or None)
    if not request.content.is_eof():
        await _send_last(request, response)
    return response


async def _read_aiohttp(request: web.Request, most: int) -> bytes:
    """Read a body, up to the first piece that makes it longer than `most` bytes. aiohttp decompresses it."""
    from aiohttp import web

    body = bytearray()
    try:
        async for piece in request.content.iter_any():
            body += piece
            if len(body) > most:
                break
    except web.RequestPayloadError as error:
        raise _UnreadableBody from error
    except ConnectionError as error:
        raise _SenderLeft from error
    return bytes(body)


async def _send_last(request: web.Request, response: web.Response) -> None:
    """Send a response before the body was read, and end the connection unless the rest comes soon.

    aiohttp would read the rest too, but log what is wrong with it, with its traceback.
    """
    from aiohttp import web

    await response.prepare(request)
    await response.write_eof()
    try:
        async with asyncio.timeout(_LINGERING):
            while not request.content.is_eof():
                await request.content.readany()
    except (TimeoutError, web.RequestPayloadError, ConnectionError):
        request.protocol.force_close()  # the reply is sent, and what is wrong with the rest does not matter


@attrs.frozen
class AsgiApp:
    """An ASGI 3 application. It is an object because servers take a bound method for ASGI 2."""

    receiver: Receiver = attrs.field(repr=False)

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Answer one request, or take part in the server's startup and shutdown. A WebSocket is closed."""
        match scope["type"]:
            case "http":
                await self._answer(scope, receive, send)
            case "lifespan":
                await _live(receive, send)
            case "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1000})  # before it is accepted this is a 403
            case other:
                raise ValueError(f"scope: must be http, websocket or lifespan, not {other}")

    async def _answer(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        query = parse_qs(scope["query_string"].decode("utf-8", "replace"), keep_blank_values=True)
        headers = _headers(scope)
        read = partial(_read_asgi, receive, headers.get("content-encoding", ""), self.receiver.max_body)
        try:
            reply = await self.receiver.reply(scope["method"], query, headers, read)
        except _SenderLeft:
            return
        await _send_asgi(reply, send)


def _headers(scope: _Message) -> dict[str, str]:
    """Return the headers of a request. Values of a repeated name are joined, so that none is overlooked."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


async def _live(receive: _Receive, send: _Send) -> None:
    for stage in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{stage}.complete"})


async def _read_asgi(receive: _Receive, encoding: str, most: int) -> bytes:
    """Read a body, up to the first piece that makes it longer than `most` bytes, and decompress it."""
    body = bytearray()
    while len(body) <= most:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _SenderLeft
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return _decompressed(bytes(body), encoding.strip().lower(), most)


def _decompressed(body: bytes, encoding: str, most: int) -> bytes:
    """Return at most one byte more than `most`, as aiohttp's server does: other encodings stay as they are."""
    if encoding not in _COMPRESSED or not body:
        return body
    try:
        return zlib.decompressobj(_COMPRESSED[encoding]).decompress(body, most + 1)
    except zlib.error as error:
        raise _UnreadableBody from error


async def _send_asgi(reply: Reply, send: _Send) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
    if reply.status != 204:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
