"""`python -m benchmarks [--row N] [--runs 5] [--json]`: one table of ratios, with the targets beside."""

from __future__ import annotations

import argparse
import sys

from benchmarks.rows import ROWS
from benchmarks.runs import medians
from benchmarks.server import running


def main() -> None:
    """Run the rows that were asked for, and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--row", action="append", help="a row to run, such as 3; all where none is given")
    parser.add_argument("--runs", type=int, default=5, help="how often each side of a row is run")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    rows = [row for row in ROWS if not asked.row or row.name.split()[0] in asked.row]
    met = True
    with running() as origin:
        for row in rows:
            figures = medians(row.runs, origin, asked.runs)
            value = row.value(figures)
            met = met and row.is_met(value)
            print(
                f"{row.name:10}{row.what:80}{value:8.2f} {row.target:>9} {'' if row.is_met(value) else 'MISSED'}  {figures[0][row.figure]:.4g} {figures[1][row.figure]:.4g}",
                flush=True,
            )
    sys.exit(not met)


if __name__ == "__main__":
    main()
