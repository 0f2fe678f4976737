"""docs/emulator.md: its tables are true, and what it tells one to do works."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from bandwidth_calls.emulator import Emulator
from bandwidth_calls.emulator.engine.numbers import Numbers
from bandwidth_calls.emulator.engine.repertoire import VERBS

PAGE = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text()


def blocks(language: str) -> list[str]:
    """The blocks of the page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_tested_menu(tmp_path: Path) -> None:
    """Both files, as they stand there, pass by the command that stands there, and the timeline is the one shown."""
    files = [block for block in blocks("python") if block.startswith("# ")]
    for block in files:
        (tmp_path / block.split()[1]).write_text(block)
    (command,) = (block for block in blocks("sh") if "pytest -s" in block)
    options = ["-p", "no:cacheprovider"]

    run = subprocess.run(
        [sys.executable, *command.split()[1:], *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert "2 passed" in run.stdout
    assert blocks("text")[0] in run.stdout


def test_every_setting_is_explained() -> None:
    """Each flag is in the table, with its keyword."""
    rows = [line for line in PAGE.splitlines() if line.startswith("| `--")]

    for setting in attrs.fields(Emulator):
        if setting.metadata:
            flag = f"`--{str(setting.alias).replace('_', '-')}`"
            assert any(flag in row and f"`{setting.alias}`" in row for row in rows), flag


def test_every_magic_number_is_told() -> None:
    """A number of the table is magic, and no other is."""
    ordinary = Numbers().find("+19195551234")
    told = set(re.findall(r"`(\+1201555\d{4})`", PAGE)) | {f"+1201555013{key}" for key in range(10)}

    magic = {f"+1201555{number:04}" for number in range(10_000) if Numbers().find(f"+1201555{number:04}") != ordinary}

    assert told == magic


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_is_told(verb: str) -> None:
    """Each verb that is played stands in the table of what is emulated."""
    table = PAGE.partition("## What is emulated")[2].partition("##")[0]

    assert f"`{verb}`" in table


def test_the_plain_face() -> None:
    """The snippet for tests that are not asynchronous runs."""
    (snippet,) = (block for block in blocks("python") if "BlockingEmulator" in block)

    exec(compile(snippet, "snippet", "exec"), {})
