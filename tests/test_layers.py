"""Who may import whom: imports point one way, aiohttp stays in one file, and the emulator shares no code."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "bandwidth_calls"

# From the left to the right: a module imports what has a lower number than its own.
RANKS = {
    "errors": 0,
    "clock": 0,
    "models": 1,
    "models.checks": 1,
    "models.words": 1,
    "models.calls": 2,
    "wire": 3,
    "retry": 3,
    "cursors": 3,
    "convert": 4,
    "refusals": 4,
    "fast": 5,
    "auth": 5,
    "tokens": 6,
    "session": 7,
    "sending": 8,
    "arrival": 6,
    "watch": 0,
    "attempt": 6,
    "pages": 9,
    "resources": 10,
    "resources.calls": 10,
    "client": 11,
    "pytest_plugin": 12,
}
# Halves of the package that stand beside the client, and what each may import of it.
HALVES: dict[str, set[str]] = {
    "emulator": set(),
    "bxml": {"errors"},
    "webhooks": {"errors", "models", "models.checks", "models.calls", "wire", "convert", "clock", "bxml"},
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Give each module of the package by its name below it."""
    for file in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(file.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        if name != "__init__":
            yield name, ast.parse(file.read_text())


def imports(tree: ast.AST, *, at_top: bool = False) -> Iterator[str]:
    """Give what a module imports when it runs, which leaves out `if TYPE_CHECKING`; at its top, or anywhere."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif not at_top or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from imports(node, at_top=at_top)


def own_imports(tree: ast.AST, *, at_top: bool = False) -> set[str]:
    """Give the modules of the package that are imported."""
    names = {
        name.removeprefix("bandwidth_calls.") for name in imports(tree, at_top=at_top) if "bandwidth_calls." in name
    }
    known = {name for name, _ in modules()}
    return names & known


CLIENT = [(name, tree) for name, tree in modules() if name.partition(".")[0] not in HALVES]
BESIDE = [(name, tree) for name, tree in modules() if name.partition(".")[0] in HALVES]


@pytest.mark.parametrize(("name", "tree"), CLIENT, ids=[name for name, _ in CLIENT])
def test_imports_point_left(name: str, tree: ast.Module) -> None:
    """A module of the client imports only what stands before it; one without a rank is a mistake."""
    imported = own_imports(tree, at_top=True)

    assert name in RANKS
    assert {other for other in imported if RANKS[other] > RANKS[name]} == set()
    assert name not in imported


@pytest.mark.parametrize(("name", "tree"), BESIDE, ids=[name for name, _ in BESIDE])
def test_each_half_keeps_to_itself(name: str, tree: ast.Module) -> None:
    """The emulator imports nothing of the client, BXML the errors alone, and webhooks what is written here."""
    half = name.partition(".")[0]

    foreign = {other for other in own_imports(tree) if other.partition(".")[0] != half}

    assert {
        other for other in foreign if other.partition(".")[0] not in HALVES[half] and other not in HALVES[half]
    } == set()


def test_session_alone_knows_aiohttp() -> None:
    """No other file of the client imports aiohttp."""
    users = {name for name, tree in CLIENT if any(i.partition(".")[0] == "aiohttp" for i in imports(tree))}

    assert users == {"session"}


def test_no_resource_imports_another() -> None:
    """Resources know nothing of each other."""
    for name, tree in CLIENT:
        if name.startswith("resources."):
            assert not any(other.startswith("resources.") for other in own_imports(tree))


@pytest.mark.parametrize(
    "program",
    [
        "import bandwidth_calls",
        "from bandwidth_calls import CreateCall, BandwidthError, State",
        "import bandwidth_calls.bxml",
        "import bandwidth_calls.webhooks",
        "import bandwidth_calls.convert",
    ],
)
def test_what_needs_no_network_does_not_import_aiohttp(program: str) -> None:
    """A serverless handler starts without aiohttp."""
    command = [sys.executable, "-c", f"{program}; import sys; print('aiohttp' in sys.modules)"]

    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert printed == "False\n"
