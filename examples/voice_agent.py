"""A voice agent over a media stream: it repeats what it hears, can be interrupted, and hands over to a person.

It serves on port 3000: /webhooks for the events, /media for the stream. MEDIA_URL is its public `wss://` URL. A real
agent answers with what a language model says; this one with the caller's own voice.
"""

import base64
import os

from aiohttp import web

from bandwidth_calls import BandwidthClient
from bandwidth_calls.bxml import PhoneNumber, Response, SpeakSentence, StartStream, StopStream, Transfer
from bandwidth_calls.webhooks import DisconnectEvent, InitiateEvent, Webhooks

PERSON = "+19195550123"
TURNS = 3  # what a caller says after so many is for a person
PAUSE = 25  # frames of 20 ms: half a second of silence ends what a caller says
webhooks = Webhooks(os.environ.get("BW_HOOK_USER"), os.environ.get("BW_HOOK_PASSWORD"))
calls: set[str] = set()  # those that Bandwidth told us of: anybody might open a WebSocket


@webhooks.on(InitiateEvent)
async def called(event: InitiateEvent) -> Response:
    """Answer with a stream in both directions, which the call waits for."""
    calls.add(event.call_id)
    destination = os.environ.get("MEDIA_URL", "ws://127.0.0.1:3000/media")
    stream = StartStream(destination=destination, name="agent", mode="bidirectional")
    return Response([SpeakSentence("Talk to me."), stream, StopStream(name="agent", wait=True)])


@webhooks.on(DisconnectEvent)
async def over(event: DisconnectEvent) -> None:
    """Forget the call."""
    calls.discard(event.call_id)


def is_speech(sound: bytes) -> bool:
    """Return whether PCMU is louder than the noise of a line; its codes are inverted."""
    return max(~code & 0x7F for code in sound) > 16


async def converse(request: web.Request) -> web.WebSocketResponse:
    """Listen to a caller, and answer each time when there is a pause."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    call_id, heard, silent, turns = "", b"", 0, 0
    async for message in socket:
        frame = message.json()
        if frame["eventType"] == "start" and (call_id := frame["metadata"]["callId"]) not in calls:
            break
        if frame["eventType"] != "media":
            continue
        sound = base64.b64decode(frame["payload"])
        if is_speech(sound):
            if not heard:  # the caller interrupts what we are saying
                await socket.send_json({"eventType": "clear"})
            heard, silent = heard + sound, 0
        elif heard and (silent := silent + 1) == PAUSE:
            turns += 1
            if turns > TURNS:
                await hand_over(request, call_id)
                break
            media = {"contentType": "audio/pcmu", "payload": base64.b64encode(heard).decode()}
            await socket.send_json({"eventType": "playAudio", "media": media})
            heard = b""
    await socket.close()
    return socket


async def hand_over(request: web.Request, call_id: str) -> None:
    """Connect the caller with a person."""
    person = Response([SpeakSentence("One moment, please."), Transfer([PhoneNumber(PERSON)])])
    await request.app[CLIENT].calls.update_call_bxml(call_id, person)


CLIENT = web.AppKey("client", BandwidthClient)


def application(client: BandwidthClient) -> web.Application:
    """Return the server, which closes the client at its end."""
    app = web.Application()
    app[CLIENT] = client
    app.router.add_route("*", "/webhooks", webhooks.aiohttp_handler)
    app.router.add_get("/media", converse)
    app.on_cleanup.append(lambda _: client.close())
    return app


if __name__ == "__main__":
    web.run_app(application(BandwidthClient.from_env()), port=3000)
