"""What is not sent: nothing left this machine, and where nobody can say, doubt counts as sent."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import aiohttp
import pytest
import trustme
from support.raw_server import listen
from support.scripted_api import ScriptedApi

from bandwidth_calls import (
    BandwidthClient,
    BasicCredentials,
    CallMayHaveBeenPlacedError,
    CreateCall,
    NotSentError,
    RetryPolicy,
    Timeout,
)

PATH = "/accounts/9900000/calls"
AUTH = BasicCredentials("user", "password")
HASTY = 0.1  # seconds for a connection that cannot be had


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def _closing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _not_sent(
    base_url: str, lent: aiohttp.ClientSession | None, call: CreateCall, connect: float = 10.0
) -> NotSentError:
    options: dict[str, Any] = {"timeout": Timeout(connect=connect), "retry": RetryPolicy(attempts=3, base=0)}
    async with BandwidthClient("9900000", AUTH, base_url=base_url, http=lent, **options) as client:
        with pytest.raises(NotSentError) as caught:
            await client.calls.create_call(call)
    assert caught.value.attempts == 0
    assert caught.value.may_have_taken_effect is False
    assert caught.value.__context__ is None
    return caught.value


async def test_a_refused_connection_is_not_sent(
    free_port: int, lent: aiohttp.ClientSession | None, a_call: CreateCall
) -> None:
    """Where nobody listens, nothing leaves."""
    error = await _not_sent(f"http://127.0.0.1:{free_port}", lent, a_call)

    assert "Cannot connect" in str(error)


async def test_a_name_that_is_not_found_is_not_sent(lent: aiohttp.ClientSession | None, a_call: CreateCall) -> None:
    """Where there is no such host, nothing leaves."""
    error = await _not_sent("https://no-such-host.invalid", lent, a_call)

    assert "no-such-host.invalid" in str(error)


async def test_a_connection_that_takes_too_long_is_not_sent(
    full_port: int, lent: aiohttp.ClientSession | None, a_call: CreateCall
) -> None:
    """A connect timeout comes before anything leaves."""
    error = await _not_sent(f"http://127.0.0.1:{full_port}", lent, a_call, HASTY)

    assert "imeout" in str(error)


@pytest.mark.parametrize("behaviour", [_silent, _closing], ids=["hangs", "closes"])
async def test_a_tls_handshake_that_fails_is_not_sent(
    behaviour: Any, lent: aiohttp.ClientSession | None, a_call: CreateCall
) -> None:
    """Where TLS is not spoken, nothing leaves."""
    server, port = await listen(behaviour)

    async with server:
        await _not_sent(f"https://127.0.0.1:{port}", lent, a_call, HASTY)


async def test_tls_to_a_plain_port_is_not_sent(
    api: ScriptedApi, lent: aiohttp.ClientSession | None, a_call: CreateCall
) -> None:
    """A server that speaks plain HTTP gets no request by TLS."""
    await _not_sent(api.origin.replace("http:", "https:"), lent, a_call)

    assert api.requests == []


async def test_an_untrusted_certificate_is_never_tried_again(
    lent: aiohttp.ClientSession | None, a_call: CreateCall
) -> None:
    """A certificate that nobody vouches for ends the matter at the first handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server, port = await listen(_silent, ssl=context)
    async with server:
        error = await _not_sent(f"https://127.0.0.1:{port}", lent, a_call)

    assert error.untrusted


async def test_a_certificate_of_another_host_is_not_trusted(a_call: CreateCall) -> None:
    """A good certificate of another host is as bad as none."""
    authority = trustme.CA()
    context, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("other.example").configure_cert(context)
    authority.configure_trust(trusting)
    server, port = await listen(_silent, ssl=context)
    async with server, aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as lent:
        error = await _not_sent(f"https://127.0.0.1:{port}", lent, a_call)

    assert error.untrusted


@pytest.mark.parametrize(
    "error", [RuntimeError("odd"), aiohttp.ClientConnectionError("x"), TimeoutError(), OSError(5, "x")]
)
async def test_where_nothing_can_be_known_doubt_counts_as_sent(
    mocked: Any, basic: BasicCredentials, a_call: CreateCall, error: Exception
) -> None:
    """An exception out of a session that did not even take the body may mean that a call was placed."""
    mocked.post("https://voice.bandwidth.com/api/v2/accounts/9900000/calls", exception=error, repeat=True)

    async with BandwidthClient("9900000", basic) as client:
        with pytest.raises(CallMayHaveBeenPlacedError) as caught:
            await client.calls.create_call(a_call)

    assert caught.value.attempts == 1
    assert type(error).__name__ in str(caught.value)
