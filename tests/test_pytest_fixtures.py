"""What the pytest plugin offers beside emulator and client: options, the environment, applications that are served."""

from __future__ import annotations

import pytest
from support.pytester_runs import run_pytest

pytest_plugins = ("pytester",)

MARKED = """
import pytest

pytestmark = pytest.mark.bandwidth_emulator(account="1", calls_per_second=3)

@pytest.mark.bandwidth_emulator(account="2")
async def test_of_the_test(bandwidth_emulator):
    assert (bandwidth_emulator.account, bandwidth_emulator.calls_per_second) == ("2", 3)
    assert bandwidth_emulator.moved_clock

async def test_of_the_module(bandwidth_emulator, bandwidth_client):
    assert bandwidth_emulator.account == "1"
    await bandwidth_client.request("GET", "/accounts/1/calls")
"""


def test_a_marker_sets_options(pytester: pytest.Pytester) -> None:
    """Those of the test count before those of its module. The marker is registered."""
    result = run_pytest(pytester, MARKED, "--asyncio-mode=auto", "--strict-markers")

    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("acount='1'", "*bandwidth_emulator: unknown: acount; known: host, allow_host, port, account, *"),
        ("'1'", "*bandwidth_emulator: unknown: '1'; known: *"),
        ("speed=0", "*bandwidth_emulator: speed*"),
        ("host=1", "*bandwidth_emulator: *host*"),
    ],
)
def test_a_wrong_option_fails_at_setup(pytester: pytest.Pytester, options: str, told: str) -> None:
    """The error names the option, and of a misspelt one those that are known."""
    story = f"""
import pytest

@pytest.mark.bandwidth_emulator({options})
async def test_it(bandwidth_emulator):
    raise SystemExit("it ran")
"""
    result = run_pytest(pytester, story, "--asyncio-mode=auto")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([told])
    result.stdout.no_fnmatch_line("*Traceback*")


ENVIRONMENT = """
import os
from bandwidth_calls import BandwidthClient

NAMES = ["BW_ACCOUNT_ID", "BW_CLIENT_ID", "BW_CLIENT_SECRET", "BW_VOICE_URL", "BW_TOKEN_URL"]

async def test_it(bandwidth_env, bandwidth_emulator):
    assert list(bandwidth_env) == NAMES
    assert {name: os.environ[name] for name in NAMES} == bandwidth_env
    async with BandwidthClient.from_env() as client:
        await client.request("GET", f"/accounts/{bandwidth_emulator.account_id}/calls")

def test_after():
    assert not set(NAMES) & set(os.environ)
"""


