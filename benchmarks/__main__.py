"""`python -m benchmarks`: one table of ratios with the targets beside, and one of what users might pick instead."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks import plots, report
from benchmarks.rows import ROWS
from benchmarks.runs import medians
from benchmarks.server import running


def main() -> int:
    """Run the rows, and return 1 when a target was missed."""
    asked = _arguments()
    rows = [row for row in ROWS if not asked.row or row.name.split()[0] in asked.row]
    with running() as origin:
        results = []
        for row in rows:
            results.append(report.Result(row, medians(row.runs, origin, asked.runs)))
            print(results[-1].line(), file=sys.stderr, flush=True)
        peers = {} if asked.row else report.compare_peers(origin, asked.runs)
        if asked.save:
            plots.save(origin, Path("docs/plots"))
    if asked.save:
        Path("benchmarks/results.md").write_text(report.markdown(results, peers))
    print(json.dumps(report.plain(results, peers), indent=1) if asked.json else report.markdown(results, peers))
    return int(not all(result.is_met for result in results))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--row", action="append", help="a row to run, such as 3 [all rows, and the peers]")
    parser.add_argument(
        "--runs", type=int, default=5, help="how often each side of a row is run; the medians count [5]"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--save", action="store_true", help="write benchmarks/results.md and the plots of docs/plots too"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
