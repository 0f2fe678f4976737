import re
from pathlib import Path

import pytest
from support.pages import blocks

from bandwidth_calls import bxml

PAGE = Path(__file__).parents[2] / "docs" / "bxml.md"
SNIPPETS = blocks(PAGE)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_the_snippets_run(snippet: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each snippet of the page runs on its own, and prints what it says."""
    exec(compile(snippet, str(PAGE), "exec"), {})

    assert capsys.readouterr().out.splitlines() == re.findall(r"print\(.*\)  # (.*)", snippet)


def test_the_page_shows_every_name() -> None:
    """Each public name, but those for annotations and the other root, stands in a snippet."""
    shown = set(re.findall(r"\w+", "".join(SNIPPETS)))

    assert set(bxml.__all__) - shown == {"Bxml", "Context", "Verb"}
