"""The pages of recordings and conferences: each snippet runs where a call and a conference were played."""

from __future__ import annotations

import asyncio
import runpy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.pages import blocks

if TYPE_CHECKING:
    from support.played import Played

    from bandwidth_calls.emulator import Emulator

DOCS = Path(__file__).parents[2] / "docs"
SNIPPETS = {
    f"{page}-{number}": snippet
    for page in ("recordings", "conferences")
    for number, snippet in enumerate(blocks(DOCS / f"{page}.md"), 1)
}
PRINTED = {
    "recordings-2": "recordings/r-",
    "recordings-3": "audio/vnd.wave",
    "recordings-5": "A pizza",
    "recordings-6": "A pizza",
    "conferences-2": "c-",
    "conferences-5": "0:00:10",
}


@pytest.mark.parametrize("name", SNIPPETS)
async def test_a_snippet_runs(
    name: str,
    bandwidth: Emulator,
    played: Played,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It runs as a file, as it is printed, and prints what was played."""
    monkeypatch.chdir(tmp_path)
    login = {"BW_ACCOUNT_ID": bandwidth.account_id, "BW_USERNAME": "user", "BW_PASSWORD": "password"}
    for variable, value in {**login, "BW_VOICE_URL": bandwidth.base_url}.items():
        monkeypatch.setenv(variable, value)
    (tmp_path / "snippet.py").write_text(SNIPPETS[name])

    running = asyncio.create_task(asyncio.to_thread(runpy.run_path, "snippet.py", run_name="__main__"))
    while not running.done():
        await bandwidth.advance(1)  # a transcription that is asked for takes its time
        await asyncio.wait([running], timeout=0)
    await running

    assert PRINTED.get(name, "") in capsys.readouterr().out
