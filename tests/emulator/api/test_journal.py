from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import encode_basic_auth
from support.emulator_http import NOW, ask, calls_url, get_token, place

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from aiohttp import ClientSession


async def test_requests_are_recorded_in_order(emulator: Emulator, http: ClientSession) -> None:
    """Each record has what was sent, its operation, and the status of the response."""
    await place(http, emulator, tag="a\u20ac")
    await ask(http, "GET", calls_url(emulator) + "?pageSize=0")
    await ask(http, "DELETE", calls_url(emulator))

    seen = [(request.method, request.path, request.operation, request.status) for request in emulator.requests]
    path = "/api/v2/accounts/9900000/calls"
    assert seen == [
        ("POST", path, "createCall", 201),
        ("GET", f"{path}?pageSize=0", "listCalls", 400),
        ("DELETE", path, None, 405),
    ]
    assert '"tag": "a\\u20ac"' in emulator.requests[0].body
    assert emulator.requests[0].time == 1_790_000_000_000


async def test_credentials_are_masked(emulator: Emulator, http: ClientSession) -> None:
    """No password and no token of any header is kept."""
    token = await get_token(http, emulator)
    secrets = [encode_basic_auth("user", "password"), f"Bearer {token}", "Bearer", token]

    for secret in secrets:
        await ask(http, "GET", calls_url(emulator), headers={"Authorization": secret, "Cookie": "session secret"})

    headers = [request.headers for request in emulator.requests[1:]]
    assert [header["Authorization"] for header in headers] == ["Basic *****", "Bearer *****", "*****", "*****"]
    assert {header["Cookie"] for header in headers} == {"*****"}


async def test_client_secrets_are_masked(emulator: Emulator, anonymous: ClientSession) -> None:
    """The secret in the form of a token request is masked; the rest of the form is kept."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    await ask(anonymous, "POST", emulator.token_url, data=b"client_id=a&client%5Fsecret=hidden&x", headers=form)

    assert emulator.requests[0].body == "client_id=a&client%5Fsecret=*****&x"


async def test_a_token_request_that_is_no_form_is_masked_whole(emulator: Emulator, anonymous: ClientSession) -> None:
    """The body of a token request that is not a form is masked whole."""
    await ask(anonymous, "POST", emulator.token_url, json={"client_secret": "hidden"})
    await ask(anonymous, "GET", emulator.token_url)

    assert [request.body for request in emulator.requests] == ["*****", ""]


async def test_long_bodies_are_cut(emulator: Emulator, http: ClientSession) -> None:
    """The first 65,536 bytes of a body are kept, and its size."""
    await ask(http, "POST", calls_url(emulator), data=b"x" * 70_000)

    (request,) = emulator.requests
    assert (len(request.body), request.size) == (65_536, 70_000)


async def test_old_requests_are_dropped(http: ClientSession) -> None:
    """The newest requests are kept, with the number of those that are not."""
    async with Emulator(keep_requests=2, clock=lambda: NOW) as emulator:
        for call_id in ("c-1", "c-2", "c-3"):
            await ask(http, "GET", calls_url(emulator, call_id))

    assert [request.path[-3:] for request in emulator.requests] == ["c-2", "c-3"]
    assert emulator.requests_dropped == 1
