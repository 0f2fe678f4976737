"""The HTTP server: it reads each request and sends the response, or fails in the way that a fault asks for."""

from __future__ import annotations

import logging
from asyncio import sleep
from typing import TYPE_CHECKING

from aiohttp import HttpVersion11, web
from aiohttp.http_exceptions import HttpProcessingError

from bandwidth_calls.emulator.api.messages import ApiError, HttpRequest, HttpResponse, need_method
from bandwidth_calls.emulator.api.operations import ROUTES
from bandwidth_calls.emulator.api.routes import TOKEN_PATH
from bandwidth_calls.emulator.control.control import PREFIX
from bandwidth_calls.emulator.control.page.files import file_response
from bandwidth_calls.emulator.control.page.page import EVENTS_PATH, PAGE_PATH
from bandwidth_calls.emulator.control.page.requests import PREFIX as PAGE_PREFIX

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from bandwidth_calls.emulator.api.credentials import Credentials
    from bandwidth_calls.emulator.api.faults import Fault, Faults
    from bandwidth_calls.emulator.api.gate import Gate
    from bandwidth_calls.emulator.api.journal import Journal, RecordedRequest
    from bandwidth_calls.emulator.api.operations import Operations
    from bandwidth_calls.emulator.api.routes import Target
    from bandwidth_calls.emulator.control.control import Control
    from bandwidth_calls.emulator.control.page.page import Page
    from bandwidth_calls.emulator.control.page.requests import PageRequests
    from bandwidth_calls.emulator.simulation.clock import Clock

# aiohttp logs what is not HTTP as an error, with its traceback. That is the client's mistake, and it is answered.
server_logger = logging.getLogger("bandwidth_calls.emulator.server")
server_logger.addFilter(lambda record: not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError)))

# A choice: the API documents no limit.
_LARGEST_BODY = 2**20
_CHUNK = 2**16


class Server:
    """Handles every request, to the API and to `/_emulator/`."""

    def __init__(
        self,
        *,
        operations: Operations,
        credentials: Credentials,
        gate: Gate,
        control: Control,
        page: Page,
        page_requests: PageRequests,
        faults: Faults,
        journal: Journal,
        clock: Clock,
        compress: bool,
    ) -> None:
        self._operations = operations
        self._credentials = credentials
        self._gate = gate
        self._control = control
        self._page = page
        self._page_requests = page_requests
        self._faults = faults
        self._journal = journal
        self._clock = clock
        self._compress = compress

    def protocol(self) -> web.Server:
        """Return the aiohttp server that takes every request."""
        # No aiohttp application: its router finds no route, and leaves an exception in a cycle for each request.
        return web.Server(self._handle, access_log=None, logger=server_logger)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            self._gate.check(request.headers)
        except ApiError as error:
            return await _send_last(request, _http_response(error.response()))
        try:
            received = await _receive(request)
        except ConnectionError:  # the client left in the middle of its body
            return _cut(request)
        response = await self._answer(request, received)
        # aiohttp would read on in a body that cannot be read, and log the failure with its traceback.
        return response if request.content.exception() is None else await _send_last(request, response)

    async def _answer(self, http_request: web.BaseRequest, request: HttpRequest) -> web.StreamResponse:
        if request.path == EVENTS_PATH or (request.method, request.path) == ("GET", PAGE_PATH):
            return await self._handle_page(http_request, request)
        if request.path.startswith(PAGE_PREFIX):
            return _http_response(await self._page_requests.answer(request))
        if request.path.startswith(PREFIX):
            return _http_response(await self._control.answer(request))
        return await self._handle_api(http_request, request)

    async def _handle_page(self, http_request: web.BaseRequest, request: HttpRequest) -> web.StreamResponse:
        """Send the live page or its events."""
        try:
            need_method(request, "GET")
        except ApiError as error:
            return _http_response(error.response())
        if request.path == EVENTS_PATH:
            return await self._page.stream(http_request)
        return _http_response(file_response("index.html"))

    async def _handle_api(self, http_request: web.BaseRequest, request: HttpRequest) -> web.StreamResponse:
        target = ROUTES.find(request)
        operation = "token" if request.path == TOKEN_PATH else target.operation
        record = self._journal.record(request, operation, self._clock.now())
        fault = self._faults.take_of(operation)
        if fault is not None:
            record.fault = str(fault)
            return await self._fail(http_request, request, target, fault, record)
        response = self._respond(request, target)
        self._journal.responded(record, response.status)
        http_response = _http_response(response)
        if self._compress and operation == "listCalls":
            http_response.enable_compression()
        return http_response

    def _respond(self, request: HttpRequest, target: Target) -> HttpResponse:
        if request.path == TOKEN_PATH:
            return self._credentials.token_response(request)
        return self._operations.respond(request, target)

    async def _fail(
        self, http_request: web.BaseRequest, request: HttpRequest, target: Target, fault: Fault, record: RecordedRequest
    ) -> web.StreamResponse:
        # The request takes effect before the delay: a client that gives up meanwhile has placed its call.
        true_response = self._respond(request, target) if fault.processes else None
        if fault.delay:
            await sleep(fault.delay)
        response = fault.answer(target.ids.get("call_id", "")) or true_response
        if response is None or fault.drop:
            return _cut(http_request)
        self._journal.responded(record, response.status)
        if fault.truncate is not None:
            return await _send_part(http_request, response, fault.truncate)
        return _http_response(response)


