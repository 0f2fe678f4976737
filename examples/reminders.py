"""Remind people of appointments, each at most once: python examples/reminders.py APPOINTMENTS.csv

The CSV has the columns `id`, `to` and `when`. Kill the program at any moment and start it again: it goes on where it
was, since the journal knows who was called. Bandwidth sends webhooks to HOOK_URL, which leads to port 3000 of this.
"""

import asyncio
import csv
import os
import sys
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from bandwidth_calls import BandwidthClient, CreateCall
from bandwidth_calls.bxml import Hangup, Response, SpeakSentence
from bandwidth_calls.campaigns import Dialler, Pace
from bandwidth_calls.webhooks import AnswerEvent, DisconnectEvent, Webhooks

JOURNAL = os.environ.get("JOURNAL", "sqlite:///reminders.db")
HOOK_URL = os.environ.get("HOOK_URL", "https://app.example/webhooks/")
PACE = Pace(per_second=float(os.environ.get("CALLS_PER_SECOND", "5")))

webhooks = Webhooks(os.environ.get("BW_HOOK_USER"), os.environ.get("BW_HOOK_PASSWORD"))
app = FastAPI()
app.mount("/webhooks", webhooks.asgi)
appointments: dict[str, str] = {}


def calls(path: str) -> Iterator[tuple[str, CreateCall]]:
    """Read the appointments. The id is the key, by which nobody is called twice."""
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            appointments[f"reminders/{row['id']}"] = row["when"]
            call = CreateCall(
                to=row["to"], from_="+19195554321", application_id="app-1", answer_url=HOOK_URL, disconnect_url=HOOK_URL
            )
            yield row["id"], call


@webhooks.on(AnswerEvent)
async def answered(event: AnswerEvent) -> Response:
    """Say when the appointment is. The tag of a campaign's call is the campaign and the key."""
    when = appointments.get(event.tag or "", "the usual time")
    return Response([SpeakSentence(f"Your appointment is at {when}."), Hangup()])


@webhooks.on(DisconnectEvent)
async def ended(event: DisconnectEvent) -> None:
    """Print how a call ended."""
    print("ended", event.tag, event.cause, flush=True)


async def remind(path: str) -> None:
    """Place the calls that were not placed yet. Webhooks settle those of which an answer was lost."""
    async with (
        BandwidthClient.from_env() as client,
        Dialler(client, JOURNAL, campaign="reminders", pace=PACE) as dialler,
    ):
        dialler.attach(webhooks)
        async for outcome in dialler.run(calls(path)):
            print(outcome.state, outcome.key, outcome.reason or outcome.call_id, flush=True)
        await dialler.reconcile()
        print(await dialler.progress(), flush=True)


async def main() -> None:
    """Place calls, and serve webhooks until Ctrl+C, since calls are up longer."""
    server = uvicorn.Server(uvicorn.Config(app, port=int(os.environ.get("PORT", "3000")), log_level="warning"))
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve())
        group.create_task(remind(sys.argv[1]))


if __name__ == "__main__":
    asyncio.run(main())
