"""An agent of pipecat's serializer for Bandwidth: it plays back what it hears, and is interrupted once it said much.

A test runs it as a program, in an environment of its own where pipecat is installed. It prints its port.
"""

import asyncio
import json
import sys

from aiohttp import web
from pipecat.frames.frames import InterruptionFrame, OutputAudioRawFrame, StartFrame  # type: ignore[import-not-found]
from pipecat_bandwidth import BandwidthFrameSerializer  # type: ignore[import-not-found]  # not installed here

RATE = 16_000
SILENT = 100  # the largest sample of a silent frame, after its conversion


async def converse(request: web.Request) -> web.WebSocketResponse:
    """Play back every loud frame at once, with the encoding that the URL asks for."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    start = json.loads((await socket.receive()).data)
    params = BandwidthFrameSerializer.InputParams(auto_hang_up=False, outbound_encoding=request.query["encoding"])
    serializer = BandwidthFrameSerializer(stream_id=start["metadata"]["streamId"], params=params)
    await serializer.setup(StartFrame(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE))
    loud = 0
    async for message in socket:
        frame = await serializer.deserialize(message.data)
        if frame is None or max(memoryview(frame.audio).cast("h")) < SILENT:
            continue
        loud += 1
        said = OutputAudioRawFrame(frame.audio, sample_rate=RATE, num_channels=1)
        answer = InterruptionFrame() if loud == 40 else said
        text = await serializer.serialize(answer)
        if text is not None:
            await socket.send_str(text)
    return socket


async def main() -> None:
    """Serve on a free port until the input ends."""
    app = web.Application()
    app.router.add_get("/media", converse)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
