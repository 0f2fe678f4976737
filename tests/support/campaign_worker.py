"""A worker of a campaign as a process of its own, which may die at a named step: python -m support.campaign_worker."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import resource
import signal
import sys
from functools import partial
from typing import Any

from bandwidth_calls import BandwidthClient, BasicCredentials, CreateCall, Timeout
from bandwidth_calls.campaigns import Dialler, Pace
from bandwidth_calls.campaigns.turn import Turn
from bandwidth_calls.resources.calls import Calls
from support.campaign import ACCOUNT, keys

STEPS = ("before the take is committed", "before the request", "while the request is out", "after the answer")
FULL_DISK = "the disk is full"


def die() -> None:
    """Die as by a power cut: nothing is flushed, nothing is closed."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(step: str) -> None:
    """Let the process die at the first time that it comes to a step."""
    take, place = Turn.take, Calls.create_call

    async def dying_take(turn: Turn, *arguments: Any) -> Any:
        taken = await take(turn, *arguments)
        if taken:
            die()
        return taken

    async def dying_place(calls: Calls, call: CreateCall) -> Any:
        answer = await place(calls, call)
        die()
        return answer

    async def told_take(turn: Turn, *arguments: Any) -> Any:
        taken = await take(turn, *arguments)
        print(json.dumps(["took", len(taken)]), flush=True)
        return taken

    if step == FULL_DISK:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # no file may grow, as on a full disk
        Turn.take = told_take  # type: ignore[method-assign,assignment]  # its commit fails
    if step == STEPS[0]:
        Turn.take = dying_take  # type: ignore[method-assign,assignment]  # so that it dies inside of the transaction
    if step == STEPS[3]:
        Calls.create_call = dying_place  # type: ignore[method-assign,assignment]  # with the answer in its hands


async def main(journal: str, base_url: str, options: dict[str, Any]) -> None:
    """Run the campaign, and print each outcome as a line."""
    arm(options["step"])

    def prepare(key: str, call: CreateCall) -> CreateCall:
        if options["step"] == STEPS[1]:
            die()
        return call

    timeout = Timeout(total=options["total"])
    client = BandwidthClient(ACCOUNT, BasicCredentials("user", "password"), base_url=base_url, timeout=timeout)
    pace = Pace(per_second=options["per_second"])
    async with (
        client,
        Dialler(client, journal, campaign="june", pace=pace, prepare=prepare, at_once=options["at_once"]) as dialler,
    ):
        async for outcome in dialler.run(keys(options["keys"])):
            print(json.dumps([outcome.key, outcome.state, outcome.call_id]), flush=True)


def loop_that_dies(turn: int) -> asyncio.AbstractEventLoop:
    """Make an event loop that dies at one of its turns, in each of which it looks at its clock: between any awaits."""
    turns = itertools.count(1)

    class Loop(asyncio.SelectorEventLoop):
        def time(self) -> float:
            if next(turns) == turn:
                die()
            return super().time()

    return Loop()


if __name__ == "__main__":
    told = json.loads(sys.argv[3])
    with asyncio.Runner(loop_factory=partial(loop_that_dies, told["dies_at"])) as runner:
        runner.run(main(sys.argv[1], sys.argv[2], told))