def test_the_environment_is_of_one_test(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """An application that uses `from_env` reaches the emulator, and the next test does not see it."""
    for name in ("BW_ACCOUNT_ID", "BW_CLIENT_ID", "BW_CLIENT_SECRET", "BW_VOICE_URL", "BW_TOKEN_URL"):
        monkeypatch.delenv(name, raising=False)

    result = run_pytest(pytester, ENVIRONMENT, "--asyncio-mode=auto")

    result.assert_outcomes(passed=2)


AIOHTTP = """
from aiohttp import ClientSession, web

async def test_it(bandwidth_emulator, bandwidth_serve):
    async def answer(request):
        return web.Response(text="<Response><SpeakSentence>Hello</SpeakSentence></Response>")

    app, other = web.Application(), web.Application()
    app.router.add_post("/hook", answer)
    url = await bandwidth_serve(app)
    assert await bandwidth_serve(app) == url != await bandwidth_serve(other)
    assert url.startswith("http://127.0.0.1:") and not url.endswith("/")
    call = await bandwidth_emulator.inbound(to="+19195550100", from_="+19195550101", url=f"{url}/hook")
    await bandwidth_emulator.run_until_idle()
    call.assert_heard("hello")
"""
FASTAPI = """
from contextlib import asynccontextmanager
from aiohttp import ClientSession
from fastapi import FastAPI, WebSocket

happened = []

@asynccontextmanager
async def lifespan(app):
    happened.append("started")
    yield
    happened.append("stopped")

app = FastAPI(lifespan=lifespan)

@app.get("/health")
async def health():
    return {"status": "up"}

@app.websocket("/media")
async def media(socket: WebSocket):
    await socket.accept()
    await socket.send_text(await socket.receive_text())
    await socket.close()

async def test_it(bandwidth_serve):
    url = await bandwidth_serve(app)
    async with ClientSession() as http:
        async with http.get(f"{url}/health") as answer:
            assert await answer.json() == {"status": "up"}
        async with http.ws_connect(f"{url}/media") as socket:
            await socket.send_str("hello")
            assert await socket.receive_str() == "hello"
    assert happened == ["started"]

def test_after():
    assert happened == ["started", "stopped"]
"""
REFUSED = """
import pytest

def wsgi(environ, start_response):
    return []

@pytest.mark.parametrize("app", [wsgi, "app:app", None, print])
async def test_no_application(bandwidth_serve, app):
    with pytest.raises(TypeError, match="ASGI"):
        await bandwidth_serve(app)

async def test_a_start_that_fails(bandwidth_serve):
    async def app(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(RuntimeError, match="lifespan"):
        await bandwidth_serve(app)

async def test_without_a_server(bandwidth_serve, monkeypatch):
    async def app(scope, receive, send):
        pass

    monkeypatch.setitem(__import__("sys").modules, "websockets", None)
    with pytest.raises(ImportError, match="pip install uvicorn websockets"):
        await bandwidth_serve(app)
"""


@pytest.mark.parametrize("scope", ["function", "module", "session"])
@pytest.mark.parametrize("story", [AIOHTTP, FASTAPI, REFUSED], ids=["aiohttp", "asgi", "refused"])
def test_applications_are_served(pytester: pytest.Pytester, story: str, scope: str) -> None:
    """Those of aiohttp and of ASGI, with lifespan and WebSockets, in each loop scope; anything else is refused."""
    options = [f"-oasyncio_default_{kind}_loop_scope={scope}" for kind in ("test", "fixture")]

    result = run_pytest(pytester, story, "--asyncio-mode=auto", "-Werror", *options)

    result.assert_outcomes(passed={AIOHTTP: 1, FASTAPI: 2, REFUSED: 6}[story])


FOREIGN = """
import pytest_asyncio
from bandwidth_calls import BandwidthClient, BasicCredentials

@pytest_asyncio.fixture(loop_scope="session")
async def listed({fixture}):
    raise SystemExit("it ran")

async def test_it(listed):
    pass
"""


@pytest.mark.parametrize("fixture", ["bandwidth_emulator", "bandwidth_client", "bandwidth_serve", "bandwidth_env"])
def test_a_fixture_in_another_loop_fails_at_setup(pytester: pytest.Pytester, fixture: str) -> None:
    """Its requests would wait for an emulator whose loop does not run. The error names both, and what to set."""
    result = run_pytest(pytester, FOREIGN.format(fixture=fixture), "--asyncio-mode=auto")

    result.assert_outcomes(errors=1)
    line = "fixture 'listed' runs in the event loop of the session, and its test in that of the function, *"
    result.stdout.fnmatch_lines([f"{line}give both the same loop_scope"])
    result.stdout.no_fnmatch_line("*it ran*")


def test_a_fixture_in_the_same_loop_works(pytester: pytest.Pytester) -> None:
    """Scopes that agree by a mark or by the configuration are no problem."""
    story = FOREIGN.format(fixture="bandwidth_emulator").replace('raise SystemExit("it ran")', "return 1")
    marked = story.replace(
        "async def test_it", '@__import__("pytest").mark.asyncio(loop_scope="session")\nasync def test_it'
    )

    result = run_pytest(pytester, marked, "--asyncio-mode=auto")

    result.assert_outcomes(passed=1)
