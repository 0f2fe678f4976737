"""The pytest plugin, run as its users run it: in a pytest of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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


def run_pytest(folder: Path, story: str, *options: str) -> str:
    """Run a story in a pytest of its own, and give what it printed."""
    (folder / "test_story.py").write_text(story)
    plugin = ["-p", "bandwidth_calls.pytest_plugin"] if "bandwidth_calls" not in _entry_points() else []
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", *plugin, *options, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout


def _entry_points() -> set[str]:
    from importlib.metadata import entry_points

    return {point.name for point in entry_points(group="pytest11")}


@pytest.mark.parametrize(("mode", "mark"), [("auto", ""), ("strict", "import pytest\n@pytest.mark.asyncio")])
def test_the_fixtures_work_in_both_modes(tmp_path: Path, mode: str, mark: str) -> None:
    """In pytest-asyncio's auto and strict mode each test gets an emulator of its own, and a client for it."""
    printed = run_pytest(tmp_path, STORY.format(mark=mark), f"--asyncio-mode={mode}")

    assert "2 passed" in printed


def test_tests_may_run_side_by_side(tmp_path: Path) -> None:
    """With pytest-xdist each worker has emulators of its own."""
    printed = run_pytest(tmp_path, STORY.format(mark=""), "--asyncio-mode=auto", "-n", "2")

    assert "2 passed" in printed


PLAYED = """
import pytest
from aiohttp import web
from bandwidth_calls import CreateCall


async def serve(text, status=200):
    async def answer(request):
        return web.Response(text=text, status=status)

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{{runner.addresses[0][1]}}/"


async def test_a_story(bandwidth_client, bandwidth_emulator):
    runner, url = await serve({text!r}, {status})
    call = CreateCall(to="+19195551234", from_="+19195554321", application_id="a", answer_url=url)
    await bandwidth_client.calls.create_call(call)
    await bandwidth_emulator.run_until_idle()
    {then}
    await runner.cleanup()
"""
HELLO = "<Response><SpeakSentence>Hello</SpeakSentence></Response>"


def test_a_call_is_played_on_the_moved_clock(tmp_path: Path) -> None:
    """An hour of ringing and talking takes no time, and what was said can be asserted."""
    then = "bandwidth_emulator.assert_dialled_once('+19195551234').assert_heard('hello')"

    printed = run_pytest(tmp_path, PLAYED.format(text=HELLO, status=200, then=then), "--asyncio-mode=auto")

    assert "1 passed" in printed


@pytest.mark.parametrize(
    ("text", "status", "told"),
    [("", 500, "answer: POST http://127.0.0.1:"), ("<Response><X/></Response>", 200, "invalid BXML")],
)
def test_what_the_application_does_wrong_fails_the_test(tmp_path: Path, text: str, status: int, told: str) -> None:
    """At its end, unless the test expects it."""
    unexpected = run_pytest(tmp_path, PLAYED.format(text=text, status=status, then=""), "--asyncio-mode=auto")
    expecting = PLAYED.format(text=text, status=status, then="assert bandwidth_emulator.expect_problems()")
    expected = run_pytest(tmp_path, expecting, "--asyncio-mode=auto")

    assert "the application had problems" in unexpected
    assert told in unexpected
    assert "1 passed, 1 error" in unexpected
    assert "1 passed in" in expected


def test_without_pytest_asyncio_the_fixtures_skip_with_a_reason(tmp_path: Path) -> None:
    """Where no event loop is to be had, the fixtures say what they need."""
    story = "def test_it(bandwidth_client):\n    pass\n"

    printed = run_pytest(tmp_path, story, "-p", "no:asyncio")

    assert "1 skipped" in printed
    assert "bandwidth_emulator needs pytest-asyncio" in printed


def test_loading_the_plugin_imports_nothing() -> None:
    """A test run that uses no fixture of ours does not pay for aiohttp, the emulator or pytest-asyncio."""
    program = (
        "import sys, bandwidth_calls.pytest_plugin;"
        "print({'aiohttp', 'pytest_asyncio', 'bandwidth_calls.emulator', 'bandwidth_calls.client'} & set(sys.modules))"
    )

    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "set()"
