"""A file that appears whole or not at all, written in a thread of its own."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import attrs

T = TypeVar("T")

_OWNER_ONLY = 0o600
_OPEN = os.O_WRONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_NAMELESS = getattr(os, "O_TMPFILE", 0)  # Linux has files without a name, which are gone when their process is killed
_UNABLE = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL)  # of a file system that has none
_FLUSHED = 32 * 2**20  # bytes after which the disk begins to be written to
_DESCRIPTORS = Path("/proc/self/fd")


@attrs.define
class _Part:
    """A file that is being written: without a name where the system allows that, else with a hidden one.

    `size` is how many bytes were written, `flushed` how many of them are on their way to the disk.
    """

    descriptor: int
    folder: Path
    name: Path | None
    size: int = 0
    flushed: int = 0

    @classmethod
    def open(cls, folder: Path) -> _Part:
        """Open a new file in a folder, for its owner only."""
        descriptor, name = _open_nameless(folder), None
        if descriptor is None:
            name = _hidden(folder)
            descriptor = os.open(name, _OPEN | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, _OWNER_ONLY)  # whatever the umask is
        return cls(descriptor, folder, name)

    def write(self, pieces: Sequence[bytes]) -> None:
        """Write pieces behind what is there."""
        rest = memoryview(b"".join(pieces))
        while rest:
            written = os.write(self.descriptor, rest)
            self.size, rest = self.size + written, rest[written:]
        if self.size - self.flushed >= _FLUSHED and hasattr(os, "posix_fadvise"):
            # Linux begins to write to the disk what is not wanted in memory, so that the end waits for little.
            os.posix_fadvise(self.descriptor, self.flushed, self.size - self.flushed, os.POSIX_FADV_DONTNEED)
            self.flushed = self.size

    def become(self, target: Path) -> None:
        """Take the place of the target. All is on the disk before, since the service's copy may be deleted next."""
        os.fsync(self.descriptor)
        if self.name is None:
            self.name = _hidden(self.folder)
            # With a folder's descriptor, Python follows the link to the file; without one it would link the link.
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.link(_DESCRIPTORS / str(self.descriptor), self.name.name, dst_dir_fd=folder, follow_symlinks=True)
            finally:
                os.close(folder)
        self._close()
        os.replace(self.name, target)
        self.name = None

    def discard(self) -> None:
        """Leave nothing behind; without effect on what took its place."""
        self._close()
        if self.name is not None:
            with suppress(FileNotFoundError):
                self.name.unlink()

    def _close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def _open_nameless(folder: Path) -> int | None:
    if not _NAMELESS or not _DESCRIPTORS.exists():
        return None
    try:
        return os.open(folder, _OPEN | _NAMELESS, _OWNER_ONLY)
    except OSError as error:
        if error.errno not in _UNABLE:
            raise
        return None


def _hidden(folder: Path) -> Path:
    return folder / f".{secrets.token_hex(8)}.part"


class FileWriter:
    """Writes a file beside its target: `async with FileWriter(path) as file`, then `write` and `become`.

    One thread does all, in order: so a file is never closed while it is written, also when a task is cancelled.
    `is_folder` is whether the path is that of a folder.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._text, self._path = os.fspath(path), Path(path)
        self._thread = ThreadPoolExecutor(1, "bandwidth_calls")
        self._part: _Part | None = None
        self.is_folder = False

    async def __aenter__(self) -> FileWriter:
        try:
            await self._run(self._open)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await asyncio.shield(self._run(self._discard))
        finally:
            self._thread.shutdown(wait=False)

    async def write(self, pieces: Sequence[bytes]) -> None:
        """Write pieces behind what is there."""
        await self._run(self._opened().write, pieces)

    async def become(self, name: str) -> Path:
        """Let the file take the place of its target, which has this name if the path is a folder."""
        target = self._path / name if self.is_folder else self._path
        await self._run(self._opened().become, target)
        return target

    def _open(self) -> None:
        seps = tuple(sep for sep in (os.sep, os.altsep) if sep)
        self.is_folder = self._text.endswith(seps) or self._path.is_dir()
        self._part = _Part.open(self._path if self.is_folder else self._path.parent)

    def _discard(self) -> None:
        if self._part is not None:
            self._part.discard()

    def _opened(self) -> _Part:
        assert self._part is not None  # noqa: S101 - it is used within `async with`
        return self._part

    def _run(self, work: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work, *args)
