"""Control endpoints under `/_emulator/`: what `Stage` offers in Python, for tests in other languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.api.messages import (
    ApiError,
    HttpRequest,
    HttpResponse,
    need_method,
    read_json,
)
from bandwidth_calls.emulator.control.calls import CallsControl
from bandwidth_calls.emulator.control.messages import ControlRequest
from bandwidth_calls.emulator.control.stage import StageControl
from bandwidth_calls.emulator.simulation.scheduler import ClockBusyError
from bandwidth_calls.emulator.stage import NotOnLineError, UnknownCallError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bandwidth_calls.emulator.stage import Stage

    Handler = Callable[[ControlRequest], Awaitable[HttpResponse]]

PREFIX = "/_emulator/"


class Control:
    """Answers requests under `/_emulator/`."""

    def __init__(self, stage: Stage) -> None:
        on_calls = CallsControl(stage)
        on_stage = StageControl(stage)
        self.gets: dict[str, Handler] = {**on_calls.gets, **on_stage.gets}
        self.posts: dict[str, Handler] = {**on_calls.posts, **on_stage.posts}

    async def answer(self, incoming: HttpRequest) -> HttpResponse:
        """Answer a request."""
        try:
            return await self._answer(incoming)
        except ApiError as error:
            return error.response()

    async def _answer(self, incoming: HttpRequest) -> HttpResponse:
        name, call_id = _route(incoming)
        if name in self.gets:
            need_method(incoming, "GET")
        elif name in self.posts:
            need_method(incoming, "POST")
        else:
            raise ApiError(404, "Not Found")
        try:
            if name in self.gets:
                return await self.gets[name](ControlRequest({}, incoming.query, call_id))
            return await self.posts[name](ControlRequest(_read_object(incoming), incoming.query, call_id))
        # The errors of `Stage` become the statuses that say the same.
        except ValueError as error:
            raise ApiError(400, str(error)) from None
        except UnknownCallError as error:
            raise ApiError(404, str(error)) from None
        except (TimeoutError, ClockBusyError, NotOnLineError) as error:
            raise ApiError(409, str(error)) from None


def _route(incoming: HttpRequest) -> tuple[str, str]:
    """Return the name of the endpoint, and the id of the call in its path."""
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
