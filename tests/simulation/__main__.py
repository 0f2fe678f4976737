"""Play seeds: `python -m tests.simulation --seeds 0:100000`, or one with its trace: `--seed 17 --trace`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from functools import partial
from multiprocessing import Pool

from .world import Outcome, play


def main() -> int:
    """Play what the command line asks for; return 1 where a promise was broken."""
    options = _options()
    without = options.without.split(",") if options.without else []
    if options.seed is not None:
        outcome = play(options.seed, without=without, traced=options.trace)
        print(*outcome.trace, outcome, sep="\n")
        return bool(outcome.broken)
    started = time.monotonic()
    with Pool(options.processes) as pool:
        outcomes = pool.imap(partial(play, without=without), options.seeds, chunksize=20)
        failed = [outcome for outcome in outcomes if _told(outcome)]
    kinds = Counter(one.partition(":")[0] for outcome in failed for one in outcome.broken)
    took = time.monotonic() - started
    print(f"{len(options.seeds)} seeds in {took:.0f} s, {len(failed)} broke a promise: {dict(kinds)}")
    return bool(failed)


def _told(outcome: Outcome) -> bool:
    if outcome.broken:
        print(outcome, flush=True)
    return bool(outcome.broken)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=_range, default=range(300), metavar="FIRST:END", help="seeds to play (0:300)")
    parser.add_argument("--seed", type=int, help="play this seed alone")
    parser.add_argument("--trace", action="store_true", help="print every byte and timer of the one seed")
    parser.add_argument("--without", default="", help="troubles and promises to leave out, separated by commas")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="processes that play (one a core)")
    return parser.parse_args()


def _range(text: str) -> range:
    first, _, end = text.partition(":")
    return range(int(first), int(end))


if __name__ == "__main__":
    sys.exit(main())
