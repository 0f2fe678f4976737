from __future__ import annotations

import asyncio
import gzip
import json
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientConnectionError
from support.emulator_http import CALL, NOW, USER, ask, calls_url, control_url, place

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from aiohttp import ClientSession

JSON_TYPE = {"Content-Type": "application/json"}


async def send_raw(emulator: Emulator, head: bytes, body: bytes = b"") -> tuple[int, bytes]:
    """Send bytes as they are, with the user's credentials, and return the status and the body of the answer."""
    port = int(emulator.base_url.split(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    login = f"Authorization: {USER['Authorization']}\r\nConnection: close\r\n\r\n".encode()
    writer.write(head + login + body)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(answer.split()[1]), answer.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("host", [b"a b", b'"><', b"a/b", b"a:b", b"a:123456", b"[", b"u@a", b"\xff", b""])
async def test_a_bad_host_is_refused(host: bytes, emulator: Emulator) -> None:
    """A listing needs the host for its links, so it gets a 400 of the documented shape."""
    status, body = await send_raw(emulator, b"GET /api/v2/accounts/9900000/calls HTTP/1.1\r\nHost: " + host + b"\r\n")

    assert (status, json.loads(body)["type"]) == (400, "validation")
    assert json.loads(body)["description"].startswith("Invalid Host")


async def test_a_request_without_a_host_is_refused(emulator: Emulator) -> None:
    """A request without a host has no origin for links, though HTTP 1.0 allows it."""
    status, body = await send_raw(emulator, b"GET /api/v2/accounts/9900000/calls HTTP/1.0\r\n")

    assert (status, json.loads(body)["description"]) == (400, "Invalid Host: ")


async def test_a_call_with_a_bad_host_is_not_placed(emulator: Emulator) -> None:
    """The response could not have the call's URL, so no call is placed."""
    body = json.dumps(CALL).encode()
    head = b"POST /api/v2/accounts/9900000/calls HTTP/1.1\r\nHost: a b\r\nContent-Type: application/json\r\n"

    status, _ = await send_raw(emulator, head + f"Content-Length: {len(body)}\r\n".encode(), body)

    assert (status, emulator.calls) == (400, [])


@pytest.mark.parametrize(
    "target",
    [
        b"/%zz",
        b"/api/v2/accounts/%/calls",
        b"/api/v2/accounts/9900000/calls/%ff",
        b"/api/v2/accounts/9900000/calls/%ED%A0%80",
        b"/api/v2/accounts/9900000/calls/%00%0d%0a",
        b"/api/v2/accounts/9900000/calls/..%2f..",
        b"/api/v2/accounts/9900000/calls/c-1?%zz=%ff&&=;",
        b"//evil.example/",
        b"/" + b"a/" * 2000,
        b"http://evil.example/api/v2/accounts/9900000/calls/c-1",
    ],
)
async def test_an_odd_target_gets_a_documented_error(target: bytes, emulator: Emulator) -> None:
    """Bad escapes and strange paths get 403 or 404, never 500."""
    status, body = await send_raw(emulator, b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\n")

    assert status in (403, 404)
    assert sorted(json.loads(body)) == ["description", "id", "type"]


async def test_what_is_no_text_can_be_named_in_an_error(emulator: Emulator) -> None:
    """A stray byte of a header is replaced in the error and in the journal."""
    head = b"POST /api/v2/accounts/9900000/calls HTTP/1.1\r\nHost: localhost\r\nContent-Type: \xff\r\n"

    status, body = await send_raw(emulator, head)

    assert (status, json.loads(body)["description"]) == (415, "Content type '?' not supported")
    assert emulator.requests[0].headers["Content-Type"] == "?"


async def test_options_of_the_whole_server_get_a_documented_error(emulator: Emulator) -> None:
    """`OPTIONS *`, which has no path, gets a 404."""
    status, body = await send_raw(emulator, b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n")

    assert (status, json.loads(body)["description"]) == (404, "Not Found")


async def test_a_client_that_waits_before_its_body_is_told_to_go_on(emulator: Emulator, http: ClientSession) -> None:
    """A request with `Expect: 100-continue` is accepted."""
    reply = await ask(http, "POST", calls_url(emulator), json=CALL, expect100=True)

    assert reply.status == 201


@pytest.mark.parametrize("method", [b"HEAD", b"PATCH", b"OPTIONS", b"TRACE", b"PROPFIND", b"PURGE"])
async def test_an_odd_method_is_not_allowed(method: bytes, emulator: Emulator) -> None:
    """Any other method gets a 405."""
    status, _ = await send_raw(emulator, method + b" /api/v2/accounts/9900000/calls HTTP/1.1\r\nHost: localhost\r\n")

    assert status == 405


async def test_a_body_that_cannot_be_unpacked_is_refused(emulator: Emulator, http: ClientSession) -> None:
    """A body that is declared as gzip but is not gets a 400."""
    headers = {**JSON_TYPE, "Content-Encoding": "gzip"}

    reply = await ask(http, "POST", calls_url(emulator), data=b"no gzip", headers=headers)

    assert (reply.status, reply.json()["type"]) == (400, "validation")


async def test_a_packed_body_is_read(emulator: Emulator, http: ClientSession) -> None:
    """A gzip body is decompressed."""
    headers = {**JSON_TYPE, "Content-Encoding": "gzip"}

    reply = await ask(http, "POST", calls_url(emulator), data=gzip.compress(json.dumps(CALL).encode()), headers=headers)

    assert reply.status == 201


async def test_a_huge_body_is_refused_and_the_connection_goes_on(emulator: Emulator, http: ClientSession) -> None:
    """A body of more than a mebibyte gets a 400, and only a mebibyte of it is kept."""
    reply = await ask(http, "POST", calls_url(emulator), data=BytesIO(b" " * 3 * 2**20), headers=JSON_TYPE)

    error = "Invalid request body: must be at most 1048576 bytes"
    assert (reply.status, reply.json()["description"]) == (400, error)
    assert emulator.requests[0].size == 2**20


async def test_lists_are_compressed_only_if_asked_for(http: ClientSession) -> None:
    """A list is compressed if the setting is on and the client accepts it."""
    encodings = []
    for compress in (True, False):
        async with Emulator(calls=100, compress=compress, clock=lambda: NOW) as emulator:
            for accepted in ("gzip", "identity"):
                reply = await ask(http, "GET", calls_url(emulator), headers={"Accept-Encoding": accepted})
                assert len(reply.json()) == 100
                encodings.append(reply.headers.get("Content-Encoding"))

    assert encodings == ["gzip", None, None, None]


async def test_a_body_that_never_ends_is_the_clients_own_fault(emulator: Emulator, http: ClientSession) -> None:
    """A request whose client leaves before its end is not recorded, and the emulator goes on."""
    port = int(emulator.base_url.split(":")[2].partition("/")[0])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /api/v2/accounts/9900000/calls HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    assert (await place(http, emulator)).status == 201
    assert [request.status for request in emulator.requests] == [201]


async def test_an_emulator_that_was_left_is_gone(http: ClientSession) -> None:
    """The port is closed after the `async with`."""
    async with Emulator(clock=lambda: NOW) as emulator:
        url = control_url(emulator, "calls")

    with pytest.raises(ClientConnectionError):
        await ask(http, "GET", url)
