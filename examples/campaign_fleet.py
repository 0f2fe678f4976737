"""Run a campaign over several processes: python examples/campaign_fleet.py JOURNAL PROCESSES NUMBERS.txt

JOURNAL is postgresql://USER:PASSWORD@HOST/DATABASE. Start the same on other machines: they share the keys, the pace of
the account, and one token.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from multiprocessing import get_context

from bandwidth_calls import BandwidthClient, ClientCredentials, CreateCall
from bandwidth_calls.campaigns import Dialler, Pace
from bandwidth_calls.stores.database import DatabaseStore

ENV = os.environ


def calls(path: str) -> Iterator[tuple[str, CreateCall]]:
    """Read the numbers; each is its own key."""
    with open(path) as file:
        for number in file.read().split():
            yield (
                number,
                CreateCall(to=number, from_=ENV["BW_NUMBER"], application_id="app-1", answer_url=ENV["HOOK_URL"]),
            )


async def work(journal: str, path: str) -> int:
    """Add the numbers that are new, and place calls until the campaign has ended; return how many were placed here."""
    async with AsyncExitStack() as stack:
        tokens = (await stack.enter_async_context(DatabaseStore(journal))).tokens
        auth = ClientCredentials(
            ENV["BW_CLIENT_ID"], ENV["BW_CLIENT_SECRET"], token_url=ENV["BW_TOKEN_URL"], store=tokens
        )
        client = BandwidthClient(ENV["BW_ACCOUNT_ID"], auth, base_url=ENV["BW_VOICE_URL"])
        await stack.enter_async_context(client)
        pace = Pace(per_second=float(ENV.get("CALLS_PER_SECOND", "5")))
        dialler = await stack.enter_async_context(Dialler(client, journal, campaign="fleet", pace=pace))
        return len([outcome async for outcome in dialler.run(calls(path)) if outcome.state == "placed"])


def in_a_process(journal: str, path: str) -> int:
    """Run one process of the fleet."""
    return asyncio.run(work(journal, path))


if __name__ == "__main__":
    with ProcessPoolExecutor(int(sys.argv[2]), mp_context=get_context("spawn")) as pool:
        for placed in [pool.submit(in_a_process, sys.argv[1], sys.argv[3]) for _ in range(int(sys.argv[2]))]:
            print(f"a process placed {placed.result()} calls")
