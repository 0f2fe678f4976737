"""docs/emulator.md: its tables are true, and what it tells one to do works."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import IO

import attrs
import pytest
from support.pages import blocks
from support.program import free_port
from support.pytester_runs import run_pytest

from bandwidth_calls import webhooks
from bandwidth_calls.emulator import BlockingEmulator, Emulator
from bandwidth_calls.emulator.engine.verbs.table import VERBS
from bandwidth_calls.emulator.far_end.numbers import Numbers

pytest_plugins = ("pytester",)
FILE = Path(__file__).parents[2] / "docs" / "emulator.md"
PAGE = FILE.read_text()


def test_the_tested_menu(tmp_path: Path) -> None:
    """Both files, as they stand there, pass by the command that stands there, and the timeline is the one shown."""
    files = [block for block in blocks(FILE, "python") if block.startswith(("# shop.py", "# test_shop.py"))]
    for block in files:
        (tmp_path / block.split()[1]).write_text(block)
    (command,) = (block for block in blocks(FILE, "sh") if "pytest -s" in block)
    options = ["-p", "no:cacheprovider", "-p", "no:hypothesispytest"]  # the latter takes seconds to import

    run = subprocess.run(
        [sys.executable, *command.split()[1:], *options],
        cwd=tmp_path,
        env={**os.environ, "PYTHONWARNINGS": "default"},  # as errors, they demand a setting of pytest-asyncio
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert "2 passed" in run.stdout
    assert blocks(FILE, "text")[0] in run.stdout


def test_the_parrot_passes(pytester: pytest.Pytester) -> None:
    """The test of a media stream passes as it stands there."""
    (parrot,) = (block for block in blocks(FILE, "python") if block.startswith("# test_parrot.py"))

    run_pytest(pytester, parrot, "--asyncio-mode=strict").assert_outcomes(passed=1)


def test_the_menu_is_watched_live(tmp_path: Path) -> None:
    """Application and emulator as two programs, and a call that is made from the command line, as it stands there."""
    (shop,) = (block for block in blocks(FILE, "python") if block.startswith("# shop.py"))
    (start,) = (block for block in blocks(FILE, "sh") if "python shop.py" in block)
    (curl,) = (block for block in blocks(FILE, "sh") if block.startswith("curl"))
    ports = {"3000": str(free_port()), "8080": str(free_port())}
    for old, new in ports.items():
        shop, start, curl = (text.replace(old, new) for text in (shop, start, curl))
    (tmp_path / "shop.py").write_text(shop)
    (body,), url = re.findall(r"'(.*?)'", curl), curl.split()[-1]
    application, emulator = (shlex.split(line.removesuffix("&"))[1:] for line in start.splitlines())
    with (
        subprocess.Popen([sys.executable, *application], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as serving,
        subprocess.Popen(
            [sys.executable, *emulator], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as played,
    ):
        try:
            assert played.stdout is not None
            assert played.stderr is not None
            assert serving.stdout is not None
            played.stdout.readline()
            serving.stdout.readline()
            looked = played.stderr.readline()
            with urllib.request.urlopen(urllib.request.Request(url, body.encode(), method="POST")) as answer:
                call_id = json.loads(answer.read())["callId"]
            steps = _until(played.stderr, "disconnected")
        finally:
            played.terminate()
            serving.terminate()

    assert f"calls can be watched at http://127.0.0.1:{ports['8080']}/" in looked
    assert call_id[-8:] in steps[-1]
    assert any("said: Goodbye." in step for step in steps)


def _until(lines: IO[str], word: str) -> list[str]:
    found: list[str] = []
    for line in lines:
        found.append(line)
        if word in line:
            break
    return found


def test_every_setting_is_explained() -> None:
    """Each flag is in the table, with its keyword."""
    rows = [line for line in PAGE.splitlines() if line.startswith("| `--")]

    for setting in attrs.fields(Emulator):
        if setting.metadata:
            flag = f"`--{str(setting.alias).replace('_', '-')}`"
            assert any(flag in row and f"`{setting.alias}`" in row for row in rows), flag


@pytest.mark.parametrize("name", [name for name in dir(BlockingEmulator) if not name.startswith("_")])
def test_every_name_is_explained(name: str) -> None:
    """Each public name that a test can use is in the table of the Python API."""
    table = PAGE.partition("## The Python API")[2].partition("##")[0]

    assert re.search(rf"`(await )?{name}\b", table)


def test_every_magic_number_is_told() -> None:
    """A number of the table is magic, and no other is."""
    ordinary = Numbers().find("+19195551234")
    told = set(re.findall(r"`(\+1201555\d{4})`", PAGE)) | {f"+1201555013{key}" for key in range(10)}

    magic = {f"+1201555{number:04}" for number in range(10_000) if Numbers().find(f"+1201555{number:04}") != ordinary}

    assert told == magic


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_is_told(verb: str) -> None:
    """Each verb that is played stands in the table of what is emulated."""
    table = PAGE.partition("### Verbs")[2].partition("##")[0]

    assert f"`{verb}`" in table


@pytest.mark.parametrize("name", [name for name in webhooks.__all__ if name.endswith("Event")])
def test_every_event_is_told(name: str) -> None:
    """Each event that Bandwidth sends stands in the table of events; a family of events does by its members."""
    table = PAGE.partition("### Events")[2].partition("##")[0].lower()

    if name != "UnknownEvent" and not getattr(webhooks, name).__subclasses__():
        assert f"`{name.removesuffix('Event').lower()}`" in table


@pytest.mark.parametrize("name", ["bandwidth_emulator", "bandwidth_client", "bandwidth_serve", "bandwidth_env"])
def test_every_fixture_is_told(name: str) -> None:
    """Each fixture has its row."""
    table = PAGE.partition("## Pytest fixtures")[2].partition("##")[0]

    assert f"| `{name}` |" in table


def test_the_blocking_emulator() -> None:
    """The snippet for tests that are not asynchronous runs."""
    (snippet,) = (block for block in blocks(FILE, "python") if "BlockingEmulator" in block)

    exec(compile(snippet, "snippet", "exec"), {})
