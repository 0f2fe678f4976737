"""Plots: time and memory against the number of calls, and the stalls of the event loop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.peers import PEERS
from benchmarks.runs import Figures, Read, medians

_PAGES = (10, 30, 100, 300, 1_000)
_SLOW = {"official SDK": 30, "httpx + orjson": 300}  # the most pages, so that a run ends in time
_TIMES = 3


def save(origin: str, folder: Path) -> None:
    """Measure what is plotted, and write the plots as PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    listings = {peer: _listings(origin, peer) for peer in PEERS}
    for figure, title, scale in (("seconds", "seconds", "log"), ("memory", "growth of peak memory, MiB", "linear")):
        _, axes = pyplot.subplots(figsize=(7, 4))
        for peer, points in listings.items():
            axes.plot([pages * 1_000 for pages in points], [at[figure] for at in points.values()], "o-", label=peer)
        axes.set(xscale="log", yscale=scale, xlabel="calls, in pages of 1,000", ylabel=title)
        _write(pyplot, axes, folder / f"{figure}.png")
    stalls = medians([Read(peer, 10_000, 3, watch=True) for peer in PEERS], origin, _TIMES)
    _, axes = pyplot.subplots(figsize=(7, 4))
    axes.barh(list(PEERS), [1_000 * one["stall"] for one in stalls])
    axes.set(xlabel="longest stall of the event loop, ms, with pages of 10,000 calls")
    axes.invert_yaxis()
    _write(pyplot, axes, folder / "stalls.png")


def _listings(origin: str, peer: str) -> dict[int, Figures]:
    pages = [count for count in _PAGES if count <= _SLOW.get(peer, max(_PAGES))]
    return dict(zip(pages, medians([Read(peer, 1_000, count) for count in pages], origin, _TIMES), strict=True))


def _write(pyplot: Any, axes: Any, path: Path) -> None:
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend()
    axes.figure.tight_layout()
    axes.figure.savefig(path, dpi=110)
    pyplot.close(axes.figure)
