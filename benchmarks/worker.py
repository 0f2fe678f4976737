"""One measurement in a process of its own: `python -m benchmarks.worker '{"peer": ..., "base_url": ...}'`."""

from __future__ import annotations

import asyncio
import json
import re
import resource
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.peers import PEERS, Peer, Saves

_PROC = Path("/proc/self")


def _reset_peak() -> None:
    """Reset the peak of memory to what is used now, if the system can (Linux)."""
    with suppress(OSError):
        (_PROC / "clear_refs").write_text("5")


def _peak() -> float:
    """Return the peak of resident memory in MiB."""
    with suppress(OSError):
        found = re.search(r"VmHWM:\s*(\d+) kB", (_PROC / "status").read_text())
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident() -> float:
    """Return the resident memory in MiB, or its peak if the system does not tell."""
    with suppress(OSError):
        found = re.search(r"VmRSS:\s*(\d+) kB", (_PROC / "status").read_text())
        if found:
            return int(found[1]) / 1024
    return _peak()


async def _watch(longest: list[float]) -> None:
    """Note how long the event loop let a task wait that slept for a millisecond."""
    while True:
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        longest[0] = max(longest[0], time.perf_counter() - before - 0.001)


async def _save(peer: Peer, size: int) -> int:
    """Save media of some MiB, and return how many bytes the file has."""
    assert isinstance(peer, Saves)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "media.wav")
        await peer.save(size, path)
        return path.stat().st_size  # noqa: ASYNC240 - nothing else runs here


async def measure(
    peer: Peer,
    *,
    size: int = 0,
    pages: int = 0,
    count: int = 0,
    at_once: int = 1,
    media: int = 0,
    watch: bool = False,
) -> dict[str, float]:
    """Read a listing where a page size is given, save media of some MiB where those are, or place calls."""
    await peer.read(1_000, 2)  # so that all is imported, made, connected and allocated before
    if media:
        await _save(peer, 20)
    longest = [0.0]
    watcher = asyncio.create_task(_watch(longest)) if watch else None
    _reset_peak()
    memory, cpu, started = _peak(), time.process_time(), time.perf_counter()
    if media:
        count = await _save(peer, media)
    elif size:
        count = await peer.read(size, pages)
    else:
        await peer.create(count, at_once)
    seconds, cpu, memory = time.perf_counter() - started, time.process_time() - cpu, _peak() - memory
    if watcher is not None:
        watcher.cancel()
    await peer.close()
    return {
        "seconds": seconds,
        "rate": count / seconds,
        "rate_per_cpu": count / cpu,
        "per_call": seconds / count,
        "memory": memory,
        "stall": longest[0],
        "count": count,
    }


async def _main(asked: dict[str, Any]) -> None:
    peer = PEERS[asked.pop("peer")](asked.pop("base_url"))
    print(json.dumps(await measure(peer, **asked)))


if __name__ == "__main__":
    asyncio.run(_main(json.loads(sys.argv[1])))
