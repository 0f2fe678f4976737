import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bandwidth_calls import bxml

FOLDER = Path(bxml.__file__).parent
MODULES = sorted(FOLDER.glob("*.py"))


def test_bxml_is_imported_without_the_client() -> None:
    """A webhook handler that answers with BXML does not pay for aiohttp, cattrs or msgspec."""
    code = "import sys, bandwidth_calls.bxml; print(*{name.split('.')[0] for name in sys.modules})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True, timeout=60
    )

    loaded = set(done.stdout.split())
    assert "attrs" in loaded
    assert not loaded & {"aiohttp", "asyncio", "cattrs", "msgspec", "ssl", "argparse"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_bxml_imports_errors_only(module: Path) -> None:
    """No module reaches for the rest of the package."""
    tree = ast.parse(module.read_text())

    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    ours = {name for name in names if name.split(".")[0] == "bandwidth_calls"}

    assert {
        name for name in ours if name != "bandwidth_calls.errors" and not name.startswith("bandwidth_calls.bxml")
    } == set()


def test_one_file_escapes() -> None:
    """Character references are written in one file."""
    escaping = [module.name for module in MODULES if "&amp;" in module.read_text() or "html" in module.read_text()]

    assert escaping == ["render.py"]


def test_the_public_names_are_sorted_and_there() -> None:
    """`__all__` names all that is promised."""
    assert bxml.__all__ == sorted(bxml.__all__, key=lambda name: (name.islower(), name))
    assert all(hasattr(bxml, name) for name in bxml.__all__)
