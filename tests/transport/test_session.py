"""The session manager: what is not sent, what is closed, where credentials go, and how much is read."""

from __future__ import annotations

import asyncio
import gc
import gzip
import logging
import os
import re
import socket
import ssl
import warnings
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
import trustme
from aiohttp import web
from support.moved_clock import until
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import (
    BadAnswerError,
    BandwidthClient,
    BasicCredentials,
    CallMayHaveBeenPlacedError,
    ClientClosedError,
    CreateCall,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    RetryPolicy,
    Timeout,
    WrongLoopError,
    __version__,
)

PATH = "/accounts/9900000/calls"
AUTH = BasicCredentials("user", "password")
QUICK: dict[str, Any] = {"timeout": Timeout(total=2, connect=0.1, read=0.2), "retry": RetryPolicy(attempts=3, base=0)}


@pytest.fixture
def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue is full, so that connecting to it takes forever."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        port: int = server.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        yield port
        for one in waiting:
            one.close()


async def _listen(answer: Any, **options: Any) -> tuple[asyncio.Server, int]:
    server = await asyncio.start_server(answer, "127.0.0.1", 0, **options)
    return server, server.sockets[0].getsockname()[1]


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def _closing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.fixture(params=["own session", "borrowed session"])
async def lent(request: pytest.FixtureRequest) -> AsyncIterator[aiohttp.ClientSession | None]:
    """No session, or one that the caller owns."""
    async with aiohttp.ClientSession() as session:
        yield session if request.param == "borrowed session" else None


async def _not_sent(base_url: str, lent: aiohttp.ClientSession | None, call: CreateCall) -> NotSentError:
    async with BandwidthClient("9900000", AUTH, base_url=base_url, http=lent, **QUICK) as client:
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
    error = await _not_sent(f"http://127.0.0.1:{full_port}", lent, a_call)

    assert "imeout" in str(error)


@pytest.mark.parametrize("behaviour", [_silent, _closing], ids=["hangs", "closes"])
async def test_a_tls_handshake_that_fails_is_not_sent(
    behaviour: Any, lent: aiohttp.ClientSession | None, a_call: CreateCall
) -> None:
    """Where TLS is not spoken, nothing leaves."""
    server, port = await _listen(behaviour)

    async with server:
        await _not_sent(f"https://127.0.0.1:{port}", lent, a_call)


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
    server, port = await _listen(_silent, ssl=context)
    async with server:
        error = await _not_sent(f"https://127.0.0.1:{port}", lent, a_call)

    assert error.untrusted


async def test_a_certificate_of_another_host_is_not_trusted(a_call: CreateCall) -> None:
    """A good certificate of another host is as bad as none."""
    authority = trustme.CA()
    context, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("other.example").configure_cert(context)
    authority.configure_trust(trusting)
    server, port = await _listen(_silent, ssl=context)
    async with server, aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as lent:
        error = await _not_sent(f"https://127.0.0.1:{port}", lent, a_call)

    assert error.untrusted


async def test_waiting_for_a_free_connection_is_bounded_by_the_total(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, a_call: CreateCall
) -> None:
    """A call that got no connection within the total was not sent, while the one that holds it was."""
    client = make_client(auth=basic, connections=1, timeout=Timeout(total=0.2, read=5))
    held = asyncio.Event()

    async def answer(_: web.Request) -> web.Response:
        await held.wait()
        return web.Response()

    api.otherwise = answer
    first, second = await asyncio.gather(
        client.calls.create_call(a_call), client.calls.create_call(a_call), return_exceptions=True
    )
    held.set()

    assert isinstance(first, CallMayHaveBeenPlacedError)
    assert isinstance(second, NotSentError)
    assert len(api.requests) == 1


async def test_closing_leaves_a_call_under_way_in_doubt(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, a_call: CreateCall
) -> None:
    """A call that was sent when the client was closed may have been placed, and the error says why."""
    client = make_client(auth=basic)
    api.otherwise = _never
    placing = asyncio.create_task(client.calls.create_call(a_call))
    await until(lambda: api.requests)

    await client.close()

    with pytest.raises(CallMayHaveBeenPlacedError, match="the client was closed") as caught:
        await placing
    assert caught.value.attempts == 1


