"""The package as a whole: what it loads, what it exports, and which file escapes."""

import os
import subprocess
import sys
from pathlib import Path

from bandwidth_calls import bxml

MODULES = sorted(Path(bxml.__file__).parent.glob("*.py"))


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


def test_one_file_escapes() -> None:
    """Character references are written in one file."""
    escaping = [module.name for module in MODULES if "&amp;" in module.read_text() or "html" in module.read_text()]

    assert escaping == ["render.py"]


def test_the_public_names_are_sorted_and_there() -> None:
    """`__all__` names all that is promised."""
    assert bxml.__all__ == sorted(bxml.__all__, key=lambda name: (name.islower(), name))
    assert all(hasattr(bxml, name) for name in bxml.__all__)
