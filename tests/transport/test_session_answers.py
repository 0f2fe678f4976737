"""How requests go out and answers are read: encodings, limits, headers, logs."""

from __future__ import annotations

import asyncio
import gzip
import logging
import re
import zlib
from typing import Any

import pytest
from aiohttp import web
from support.raw_server import Peer, RawServer, listen
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import (
    BadAnswerError,
    BandwidthError,
    BasicCredentials,
    NoAnswerError,
    __version__,
)

PATH = "/accounts/9900000/calls"


def _deflate(data: bytes) -> bytes:
    return zlib.compress(data)


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("deflate", _deflate)])
async def test_compressed_answers_are_read(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, encoding: str, compress: Any
) -> None:
    """gzip and deflate are asked for and understood."""
    client = make_client(auth=basic)
    api.answers.append(web.Response(body=compress(b'{"a": 1}'), headers={"Content-Encoding": encoding}))

    answer = await client.request("GET", PATH)

    assert answer.json() == {"a": 1}
    assert encoding in api.requests[0].headers["Accept-Encoding"]


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
async def test_an_answer_is_read_up_to_the_cap(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, size: int, fits: bool
) -> None:
    """`max_body` is the largest answer that is read, and a larger one is not asked for again."""
    client = make_client(auth=basic, max_body=1000)
    api.answers.append(web.Response(body=bytes(size)))

    if fits:
        assert len((await client.request("GET", PATH)).body) == size
    else:
        with pytest.raises(BadAnswerError, match="larger than 1000 bytes"):
            await client.request("GET", PATH)
    assert len(api.requests) == 1


async def test_a_gzip_bomb_does_not_fill_the_memory(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """200 MB in 200 KB are stopped at the cap, long before they are all there."""
    import tracemalloc

    client = make_client(auth=basic, max_body=2**20)
    bomb = gzip.compress(bytes(200_000_000), compresslevel=1)
    api.answers.append(web.Response(body=bomb, headers={"Content-Encoding": "gzip"}))
    tracemalloc.start()

    with pytest.raises(BadAnswerError, match="larger"):
        await client.request("GET", PATH)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


async def test_a_read_that_is_cut_short_is_sent_again(make_client: MakeClient, basic: BasicCredentials) -> None:
    """A listing whose body ends early is asked for again, since reading changes nothing."""
    answers = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    ]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answers.pop(0))
        writer.close()

    server, port = await listen(answer)
    async with server:
        read = await make_client(auth=basic, base_url=f"http://127.0.0.1:{port}").request("GET", PATH)

    assert (read.body, read.attempts) == (b"[]", 2)


@pytest.mark.parametrize(("method", "may_have"), [("GET", False), ("PUT", True), ("POST", True)])
async def test_an_interim_answer_is_no_success(
    make_client: MakeClient, basic: BasicCredentials, method: str, may_have: bool
) -> None:
    """A 101 that nobody asked for ends the exchange, and does not say that the request was processed."""

    async def switch(peer: Peer) -> None:
        await peer.take()
        peer.writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        await peer.take()

    async with RawServer(switch) as server:
        client = make_client(auth=basic, base_url=server.base_url)
        with pytest.raises(NoAnswerError, match="101") as caught:
            await client.request(method, PATH)

    assert (caught.value.status, caught.value.may_have_taken_effect) == (101, may_have)


async def test_credentials_that_a_garbled_body_echoes_are_not_kept(
    make_client: MakeClient, basic: BasicCredentials
) -> None:
    """What aiohttp quotes of an answer that breaks off may hold our Authorization header, and no error may."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ndXNlcjpwYXNzd29yZA==\r\n")
        writer.close()

    server, port = await listen(echo)
    async with server:
        with pytest.raises(BandwidthError) as caught:
            await make_client(auth=basic, base_url=f"http://127.0.0.1:{port}").request("PUT", PATH)

    assert "dXNlcjpwYXNzd29yZA==" not in f"{caught.value} {caught.value!r} {vars(caught.value)}"
    assert "*****" in str(caught.value)


async def test_a_user_agent_names_us_and_the_caller(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """The User-Agent names package, aiohttp and Python, and the caller's suffix after them."""
    await make_client(auth=basic, user_agent_suffix="dialler/2.1 (nightly)").request("GET", PATH)

    agent = api.requests[0].headers["User-Agent"]
    assert re.fullmatch(rf"bandwidth-calls/{__version__} aiohttp/[\w.]+ Python/3[\w.+]+ dialler/2.1 \(nightly\)", agent)


async def test_each_attempt_is_one_line_of_the_log(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, caplog: pytest.LogCaptureFixture
) -> None:
    """DEBUG has a line an attempt, WARNING one a re-send: method, path without query, status, attempt, time."""
    caplog.set_level(logging.DEBUG, "bandwidth_calls")
    api.answers.append(web.Response(status=503, text="secret body"))

    await make_client(auth=basic).request("GET", PATH, params={"to": "+19195551234"})

    lines = [f"{record.levelname} {record.message}" for record in caplog.records if record.name == "bandwidth_calls"]
    assert lines == [
        "DEBUG GET /api/v2/accounts/9900000/calls: 503, attempt 1, 0 ms",
        "WARNING GET /api/v2/accounts/9900000/calls: ServerError; sent again in 0.25 s (attempt 1)",
        "DEBUG GET /api/v2/accounts/9900000/calls: 200, attempt 2, 0 ms",
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
async def test_a_request_without_a_body_has_no_content_type(
    make_client: MakeClient, basic: BasicCredentials, api: ScriptedApi, method: str
) -> None:
    """There is no content whose type could be told."""
    api.answers.append(web.Response())

    await make_client(auth=basic).request(method, PATH)

    assert "Content-Type" not in api.requests[0].headers
    assert api.requests[0].body == b""


async def test_cookies_are_not_kept(api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials) -> None:
    """What a gateway sets as a cookie is not sent back to it."""
    # aiohttp's own jar would keep those of a name, though not those of an address
    client = make_client(auth=basic, base_url=api.base_url.replace("127.0.0.1", "localhost"))
    api.answers.append(web.Response(headers={"Set-Cookie": "a=b"}))

    await client.request("GET", PATH)
    await client.request("GET", PATH)

    assert "Cookie" not in api.requests[1].headers


async def test_the_environments_proxy_and_netrc_are_not_used(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    """A proxy of the environment gets none of our requests."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port}")

    answer = await make_client(auth=basic).request("GET", PATH)

    assert answer.status == 200
