"""The simulation: 300 seeds hold every promise, a seed replays alike, and time costs nothing."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulation.loop import DeadlockError, VirtualLoop
from simulation.records import Trace
from simulation.troubles import TROUBLES, Troubles, source
from simulation.world import play

_ROOT = Path(__file__).parent.parent.parent
_SEEDS = 300
_SHARE = 50  # seeds of one test
_LATE_SEEDS = (621, 729, 809)  # create-calls get a connection when little of their total is left


@pytest.mark.parametrize("first", range(0, _SEEDS, _SHARE))
def test_seeds_hold_every_promise(first: int) -> None:
    """No seed breaks a promise; one that does prints what `python -m tests.simulation --seed N --trace` replays."""
    outcomes = [play(seed) for seed in range(first, first + _SHARE)]

    broken = [str(outcome) for outcome in outcomes if outcome.broken]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("seed", _LATE_SEEDS)
def test_a_seed_with_late_connections_holds_every_promise(seed: int) -> None:
    """A create-call that gets its connection in the last part of its total does not leave."""
    outcome = play(seed)

    assert not outcome.broken, str(outcome)


@pytest.mark.parametrize("seed", [2, 28, 45])
def test_a_seed_replays_alike(seed: int) -> None:
    """Two replays have the same trace, in processes that hash and place their objects differently."""
    traces = [_traced(seed, hash_seed) for hash_seed in ("1", "2")]

    assert traces[0] == traces[1]
    assert len(traces[0].splitlines()) > 100


def test_seeds_differ() -> None:
    """Another seed is another story."""
    assert play(1, traced=True).trace != play(2, traced=True).trace


def test_every_trouble_is_met() -> None:
    """Among the seeds of the test suite each trouble is met."""
    met = {name for seed in range(_SEEDS) for name in TROUBLES if _troubles(seed).met(name)}

    assert met == set(TROUBLES)


def test_virtual_time_jumps() -> None:
    """An hour of sleep takes no time, and moves the clock by an hour."""
    loop = VirtualLoop(Trace(kept=False))
    started = loop.time()

    loop.run_until_complete(asyncio.sleep(3600))

    assert loop.time() - started == pytest.approx(3600)
    loop.close()


def test_waiting_for_ever_is_a_deadlock() -> None:
    """Where nothing is ready and no timer is set, the loop says so instead of waiting."""
    loop = VirtualLoop(Trace(kept=False))
    never = loop.create_future()

    with pytest.raises(DeadlockError):
        loop.run_until_complete(never)

    loop.close()


def _traced(seed: int, hash_seed: str) -> str:
    command = [sys.executable, "-m", "tests.simulation", "--seed", str(seed), "--trace"]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(_ROOT)}
    return subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False).stdout


def _troubles(seed: int) -> Troubles:
    return Troubles(source(seed, "troubles"))
