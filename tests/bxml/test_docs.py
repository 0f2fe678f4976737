import re
from pathlib import Path

import pytest

from bandwidth_calls import bxml

PAGE = Path(__file__).parents[2] / "docs" / "bxml.md"
SNIPPETS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_the_snippets_run(snippet: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each snippet of the page runs on its own, and prints what it says."""
    exec(compile(snippet, str(PAGE), "exec"), {})

    assert capsys.readouterr().out.splitlines() == re.findall(r"print\(.*\)  # (.*)", snippet)


def test_the_page_shows_every_name() -> None:
    """Each public name, but those for annotations and the other root, stands in a snippet."""
    shown = set(re.findall(r"\w+", "".join(SNIPPETS)))

    assert set(bxml.__all__) - shown == {"Bxml", "Context", "Verb"}
