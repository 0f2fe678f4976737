"""Every example, run as a person runs it: as a program, against an emulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.program import run_example
from support.served import EXAMPLES

from bandwidth_calls.emulator import Emulator

LONGEST = {
    "reminders.py": 79,
    "campaign_fleet.py": 60,
    "campaign_taskiq.py": 60,
    "voice_agent.py": 91,
}  # whole services
BY_OTHER_TESTS = {
    "campaign_fleet.py",
    "campaign_taskiq.py",
    "export_recordings.py",
    "ivr_menu.py",
    "ivr_menu_fastapi.py",
    "machine_detection.py",
    "moderate_conference.py",
    "reminders.py",
    "voice_agent.py",
    "voicemail.py",
    "whisper.py",
}


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """An emulator with past calls."""
    async with Emulator(calls=2500, no_webhooks=True) as running:
        yield running


async def run(example: str, *arguments: str, emulator: Emulator) -> tuple[str, str]:
    """Run an example with the environment of an emulator, and return what it printed."""
    tokens = {
        "BW_CLIENT_ID": emulator.client_id,
        "BW_CLIENT_SECRET": emulator.client_secret,
        "BW_TOKEN_URL": emulator.token_url,
    }
    code, out, err = await run_example(example, *arguments, base_url=emulator.base_url, **tokens)
    assert code == 0, err
    return out, err


async def test_quickstart(emulator: Emulator) -> None:
    """The quickstart needs no environment, and prints what it did."""
    out, err = await run("quickstart.py", emulator=emulator)

    assert "listed      2503 calls in 6 pages" in out
    assert "disconnected, cause hangup" in out
    assert err == ""


async def test_place_call(emulator: Emulator) -> None:
    """A call is placed once, and its id is printed."""
    out, _ = await run("place_call.py", "+19195551234", emulator=emulator)

    assert out == f"placed {emulator.calls[0].call_id}\n"


async def test_place_call_in_doubt(emulator: Emulator) -> None:
    """When the answer is lost, the call is looked up and not dialled again."""
    emulator.fault("createCall", drop="after")

    out, _ = await run("place_call.py", "+19195551234", emulator=emulator)

    assert out == f"in doubt; calls to +19195551234 since then: ['{emulator.calls[0].call_id}']\n"
    assert len(emulator.calls) == 1


async def test_place_call_refused(emulator: Emulator) -> None:
    """A refusal is printed."""
    emulator.fault("createCall", status=403)

    out, _ = await run("place_call.py", "+19195551234", emulator=emulator)

    assert out == "refused, nobody was dialled: Access is denied\n"


async def test_list_calls_goes_on_where_it_stopped(emulator: Emulator, tmp_path: Path) -> None:
    """Two runs, the first of which fails in the middle, list each call once."""
    file = tmp_path / "cursor"
    emulator.fault("listCalls", times=2, delay=0.001)
    emulator.fault("listCalls", status=403)

    first, error = await run("list_calls.py", str(file), emulator=emulator)
    rest, _ = await run("list_calls.py", str(file), emulator=emulator)

    assert "stopped after 2000 calls" in error
    listed = (first + rest).splitlines()
    assert len(listed) == len(set(listed)) == 2500
    assert not file.exists()


async def test_hang_up(emulator: Emulator) -> None:
    """A live call is ended; one that has ended has nothing to end."""
    await run("place_call.py", "+19195551234", emulator=emulator)
    call_id = emulator.calls[0].call_id

    ended, _ = await run("hang_up.py", call_id, emulator=emulator)
    again, _ = await run("hang_up.py", call_id, emulator=emulator)

    assert f"{call_id} ended at" in ended
    assert "there is nothing to end" in again


async def test_share_token(emulator: Emulator, tmp_path: Path) -> None:
    """Two processes fetch one token."""
    for _ in range(2):
        out, _ = await run("share_token.py", str(tmp_path), emulator=emulator)
        assert "listed 1 call" in out

    assert sum("oauth2/token" in seen.path for seen in emulator.requests) == 1


async def test_open_telemetry(emulator: Emulator) -> None:
    """Each request is a span, without query or token."""
    out, _ = await run("open_telemetry.py", emulator=emulator)

    assert "100 calls" in out
    assert f'"http.url": "{emulator.base_url}/accounts/9900000/calls"' in out
    assert "Bearer" not in out


def test_no_example_is_forgotten() -> None:
    """A test runs each program in the folder, and each is short."""
    source = Path(__file__).read_text()

    for example in EXAMPLES.glob("*.py"):
        assert f'"{example.name}"' in source
        assert len(example.read_text().splitlines()) <= LONGEST.get(example.name, 50)
