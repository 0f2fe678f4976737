"""A PostgreSQL server of the tests' own, on loopback: started, stopped, killed and restarted at will."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from support.program import free_port

_OWNER = "postgres"  # PostgreSQL refuses to run as root


@cache
def binaries() -> Path | None:
    """Return the folder with `initdb` and `postgres`, None where there is none."""
    found = [Path(path).resolve().parent for path in [shutil.which("initdb") or ""] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in found if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


class PostgresServer:
    """A server with a superuser `journal`. Its data stay while it is stopped."""

    def __init__(self, *options: str) -> None:
        self._options = options
        folder = binaries()
        assert folder is not None
        self._binaries, self._folder, self.port = folder, Path(tempfile.mkdtemp(prefix="bw-pg-")), free_port()
        self._user: dict[str, Any] = {}
        if os.getuid() == 0:
            shutil.chown(self._folder, _OWNER)
            self._user = {"user": _OWNER, "group": _OWNER, "extra_groups": []}
        self._data = self._folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "--auth=trust", "--username=journal", "--encoding=UTF8", "-D", str(self._data))

    @property
    def url(self) -> str:
        """The URL of its first database, as a Dialler takes it."""
        return f"postgresql://journal@127.0.0.1:{self.port}/postgres"

    def new_database(self) -> str:
        """Make an empty database, and return its URL."""
        name = f"journal_{secrets.token_hex(8)}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "journal", "-T", "template0", name)
        return self.url.replace("/postgres", f"/{name}")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = ["-p", str(self.port), "-k", str(self._folder), "-h", "127.0.0.1", "-c", "max_connections=200"]
        options += self._options
        command = [str(self._binaries / "postgres"), "-D", str(self._data), *options]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder, **self._user)
        while self._run("pg_isready", "-h", "127.0.0.1", "-p", str(self.port), check=False) != 0:
            assert self._process.poll() is None, (self._folder / "log").read_text()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT drops the connections, SIGQUIT is a crash, after which it recovers."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """Stop it and delete its data."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str, check: bool = True) -> int:
        command = [str(self._binaries / program), *arguments]
        return subprocess.run(
            command, check=check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self._folder, **self._user
        ).returncode
