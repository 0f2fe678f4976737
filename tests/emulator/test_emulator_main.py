from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

import pytest
from support.emulator_http import USER, ask

from bandwidth_calls.emulator import Emulator
from bandwidth_calls.emulator import __main__ as command

if TYPE_CHECKING:
    from aiohttp import ClientSession


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_serves_until_a_signal(number: signal.Signals, http: ClientSession) -> None:
    """The first line says where it is; a signal ends it with 0, though a connection is still open."""
    flags = ["--port", "0", "--calls", "3", "--account", "7", "--no-webhooks"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bandwidth_calls.emulator", *flags), stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    where = json.loads(await process.stdout.readline())

    reply = await ask(http, "GET", f"{where['base_url']}/accounts/{where['account_id']}/calls", headers=USER)
    process.send_signal(number)
    rest = await process.stdout.read()

    assert (await process.wait(), rest) == (0, b"")
    assert (where["account_id"], len(reply.json())) == ("7", 3)
    assert where["token_url"] == where["base_url"].replace("/api/v2", "/api/v1/oauth2/token")


def test_a_signal_ends_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It is raised as soon as the first line is there."""

    def print_and_stop(line: str, *, flush: bool) -> None:
        assert flush
        assert json.loads(line)["account_id"] == "9900000"
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(command, "print", print_and_stop, raising=False)

    status = command.main(["--port", "0"])

    assert (status, capsys.readouterr()) == (0, ("", ""))


def test_a_port_in_use_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 1, and there is no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        status = command.main(["--port", str(port)])

    out, err = capsys.readouterr()
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"cannot listen on 127.0.0.1:{port}: ")


@pytest.mark.parametrize(
    "flags", [["--port", "x"], ["--port", "65536"], ["--lag", "nan"], ["--nothing"], ["--calls", "-1"]]
)
def test_bad_flags_are_refused(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is that of argparse, and the last line names the flag."""
    with pytest.raises(SystemExit) as stopped:
        command.main(flags)

    assert stopped.value.code == 2
    assert flags[0].strip("-") in capsys.readouterr().err.splitlines()[-1]


def test_every_setting_is_a_flag_of_the_same_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without flags the emulator is the one that Python makes, but for the port."""
    made: list[Emulator] = []

    async def serve(emulator: Emulator) -> None:
        made.append(emulator)

    monkeypatch.setattr(command, "_serve", serve)

    command.main([])

    assert made[0].port == 8080
    made[0].port = 0
    assert repr(made[0]) == repr(Emulator())
