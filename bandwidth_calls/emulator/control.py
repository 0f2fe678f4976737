"""`/_emulator/*`: what the Python face offers, for other processes."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bandwidth_calls.emulator import rules
from bandwidth_calls.emulator.answers import Answer, ApiError, Incoming, json_answer, read_json

if TYPE_CHECKING:
    from bandwidth_calls.emulator.emulator import Emulator
    from bandwidth_calls.emulator.faults import Faults

PREFIX = "/_emulator/"


class Control:
    """Answers requests under `/_emulator/`. A POST is refused if it comes from a web page of another origin."""

    def __init__(self, emulator: Emulator, faults: Faults) -> None:
        self._emulator = emulator
        self._pending_faults = faults
        self._gets = {"requests": self._requests, "calls": self._calls}
        self._posts = {
            "faults": self._faults,
            "revoke": self._revoke,
            "reset": self._reset,
            "advance": self._advance,
        }

    async def answer(self, incoming: Incoming) -> Answer:
        """Answer a request."""
        try:
            return await self._answer(incoming)
        except ApiError as error:
            return error.answer()

    async def _answer(self, incoming: Incoming) -> Answer:
        name = incoming.path.removeprefix(PREFIX)
        if name in self._gets:
            _need_method(incoming, "GET")
            return self._gets[name]()
        if name not in self._posts:
            raise ApiError(404, "Not Found")
        _need_method(incoming, "POST")
        self._refuse_foreign(incoming)
        try:
            await self._posts[name](_read_object(incoming))
        except ValueError as error:
            raise ApiError(400, str(error)) from None
        return json_answer({})

    def _refuse_foreign(self, incoming: Incoming) -> None:
        """Raise 403 where a page of another site, or a name of its own for this machine, sends the request."""
        origin = incoming.headers.get("Origin", incoming.origin)
        host = urlsplit(incoming.origin).hostname or ""
        if origin != incoming.origin or not (host == self._emulator.host.lower() or _is_loopback(host)):
            raise ApiError(403)

    def _requests(self) -> Answer:
        requests = [request.as_json() for request in self._emulator.requests]
        return json_answer(requests, headers={"Emulator-Dropped": str(self._emulator.requests_dropped)})

    def _calls(self) -> Answer:
        return json_answer(
            [{**call.as_state(), "tag": call.tag, "request": call.request} for call in self._emulator.calls]
        )

    async def _faults(self, body: dict[str, object]) -> None:
        what = {name: value for name, value in body.items() if name not in ("operation", "times")}
        self._pending_faults.add(body.get("operation"), body.get("times", 1), what)

    async def _revoke(self, _: dict[str, object]) -> None:
        self._emulator.revoke()

    async def _reset(self, _: dict[str, object]) -> None:
        self._emulator.reset()

    async def _advance(self, body: dict[str, object]) -> None:
        await self._emulator.advance(rules.read_named("seconds", rules.number(), body.get("seconds")))


def _need_method(incoming: Incoming, method: str) -> None:
    if incoming.method != method:
        raise ApiError(405, headers={"Allow": method})


def _read_object(incoming: Incoming) -> dict[str, object]:
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
