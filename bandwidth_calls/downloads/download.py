"""`Download`: the media of a recording as bytes, a file or a stream."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import attrs

from bandwidth_calls import checks
from bandwidth_calls.downloads.files import FileWriter
from bandwidth_calls.downloads.sink import MediaSink
from bandwidth_calls.errors import ClientClosedError
from bandwidth_calls.transport.retry import Operation
from bandwidth_calls.transport.sending import Sender
from bandwidth_calls.wire import Answer, redirect_target

_HOUR = 3600.0
_WRITTEN = 512 * 1024  # bytes that are written at once: a thread is slow to begin
_SUFFIXES = {"audio/mpeg": ".mp3", "audio/mp3": ".mp3", "audio/mpeg3": ".mp3", "audio/x-mpeg": ".mp3"}
_MP3 = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")  # how mp3 begins where the type does not tell


@attrs.frozen
class SavedMedia:
    """Media in a file: its path, its size in bytes, and the type that the service told, such as `audio/vnd.wave`."""

    path: Path
    size: int
    content_type: str


@attrs.frozen
class MediaStream:
    """Media while they arrive: `async for piece in media`, pieces of bytes of any length.

    `content_type` is in lower case, without parameters. `size` is in bytes, None where the service does not tell it.
    """

    _sink: MediaSink
    _task: asyncio.Task[Answer]

    @property
    def content_type(self) -> str:
        """What the media are, such as `audio/vnd.wave`."""
        return self._sink.content_type or ""

    @property
    def size(self) -> int | None:
        """How many bytes the media have."""
        return self._sink.size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the pieces in order. An error means that not all came."""
        while pieces := await self.batch():
            for piece in pieces:
                yield piece

    async def batch(self, least: int = 1) -> list[bytes]:
        """Return what has arrived, as soon as it has some bytes or is the rest; nothing at the end of whole media."""
        sink = self._sink
        while sink.buffered < least and not sink.has_ended:
            sink.changed.clear()
            await sink.changed.wait()
        if not (pieces := sink.pieces()):
            _result(self._task)
            sink.check_whole()
        return pieces


@attrs.frozen
class Download:
    """The media of a recording. It does nothing until it is used, and may be used again.

    An answer that breaks off is resumed from the first missing byte, as often as `RetryPolicy` has attempts. Media of
    another length than told, empty, compressed, or of another type than audio are a BadAnswerError. A redirect is an
    UntrustedLinkError, unless `media_origins` of the client names where it leads to.

    `timeout` is in seconds, for all attempts together, in the place of `Timeout.total`. `Timeout.read` bounds the
    silence between two pieces. More than `max_bytes` are a BadAnswerError.
    """

    _sender: Sender
    _path: str
    _name: str

    async def read(self, *, max_bytes: int = 64 * 2**20, timeout: float = _HOUR) -> bytes:  # noqa: ASYNC109 - see above
        """Return the media as bytes."""
        async with self.stream(max_bytes=max_bytes, timeout=timeout) as media:
            return b"".join([piece async for piece in media])

    async def save(
        self,
        path: str | os.PathLike[str],
        *,
        max_bytes: int = 2**31,
        timeout: float = _HOUR,  # noqa: ASYNC109 - see above
    ) -> SavedMedia:
        """Save the media in a file, which appears when all of it is on the disk, and is for its owner only (0600).

        An older file stays whole until then. After a failure or a cancellation nothing is left. In a folder the file
        has the id of the recording and `.wav` or `.mp3` as its name. The folder must be there. What the file system
        raises passes as it is.
        """
        _check_limits(max_bytes, timeout)
        async with FileWriter(path) as file, self.stream(max_bytes=max_bytes, timeout=timeout) as media:
            size, beginning = 0, b""
            while pieces := await media.batch(_WRITTEN):
                beginning = beginning or pieces[0]
                size += sum(map(len, pieces))
                await file.write(pieces)
            saved = await file.become(self._name + _suffix(media.content_type, beginning))
            return SavedMedia(saved, size, media.content_type)

    def stream(self, *, max_bytes: int = 2**31, timeout: float = _HOUR) -> AbstractAsyncContextManager[MediaStream]:
        """Return the media as a stream: `async with download.stream() as media`, then `async for piece in media`.

        Entering raises what the API refuses. Leaving early closes the connection. A slow reader holds the sender back,
        and only `timeout` limits how long.
        """
        _check_limits(max_bytes, timeout)
        return self._open(max_bytes, timeout)

    @asynccontextmanager
    async def _open(self, max_bytes: int, timeout: float) -> AsyncGenerator[MediaStream]:  # noqa: ASYNC109 - see above
        sink = MediaSink(max_bytes)
        task = self._sender.transport.session.spawn(self._fetch(sink, timeout))
        task.add_done_callback(sink.end)
        try:
            await sink.changed.wait()
            if sink.content_type is None:
                _result(task)
            yield MediaStream(sink, task)
        finally:
            task.cancel()

    async def _fetch(self, sink: MediaSink, seconds: float) -> Answer:
        sender, clock = self._sender.lasting(seconds), self._sender.transport.clock
        started, redirects = clock.monotonic(), sender.media_origins
        answer = await sender.send("GET", self._path, Operation.READ, sink=sink, redirects=redirects)
        if answer.status < 300:
            return answer
        target = redirect_target(answer.headers, sender.base.origin + sender.base.path + self._path)
        left = max(0.001, started + seconds - clock.monotonic())
        return await sender.lasting(left).download_elsewhere(target, sink)


def _result(task: asyncio.Task[Answer]) -> None:
    """Raise what ended a fetch."""
    if task.cancelled():  # only closing the client cancels it while somebody waits for it
        raise ClientClosedError("the client was closed while media were downloaded")
    task.result()


def _check_limits(max_bytes: int, seconds: float) -> None:
    checks.whole("max_bytes", max_bytes, 1)
    checks.number("timeout", seconds, 0.001)


def _suffix(content_type: str, beginning: bytes) -> str:
    if content_type == "application/octet-stream":
        return ".mp3" if beginning.startswith(_MP3) else ".wav"
    return _SUFFIXES.get(content_type, ".wav")
