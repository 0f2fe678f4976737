"""What is run for a row, and how runs are repeated: in turns, each in a process of its own, and the median counts."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any, Protocol

import attrs

Figures = dict[str, float]


class Run(Protocol):
    """Something that can be measured against the benchmarks' server."""

    def measure(self, origin: str) -> Figures:
        """Measure it once."""
        ...


@attrs.frozen
class Read:
    """A peer reads a listing; `watch` looks at the event loop, which costs time."""

    peer: str
    size: int
    pages: int
    latency: int = 0
    flavour: str = "plain"
    watch: bool = False

    def measure(self, origin: str) -> Figures:
        """Measure it once."""
        base_url = f"{origin}/{self.flavour}/{self.latency}"
        figures = _worker(self.peer, base_url, size=self.size, pages=self.pages, watch=self.watch)
        assert figures["count"] == self.size * self.pages, "a peer lost calls"
        return figures


@attrs.frozen
class Create:
    """A peer places calls, some at once."""

    peer: str
    count: int
    at_once: int

    def measure(self, origin: str) -> Figures:
        """Measure it once."""
        return _worker(self.peer, f"{origin}/plain/0", count=self.count, at_once=self.at_once)


@attrs.frozen
class Save:
    """A peer downloads media of so many MiB to a file; `watch` looks at the event loop, which costs time."""

    peer: str
    size: int
    watch: bool = False

    def measure(self, origin: str) -> Figures:
        """Measure it once."""
        return _worker(self.peer, f"{origin}/plain/0", media=self.size, watch=self.watch)


@attrs.frozen
class Start:
    """Python starts and runs a line; `seconds` less those of bare Python are `more`."""

    code: str

    def measure(self, origin: str) -> Figures:
        """Measure it once, with bytecode that is written already, as it is for every user."""
        _timed(self.code)
        bare, whole = _timed("pass"), _timed(self.code)
        return {"seconds": whole, "more": whole - bare}


@attrs.frozen
class Pair:
    """Two works of microseconds, in one process; `ratio` is the first one's time by the second one's."""

    name: str

    def measure(self, origin: str) -> Figures:
        """Measure it once."""
        command = [sys.executable, "-m", "benchmarks.small", self.name]
        return {"ratio": float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)}


def _timed(code: str) -> float:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=env)
    return time.perf_counter() - started


def _worker(peer: str, base_url: str, **job: Any) -> Figures:
    """Do a job in a process of its own: pages of a size, or a count of calls, some at once."""
    command = [sys.executable, "-m", "benchmarks.worker", json.dumps({"peer": peer, "base_url": base_url, **job})]
    figures: Figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return figures


def medians(runs: Sequence[Run], origin: str, times: int) -> list[Figures]:
    """Measure several runs in turns, and return the medians of each."""
    measured: list[list[Figures]] = [[] for _ in runs]
    for _ in range(times):
        for figures, run in zip(measured, runs, strict=True):
            figures.append(run.measure(origin))
    return [{name: statistics.median(one[name] for one in each) for name in each[0]} for each in measured]
