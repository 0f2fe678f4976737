"""The README and the pages of docs/: their snippets run, and their tables are true."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import AsyncIterator
from pathlib import Path
from types import CodeType

import pytest
from support.faults import FAULTS
from support.served import load, served

from bandwidth_calls import webhooks
from bandwidth_calls.emulator import Emulator

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *(ROOT / "docs" / f"{name}.md" for name in ("reliability", "webhooks", "performance"))]
SNIPPETS = [
    pytest.param(snippet, id=f"{page.name}-{number}")
    for page in PAGES
    for number, snippet in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL), 1)
]


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


async def execute(snippet: str) -> dict[str, object]:
    """Run a snippet, which may await at its top level, and return its names."""
    code: CodeType = compile(snippet, "snippet", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    names: dict[str, object] = {}
    result = eval(code, names)
    if inspect.isawaitable(result):
        await result
    return names


@pytest.mark.parametrize("snippet", SNIPPETS)
async def test_a_snippet_runs(snippet: str, emulator: Emulator) -> None:
    """Every snippet of these pages runs as it stands, and so do the tests that a snippet defines."""
    names = await execute(snippet)

    assert names
    tests = [value for name, value in names.items() if name.startswith("test_")]
    for test in tests:
        await _as_a_test(test)


async def _as_a_test(test: object) -> None:
    assert callable(test)
    async with Emulator(moved_clock=True) as emulator, served(load("ivr_menu").webhooks) as url:
        await test(emulator, url)
        emulator.assert_no_problems()


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


def test_the_page_of_webhooks_has_every_event() -> None:
    """docs/webhooks.md has a snippet for each class of event."""
    page = (ROOT / "docs" / "webhooks.md").read_text()
    kinds = [name for name in webhooks.__all__ if name.endswith("Event") and not _is_a_family(name)]

    assert [name for name in kinds if f"isinstance(event, {name})" not in page] == []
    assert len(kinds) == 29


def _is_a_family(name: str) -> bool:
    return name == "UnknownEvent" or bool(getattr(webhooks, name).__subclasses__())
