"""Pipecat's serializer for Bandwidth, unchanged from its package, with a stream of the emulator.

It is an optional test, since it installs some 60 packages: BANDWIDTH_PIPECAT=1 runs it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.application import Application

from bandwidth_calls.emulator import Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

AGENT = Path(__file__).parents[1] / "support" / "pipecat_agent.py"
pytestmark = pytest.mark.skipif("BANDWIDTH_PIPECAT" not in os.environ, reason="BANDWIDTH_PIPECAT is not set")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of an environment that has pipecat."""
    import subprocess

    venv = tmp_path_factory.mktemp("pipecat")
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    subprocess.run([str(venv / "bin/python"), "-m", "pip", "install", "-q", "pipecat-bandwidth==0.1.0"], check=True)
    return str(venv / "bin/python")


@pytest.fixture
async def agent(python: str) -> AsyncIterator[str]:
    """The URL of the running agent."""
    process = await asyncio.create_subprocess_exec(python, str(AGENT), stdin=PIPE, stdout=PIPE)
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    yield f"ws://127.0.0.1:{port}/media"
    await process.communicate(b"")  # which closes its input, upon which it ends


@pytest.mark.parametrize("encoding", ["PCMU", "PCM"])
async def test_it_plays_back_and_is_interrupted(agent: str, encoding: str) -> None:
    """The caller hears what he said, and an interruption is a clear."""
    document = (
        f'<Response><StartStream name="a" mode="bidirectional" destination="{agent}?encoding={encoding}"/>'
        '<Pause duration="20"/></Response>'
    )
    far_end = FarEnd().silence().say("a" * 75).hear_audio(at_least=2).hang_up(after=1)
    async with Emulator(moved_clock=True, patience=60) as bandwidth, Application(initiate=document) as application:
        numbers = {"to": "+19195551234", "from_": "+19195554321"}
        call = await bandwidth.inbound(**numbers, url=application.url, far_end=far_end)
        await bandwidth.run_until_idle()
        bandwidth.assert_no_problems()

    events = [str(frame["eventType"]) for frame in call.stream().received]
    heard = sum(float(str((entry.detail or {})["seconds"])) for entry in call.entries if entry.kind == "played")
    assert events.count("clear") == 1
    assert events.count("playAudio") > 40
    assert 4 < heard < 5.1
    assert call.disconnect_cause == "hangup"
