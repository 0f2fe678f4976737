"""A voicemail on port 3000: record callers, store each message and its text in a folder, delete both at Bandwidth."""

import os
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from bandwidth_calls import BandwidthClient, NotFoundError
from bandwidth_calls.bxml import Hangup, Record, Response, SpeakSentence
from bandwidth_calls.webhooks import InitiateEvent, RecordCompleteEvent, TranscriptionAvailableEvent, Webhooks

client = BandwidthClient.from_env()
folder = Path(os.environ.get("VOICEMAILS", "voicemails"))
webhooks = Webhooks(os.environ.get("BW_HOOK_USER"), os.environ.get("BW_HOOK_PASSWORD"))


@webhooks.on(InitiateEvent)
async def called(event: InitiateEvent) -> Response:
    """Greet the caller, then record two minutes at most; # ends it."""
    record = Record(
        record_complete_url="/voice", transcribe=True, transcription_available_url="/voice", max_duration=120
    )
    return Response([SpeakSentence("Please leave a message after the tone. Press pound when you are done."), record])


@webhooks.on(RecordCompleteEvent)
async def recorded(event: RecordCompleteEvent) -> Response:
    """Thank the caller."""
    return Response([SpeakSentence("Thank you. Goodbye."), Hangup()])


@webhooks.on(TranscriptionAvailableEvent)
async def transcribed(event: TranscriptionAvailableEvent) -> None:
    """Store the recording and its text, then delete both. An event that comes twice finds nothing left."""
    message = event.call_id, event.recording_id or ""
    with suppress(NotFoundError):
        saved = await client.recordings.download(event).save(folder)
        text = await client.recordings.get_recording_transcription(*message)
        saved.path.with_suffix(".txt").write_text("\n".join(part.text or "" for part in text.transcripts or []))
        await client.recordings.delete_recording(*message)
        print(f"stored a message of {event.from_}: {saved.path}")


if __name__ == "__main__":
    folder.mkdir(exist_ok=True)
    app = web.Application()
    app.router.add_route("*", "/voice", webhooks.aiohttp_handler)
    app.on_cleanup.append(lambda app: client.close())
    web.run_app(app, port=int(os.environ.get("PORT", "3000")))
