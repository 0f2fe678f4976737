"""A whisper on transfer: the agent hears who is calling before the calls are bridged. It serves on port 3000."""

import os

from aiohttp import web

from bandwidth_calls import webhooks as hooks
from bandwidth_calls.bxml import Hangup, PhoneNumber, Response, SpeakSentence, Transfer

AGENTS = ["+19195550141", "+19195550142"]
webhooks = hooks.Webhooks(os.environ.get("BW_HOOK_USER"), os.environ.get("BW_HOOK_PASSWORD"))


@webhooks.on(hooks.InitiateEvent)
async def called(event: hooks.InitiateEvent) -> Response:
    """Ring all agents at once; the first to answer gets the call."""
    ringing = [
        PhoneNumber(agent, transfer_answer_url="/webhooks", transfer_disconnect_url="/webhooks", tag=event.from_ or "")
        for agent in AGENTS
    ]
    transfer = Transfer(ringing, transfer_complete_url="/webhooks", call_timeout=30)
    return Response([SpeakSentence("One moment, please."), transfer])


@webhooks.on(hooks.TransferAnswerEvent)
async def whisper(event: hooks.TransferAnswerEvent) -> Response:
    """Tell the agent who is calling. The caller's name is always spoken text, never a verb."""
    return Response([SpeakSentence(f"A call from {event.tag}.")])


@webhooks.on(hooks.TransferDisconnectEvent)
async def left(event: hooks.TransferDisconnectEvent) -> None:
    """Print how an agent's leg ended. It was answered if it has an answer time, whatever its cause."""
    print(f"{event.transfer_to}: {'talked' if event.answer_time else 'did not answer'} ({event.cause})")


@webhooks.on(hooks.TransferCompleteEvent)
async def over(event: hooks.TransferCompleteEvent) -> Response:
    """Say goodbye, or that nobody is free."""
    words = "Goodbye." if event.cause == "hangup" else "Nobody is free now. Please call again."
    return Response([SpeakSentence(words), Hangup()])


if __name__ == "__main__":
    app = web.Application()
    app.router.add_route("*", "/webhooks", webhooks.aiohttp_handler)
    web.run_app(app, port=3000)
