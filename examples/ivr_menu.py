"""A menu of two keys: 1 for sales, 2 for the opening hours. It serves on port 3000.

Set the URL of this server at Bandwidth for both events, with BW_HOOK_USER and BW_HOOK_PASSWORD as its login.
"""

import os

from aiohttp import web

from bandwidth_calls.bxml import Gather, Hangup, PhoneNumber, Response, SpeakSentence, Transfer
from bandwidth_calls.webhooks import AnswerEvent, GatherEvent, InitiateEvent, Webhooks

SALES = "+19195550123"
webhooks = Webhooks(os.environ.get("BW_HOOK_USER"), os.environ.get("BW_HOOK_PASSWORD"))


def menu(*before: str) -> Response:
    """Say some words and ask for a key; ask once more if no key is pressed."""
    words = [*before, "For sales, press 1. For our opening hours, press 2."]
    asked = [SpeakSentence(word) for word in words]
    return Response([Gather(asked, gather_url="/webhooks", max_digits=1, repeat_count=2)])


@webhooks.on(InitiateEvent)
async def called(event: InitiateEvent) -> Response:
    """Answer an inbound call."""
    return menu("Welcome.")


@webhooks.on(AnswerEvent)
async def answered(event: AnswerEvent) -> Response:
    """Greet the callee of an outbound call."""
    return menu("Hello, this is the shop.")


@webhooks.on(GatherEvent)
async def pressed(event: GatherEvent) -> Response:
    """Continue with the key that was pressed; end the call if there was none."""
    if event.digits == "1":
        return Response([Transfer([PhoneNumber(SALES)], call_timeout=20), SpeakSentence("Nobody is there."), Hangup()])
    if event.digits == "2":
        return menu("We are open from nine to five.")
    return menu("Sorry?") if event.digits else Response([SpeakSentence("Goodbye."), Hangup()])


if __name__ == "__main__":
    app = web.Application()
    app.router.add_route("*", "/webhooks", webhooks.aiohttp_handler)
    web.run_app(app, port=3000)
