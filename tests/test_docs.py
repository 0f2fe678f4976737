"""The README and the pages of docs/: their snippets run, and their tables are true."""

from __future__ import annotations

import asyncio
import os
import re
import runpy
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.faults import FAULTS
from support.pages import blocks

from bandwidth_calls import webhooks
from bandwidth_calls.emulator import Emulator

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    *(ROOT / "docs" / f"{name}.md" for name in ("campaigns", "reliability", "webhooks", "performance")),
]
SNIPPETS = {f"{page.name}-{number}": snippet for page in PAGES for number, snippet in enumerate(blocks(page), 1)}
PROGRAMS = [name for name, snippet in SNIPPETS.items() if "def test_" not in snippet]


@pytest.fixture
async def emulator(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Emulator]:
    """An emulator; the environment variables of the snippets lead to it."""
    async with Emulator(calls=2500, no_webhooks=True) as running:
        monkeypatch.setenv("BW_ACCOUNT_ID", running.account_id)
        monkeypatch.setenv("BW_CLIENT_ID", running.client_id)
        monkeypatch.setenv("BW_CLIENT_SECRET", running.client_secret)
        monkeypatch.setenv("BW_VOICE_URL", running.base_url)
        monkeypatch.setenv("BW_TOKEN_URL", running.token_url)
        yield running


@pytest.mark.parametrize("name", PROGRAMS)
async def test_a_snippet_runs(name: str, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every snippet of these pages runs as a file, as it is printed."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "snippet.py"
    file.write_text(SNIPPETS[name])

    names = await asyncio.to_thread(runpy.run_path, str(file), run_name="__main__")

    assert set(names) > {"__name__", "__file__"}


@pytest.mark.parametrize("name", sorted(SNIPPETS.keys() - PROGRAMS))
def test_a_snippet_of_tests_passes(name: str, tmp_path: Path) -> None:
    """A snippet of tests passes in an empty folder, without any configuration."""
    (tmp_path / "test_shop.py").write_text(SNIPPETS[name])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_shop.py"]

    # Where warnings are errors, pytest-asyncio demands a setting, which an empty folder does not have.
    env = {**os.environ, "PYTHONWARNINGS": "default"}
    run = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)

    assert "1 passed" in run.stdout


def test_the_table_of_faults_is_the_tests_own() -> None:
    """docs/reliability.md lists each fault that is injected, with its outcome."""
    page = (ROOT / "docs" / "reliability.md").read_text()
    table = [tuple(row) for row in re.findall(r"^\| (.+?) \| (.+?) \| (\d) \| (\d) \|$", page, re.MULTILINE)]

    rows = []
    for fault in FAULTS:
        outcome = f"`{fault.error.__name__}`" if fault.error else "placed"
        outcome += f" of `{fault.cause.__name__}`" if fault.cause else ""
        rows.append((fault.name, outcome, str(fault.attempts), str(fault.dials)))
    assert table == rows
    assert len(rows) >= 30


@pytest.mark.parametrize(
    "command",
    ["pip install -e . && python examples/quickstart.py", 'pip install -e ".[test]" && python -m pytest'],
)
def test_the_readme_has_the_two_commands(command: str) -> None:
    """Both commands are in the README on lines of their own, where .ci/run reads them."""
    lines = [line.strip() for line in (ROOT / "README.md").read_text().splitlines()]

    assert lines.count(command) == 1


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name
)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    """Each link leads to a file that exists."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name
)
def test_every_link_to_a_heading_leads_somewhere(page: Path) -> None:
    """Each anchor is that of a heading of its page, as GitHub makes anchors."""
    for name, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", page.read_text()):
        headings = re.findall(r"^#+ (.+)$", (page.parent / name if name else page).read_text(), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w\- ]", "", text).lower().replace(" ", "-") for text in headings}, anchor


def test_the_page_of_webhooks_has_every_event() -> None:
    """docs/webhooks.md has a snippet for each class of event."""
    page = (ROOT / "docs" / "webhooks.md").read_text()
    kinds = [name for name in webhooks.__all__ if name.endswith("Event") and not _is_a_family(name)]

    assert [name for name in kinds if f"isinstance(event, {name})" not in page] == []
    assert len(kinds) == 30


def _is_a_family(name: str) -> bool:
    return name == "UnknownEvent" or bool(getattr(webhooks, name).__subclasses__())
