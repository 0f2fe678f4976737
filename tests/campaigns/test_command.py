"""The command that looks at campaigns and steers them, run as a person runs it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from support.campaign import call, keys, outcomes

from bandwidth_calls.campaigns import Dialler, Progress
from bandwidth_calls.emulator import Emulator

from .conftest import MakeDialler

ROOT = Path(__file__).parents[2]


async def command(*arguments: str, code: int = 0, environ: dict[str, str] | None = None) -> str:
    """Run the command, and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bandwidth_calls.campaigns", *arguments),
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environ or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == code, err.decode()
    return (out if code == 0 else err).decode()


async def test_the_progress_of_all_campaigns(make_dialler: MakeDialler, journal: str) -> None:
    """Each has a line."""
    async with make_dialler() as dialler:
        await outcomes(dialler, keys(2))
        await dialler.add([("late", call(9))])
    async with make_dialler(campaign="july"):
        pass

    assert (await command(journal)).splitlines() == [
        "june (account 9900000): 2 of 3 ended; 1 waiting, 2 placed",
        "july (account 9900000): 0 of 0 ended; empty",
    ]


async def test_outcomes_as_csv(dialler: Dialler, journal: str, bandwidth: Emulator) -> None:
    """A table for any spreadsheet."""
    await outcomes(dialler, keys(1))

    printed = await command(journal, "--campaign", "june", "--csv")

    assert printed.splitlines() == ["key,state,call_id,reason", f"key-0,placed,{bandwidth.calls[0].call_id},"]


async def test_a_fleet_is_paused_and_resumed_and_cancelled(dialler: Dialler, journal: str, bandwidth: Emulator) -> None:
    """From another process."""
    await dialler.add(keys(3))

    assert await command(journal, "--pause") == "june: paused\n"
    running = asyncio.create_task(outcomes(dialler))
    assert await command(journal, "--cancel") == "june: 3 cancelled\n"
    assert await command(journal, "--resume") == "june: runs\n"
    await running

    assert await dialler.progress() == Progress(cancelled=3)
    assert bandwidth.calls == []


async def test_watching_ends_with_the_campaign(dialler: Dialler, journal: str) -> None:
    """Each change is a line where there is no terminal."""
    await dialler.add(keys(3))
    watching = asyncio.create_task(command(journal, "--watch"))
    await outcomes(dialler)

    assert (await watching).splitlines()[-1] == "june (account 9900000): 3 of 3 ended; 3 placed"


async def test_unknown_keys_are_reconciled(dialler: Dialler, journal: str, bandwidth: Emulator) -> None:
    """By the credentials of the environment."""
    bandwidth.fault("createCall", drop="after")
    await outcomes(dialler, keys(1))
    login = {"BW_USERNAME": "user", "BW_PASSWORD": "password", "BW_VOICE_URL": bandwidth.base_url}

    printed = await command(journal, "--reconcile", environ={**login, "BW_ACCOUNT_ID": "9900000"})
    other = await command(journal, "--reconcile", code=1, environ={**login, "BW_ACCOUNT_ID": "1"})

    assert printed == "1 settled; june (account 9900000): 1 of 1 ended; 1 placed\n"
    assert other == "BW_ACCOUNT_ID: the campaign is of account 9900000, not 1\n"


async def test_one_of_several_must_be_chosen(make_dialler: MakeDialler, journal: str) -> None:
    """The names are told."""
    for name in ("june", "july"):
        async with make_dialler(campaign=name):
            pass

    told = await command(journal, "--csv", code=1)

    assert told == "campaign: choose one by --campaign and --account: june of 9900000, july of 9900000\n"
    assert "none 'may'" in await command(journal, "--campaign", "may", code=1)


@pytest.mark.parametrize("journal", ["june.db", "sqlite:////nowhere/june.db"])
async def test_a_journal_that_is_not_there(journal: str, tmp_path: Path) -> None:
    """One line says so, and nothing is made."""
    told = await command(journal, code=1)

    assert len(told.splitlines()) == 1
    assert told.startswith(("journal: ", "the journal "))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
async def test_a_terminal_gets_a_bar(dialler: Dialler, journal: str) -> None:
    """Where rich is installed."""
    pytest.importorskip("rich")
    await outcomes(dialler, keys(2))
    leader, follower = os.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bandwidth_calls.campaigns", journal, "--watch"),
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
        stderr=follower,
    )
    os.close(follower)
    await process.wait()

    shown = os.read(leader, 65_536).decode()
    os.close(leader)
    assert "2 placed" in shown
    assert "100%" in shown
