"""`/_emulator/*`: what the Python face offers, for other processes."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bandwidth_calls.emulator.api.messages import (
    ApiError,
    HttpRequest,
    HttpResponse,
    json_response,
    need_method,
    read_json,
)
from bandwidth_calls.emulator.control.calls import Ask, CallsControl
from bandwidth_calls.emulator.control.stage import StageControl
from bandwidth_calls.emulator.simulation.scheduler import ClockBusyError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bandwidth_calls.emulator.api.faults import Faults
    from bandwidth_calls.emulator.calls.calls import Calls
    from bandwidth_calls.emulator.emulator import Emulator
    from bandwidth_calls.emulator.engine.engine import Engine

    Handler = Callable[[Ask], Awaitable[HttpResponse]]

PREFIX = "/_emulator/"


class Control:
    """Answers requests under `/_emulator/`. A POST is refused if it comes from a web page of another origin."""

    def __init__(self, emulator: Emulator, faults: Faults, calls: Calls, engine: Engine) -> None:
        self._emulator = emulator
        self._pending_faults = faults
        on_calls = CallsControl(calls, engine)
        on_stage = StageControl(emulator, calls)
        self.gets: dict[str, Handler] = {"requests": self._requests, **on_calls.gets, **on_stage.gets}
        self.posts: dict[str, Handler] = {
            "faults": self._faults,
            "revoke": self._revoke,
            "reset": self._reset,
            **on_calls.posts,
            **on_stage.posts,
        }

    async def answer(self, incoming: HttpRequest) -> HttpResponse:
        """Answer a request."""
        try:
            return await self._answer(incoming)
        except ApiError as error:
            return error.response()

    def refuse_foreign(self, incoming: HttpRequest) -> None:
        """Raise 403 where a page of another site, or a name of its own for this machine, sends the request."""
        origin = incoming.headers.get("Origin", incoming.origin)
        host = urlsplit(incoming.origin).hostname or ""
        if origin != incoming.origin or not (host == self._emulator.host.lower() or _is_loopback(host)):
            raise ApiError(403)

    async def _answer(self, incoming: HttpRequest) -> HttpResponse:
        name, call_id = _route(incoming)
        if name in self.gets:
            need_method(incoming, "GET")
        elif name in self.posts:
            need_method(incoming, "POST")
            self.refuse_foreign(incoming)
        else:
            raise ApiError(404, "Not Found")
        try:
            if name in self.gets:
                return await self.gets[name](Ask({}, incoming.query, call_id))
            return await self.posts[name](Ask(_read_object(incoming), incoming.query, call_id))
        except ValueError as error:
            raise ApiError(400, str(error)) from None
        except (TimeoutError, ClockBusyError) as error:
            raise ApiError(409, str(error)) from None

    async def _requests(self, _: Ask) -> HttpResponse:
        requests = [request.as_json() for request in self._emulator.requests]
        return json_response(requests, headers={"Emulator-Dropped": str(self._emulator.requests_dropped)})

    async def _faults(self, ask: Ask) -> HttpResponse:
        what = {name: value for name, value in ask.body.items() if name not in ("operation", "times")}
        self._pending_faults.add(ask.body.get("operation"), ask.body.get("times", 1), what)
        return json_response({})

    async def _revoke(self, _: Ask) -> HttpResponse:
        self._emulator.revoke()
        return json_response({})

    async def _reset(self, _: Ask) -> HttpResponse:
        self._emulator.reset()
        return json_response({})


def _route(incoming: HttpRequest) -> tuple[str, str]:
    """The name of what is asked for, and the id of the call that stands in it."""
    _, first, *rest = incoming.segments
    if first != "calls" or not rest:
        return "/".join([first, *rest]), ""
    return "/".join([first, "{call_id}", *rest[1:]]), rest[0]


def _read_object(incoming: HttpRequest) -> dict[str, object]:
    if incoming.problem:
        raise ValueError(incoming.problem)
    body = read_json(incoming.body or b"{}")
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    return body


def _is_loopback(host: str) -> bool:
    if re.fullmatch(r"(.+\.)?localhost", host):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
