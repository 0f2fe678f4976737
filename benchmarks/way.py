"""`python -m benchmarks.way`: how many functions of this package one request runs, and in how many files.

A newcomer who follows a request reads these functions and changes file that often. Each call event of `sys.setprofile`
counts, so a coroutine or generator counts again when it is resumed. Only functions whose source stands below
`bandwidth_calls/` count, the emulator's not. Methods that attrs and cattrs generate have no such source.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import attrs

import bandwidth_calls
from bandwidth_calls import BandwidthClient, ClientCredentials, CreateCall
from benchmarks.answers import ACCOUNT, CALL
from benchmarks.server import running

_PACKAGE = Path(str(bandwidth_calls.__file__)).parent


@attrs.frozen
class Way:
    """The functions that were run, in order, as file and name."""

    steps: list[tuple[str, str]]

    @property
    def functions(self) -> int:
        """How many functions were run, each counted as often as it was run."""
        return len(self.steps)

    @property
    def files(self) -> int:
        """In how many files they are."""
        return len({file for file, _ in self.steps})

    @property
    def changes(self) -> int:
        """How often the next function was in another file."""
        return sum(one != other for (one, _), (other, _) in pairwise(self.steps))


@attrs.frozen
class Limit:
    """The most that a way may have; the numbers are those of the issue that shortened it."""

    functions: int
    files: int
    changes: int


LIMITS = {"create_call": Limit(34, 9, 16), "a listed page of five calls": Limit(50, 11, 50)}


async def measure(origin: str) -> dict[str, Way]:
    """Return the way of each job, of the second run: by then there are a token and a connection."""
    credentials = ClientCredentials("id", "secret", token_url=f"{origin}/token")
    call = CreateCall(
        to=CALL["to"], from_=CALL["from"], application_id=CALL["applicationId"], answer_url=CALL["answerUrl"]
    )
    async with BandwidthClient(ACCOUNT, credentials, base_url=f"{origin}/plain/0") as client:

        async def create() -> None:
            await client.calls.create_call(call)

        async def read() -> None:
            async for _ in client.calls.list_calls():
                pass

        jobs = dict(zip(LIMITS, (create, read), strict=True))
        return {name: await _second_run(job) for name, job in jobs.items()}


async def _second_run(job: Callable[[], Awaitable[None]]) -> Way:
    steps: list[tuple[str, str]] = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        file = Path(frame.f_code.co_filename)
        if event == "call" and file.is_relative_to(_PACKAGE):
            name = str(file.relative_to(_PACKAGE))
            if not name.startswith("emulator"):
                steps.append((name, frame.f_code.co_qualname))

    await job()
    await asyncio.sleep(0)  # the last callbacks of the first run are not the second's
    sys.setprofile(note)
    try:
        await job()
    finally:
        sys.setprofile(None)
    return Way(steps)


def main() -> None:
    """Print the way of each job, and with `--trace` each step of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.way", description=__doc__)
    parser.add_argument("--trace", action="store_true", help="print each function that was run")
    asked = parser.parse_args()
    with running() as origin:
        ways = asyncio.run(measure(origin))
    for name, way in ways.items():
        most = LIMITS[name]
        print(
            f"{name}: {way.functions} functions in {way.files} files, with {way.changes} changes of file "
            f"(at most {most.functions}, {most.files}, {most.changes})"
        )
        if asked.trace:
            print(*(f"    {file}  {function}" for file, function in way.steps), sep="\n")


if __name__ == "__main__":
    main()
