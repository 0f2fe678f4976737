"""Who may import whom: imports point down, aiohttp stays in one file of the client, and the emulator shares no code.

Imports for type checkers and imports inside functions count like any other.
"""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "bandwidth_calls"
MOST_FILES = 20

# What stands in each folder, from the top to the ground. A row imports only rows below it, never its neighbours.
FLOORS: dict[str, list[str]] = {
    "": [
        "stores",
        "campaigns pytest_plugin",
        "__init__",
        "client",
        "resources",
        "windows",
        "downloads pages waits",
        "page_stream",
        "emulator environment webhooks transport",
        "auth timeouts fast filters",
        "reading",
        "documents",
        "bxml convert",
        "cursors wire",
        "errors",
        "models",
        "checks clock",
        "_version",
    ],
    "bxml": [
        "__init__ __main__",
        "reader",
        "document",
        "context",
        "digits routing",
        "recording speech streaming transfer",
        "ssml",
        "tree",
        "render",
        "element",
        "rules",
    ],
    "webhooks": [
        "__init__",
        "receiver",
        "parsing servers",
        "calls conferences recordings streams",
        "basic dedupe event",
    ],
    "campaigns": [
        "__init__ __main__",
        "dialler",
        "reconcile run settle",
        "worker",
        "attempt",
        "turn",
        "hours journal",
        "database values",
        "tables",
    ],
    "stores": ["__init__ database redis", "shared"],
    "models": ["__init__", "calls conferences recordings statistics transcriptions words", "callbacks"],
    "downloads": ["__init__", "download", "files sink"],
    "transport": [
        "__init__",
        "sending",
        "session",
        "faults lifetime tokens",
        "refusals request",
        "outside retry",
    ],
    "resources": ["__init__", "calls conferences recordings statistics transcriptions"],
    "emulator": [
        "__main__",
        "__init__ printing serving",
        "blocking",
        "emulator",
        "server",
        "control",
        "stage",
        "api",
        "engine",
        "delivery",
        "armed",
        "bxml calls",
        "far_end",
        "simulation",
        "options settings",
        "first_steps hosts rules",
    ],
    "emulator.control": ["__init__", "control", "calls page stage", "messages"],
    "emulator.control.page": ["__init__", "page requests", "export files search", "snapshot"],
    "emulator.api": [
        "__init__",
        "operations",
        "conferences",
        "calls recordings statistics transcriptions",
        "routes",
        "bodies credentials faults gate journal limits listing",
        "messages",
    ],
    # The verbs stand on what runs a call, and the engine on the verbs.
    "emulator.engine": [
        "__init__",
        "engine",
        "programs queue",
        "detection verbs",
        "audio dialling feeds streams",
        "program",
        "person",
        "lines",
        "media playback requests world",
    ],
    "emulator.engine.verbs": [
        "__init__",
        "table",
        "conference",
        "conference_recording",
        "bridge digits handover recording streaming transcription transfer",
        "speech",
    ],
    "emulator.delivery": ["__init__", "outbox", "audio sockets", "courier", "events faults network"],
    "emulator.calls": [
        "__init__",
        "past recordings transcriptions",
        "calls",
        "audio ids streams timeline",
        "media pcmu wav",
        "tones",
    ],
    "emulator.far_end": ["__init__", "json listener numbers", "script"],
    "emulator.bxml": ["__init__", "reader", "vocabulary", "voices"],
    "emulator.simulation": ["__init__", "process", "scheduler", "clock"],
}
# Parts of the package that stand beside the client, and what each may import of it.
PARTS: dict[str, set[str]] = {
    "emulator": set(),
    "bxml": {"errors", "checks"},
    "webhooks": {"errors", "checks", "timeouts", "fast", "reading", "wire", "bxml"},
}


def full_name(file: Path) -> str:
    """Return a module's name below the package; that of a package's face ends with `__init__`."""
    return ".".join(file.relative_to(PACKAGE).with_suffix("").parts)


@cache
def trees() -> dict[str, ast.Module]:
    """Parse each module of the package once."""
    return {full_name(file): ast.parse(file.read_text()) for file in sorted(PACKAGE.rglob("*.py"))}


@cache
def imports() -> dict[str, set[str]]:
    """Return what each module imports of the package."""
    return {name: {other for other in own(tree) if other != name} for name, tree in trees().items()}


def own(tree: ast.Module) -> set[str]:
    """Return the package's modules that a module imports anywhere."""
    return {found for name in imported_names(tree) if (found := resolve(name)) is not None}


