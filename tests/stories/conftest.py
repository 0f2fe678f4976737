"""What stories share: a Bandwidth on the moved clock, and a way to place a call to an application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession
from support.emulator_http import CALL, calls_url, place_call

from bandwidth_calls.emulator import Call, Emulator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from support.application import Application

    Place = Callable[..., Awaitable[Call]]


@pytest.fixture
def place(bandwidth: Emulator, http: ClientSession) -> Place:
    """Place a call whose events go to an application, and return it."""

    async def place(application: Application, **changes: Any) -> Call:
        urls = {"answerUrl": application.url, "disconnectUrl": application.url}
        call_id = await place_call(http, bandwidth, **{**CALL, **urls, **changes})
        return next(call for call in bandwidth.calls if call.call_id == call_id)

    return place


@pytest.fixture
def update(bandwidth: Emulator, http: ClientSession) -> Callable[..., Awaitable[int]]:
    """Send updateCall, or with `bxml` updateCallBxml, for a call; return the status."""

    async def update(call: Call, *, bxml: str | None = None, **body: Any) -> int:
        url = calls_url(bandwidth, call.call_id)
        if bxml is None:
            request = http.post(url, json=body)
        else:
            request = http.put(f"{url}/bxml", data=bxml, headers={"Content-Type": "application/xml"})
        async with request as answer:
            return answer.status

    return update
