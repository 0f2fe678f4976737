"""The pytest plugin, in a pytest of its own as its users run it: in this process, which is fast, and once in others."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.pytester_runs import run_pytest

pytest_plugins = ("pytester",)

STORY = """
from bandwidth_calls import CreateCall

{mark}
async def test_a_call(bandwidth_client, bandwidth_emulator):
    call = CreateCall(to="+19195551234", from_="+19195554321", application_id="a", answer_url="https://x.example/")
    placed = await bandwidth_client.calls.create_call(call)
    assert [dialled.call_id for dialled in bandwidth_emulator.calls] == [placed.call_id]

{mark}
async def test_a_fresh_one(bandwidth_emulator):
    assert bandwidth_emulator.calls == []
"""


@pytest.mark.parametrize(("mode", "mark"), [("auto", ""), ("strict", "import pytest\n@pytest.mark.asyncio")])
def test_the_fixtures_work_in_both_modes(pytester: pytest.Pytester, mode: str, mark: str) -> None:
    """In pytest-asyncio's auto and strict mode each test gets an emulator of its own, and a client for it."""
    result = run_pytest(pytester, STORY.format(mark=mark), f"--asyncio-mode={mode}")

    result.assert_outcomes(passed=2)


def test_tests_may_run_side_by_side(pytester: pytest.Pytester) -> None:
    """With pytest-xdist each worker, a process of its own, has emulators of its own."""
    result = run_pytest(pytester, STORY.format(mark=""), "--asyncio-mode=auto", "-n", "2")

    result.assert_outcomes(passed=2)


SCOPED = """
import pytest
from bandwidth_calls import BandwidthClient, BasicCredentials

class TestStories:
    {mark}
    async def test_the_client_of_the_fixture(self, bandwidth_client, bandwidth_emulator):
        await bandwidth_client.request("GET", "/accounts/9900000/calls")
        await bandwidth_emulator.advance(1)

    {mark}
    async def test_a_client_of_its_own(self, bandwidth_emulator):
        user = BasicCredentials(bandwidth_emulator.username, bandwidth_emulator.password)
        async with BandwidthClient("9900000", user, base_url=bandwidth_emulator.base_url) as client:
            await client.request("GET", "/accounts/9900000/calls")
"""
LOOP_SCOPES = ("function", "class", "module", "package", "session")


@pytest.mark.parametrize("scope", LOOP_SCOPES)
def test_the_fixtures_work_in_every_loop_scope_of_a_mark(pytester: pytest.Pytester, scope: str) -> None:
    """The emulator serves in the event loop of the test, whatever loop its mark names."""
    mark = f"@pytest.mark.asyncio(loop_scope={scope!r})"

    result = run_pytest(pytester, SCOPED.format(mark=mark), "--asyncio-mode=strict")

    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(("of_tests", "of_fixtures"), [("session", "function"), ("function", "session")])
def test_the_fixtures_work_with_every_default_loop_scope(
    pytester: pytest.Pytester, of_tests: str, of_fixtures: str
) -> None:
    """The two defaults of pytest-asyncio need not agree."""
    settings = {"test": of_tests, "fixture": of_fixtures}
    options = [f"-oasyncio_default_{name}_loop_scope={scope}" for name, scope in settings.items()]

    result = run_pytest(pytester, SCOPED.format(mark="@pytest.mark.asyncio"), *options)

    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("fixture", ["bandwidth_emulator", "bandwidth_client"])
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_test_without_a_loop_fails_at_its_setup(pytester: pytest.Pytester, fixture: str, kind: str) -> None:
    """A plain test stops the emulator's event loop, so it is told of `BlockingEmulator` before it waits."""
    story = f"{kind} test_it({fixture}):\n    raise SystemExit('it ran')\n"

    result = run_pytest(pytester, story, "--asyncio-mode=strict")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*bandwidth_emulator needs a test that pytest-asyncio runs*BlockingEmulator*"])
    result.stdout.no_fnmatch_line("*it ran*")


FOREIGN_CLIENT = """
import pytest_asyncio
from bandwidth_calls import BandwidthClient, BasicCredentials

@pytest_asyncio.fixture(loop_scope="session")
async def client():
    async with BandwidthClient("9900000", BasicCredentials("user", "password")) as client:
        yield client

async def test_it(client):
    await client.request("GET", "/accounts/9900000/calls")
"""


def test_a_client_of_another_loop_names_the_settings_of_pytest(pytester: pytest.Pytester) -> None:
    """A client that a fixture opened in another loop than the test's says which two settings must agree."""
    result = run_pytest(pytester, FOREIGN_CLIENT, "--asyncio-mode=auto")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *WrongLoopError: *set both asyncio_default_[*]_loop_scope alike*"])


PLAYED = """
import pytest
from aiohttp import web
from bandwidth_calls import CreateCall


async def play(client, emulator):
    async def answer(request):
        return web.Response(text={text!r}, status={status})

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{{runner.addresses[0][1]}}/"
    call = CreateCall(to="+19195551234", from_="+19195554321", application_id="a", answer_url=url)
    await client.calls.create_call(call)
    await emulator.run_until_idle()
    await runner.cleanup()
"""
HEARD = """

async def test_a_story(bandwidth_client, bandwidth_emulator):
    await play(bandwidth_client, bandwidth_emulator)
    bandwidth_emulator.assert_dialled_once('+19195551234').assert_heard('hello')
"""
EXPECTED = """

async def test_expected(bandwidth_client, bandwidth_emulator):
    await play(bandwidth_client, bandwidth_emulator)
    assert bandwidth_emulator.expect_problems()
"""
UNEXPECTED = """

async def test_unexpected(bandwidth_client, bandwidth_emulator):
    await play(bandwidth_client, bandwidth_emulator)
"""
HELLO = "<Response><SpeakSentence>Hello</SpeakSentence></Response>"


def test_a_call_is_played_on_the_moved_clock(pytester: pytest.Pytester) -> None:
    """An hour of ringing and talking takes no time, and what was said can be asserted."""
    result = run_pytest(pytester, PLAYED.format(text=HELLO, status=200) + HEARD, "--asyncio-mode=auto")

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("text", "status", "told"),
    [("", 500, "answer: POST http://127.0.0.1:"), ("<Response><X/></Response>", 200, "invalid BXML")],
)
def test_what_the_application_does_wrong_fails_the_test(
    pytester: pytest.Pytester, text: str, status: int, told: str
) -> None:
    """At its end, unless the test expects it."""
    story = PLAYED.format(text=text, status=status)

    result = run_pytest(pytester, story + EXPECTED + UNEXPECTED, "--asyncio-mode=auto", "-rP")

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_unexpected*"])
    assert "the application had problems" in result.stdout.str()
    assert told in result.stdout.str()


def test_without_pytest_asyncio_the_fixtures_skip_with_a_reason(pytester: pytest.Pytester) -> None:
    """Where no event loop is to be had, the fixtures say what they need."""
    result = run_pytest(pytester, "def test_it(bandwidth_client):\n    pass\n", "-p", "no:asyncio")

    result.assert_outcomes(skipped=1)
    assert "bandwidth_emulator needs pytest-asyncio" in result.stdout.str()


def test_loading_the_plugin_imports_nothing() -> None:
    """A test run that uses no fixture of ours does not pay for aiohttp, the emulator or pytest-asyncio."""
    program = (
        "import sys, bandwidth_calls.pytest_plugin;"
        "print({'aiohttp', 'pytest_asyncio', 'bandwidth_calls.emulator', 'bandwidth_calls.client'} & set(sys.modules))"
    )

    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "set()"
