"""A Redis server of the tests' own, on loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile

from support.program import free_port


class RedisServer:
    """A server without persistence."""

    def __init__(self) -> None:
        self._folder, self.port = tempfile.mkdtemp(prefix="bw-redis-"), free_port()
        options = "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self._folder
        self._process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        while not self._answers():
            assert self._process.poll() is None

    @property
    def url(self) -> str:
        """Its URL."""
        return f"redis://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
