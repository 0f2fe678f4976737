"""Check BXML files, or print them indented: `python -m bandwidth_calls.bxml [--context NAME] [--format] FILE...`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from bandwidth_calls.bxml.context import Context
from bandwidth_calls.bxml.reader import read
from bandwidth_calls.bxml.render import render
from bandwidth_calls.errors import BxmlError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 0 without a fault, 1 for a fault in a document, 2 for a file that cannot be read."""
    parser = argparse.ArgumentParser("python -m bandwidth_calls.bxml", description="Check BXML documents.")
    parser.add_argument("files", nargs="+", metavar="FILE", help="BXML document to check; - reads the standard input")
    parser.add_argument(
        "--context",
        choices=get_args(Context),
        help="check also that this place allows each verb (default: no such check)",
    )
    parser.add_argument(
        "--format",
        action="store_true",
        help="print each document without faults, indented (default: print faults only)",
    )
    options = parser.parse_args(arguments)
    return max(_check(file, options.context, options.format) for file in options.files)


def _check(file: str, context: Context | None, indented: bool) -> int:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        print(f"{file}: {error.strerror}", file=sys.stderr)
        return 2
    document, faults = read(data, context)
    if indented and document is not None and not faults:
        try:
            sys.stdout.buffer.write(f"{render(document, indented=True)}\n".encode())
        except BxmlError as error:  # indentation can make it too long
            faults = [error]
    for fault in faults:
        print(f"{file}:{fault.line or 1}:{fault.column or 1}: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
