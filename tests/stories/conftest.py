"""What the stories share: functions that place and update a call, and all of Voice played once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession
from support.application import Application
from support.emulator_http import CALL, calls_url, place_call
from support.played import Played, play_all

from bandwidth_calls import BandwidthClient, BasicCredentials
from bandwidth_calls.emulator import Call, Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Place = Callable[..., Awaitable[Call]]


@pytest.fixture
def place(bandwidth: Emulator, http: ClientSession) -> Place:
    """Return a function that places a call whose events go to an application, and returns the call."""

    async def place(application: Application, **changes: Any) -> Call:
        urls = {"answerUrl": application.url, "disconnectUrl": application.url}
        call_id = await place_call(http, bandwidth, **{**CALL, **urls, **changes})
        return next(call for call in bandwidth.calls if call.call_id == call_id)

    return place


@pytest.fixture
async def played(bandwidth: Emulator, place: Place) -> AsyncIterator[Played]:
    """A call and a conference that were played, and their ids."""
    login = BasicCredentials("user", "password")
    async with (
        Application() as application,
        BandwidthClient(bandwidth.account_id, login, base_url=bandwidth.base_url) as client,
    ):
        yield await play_all(bandwidth, place, application, client)


@pytest.fixture
def update(bandwidth: Emulator, http: ClientSession) -> Callable[..., Awaitable[int]]:
    """Return a function that sends updateCall, or with `bxml` updateCallBxml, and returns the status."""

    async def update(call: Call, *, bxml: str | None = None, **body: Any) -> int:
        url = calls_url(bandwidth, call.call_id)
        if bxml is None:
            request = http.post(url, json=body)
        else:
            request = http.put(f"{url}/bxml", data=bxml, headers={"Content-Type": "application/xml"})
        async with request as answer:
            return answer.status

    return update
