"""Results as a line, as a page and as JSON."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import attrs

from benchmarks.peers import PEERS, RAW
from benchmarks.rows import Row
from benchmarks.runs import Create, Figures, Read, medians

_JOBS: dict[str, tuple[Any, str]] = {
    "20 pages of 1,000: time": (lambda peer: Read(peer, 1_000, 20), "seconds"),
    "3 pages of 10,000: time": (lambda peer: Read(peer, 10_000, 3), "seconds"),
    "the same: memory": (lambda peer: Read(peer, 10_000, 3), "memory"),
    "the same: longest stall": (lambda peer: Read(peer, 10_000, 3, watch=True), "stall"),
    "create_call, one by one: time": (lambda peer: Create(peer, 1_000, 1), "seconds"),
}
_PACKAGES = (
    "bandwidth-calls",
    "aiohttp",
    "attrs",
    "cattrs",
    "msgspec",
    "orjson",
    "httpx",
    "bandwidth-sdk",
    "pydantic",
)


@attrs.frozen
class Result:
    """A row, and the medians of its two sides."""

    row: Row
    figures: list[Figures]

    @property
    def value(self) -> float:
        """The number that the target is for."""
        return self.row.value(self.figures)

    @property
    def is_met(self) -> bool:
        """Whether the target is met."""
        return self.row.is_met(self.value)

    def line(self) -> str:
        """Write the row as a line of a table."""
        verdict = "met" if self.is_met else "missed"
        return f"| {self.row.name} | {self.row.what} | {self.value:.2f} | {self.row.target} | {verdict} |"


def compare_peers(origin: str, times: int) -> dict[str, dict[str, float]]:
    """Do each job with each peer, as a multiple of what aiohttp and orjson take."""
    compared = {}
    for job, (run, figure) in _JOBS.items():
        figures = dict(zip(PEERS, medians([run(peer) for peer in PEERS], origin, times), strict=True))
        compared[job] = {peer: figures[peer][figure] / figures[RAW][figure] for peer in PEERS}
    return compared


def plain(results: list[Result], peers: dict[str, dict[str, float]]) -> dict[str, Any]:
    """Return everything as JSON can hold it."""
    rows = [
        {
            "row": result.row.name,
            "what": result.row.what,
            "value": result.value,
            "target": result.row.target,
            "met": result.is_met,
            "figures": result.figures,
        }
        for result in results
    ]
    return {"machine": _machine(), "rows": rows, "peers": peers}


def markdown(results: list[Result], peers: dict[str, dict[str, float]]) -> str:
    """Write everything as a page."""
    lines = ["# The last run of the benchmarks", "", _machine(), "", "| row | what | ratio | target | |"]
    lines += ["|---|---|---|---|---|", *(result.line() for result in results)]
    if peers:
        lines += ["", f"Each as a multiple of {RAW}; less is better.", ""]
        lines += ["| what | " + " | ".join(PEERS) + " |", "|---" * (len(PEERS) + 1) + "|"]
        lines += [
            f"| {job} | " + " | ".join(f"{value:.2f}" for value in row.values()) + " |" for job, row in peers.items()
        ]
    return "\n".join(lines) + "\n"


def _machine() -> str:
    packages = ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{_processor()}, {os.cpu_count()} of them; {system}; {packages}."


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    models = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return models[0].partition(": ")[2] if models else platform.processor() or platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"