async def test_closing_ends_a_read_under_way(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """A read under way when the client is closed is a ClientClosedError, and is not sent again."""
    client = make_client(auth=basic)
    api.otherwise = _never
    reading = asyncio.create_task(client.request("GET", PATH))
    await until(lambda: api.requests)

    await client.close()

    with pytest.raises(ClientClosedError):
        await reading
    assert len(api.requests) == 1


async def test_closing_ends_the_wait_for_a_connection(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, a_call: CreateCall
) -> None:
    """A call that still waits for a connection when the client is closed was not sent, and says so."""
    client = make_client(auth=basic, connections=1)
    api.otherwise = _never
    sent = asyncio.create_task(client.request("GET", PATH))
    await until(lambda: api.requests)
    waiting = asyncio.create_task(client.calls.create_call(a_call))
    await asyncio.sleep(0)

    await client.close()

    outcomes = await asyncio.gather(sent, waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ClientClosedError, ClientClosedError]
    assert len(api.requests) == 1


async def _never(_: web.Request) -> web.Response:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_closed_client_says_so(make_client: MakeClient) -> None:
    """After close each use is a ClientClosedError, and closing again does nothing."""
    client = make_client()

    await client.close()
    await client.close()

    with pytest.raises(ClientClosedError, match="is closed"):
        await client.calls.get_call_state("c-1")
    with pytest.raises(ClientClosedError):
        async with client:
            pass


async def test_a_borrowed_session_is_never_closed(api: ScriptedApi, basic: BasicCredentials) -> None:
    """The caller's session goes on after the client is closed."""
    async with aiohttp.ClientSession() as lent:
        async with BandwidthClient("9900000", basic, base_url=api.base_url, http=lent) as client:
            await client.request("GET", PATH)

        assert not lent.closed


async def test_a_borrowed_session_that_its_owner_closed_says_so(api: ScriptedApi, basic: BasicCredentials) -> None:
    """A client whose borrowed session is gone tells that, not a RuntimeError."""
    lent = aiohttp.ClientSession()
    client = BandwidthClient("9900000", basic, base_url=api.base_url, http=lent)
    await lent.close()

    with pytest.raises(ClientClosedError, match="borrowed session"):
        await client.request("GET", PATH)


async def test_a_borrowed_session_with_credentials_is_refused() -> None:
    """Credentials on a borrowed session would go out beside ours, so they are refused when it is lent."""
    async with aiohttp.ClientSession(headers={"authorization": "Basic Zm9v"}) as lent:
        with pytest.raises(ValueError, match="http: "):
            BandwidthClient("9900000", AUTH, http=lent)


@pytest.mark.filterwarnings("ignore:.*BasicAuth:DeprecationWarning", "ignore:The 'auth':DeprecationWarning")
async def test_a_borrowed_session_with_auth_is_refused() -> None:
    """So is a session with `auth=`, which aiohttp deprecates but still takes."""
    async with aiohttp.ClientSession(auth=aiohttp.BasicAuth("a", "b")) as lent:
        with pytest.raises(ValueError, match="http: "):
            BandwidthClient("9900000", AUTH, http=lent)


@pytest.mark.parametrize(
    "options",
    [
        {"raise_for_status": True},
        {"auto_decompress": False},
        {"timeout": aiohttp.ClientTimeout(total=0.000001)},
        {"base_url": "http://127.0.0.1:1/elsewhere/"},
        {"skip_auto_headers": ["User-Agent"]},
    ],
    ids=lambda options: next(iter(options)),
)
async def test_what_a_borrowed_session_is_set_to_does_not_change_ours(
    api: ScriptedApi, basic: BasicCredentials, options: dict[str, Any]
) -> None:
    """Errors, decompression, limits and addresses are the client's, however the owner set up the session."""
    api.answers.append(web.Response(status=404))
    api.answers.append(web.Response(body=gzip.compress(b"[]"), headers={"Content-Encoding": "gzip"}))

    async with aiohttp.ClientSession(**options) as lent:
        client = BandwidthClient("9900000", basic, base_url=api.base_url, http=lent)
        with pytest.raises(NotFoundError):
            await client.request("GET", PATH)
        answer = await client.request("GET", PATH)

    assert answer.json() == []


async def test_hooks_and_middlewares_of_a_borrowed_session_are_kept(api: ScriptedApi, basic: BasicCredentials) -> None:
    """What the owner of a session hung on it sees our requests too."""
    seen = []
    trace = aiohttp.TraceConfig()

    async def started(*_: Any) -> None:
        seen.append("trace")

    async def middleware(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        seen.append("middleware")
        return await handler(request)

    trace.on_request_start.append(started)
    async with aiohttp.ClientSession(trace_configs=[trace], middlewares=(middleware,)) as lent:
        await BandwidthClient("9900000", basic, base_url=api.base_url, http=lent).request("GET", PATH)

    assert seen == ["trace", "middleware"]


async def test_a_middleware_that_sends_again_is_stopped(
    api: ScriptedApi, basic: BasicCredentials, a_call: CreateCall
) -> None:
    """Not even a retrying middleware of a borrowed session can dial twice: a body leaves once only."""

    async def twice(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        (await handler(request)).close()
        return await handler(request)

    async with aiohttp.ClientSession(middlewares=(twice,)) as lent:
        client = BandwidthClient("9900000", basic, base_url=api.base_url, http=lent)
        with pytest.raises(CallMayHaveBeenPlacedError) as caught:
            await client.calls.create_call(a_call)

    assert caught.value.attempts == len(api.requests) == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_aiohttp_sends_nothing_again_by_itself(method: str, lent: aiohttp.ClientSession | None) -> None:
    """The silent second send of idempotent methods is off, on a borrowed session too."""
    connections = []

    async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server, port = await _listen(drop)
    policy = RetryPolicy(attempts=1)
    async with (
        server,
        BandwidthClient("9900000", AUTH, base_url=f"http://127.0.0.1:{port}", http=lent, retry=policy) as client,
    ):
        with pytest.raises(NoAnswerError) as caught:
            await client.request(method, PATH)

    assert caught.value.attempts == len(connections) == 1
    assert "ServerDisconnectedError" in str(caught.value)


def test_another_event_loop_is_refused(basic: BasicCredentials, free_port: int) -> None:
    """A client that was opened in one loop tells so in another."""
    client = BandwidthClient("9900000", basic, base_url=f"http://127.0.0.1:{free_port}")

    async def use() -> None:
        with pytest.raises(NotSentError):
            await client.with_options(retry=RetryPolicy(attempts=1)).request("GET", PATH)

    async def use_again() -> None:
        with pytest.raises(WrongLoopError):
            await client.request("GET", PATH)
        with pytest.raises(WrongLoopError):
            await client.close()

    with asyncio.Runner() as first:
        first.run(use())
        asyncio.run(use_again())
        first.run(client.close())


def test_a_session_borrowed_from_another_loop_is_refused(basic: BasicCredentials) -> None:
    """A borrowed session of another loop is told at the first request."""

    async def lend() -> aiohttp.ClientSession:
        return aiohttp.ClientSession()

    async def use(lent: aiohttp.ClientSession) -> None:
        with pytest.raises(WrongLoopError):
            await BandwidthClient("9900000", basic, http=lent).request("GET", PATH)

    with asyncio.Runner() as other:
        lent = other.run(lend())
        asyncio.run(use(lent))
        other.run(lent.close())


async def test_a_forked_child_is_refused(
    api: ScriptedApi, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a child process the parent's connections must not be used."""
    client = make_client()
    await client.request("GET", PATH)

    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: 1)
        with pytest.raises(WrongLoopError, match="process"):
            await client.request("GET", PATH)

    assert len(api.requests) == 1


@pytest.mark.filterwarnings("ignore:(?i)unclosed")  # aiohttp and asyncio warn of what is theirs apart
async def test_a_forgotten_client_is_a_resource_warning(api: ScriptedApi, basic: BasicCredentials) -> None:
    """A client that was used and never closed is told when it is collected."""
    client = BandwidthClient("9900000", basic, base_url=api.base_url)
    await client.request("GET", PATH)

    with pytest.warns(ResourceWarning, match="BandwidthClient was never closed"):
        del client  # the last reference, so it is collected here


def test_an_unused_client_needs_no_closing(basic: BasicCredentials) -> None:
    """A client that never opened a connection can be dropped."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        BandwidthClient("9900000", basic)
        gc.collect()


async def test_a_cancelled_request_is_cancelled_at_once(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, a_call: CreateCall
) -> None:
    """The caller's own cancellation passes unchanged, and nothing is sent again."""
    client = make_client(auth=basic)
    api.otherwise = _never
    placing = asyncio.create_task(client.calls.create_call(a_call))
    await until(lambda: api.requests)

    placing.cancel("mine")

    with pytest.raises(asyncio.CancelledError, match="mine"):
        await placing
    assert len(api.requests) == 1


async def test_the_callers_own_timeout_is_the_callers(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """A timeout around a request that is shorter than ours is a TimeoutError of the caller."""
    client = make_client(auth=basic)
    api.otherwise = _never

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await client.request("GET", PATH)


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

    server, port = await _listen(answer)
    async with server:
        read = await make_client(auth=basic, base_url=f"http://127.0.0.1:{port}").request("GET", PATH)

    assert (read.body, read.attempts) == (b"[]", 2)


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


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), True, "5", None])
@pytest.mark.parametrize("field", ["total", "connect", "read"])
def test_a_timeout_that_makes_no_sense_is_refused(field: str, value: Any) -> None:
    """Seconds are numbers above zero."""
    with pytest.raises(ValueError, match=field):
        Timeout(**{field: value})
