"""A voicemail: greet, record, say thanks, and print the recording's URL once it is available. Serves on port 3000."""

import os

from aiohttp import web

from bandwidth_calls.bxml import Hangup, Record, Response, SpeakSentence
from bandwidth_calls.webhooks import InitiateEvent, RecordCompleteEvent, RecordingAvailableEvent, Webhooks

webhooks = Webhooks(os.environ.get("BW_HOOK_USER"), os.environ.get("BW_HOOK_PASSWORD"))
messages: list[RecordingAvailableEvent] = []


@webhooks.on(InitiateEvent)
async def called(event: InitiateEvent) -> Response:
    """Greet the caller, then record two minutes at most; # or five seconds of silence end it."""
    greeting = SpeakSentence("Please leave a message after the tone, and press pound when you are done.")
    record = Record(
        record_complete_url="/webhooks",
        recording_available_url="/webhooks",
        max_duration=120,
        silence_timeout=5,
    )
    return Response([greeting, record])


@webhooks.on(RecordCompleteEvent)
async def recorded(event: RecordCompleteEvent) -> Response:
    """Tell the caller how long the message is."""
    seconds = round(event.duration.total_seconds()) if event.duration else 0
    return Response([SpeakSentence(f"Thank you for {seconds} seconds. Goodbye."), Hangup()])


@webhooks.on(RecordingAvailableEvent)
async def available(event: RecordingAvailableEvent) -> None:
    """Print where the recording is: fetch `media_url` with the account's credentials."""
    messages.append(event)
    print(f"{event.from_} left {event.duration} at {event.media_url} ({event.status})")


if __name__ == "__main__":
    app = web.Application()
    app.router.add_route("*", "/webhooks", webhooks.aiohttp_handler)
    web.run_app(app, port=3000)
