"""A saved file appears whole or not at all, for its owner only."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from support.media import WAVE, cut, files, head, serving, whole
from support.moved_clock import until

from bandwidth_calls import BadAnswerError, NoAnswerError, RetryPolicy, SavedMedia

ONCE = RetryPolicy(attempts=1)


@pytest.fixture(params=["nameless", "hidden"])
def file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file system with files that have no name, and one that has none."""
    name: str = request.param
    if name == "hidden":
        opened = os.open

        def without(path: str, flags: int, *rest: int, **more: int) -> int:
            if flags & getattr(os, "O_TMPFILE", 0) == getattr(os, "O_TMPFILE", -1):
                raise OSError(errno.EOPNOTSUPP, "no such files here")
            return opened(path, flags, *rest, **more)

        monkeypatch.setattr(os, "open", without)
    return name


@pytest.mark.usefixtures("file_system")
async def test_media_are_saved_whole(tmp_path: Path) -> None:
    """What is told of the file is right, and nothing else is in its folder."""
    async with serving(whole()) as (_, download):
        saved = await download.save(tmp_path / "voicemail.wav")

    assert saved == SavedMedia(tmp_path / "voicemail.wav", len(WAVE), "audio/vnd.wave")
    assert saved.path.read_bytes() == WAVE
    assert files(tmp_path) == [saved.path]


@pytest.mark.usefixtures("file_system")
async def test_a_file_is_for_its_owner_only(tmp_path: Path) -> None:
    """Nobody else may read it, whatever the umask is."""
    before = os.umask(0)
    try:
        async with serving(whole()) as (_, download):
            saved = await download.save(tmp_path / "a")
    finally:
        os.umask(before)

    assert stat.S_IMODE(saved.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("kind", "beginning", "name"),
    [
        ("audio/vnd.wave", b"RIFF", "r-1.wav"),
        ("audio/mpeg", b"....", "r-1.mp3"),
        ("application/octet-stream", b"RIFF", "r-1.wav"),
        ("application/octet-stream", b"ID3.", "r-1.mp3"),
    ],
)
async def test_a_folder_gets_a_file_with_the_recordings_id(
    tmp_path: Path, kind: str, beginning: bytes, name: str
) -> None:
    """The ending is that of the type, or of the bytes where the type does not tell."""
    async with serving(whole(beginning + WAVE, kind=kind)) as (_, download):
        saved = await download.save(tmp_path)

    assert saved.path == tmp_path / name


async def test_a_folder_that_is_missing_is_the_file_systems_error(tmp_path: Path) -> None:
    """Nothing is sent, and no file gets the name of the folder."""
    async with serving(whole()) as (server, download):
        with pytest.raises(FileNotFoundError):
            await download.save(f"{tmp_path}/voicemails/")

    assert server.requests == []
    assert files(tmp_path) == []


@pytest.mark.usefixtures("file_system")
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (cut(1000), NoAnswerError),
        (whole(kind="text/html"), BadAnswerError),
        (head("404 Not Found", "Content-Length: 0"), Exception),
    ],
    ids=["cut", "html", "refused"],
)
async def test_a_failure_leaves_nothing(tmp_path: Path, answer: bytes, error: type[Exception]) -> None:
    """No part of a file stays."""
    async with serving(answer, retry=ONCE) as (_, download):
        with pytest.raises(error):
            await download.save(tmp_path / "a.wav")

    assert files(tmp_path) == []


async def test_an_older_file_stays_whole_upon_a_failure(tmp_path: Path) -> None:
    """It is replaced in one step, or not at all."""
    target = tmp_path / "a.wav"
    target.write_bytes(b"older")
    async with serving(cut(1000), whole(), retry=ONCE) as (_, download):
        with pytest.raises(NoAnswerError):
            await download.save(target)
        assert target.read_bytes() == b"older"

        await download.save(target)

    assert target.read_bytes() == WAVE


@pytest.mark.usefixtures("file_system")
async def test_a_cancelled_download_leaves_nothing(tmp_path: Path) -> None:
    """Also when it is cancelled in the middle."""
    async with serving(head("200 OK", f"Content-Length: {10**7}") + WAVE * 100) as (server, download):
        server.answers.append(b"")
        task = asyncio.create_task(download.save(tmp_path / "a.wav"))
        await until(lambda: bool(server.requests))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert files(tmp_path) == []


async def test_the_file_systems_errors_pass_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is an OSError, and leaves nothing."""

    def full(_: int, __: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    async with serving(whole()) as (_, download):
        with pytest.raises(OSError, match="No space left"):
            await download.save(tmp_path / "a.wav")

    assert files(tmp_path) == []


KILLED = """
import asyncio, os, sys
from bandwidth_calls import BandwidthClient, BasicCredentials

async def main():
    async with BandwidthClient("9900000", BasicCredentials("a", "b"), base_url=sys.argv[1]) as client:
        async def report():
            while True:
                await asyncio.sleep(0)
                if sum(os.stat(f"/proc/self/fd/{name}").st_size for name in os.listdir("/proc/self/fd")
                       if sys.argv[2] in os.path.realpath(f"/proc/self/fd/{name}")):
                    print("writing", flush=True)
                    return
        task = asyncio.create_task(report())
        await client.recordings.download_call_recording("c-1", "r-1").save(sys.argv[2] + "/a.wav")

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="only Linux has files without a name")
async def test_a_killed_process_leaves_nothing(tmp_path: Path) -> None:
    """A process that is killed in the middle of a download leaves no half file, not even a hidden one."""
    try:
        os.close(os.open(tmp_path, os.O_TMPFILE | os.O_WRONLY))
    except OSError:
        pytest.skip("the file system of the tests has no files without a name")
    async with serving(whole(WAVE * 100)) as (server, _):
        server.answers = [head("200 OK", f"Content-Length: {10**8}") + WAVE * 100]
        server.stays = True
        command = [sys.executable, "-c", KILLED, server.base_url, str(tmp_path)]
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert await process.stdout.readline() == b"writing\n"
        process.kill()
        await process.wait()

    assert files(tmp_path) == []
