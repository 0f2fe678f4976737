"""The code blocks of a page in Markdown."""

from __future__ import annotations

import re
from pathlib import Path


def blocks(page: Path, language: str = "python") -> list[str]:
    """Return the blocks of a page in a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
