"""A service of recordings: the account's list as the API has it, and their media."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

START = datetime(2026, 11, 1, tzinfo=UTC)
Choose = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
CHOICES: dict[str, Choose] = {
    "the oldest": lambda found: found[:1000],
    "the newest": lambda found: found[-1000:],
    "any": lambda found: random.Random(1).sample(found, min(len(found), 1000)),
    "the newest, backwards": lambda found: found[::-1][:1000],
}


def recording(number: int, seconds: float, **more: Any) -> dict[str, Any]:
    """Return a recording that began some seconds after the start."""
    time = (START + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"recordingId": f"r-{number:06}", "startTime": time, **more}


class Service:
    """Lists recordings as the API does: by start time, at most a thousand, and nobody knows which."""

    def __init__(self, recordings: list[dict[str, Any]], choose: Choose = CHOICES["the oldest"]) -> None:
        self.recordings, self.choose = recordings, choose
        self.asked: list[dict[str, str]] = []

    async def __call__(self, request: web.Request) -> web.Response:
        """Answer with what is in the window."""
        query = dict(request.query)
        self.asked.append(query)
        first, last = (_read(query.get(name)) for name in ("minStartTime", "maxStartTime"))
        found = [
            each
            for each in self.recordings
            if (time := _read(each.get("startTime"))) is None
            or ((first is None or first <= time) and (last is None or time < last))
        ]
        return web.json_response(self.choose(found))


def _read(time: str | None) -> datetime | None:
    try:
        return None if time is None else datetime.fromisoformat(time)
    except ValueError:
        return None
