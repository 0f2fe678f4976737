"""The nightly export of recordings: a program that stores what is missing, and resumes after a failure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web
from support.account_recordings import Service, recording
from support.media import WAVE, files
from support.program import run_example

if TYPE_CHECKING:
    from support.scripted_api import ScriptedApi


class Account(Service):
    """Lists recordings, and has their media but for some that are `refused` once or `gone`."""

    def __init__(self, count: int) -> None:
        super().__init__([recording(number, number, callId="c-1") for number in range(count)])
        self.refused, self.gone = set[str](), set[str]()
        self.downloaded: list[str] = []

    async def __call__(self, request: web.Request) -> web.Response:
        """Answer with the list, or with media."""
        if not request.path.endswith("/media"):
            return await super().__call__(request)
        recording_id = request.path.split("/")[-2]
        if recording_id in self.refused:
            self.refused.remove(recording_id)
            return web.json_response({"type": "authorization", "description": "Access is denied"}, status=403)
        if recording_id in self.gone:
            return web.json_response({"type": "not-found", "description": "deleted"}, status=404)
        self.downloaded.append(recording_id)
        return web.Response(body=WAVE, content_type="audio/vnd.wave")


def stored(folder: Path) -> set[str]:
    """Return the names of the recordings in a folder that are whole."""
    return {file.stem for file in files(folder) if file.read_bytes() == WAVE}


async def test_it_resumes_and_downloads_only_what_is_missing(api: ScriptedApi, tmp_path: Path) -> None:
    """Two runs, the first of which fails in the second page, store each recording, and leave no cursor."""
    api.otherwise = account = Account(1200)
    account.refused = {"r-001100"}
    folder = tmp_path / "recordings"

    code, _, error = await run_example("export_recordings.py", str(folder), base_url=api.base_url)
    asked, downloaded = len(account.asked), len(account.downloaded)
    resumes, first = (folder / "cursor").exists(), stored(folder)
    again, _, _ = await run_example("export_recordings.py", str(folder), base_url=api.base_url)

    assert (code, again, resumes) == (1, 0, True)
    assert "Access is denied" in error
    assert "minStartTime" in account.asked[asked]
    assert stored(folder) == {f"r-{number:06}" for number in range(1200)}
    assert first.isdisjoint(account.downloaded[downloaded:])
    assert len(files(folder)) == 1200


async def test_media_that_are_gone_stop_nothing(api: ScriptedApi, tmp_path: Path) -> None:
    """They are named, and the rest is stored."""
    api.otherwise = account = Account(3)
    account.gone = {"r-000001"}

    code, out, error = await run_example("export_recordings.py", str(tmp_path), base_url=api.base_url)

    assert code == 0
    assert error == "r-000001: no media (None)\n"
    assert stored(tmp_path) == {"r-000000", "r-000002"}
    assert out.count("10240 bytes") == 2
