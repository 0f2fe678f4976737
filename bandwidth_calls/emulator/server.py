"""The HTTP server: reads each request, lets it be answered, and sends the answer, or fails as a fault says."""

from __future__ import annotations

from asyncio import sleep
from typing import TYPE_CHECKING

from aiohttp import web

from bandwidth_calls.emulator.api.messages import ApiError, HttpRequest, HttpResponse
from bandwidth_calls.emulator.api.operations import TOKEN_PATH, find_target
from bandwidth_calls.emulator.control.control import PREFIX, need_method
from bandwidth_calls.emulator.control.page.page import EVENTS_PATH, PAGE_PATH, page_response

if TYPE_CHECKING:
    from bandwidth_calls.emulator.api.credentials import Credentials
    from bandwidth_calls.emulator.api.faults import Fault, Faults
    from bandwidth_calls.emulator.api.journal import Journal, RecordedRequest
    from bandwidth_calls.emulator.api.operations import Operations
    from bandwidth_calls.emulator.control.control import Control
    from bandwidth_calls.emulator.control.page.page import Page
    from bandwidth_calls.emulator.simulation.clock import Clock

_LARGEST_BODY = 2**20
_CHUNK = 2**16


class Server:
    """Handles every request, to the API and to `/_emulator/`."""

    def __init__(
        self,
        *,
        operations: Operations,
        credentials: Credentials,
        control: Control,
        page: Page,
        faults: Faults,
        journal: Journal,
        clock: Clock,
        compress: bool,
    ) -> None:
        self._operations = operations
        self._credentials = credentials
        self._control = control
        self._page = page
        self._faults = faults
        self._journal = journal
        self._clock = clock
        self._compress = compress

    def application(self) -> web.Application:
        """The application, to be served."""
        # No routes: a middleware sees what no route would match, too, such as `OPTIONS *`.
        return web.Application(middlewares=[self._handle])

    @web.middleware
    async def _handle(self, request: web.Request, handler: object) -> web.StreamResponse:
        incoming = await _receive(request)
        if incoming.path == EVENTS_PATH or (incoming.method, incoming.path) == ("GET", PAGE_PATH):
            return await self._show(request, incoming)
        if incoming.path.startswith(PREFIX):
            return _response(await self._control.answer(incoming))
        return await self._handle_api(request, incoming)

    async def _show(self, request: web.Request, incoming: HttpRequest) -> web.StreamResponse:
        """The live page and its events, which no page of another origin may read."""
        try:
            need_method(incoming, "GET")
            self._control.refuse_foreign(incoming)
        except ApiError as error:
            return _response(error.answer())
        return await self._page.stream(request) if incoming.path == EVENTS_PATH else _response(page_response())

    async def _handle_api(self, request: web.Request, incoming: HttpRequest) -> web.StreamResponse:
        operation = _operation(incoming)
        record = self._journal.record(incoming, operation, self._clock.now())
        fault = self._faults.take(operation)
        if fault is not None:
            record.fault = str(fault)
            return await self._fail(request, incoming, fault, record)
        answer = self._answer(incoming)
        self._journal.answered(record, answer.status)
        response = _response(answer)
        if self._compress and operation == "listCalls":
            response.enable_compression()
        return response

    def _answer(self, incoming: HttpRequest) -> HttpResponse:
        if incoming.path == TOKEN_PATH:
            return self._credentials.token_answer(incoming)
        return self._operations.answer(incoming)

    async def _fail(
        self, request: web.Request, incoming: HttpRequest, fault: Fault, record: RecordedRequest
    ) -> web.StreamResponse:
        """Process first, if at all, and only then keep the client waiting: one that gives up has placed its call."""
        true_answer = self._answer(incoming) if fault.processes else None
        if fault.delay:
            await sleep(fault.delay)
        answer = fault.answer(find_target(incoming).call_id) or true_answer
        if answer is None or fault.drop:
            return _cut(request)
        self._journal.answered(record, answer.status)
        if fault.truncate is not None:
            return await _send_part(request, answer, fault.truncate)
        return _response(answer)


async def _receive(request: web.Request) -> HttpRequest:
    body, problem = await _read_body(request)
    return HttpRequest(
        method=request.method,
        path=request.rel_url.raw_path,
        path_with_query=request.path_qs,
        query=request.rel_url.query,
        headers=request.headers,
        body=body,
        problem=problem,
    )


async def _read_body(request: web.Request) -> tuple[bytes, str | None]:
    """The body, and why it is not whole. What is too much is read, but not kept: so the connection can go on."""
    body = bytearray()
    size = 0
    try:
        async for chunk in request.content.iter_chunked(_CHUNK):
            size += len(chunk)
            body += chunk[: _LARGEST_BODY - len(body)]
    except web.RequestPayloadError as error:
        return bytes(body), f"Invalid request body: {error}"
    if size > _LARGEST_BODY:
        return bytes(body), f"Invalid request body: must be at most {_LARGEST_BODY} bytes"
    return bytes(body), None


def _operation(incoming: HttpRequest) -> str | None:
    return "token" if incoming.path == TOKEN_PATH else find_target(incoming).methods.get(incoming.method)


def _response(answer: HttpResponse) -> web.Response:
    return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


def _cut(request: web.Request) -> web.Response:
    """Close the connection; the response that aiohttp wants to be given goes nowhere."""
    request.protocol.force_close()
    return web.Response()


async def _send_part(request: web.Request, answer: HttpResponse, size: int) -> web.StreamResponse:
    """Promise the whole body, send the beginning, and close the connection."""
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body)
    await response.prepare(request)
    await response.write(answer.body[:size])
    request.protocol.force_close()
    return response
