"""Every fault that a create-call can meet once it is connected, and its expected outcome.

`docs/reliability.md` lists the same faults in a table; a test compares both.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable

import attrs

from bandwidth_calls import errors
from support.fault_proxy import Exchange, pass_on
from support.moved_clock import pass_time, turns

InDoubt = errors.CallMayHaveBeenPlacedError


@attrs.frozen
class Fault:
    """A fault and its outcome: the error (None: the call is placed), the requests that leave, and the calls dialled."""

    name: str
    act: Callable[[Exchange], Awaitable[None]]
    error: type[errors.BandwidthError] | None
    cause: type[errors.BandwidthError] | None = None
    attempts: int = 1
    dials: int = 0
    moves_time: bool = False  # of the event loop


FAULTS: list[Fault] = []


def fault(
    name: str,
    error: type[errors.BandwidthError] | None,
    cause: type[errors.BandwidthError] | None = None,
    *,
    attempts: int = 1,
    dials: int = 0,
    moves_time: bool = False,
) -> Callable[[Callable[[Exchange], Awaitable[None]]], None]:
    """Register a fault in the list."""

    def enter(act: Callable[[Exchange], Awaitable[None]]) -> None:
        FAULTS.append(Fault(name, act, error, cause, attempts, dials, moves_time))

    return enter


async def _processed(exchange: Exchange) -> tuple[bytes, bytes]:
    """Let the call be dialled, and return head and body of the answer."""
    head, _, body = (await exchange.forward()).partition(b"\r\n\r\n")
    return head, body


async def _drip(exchange: Exchange) -> None:
    """Let the client read what was sent, one second later."""
    await exchange.writer.drain()
    await turns()
    pass_time(1)


@fault("closed before it was processed", InDoubt, errors.NoAnswerError)
async def _(exchange: Exchange) -> None:
    exchange.close()


@fault("reset before it was processed", InDoubt, errors.NoAnswerError)
async def _(exchange: Exchange) -> None:
    exchange.reset()


@fault("closed after it was processed", InDoubt, errors.NoAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.close()


@fault("reset after it was processed", InDoubt, errors.NoAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.reset()


@fault("no answer, and not processed", InDoubt, errors.NoAnswerError, moves_time=True)
async def _(exchange: Exchange) -> None:
    pass_time(3600)
    await asyncio.Event().wait()


@fault("no answer after it was processed", InDoubt, errors.NoAnswerError, dials=1, moves_time=True)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    pass_time(3600)
    await asyncio.Event().wait()


@fault("head of the answer dripping past the total", InDoubt, errors.NoAnswerError, dials=1, moves_time=True)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.send(b"HTTP/1.1 201 Created\r\n")
    while True:
        exchange.send(b"X-Drip: drop\r\n")
        await _drip(exchange)


@fault("body of a 201 dripping past the total", InDoubt, errors.BadAnswerError, dials=1, moves_time=True)
async def _(exchange: Exchange) -> None:
    head, body = await _processed(exchange)
    exchange.send(head + b"\r\n\r\n")
    for byte in body:
        exchange.send(bytes([byte]))
        await _drip(exchange)


@fault("half a status line", InDoubt, errors.NoAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.send(b"HTTP/1.1 20")
    exchange.close()


@fault("half a head", InDoubt, errors.NoAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.send(b"HTTP/1.1 201 Created\r\nContent-Type: appl")
    exchange.close()


@fault("garbage for an answer", InDoubt, errors.NoAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.send(b"\x16\x03\x01 this is no HTTP at all\r\n\r\n")
    exchange.close()


@fault("a head line that is too long", InDoubt, errors.NoAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.answer("201 Created", b"{}", "X-Long: " + "x" * 100_000)


@fault("too many head lines", InDoubt, errors.NoAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.answer("201 Created", b"{}", *(f"X-{n}: x" for n in range(5000)))


@fault("two different lengths", InDoubt, errors.NoAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.answer("201 Created", b"{}", "Content-Length: 7")


@fault("early hints, then closed", InDoubt, errors.NoAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
    exchange.close()


@fault("101, then nothing", InDoubt, errors.NoAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")


@fault("body of a 201 cut short", InDoubt, errors.BadAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    head, body = await _processed(exchange)
    exchange.send(head + b"\r\n\r\n" + body[:-10])
    exchange.close()


@fault("body of a 201 reset", InDoubt, errors.BadAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    head, body = await _processed(exchange)
    exchange.send(head + b"\r\n\r\n" + body[:-10])
    await exchange.writer.drain()
    await turns()  # a reset discards what was not read
    exchange.reset()


@fault("chunked body of a 201 cut short", InDoubt, errors.BadAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.send(b'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"cal\r\n')
    exchange.close()


@fault("chunks that are none", InDoubt, errors.NoAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.send(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")
    exchange.close()


@fault("body of a 201 that is not the gzip it claims", InDoubt, errors.BadAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.answer("201 Created", b"no gzip at all", "Content-Encoding: gzip")


@fault("body of a 201 that is a gzip bomb", InDoubt, errors.BadAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.answer("201 Created", gzip.compress(bytes(20_000_000)), "Content-Encoding: gzip")


@fault("201 without a body", InDoubt, errors.BadAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.answer("201 Created")


@fault("201 with HTML", InDoubt, errors.BadAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.answer("201 Created", b"<html>welcome</html>", "Content-Type: text/html")


@fault("201 with half of its JSON", InDoubt, errors.BadAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    _, body = await _processed(exchange)
    exchange.answer("201 Created", body[: len(body) // 2])


@fault("201 without the call's id", InDoubt, errors.BadAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    _, body = await _processed(exchange)
    exchange.answer("201 Created", body.replace(b"callId", b"id"))


@fault("201 of a wrong type in each field but the call's id", None, dials=1)
async def _(exchange: Exchange) -> None:
    _, body = await _processed(exchange)
    odd = {name: value if name == "callId" else [value] for name, value in json.loads(body).items()}
    exchange.answer("201 Created", json.dumps(odd).encode())


@fault("200 where 201 is documented", InDoubt, errors.BadAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    _, body = await _processed(exchange)
    exchange.answer("200 OK", body)


@fault("204 where 201 is documented", InDoubt, errors.BadAnswerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.send(b"HTTP/1.1 204 No Content\r\n\r\n")


@fault("500 after it was processed", InDoubt, errors.ServerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.answer("500 Internal Server Error", b'{"type":"internal-error"}')


@fault("502 of a gateway, after it was processed", InDoubt, errors.ServerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.answer("502 Bad Gateway", b"<html>bad gateway</html>", "Content-Type: text/html")


@fault("503 after it was processed", InDoubt, errors.ServerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.answer("503 Service Unavailable", b"", "Retry-After: 0")


@fault("504 of a gateway, after it was processed", InDoubt, errors.ServerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.answer("504 Gateway Timeout")


@fault("408 of a balancer, not processed", InDoubt, errors.RefusedError)
async def _(exchange: Exchange) -> None:
    exchange.answer("408 Request Timeout", b"", "Connection: close")
    exchange.close()


@fault("408 after it was processed", InDoubt, errors.RefusedError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.answer("408 Request Timeout")


@fault("500 with its body cut short", InDoubt, errors.ServerError, dials=1)
async def _(exchange: Exchange) -> None:
    await exchange.forward()
    exchange.send(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 100\r\n\r\n{")
    exchange.close()


@fault("429 once", None, attempts=2, dials=1)
async def _(exchange: Exchange) -> None:
    if exchange.number == 1:
        exchange.answer("429 Too Many Requests", b"", "Retry-After: 0")
    else:
        await pass_on(exchange)


@fault("429 each time", errors.RateLimitedError, attempts=3)
async def _(exchange: Exchange) -> None:
    exchange.answer("429 Too Many Requests", b'{"description":"Account call creation rate limit exceeded"}')


@fault("429, come back in an hour", errors.RateLimitedError)
async def _(exchange: Exchange) -> None:
    exchange.answer("429 Too Many Requests", b"", "Retry-After: 3600")


@fault("429, then closed after it was processed", InDoubt, errors.NoAnswerError, attempts=2, dials=1)
async def _(exchange: Exchange) -> None:
    if exchange.number == 1:
        exchange.answer("429 Too Many Requests")
    else:
        await exchange.forward()
        exchange.close()


@fault("401 once", None, attempts=2, dials=1)
async def _(exchange: Exchange) -> None:
    if exchange.number == 1:
        exchange.answer("401 Unauthorized")
    else:
        await pass_on(exchange)


@fault("401 each time", errors.AuthenticationError, attempts=2)
async def _(exchange: Exchange) -> None:
    exchange.answer("401 Unauthorized", b"<html>login</html>", "Content-Type: text/html")


@fault("401, then 500 after it was processed", InDoubt, errors.ServerError, attempts=2, dials=1)
async def _(exchange: Exchange) -> None:
    if exchange.number == 1:
        exchange.answer("401 Unauthorized")
    else:
        await exchange.forward()
        exchange.answer("500 Internal Server Error")


@fault("400", errors.BadRequestError)
async def _(exchange: Exchange) -> None:
    exchange.answer("400 Bad Request", b'{"type":"validation","description":"Invalid to"}')


@fault("400 that repeats the request, credentials and all", errors.BadRequestError)
async def _(exchange: Exchange) -> None:
    said = (exchange.head + exchange.body).decode("latin-1")
    exchange.answer("400 Bad Request", json.dumps({"description": said}).encode())


@fault("400 with a description of a megabyte", errors.BadRequestError)
async def _(exchange: Exchange) -> None:
    exchange.answer("400 Bad Request", json.dumps({"description": "x" * 900_000}).encode())


@fault("403", errors.PermissionDeniedError)
async def _(exchange: Exchange) -> None:
    exchange.answer("403 Forbidden", b'{"type":"authorization-error","description":"Access is denied"}')


@fault("403 whose body never ends", errors.PermissionDeniedError, moves_time=True)
async def _(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\n{")
    await _drip(exchange)
    pass_time(3600)
    await asyncio.Event().wait()


@fault("404", errors.NotFoundError)
async def _(exchange: Exchange) -> None:
    exchange.answer("404 Not Found")


@fault("a connection that closes behind the answer", None, dials=1)
async def _(exchange: Exchange) -> None:
    await pass_on(exchange)


def redirect(status: str, location: str) -> Callable[[Exchange], Awaitable[None]]:
    """Make a redirect."""

    async def act(exchange: Exchange) -> None:
        exchange.answer(status, b"", f"Location: {location}")

    return act