async def _receive(http_request: web.BaseRequest) -> HttpRequest:
    expects = http_request.headers.get("Expect", "").lower()
    if expects == "100-continue" and http_request.version >= HttpVersion11:
        await _tell_to_go_on(http_request)
    body, problem = await _read_body(http_request)
    return HttpRequest(
        method=http_request.method,
        path=http_request.rel_url.raw_path,
        path_with_query=http_request.path_qs,
        query=http_request.rel_url.query,
        headers=http_request.headers,
        body=body,
        problem=problem,
    )


async def _tell_to_go_on(http_request: web.BaseRequest) -> None:
    """Ask for the body of a client that waits before it sends it."""
    await http_request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    http_request.writer.output_size = 0  # else aiohttp takes the response for one that has begun


async def _read_body(http_request: web.BaseRequest) -> tuple[bytes, str | None]:
    """Return the body, and why it is incomplete. A body that is too large is read to its end, but not kept."""
    # Reading to the end keeps the connection usable for the next request.
    body = bytearray()
    size = 0
    try:
        async for chunk in http_request.content.iter_chunked(_CHUNK):
            size += len(chunk)
            body += chunk[: _LARGEST_BODY - len(body)]
    except web.RequestPayloadError as error:
        return bytes(body), f"Invalid request body: {error}"
    if size > _LARGEST_BODY:
        return bytes(body), f"Invalid request body: must be at most {_LARGEST_BODY} bytes"
    return bytes(body), None


def _http_response(response: HttpResponse) -> web.Response:
    body = response.body if response.pieces is None else _streamed(response.pieces)
    return web.Response(status=response.status, body=body, headers=response.headers)


async def _streamed(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def _cut(http_request: web.BaseRequest) -> web.Response:
    """Close the connection. aiohttp wants a response, which is sent to nobody."""
    http_request.protocol.force_close()
    return web.Response()


async def _send_last(http_request: web.BaseRequest, response: web.StreamResponse) -> web.StreamResponse:
    """Send a response, and close the connection without reading the rest of the request."""
    await response.prepare(http_request)
    await response.write_eof()
    http_request.protocol.force_close()
    return response


async def _send_part(http_request: web.BaseRequest, response: HttpResponse, size: int) -> web.StreamResponse:
    """Announce the whole body, send its beginning, and close the connection."""
    stream = web.StreamResponse(status=response.status, headers=response.headers)
    if response.pieces is None:
        stream.content_length = len(response.body)
    await stream.prepare(http_request)
    for piece in response.pieces or [response.body]:
        await stream.write(piece[:size])
        size -= len(piece)
        if size <= 0:
            break
    http_request.protocol.force_close()
    return stream
