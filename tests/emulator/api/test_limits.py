from __future__ import annotations

from typing import TYPE_CHECKING

from support.emulator_http import NOW, ask, calls_url, place, place_call

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from aiohttp import ClientSession


async def test_too_many_calls_in_a_second_are_refused(http: ClientSession) -> None:
    """The 429 has the documented body, and `Retry-After` with the whole seconds until a call may be created."""
    async with Emulator(calls_per_second=2, clock=lambda: NOW) as emulator:
        await place_call(http, emulator)
        await emulator.advance(0.5)
        await place_call(http, emulator)

        reply = await place(http, emulator)

    error = {"type": "error", "description": "Account call creation rate limit exceeded", "id": ""}
    assert (reply.status, reply.json(), reply.headers["Retry-After"]) == (429, error, "1")
    assert len(emulator.calls) == 2


async def test_after_retry_after_a_call_is_taken(http: ClientSession) -> None:
    """A call after `Retry-After` seconds is accepted."""
    async with Emulator(calls_per_second=1, clock=lambda: NOW) as emulator:
        await place_call(http, emulator)
        await emulator.advance(0.999)
        refused = await place(http, emulator)

        await emulator.advance(0.001)
        taken = await place(http, emulator)

    assert (refused.status, taken.status) == (429, 201)


async def test_too_many_calls_at_once_are_refused(http: ClientSession) -> None:
    """Too many concurrent calls get the other 429, until a call ends."""
    async with Emulator(concurrent_calls=1, clock=lambda: NOW) as emulator:
        call_id = await place_call(http, emulator)
        refused = await place(http, emulator)

        await ask(http, "POST", calls_url(emulator, call_id), json={"state": "completed"})
        taken = await place(http, emulator)

    error = {"type": "error", "description": "Account concurrent call limit exceeded", "id": ""}
    assert (refused.status, refused.json(), refused.headers["Retry-After"]) == (429, error, "1")
    assert taken.status == 201


async def test_an_invalid_request_counts_towards_no_limit(http: ClientSession) -> None:
    """400 comes before 429."""
    async with Emulator(calls_per_second=1, clock=lambda: NOW) as emulator:
        statuses = [(await place(http, emulator, to=to)).status for to in ("nobody", "+19195551234", "nobody")]

    assert statuses == [400, 201, 400]
