"""`python -m benchmarks.campaign`: calls that are all up at once, played to their end on the emulator's moved clock.

Each is answered, gathers a key, is redirected and hung up, through a webhook server in a process of its own. Prints
calls and webhooks per second, and what a finished call takes of memory.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from bandwidth_calls import BandwidthClient, ClientCredentials, CreateCall
from bandwidth_calls.emulator import Emulator, FarEnd
from benchmarks.worker import resident

_PROMPT = "<SpeakSentence>Press 1</SpeakSentence>"
REPLIES: dict[str, Any] = {
    "answer": f'<Response><Gather gatherUrl="/" maxDigits="1">{_PROMPT}</Gather></Response>',
    "gather": '<Response><Redirect redirectUrl="/"/></Response>',
    "redirect": "<Response><SpeakSentence>Goodbye</SpeakSentence><Hangup/></Response>",
}
_WEBHOOKS = len(REPLIES) + 1  # and the disconnect event


async def _serve() -> None:
    """Serve the application until the process is killed, the port being the first line printed."""

    async def reply(request: web.BaseRequest) -> web.Response:
        event = await request.json()
        text = REPLIES.get(event["eventType"])
        return web.Response(status=204) if text is None else web.Response(text=text, content_type="application/xml")

    runner = web.ServerRunner(web.Server(reply))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


@contextmanager
def application() -> Iterator[str]:
    """Run the application in a process of its own, and yield its URL."""
    command = [sys.executable, "-m", "benchmarks.campaign", "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/"
        finally:
            process.kill()


async def play(url: str, calls: int, *, barrier: bool) -> dict[str, float]:
    """Place a number of calls at one moment, and play them to their end."""
    async with Emulator(moved_clock=True, barrier=barrier, patience=60) as emulator:
        emulator.far_end("*", FarEnd().hear("press 1").press("1"))
        auth = ClientCredentials(emulator.client_id, emulator.client_secret, token_url=emulator.token_url)
        async with BandwidthClient(emulator.account_id, auth, base_url=emulator.base_url) as client:
            call = CreateCall(
                to="+19195551234", from_="+19195554321", application_id="a", answer_url=url, disconnect_url=url
            )
            before = resident()
            for _ in range(calls):
                await client.calls.create_call(call)
        started = time.perf_counter()
        await emulator.run_until_idle()
        seconds = time.perf_counter() - started
        emulator.assert_no_problems()
        if any(call.disconnect_cause != "hangup" for call in emulator.calls):
            raise RuntimeError("a call did not end as it should")
        memory = (resident() - before) * 1024 / calls
    return {"calls": calls, "seconds": seconds, "kib": memory}


def main() -> None:
    """Play the calls, and print a line for each way of delivery."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.campaign", description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000, help="calls that are placed at once [1000]")
    parser.add_argument("--serve", action="store_true", help="serve the application, as this program does for itself")
    asked = parser.parse_args()
    if asked.serve:
        asyncio.run(_serve())
    with application() as url:
        for name, barrier in (("one webhook after the other", False), ("with a barrier", True)):
            told = asyncio.run(play(url, asked.calls, barrier=barrier))
            rate = told["calls"] / told["seconds"]
            print(
                f"{name}: {told['calls']:.0f} calls in {told['seconds']:.2f} s, {rate:.0f} calls and "
                f"{rate * _WEBHOOKS:.0f} webhooks per second, {told['kib']:.1f} KiB a finished call"
            )


if __name__ == "__main__":
    main()
