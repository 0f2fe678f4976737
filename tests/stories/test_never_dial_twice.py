"""The first promise: no fault makes the client dial a person twice, and the attempts that it tells are true."""

from __future__ import annotations

import pickle
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from support.fault_proxy import FaultProxy
from support.faults import FAULTS, Fault, redirect

from bandwidth_calls import (
    BandwidthClient,
    BandwidthError,
    CallMayHaveBeenPlacedError,
    ClientCredentials,
    CreateCall,
    RetryPolicy,
    Timeout,
    UntrustedLinkError,
)
from bandwidth_calls.emulator import Emulator

OPTIONS: dict[str, Any] = {
    "timeout": Timeout(total=60, connect=30, read=30),
    "retry": RetryPolicy(base=0, cap=0),
    "max_body": 1_000_000,
}


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """An emulator that keeps all calls."""
    async with Emulator(no_webhooks=True) as running:
        yield running


@pytest.fixture
async def proxy(emulator: Emulator) -> AsyncIterator[FaultProxy]:
    """A proxy in front of it."""
    async with FaultProxy(emulator.base_url) as running:
        yield running


@pytest.fixture(params=["own session", "borrowed session"])
async def client(request: pytest.FixtureRequest, proxy: FaultProxy) -> AsyncIterator[BandwidthClient]:
    """A client that goes through the proxy, on a session of its own and on a borrowed one."""
    auth = ClientCredentials("client-id", "client-secret", token_url=proxy.token_url)
    async with aiohttp.ClientSession() as lent:
        http = lent if request.param == "borrowed session" else None
        async with BandwidthClient("9900000", auth, base_url=proxy.base_url, http=http, **OPTIONS) as made:
            yield made


@pytest.mark.parametrize(
    "fault",
    [pytest.param(one, id=one.name, marks=[pytest.mark.moves_loop_time] * one.moves_time) for one in FAULTS],
)
async def test_no_fault_dials_twice(
    fault: Fault, client: BandwidthClient, proxy: FaultProxy, emulator: Emulator, a_call: CreateCall
) -> None:
    """Each fault ends in its error, with the expected number of calls and of attempts."""
    proxy.act = fault.act
    error: BandwidthError | None = None

    try:
        await client.calls.create_call(a_call)
    except BandwidthError as caught:
        error = caught

    assert type(error) is (fault.error or type(None)) or isinstance(error, fault.error or type(None))
    assert len(emulator.calls) == fault.dials
    assert proxy.seen == fault.attempts
    if error is not None:
        assert error.attempts == fault.attempts
        assert error.may_have_taken_effect is (fault.error is CallMayHaveBeenPlacedError)
        shown = f"{pickle.loads(pickle.dumps(error))!r}"
        assert "token" not in shown.lower()
        assert not re.search(r"Bearer (?!\*)", shown)
        assert len(shown) < 2_000
        assert error.__context__ is None
    if fault.cause is not None:
        assert error is not None
        assert type(error.__cause__) is fault.cause


@pytest.mark.parametrize(
    "status",
    ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"],
)
async def test_a_redirect_is_not_followed_anywhere(
    status: str, client: BandwidthClient, proxy: FaultProxy, emulator: Emulator, a_call: CreateCall
) -> None:
    """A redirect to an origin that would accept the request is refused, and that origin sees nothing."""
    foreign: list[web.BaseRequest] = []

    async def take(request: web.BaseRequest) -> web.Response:
        foreign.append(request)
        return web.json_response({}, status=201)

    runner = web.ServerRunner(web.Server(take))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    proxy.act = redirect(status, f"http://localhost:{runner.addresses[0][1]}/thief")

    with pytest.raises(UntrustedLinkError) as caught:
        await client.calls.create_call(a_call)
    await runner.cleanup()

    assert foreign == []
    assert caught.value.attempts == proxy.seen == 1
    assert emulator.calls == []


async def test_a_kept_connection_that_closes_under_a_request_is_in_doubt(
    client: BandwidthClient, proxy: FaultProxy, emulator: Emulator, a_call: CreateCall
) -> None:
    """The server closes an idle connection just as a second call is sent on it."""

    async def act(exchange: Any) -> None:
        if exchange.number == 1:
            raw = await exchange.forward()
            exchange.send(raw.replace(b"Connection: close\r\n", b""))
        else:
            exchange.close()

    proxy.act = act
    await client.calls.create_call(a_call)

    with pytest.raises(CallMayHaveBeenPlacedError) as caught:
        await client.calls.create_call(a_call)

    assert caught.value.attempts == 1
    assert proxy.seen == 2
    assert len(emulator.calls) == 1


async def test_an_error_in_doubt_tells_what_was_asked_and_when(
    client: BandwidthClient, proxy: FaultProxy, a_call: CreateCall
) -> None:
    """The error holds the request, its time, and advice."""
    proxy.act = next(fault.act for fault in FAULTS if fault.name == "closed after it was processed")

    with pytest.raises(CallMayHaveBeenPlacedError) as caught:
        await client.calls.create_call(a_call)

    assert caught.value.request == a_call
    assert caught.value.sent_at.utcoffset() is not None
    assert "+19195551234" in str(caught.value)
    assert "1 request left" in str(caught.value)
