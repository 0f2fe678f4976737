from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import sys
from typing import TYPE_CHECKING

import pytest
from support.emulator_http import CALL, USER, ask

from bandwidth_calls.emulator import Call, Emulator
from bandwidth_calls.emulator import __main__ as command
from bandwidth_calls.emulator.calls.timeline import Entry
from bandwidth_calls.emulator.hosts import outside_address
from bandwidth_calls.emulator.printing import StepPrinter, step_line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from aiohttp import ClientSession


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_serves_until_a_signal(number: signal.Signals, http: ClientSession) -> None:
    """The first line says where it is; a signal ends it with 0, though a connection is still open."""
    flags = ["--port", "0", "--calls", "3", "--account", "7", "--no-webhooks"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bandwidth_calls.emulator", *flags),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
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
    """A signal right after the first line ends the program with 0."""

    def print_and_stop(line: str, *, flush: bool, file: object = None) -> None:
        assert flush
        if file is None:
            assert json.loads(line)["account_id"] == "9900000"
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(command, "print", print_and_stop, raising=False)

    status = command.main(["--port", "0"])

    assert (status, capsys.readouterr()) == (0, ("", ""))


@pytest.fixture
def handlers() -> Iterator[None]:
    """The handlers of signals are the same after a test as before."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_on_windows(number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    """Event loops of Windows have no `add_signal_handler`; a signal ends the program with 0 all the same."""

    def refuse(*_: object) -> None:
        raise NotImplementedError

    def print_and_stop(*_: object, file: object = None, **__: object) -> None:
        if file is None:
            signal.raise_signal(number)

    monkeypatch.setattr(asyncio.SelectorEventLoop, "add_signal_handler", refuse)
    monkeypatch.setattr(command, "print", print_and_stop, raising=False)

    assert command.main(["--port", "0"]) == 0


@contextlib.asynccontextmanager
async def served(*flags: str) -> AsyncIterator[tuple[dict[str, str], asyncio.StreamReader]]:
    """Start the program; yield the JSON of its first line, and its standard error."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bandwidth_calls.emulator", "--port", "0", *flags),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    yield json.loads(await process.stdout.readline()), process.stderr
    process.terminate()
    await process.communicate()


async def test_a_person_is_told_where_to_look(http: ClientSession) -> None:
    """A line on standard error has the URL of the live page; the JSON line has its three keys alone."""
    async with served() as (where, told):
        line = (await told.readline()).decode()

        reply = await ask(http, "GET", line.split()[-1])

    assert line.startswith("calls can be watched at http://127.0.0.1:")
    assert reply.body.startswith(b"<!doctype html>")
    assert sorted(where) == ["account_id", "base_url", "token_url"]


async def test_each_step_can_be_printed(http: ClientSession) -> None:
    """Each step is a line on standard error: the time, the end of the call's id, and what happened."""
    async with served("--verbose", "--moved-clock") as (where, told):
        url = f"{where['base_url']}/accounts/{where['account_id']}/calls"
        reply = await ask(http, "POST", url, json={**CALL, "to": "+12015550110"}, headers=USER)
        await ask(http, "POST", where["base_url"].replace("/api/v2", "/_emulator/advance"), json={"seconds": 1})

        await told.readline()
        lines = [(await told.readline()).decode() for _ in range(2)]

    call_id = reply.json()["callId"]
    assert lines[0] == f"00:00:00.000  {call_id[-8:]}  queued: +19195554321 -> +12015550110\n"
    assert call_id[-8:] in lines[1]


def test_a_step_is_one_line() -> None:
    """Line breaks in a step are blanks, and escape sequences are shown as text."""
    call = Call(call_id="c-12345678", account_id="1", application_id="a", to="b", from_="c", created=0, last_update=0)

    line = step_line(call, Entry(1500, "said", "one\ntwo\x1b[2J"))

    assert line == "00:00:01.500  12345678  said: one two\\x1b[2J"


def test_steps_that_nobody_reads_do_not_stop_it() -> None:
    """What a full pipe does not take is dropped, and whoever reads later is told how much."""
    unread, full = os.pipe()
    printer, entry = StepPrinter(full), Entry(1500, "said", "x" * 100)
    call = Call(call_id="c-12345678", account_id="1", application_id="a", to="b", from_="c", created=0, last_update=0)

    for _ in range(20_000):
        printer(call, entry)
    printed = b""
    while b"steps were not printed" not in printed:
        printed += os.read(unread, 2**16)
    os.close(unread)  # ends what waits for a reader
    printer.close()
    os.close(full)

    assert printed.startswith(b"00:00:01.500  12345678  said: xxx")


async def test_whoever_opens_it_to_others_is_warned(http: ClientSession) -> None:
    """The warning names the address; the URLs lead to the machine by an address that others can use."""
    async with served("--host", "0.0.0.0") as (where, told):
        line = (await told.readline()).decode()
        reply = await ask(http, "GET", f"{where['base_url']}/accounts/9900000/calls", headers=USER)

    assert line.startswith("warning: ")
    assert "0.0.0.0" in line
    assert where["base_url"].startswith(f"http://{outside_address('0.0.0.0')}:")
    assert reply.status == 200


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
    """Without flags the settings are the defaults of `Emulator`, except for the port."""
    made: list[Emulator] = []

    async def serve(emulator: Emulator) -> None:
        made.append(emulator)

    monkeypatch.setattr(command, "serve", serve)

    command.main([])

    assert made[0].port == 8080
    made[0].port = 0
    assert repr(made[0]) == repr(Emulator())


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
async def test_a_person_at_a_terminal() -> None:
    """The JSON line comes first, then what can be copied: five variables, the page, and a request that works."""
    process, terminal = await at_a_terminal("--port", "0", "--client-secret", "it's secret")
    try:
        lines = await read_lines(terminal, "curl ")
        where = json.loads(lines[0])
        exported = [line for line in lines if line.startswith("export ")]
        script = "\n".join([*exported, lines[-1], 'echo; echo "$BW_CLIENT_SECRET"'])
        shell = await asyncio.create_subprocess_exec(
            "sh", "-c", script, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, _ = await shell.communicate()
    finally:
        process.terminate()
        await process.wait()

    names = [line.removeprefix("export ").partition("=")[0] for line in exported]
    assert names == ["BW_ACCOUNT_ID", "BW_CLIENT_ID", "BW_CLIENT_SECRET", "BW_VOICE_URL", "BW_TOKEN_URL"]
    assert f"export BW_VOICE_URL={where['base_url']}" in exported
    call, secret = out.decode().splitlines()
    assert json.loads(call)["direction"] == "inbound"
    assert secret == "it's secret"
    assert sum(where["base_url"].removesuffix("api/v2") in line and "Watch" in line for line in lines) == 1


async def at_a_terminal(*flags: str) -> tuple[asyncio.subprocess.Process, int]:
    """Start the emulator with a pseudo-terminal as its standard output. Return the process and the other side."""
    pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")
    ours, theirs = pty.openpty()
    command = sys.executable, "-m", "bandwidth_calls.emulator", *flags
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(*command, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    return process, ours


async def read_lines(terminal: int, last: str) -> list[str]:
    """Read a terminal up to a line that begins so, and return the lines."""
    text, lines = "", [""]
    while not lines[-1].startswith(last):
        text += (await asyncio.to_thread(os.read, terminal, 4096)).decode()
        ends = [n for n, line in enumerate(text.split("\r\n")[:-1]) if line.startswith(last)]
        lines = text.split("\r\n")[: ends[0] + 1] if ends else lines
    return lines