def imported_names(tree: ast.AST, *, at_runtime: bool = False) -> set[str]:
    """Return the dotted names that a module imports anywhere; or, at runtime, those not for type checkers alone."""
    names = set()
    for node in ast.iter_child_nodes(tree):
        if at_runtime and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        else:
            names |= imported_names(node, at_runtime=at_runtime)
    return names


def resolve(name: str) -> str | None:
    """Return the module of the package that a dotted name leads to: itself, or the one that defines it."""
    first, _, rest = name.partition(".")
    if first != "bandwidth_calls":
        return None
    parent = rest.rpartition(".")[0]
    candidates = (rest, f"{rest}.__init__", parent, f"{parent}.__init__".removeprefix("."))
    return next((candidate for candidate in candidates if candidate in trees()), None)


def upward(folder: str, graph: dict[str, set[str]]) -> set[tuple[str, str]]:
    """Return the imports between the entries of a folder that do not point down."""
    prefix = f"{folder}." if folder else ""
    row = {entry: number for number, entries in enumerate(FLOORS[folder]) for entry in entries.split()}

    def entry(name: str) -> str:
        return name.removeprefix(prefix).partition(".")[0]

    inside = {name: others for name, others in graph.items() if name.startswith(prefix)}
    return {
        (name, other)
        for name, others in inside.items()
        for other in others
        if other.startswith(prefix) and entry(name) != entry(other) and row[entry(name)] >= row[entry(other)]
    }


def circular(graph: dict[str, set[str]]) -> set[str]:
    """Return the modules that import themselves by way of others: what is left when leaves are taken off."""
    left = dict(graph)
    while leaves := {name for name, others in left.items() if not others & left.keys()}:
        left = {name: others for name, others in left.items() if name not in leaves}
    return {name for name in left if name in reachable(name, left)}


def reachable(start: str, graph: dict[str, set[str]]) -> set[str]:
    """Return the modules that one leads to."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def client() -> set[str]:
    """Return the modules of the client."""
    return {name for name in trees() if name.partition(".")[0] not in PARTS}


def test_every_module_has_a_floor() -> None:
    """A module that stands on no floor, or a folder that has none, is a mistake."""
    missing = {
        name
        for name in trees()
        for folder, _, entry in [name.rpartition(".")]
        if entry not in " ".join(FLOORS.get(folder, [])).split()
    }

    assert missing == set()


@pytest.mark.parametrize("folder", FLOORS)
def test_imports_point_down(folder: str) -> None:
    """A module imports only what stands below it in its folder."""
    assert upward(folder, imports()) == set()


def test_no_imports_run_in_a_circle() -> None:
    """No module imports itself by way of others."""
    assert circular(imports()) == set()


def test_an_upward_import_is_found() -> None:
    """The check finds an import that points up, and one of a neighbour."""
    graph = {"transport.retry": {"transport.session"}, "transport.request": {"transport.refusals"}}

    assert upward("transport", graph) == {(name, *others) for name, others in graph.items()}


def test_a_circle_is_found() -> None:
    """The check finds a circle, and not what only leads to it."""
    assert circular({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == {"b", "c"}


def test_no_folder_is_crowded() -> None:
    """A folder holds at most 20 files, its face not counted."""
    folders = Counter(name.rpartition(".")[0] for name in trees() if not name.endswith("__init__"))

    assert {folder: count for folder, count in folders.items() if count > MOST_FILES} == {}


@pytest.mark.parametrize("part", PARTS)
def test_each_part_keeps_to_itself(part: str) -> None:
    """The emulator imports nothing of the client, and BXML and webhooks only what is written here."""
    used = {
        other.partition(".")[0]
        for name, others in imports().items()
        if name.partition(".")[0] == part
        for other in others
    }

    assert used - {part} - PARTS[part] == set()


def test_two_files_know_aiohttp() -> None:
    """The session sends by aiohttp, and its faults are told beside it; no other file of the client imports it."""
    users = {
        name
        for name in client()
        for imported in imported_names(trees()[name], at_runtime=True)
        if imported.partition(".")[0] == "aiohttp"
    }

    assert users == {"transport.faults", "transport.session"}


def test_no_resource_imports_another() -> None:
    """Resources know nothing of each other."""
    for name in client():
        if name.startswith("resources."):
            assert not any(other.startswith("resources.") for other in imports()[name])
