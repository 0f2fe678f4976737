"""Speak differently to a person and to an answering machine.

In `sync` mode the answer webhook waits for the result and contains it. The program serves on port 3000, calls BW_TO
once it is up, and runs until it is stopped. BW_HOOK_URL is the public URL of its /webhooks.
"""

import os

from aiohttp import web

from bandwidth_calls import BandwidthClient, CreateCall, MachineDetectionConfiguration
from bandwidth_calls.bxml import Hangup, Pause, Response, SpeakSentence
from bandwidth_calls.webhooks import AnswerEvent, DisconnectEvent, Webhooks

webhooks = Webhooks(os.environ.get("BW_HOOK_USER"), os.environ.get("BW_HOOK_PASSWORD"))


@webhooks.on(AnswerEvent)
async def answered(event: AnswerEvent) -> Response:
    """Leave a message on a machine; greet a person."""
    result = event.machine_detection_result
    if result is not None and result.value == "answering-machine":
        return Response([Pause(duration=1), SpeakSentence("Your parcel comes tomorrow."), Hangup()])
    return Response([SpeakSentence("Hello. Your parcel comes tomorrow. Goodbye."), Hangup()])


@webhooks.on(DisconnectEvent)
async def over(event: DisconnectEvent) -> None:
    """Print how the call ended."""
    print(f"ended: {event.cause}")


async def place(_: web.Application) -> None:
    """Place the call."""
    detection = MachineDetectionConfiguration(mode="sync", detection_timeout=30, delay_result=True)
    hook, application_id = os.environ["BW_HOOK_URL"], "1234-qwer-5679-tyui"
    call = CreateCall(to=os.environ["BW_TO"], from_="+19195554321", application_id=application_id,
                      answer_url=hook, disconnect_url=hook, machine_detection=detection)  # fmt: skip
    async with BandwidthClient.from_env() as client:
        await client.calls.create_call(call)


if __name__ == "__main__":
    app = web.Application()
    app.router.add_route("*", "/webhooks", webhooks.aiohttp_handler)
    app.on_startup.append(place)
    web.run_app(app, port=3000)
