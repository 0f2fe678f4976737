"""Recordings of the service: a list that is cut off at a thousand, and media that answer Range, or ignore it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from random import Random

from .messages import Message, Reply

_MOST = 1_000
_FIRST = datetime(2025, 12, 20, tzinfo=UTC)
_BOUNDS = ("minStartTime", "maxStartTime")
_TYPE = ("Content-Type", "audio/vnd.wave")


class Media:
    """The recordings of an account, oldest first."""

    def __init__(self, random: Random) -> None:
        count = random.choice((0, 3, 3, 40, 1_300))
        self.ids = [f"r-{number:05}" for number in range(count)]
        spread = random.choice((0.002, 40.0))
        self._starts = {one: _FIRST + timedelta(seconds=number * spread) for number, one in enumerate(self.ids)}
        self._size = random.choice((1, 60_000, 3_000_000))
        self._ranges = random.random() < 0.7  # whether it answers Range, which the reference leaves open

    def page(self, query: dict[str, list[str]]) -> Reply:
        """List the oldest recordings of a window of time, without a link to the rest."""
        first, last = (datetime.fromisoformat(query[name][0]) if name in query else None for name in _BOUNDS)
        found = [
            {"recordingId": one, "startTime": start.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
            for one, start in self._starts.items()
            if (first is None or first <= start) and (last is None or start < last)
        ]
        return Reply.of(200, found[:_MOST])

    def content(self, recording_id: str) -> bytes:
        """Return the bytes of a recording."""
        random = Random(recording_id)
        return random.randbytes(random.randint(1, self._size))

    def download(self, recording_id: str, request: Message) -> Reply | None:
        """Answer with media or a part of them; None where there are none."""
        if recording_id not in self._starts:
            return None
        body = self.content(recording_id)
        wanted = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        if wanted is None or not self._ranges:
            return Reply(200, body, (_TYPE,))
        first = int(wanted[1])
        if first >= len(body):
            return Reply(416, b"", (("Content-Range", f"bytes */{len(body)}"),))
        about = ("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")
        return Reply(206, body[first:], (_TYPE, about))


def is_media(reply: Reply) -> bool:
    """Whether an answer has media."""
    return _TYPE in reply.headers
