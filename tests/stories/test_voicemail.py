"""The voicemail service: a program of its own that stores messages with their text and deletes them at Bandwidth."""

from __future__ import annotations

import asyncio
import os
import wave
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, ServerDisconnectedError
from support.emulator_http import ask, calls_url
from support.media import MediaServer, cut, files
from support.program import Program, program

from bandwidth_calls.emulator import Emulator, FarEnd

if TYPE_CHECKING:
    from bandwidth_calls.emulator import Call

CALLER = "+19195551234"
TEXT = "Please call me back about the parcel"
SECONDS = 3.4  # 15 letters a second, and one second before the key


async def leave_message(bandwidth: Emulator, url: str) -> Call:
    """Call the service, and leave a message."""
    far_end = FarEnd().hear("when you are done").say(TEXT).press("#", after=1)
    call = await bandwidth.inbound(to="+19195554321", from_=CALLER, url=f"{url}/voice", far_end=far_end)
    await bandwidth.run_until_idle()
    return call


def stored(folder: Path) -> tuple[float, str]:
    """Return the seconds of the only message in a folder, and its text."""
    sound, text = sorted(folder.iterdir(), key=lambda file: file.suffix, reverse=True)
    assert (sound.stem, sound.suffix, text.suffix) == (text.stem, ".wav", ".txt")
    with wave.open(str(sound)) as message:
        return round(message.getnframes() / message.getframerate(), 3), text.read_text()


def written(service: Program, folder: Path) -> list[int]:
    """Return the sizes of the files of a folder that a program has open, also of those without a name."""
    sizes = []
    for file in Path(f"/proc/{service.process.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed meanwhile
            if os.readlink(file).startswith(f"{folder}/"):
                sizes.append(os.stat(file).st_size)
    return sizes


async def test_a_message_is_stored_and_deleted(bandwidth: Emulator, http: ClientSession, tmp_path: Path) -> None:
    """The caller is thanked; the folder has what he said, and Bandwidth has no longer anything."""
    async with program("voicemail.py", bandwidth.base_url, VOICEMAILS=str(tmp_path)) as service:
        call = await leave_message(bandwidth, service.url)
        printed = await service.rest()

    bandwidth.assert_no_problems()
    call.assert_heard("Thank you. Goodbye.")
    assert f"stored a message of {CALLER}: {tmp_path}" in printed
    assert stored(tmp_path) == (SECONDS, TEXT)
    assert (await ask(http, "GET", calls_url(bandwidth, call.call_id, "recordings"))).json() == []


async def test_an_event_that_comes_twice_stores_once(bandwidth: Emulator, tmp_path: Path) -> None:
    """The second finds nothing left, and is no error."""
    bandwidth.webhook_fault("transcriptionAvailable", duplicate=True)
    async with program("voicemail.py", bandwidth.base_url, VOICEMAILS=str(tmp_path)) as service:
        await leave_message(bandwidth, service.url)
        printed = await service.rest()

    assert printed.count("stored") == 1
    assert "Traceback" not in printed
    assert stored(tmp_path)[1] == TEXT


async def test_media_that_break_off_are_stored_whole(bandwidth: Emulator, tmp_path: Path) -> None:
    """The download is resumed."""
    bandwidth.fault("downloadCallRecording", truncate=20_000)
    async with program("voicemail.py", bandwidth.base_url, VOICEMAILS=str(tmp_path)) as service:
        await leave_message(bandwidth, service.url)
        await service.rest()

    assert sum(request.path.endswith("/media") for request in bandwidth.requests) == 2
    assert stored(tmp_path) == (SECONDS, TEXT)


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="needs files without a name, which Linux has")
async def test_killed_in_the_middle_of_a_download(tmp_path: Path) -> None:
    """What was written is in no file, hidden or not."""
    event = {"eventType": "transcriptionAvailable", "callId": "c-1", "recordingId": "r-1", "accountId": "9900000"}
    async with MediaServer(cut(5_000_000, body=bytes(8_000_000))) as server, ClientSession() as sender:
        server.stays = True
        async with program("voicemail.py", server.base_url, VOICEMAILS=str(tmp_path)) as service:
            sending = asyncio.create_task(sender.post(f"{service.url}/voice", json=event))
            while not any(written(service, tmp_path)):  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(0)
            service.process.kill()
            with pytest.raises(ServerDisconnectedError):
                await sending

    assert files(tmp_path) == []
