"""The examples that answer webhooks, each with a whole call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from support.served import load, served

from bandwidth_calls.emulator import Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SHOP, CALLER = "+19195554321", "+19195551234"


@pytest.fixture
async def bandwidth() -> AsyncIterator[Emulator]:
    """An emulator that fails the test for a problem of the application."""
    async with Emulator(moved_clock=True) as emulator:
        yield emulator
        emulator.assert_no_problems()


async def test_the_menu_tells_the_opening_hours(bandwidth: Emulator) -> None:
    """A caller who presses 2 hears them, and the menu again."""
    far_end = FarEnd().hear("opening hours, press 2").press("2").hear("nine to five").hang_up()
    async with served(load("ivr_menu").webhooks) as url:
        call = await bandwidth.inbound(to=SHOP, from_=CALLER, url=url, far_end=far_end)
        await bandwidth.run_until(call.ended)

    call.assert_heard("We are open from nine to five.")


async def test_the_menu_puts_a_caller_through(bandwidth: Emulator) -> None:
    """A caller who presses 1 talks to sales."""
    ivr_menu = load("ivr_menu")
    bandwidth.far_end(ivr_menu.SALES, FarEnd().say("Sales, good morning").hang_up(after=60))
    far_end = FarEnd().hear("for sales").press("1").hear("good morning")
    async with served(ivr_menu.webhooks) as url:
        call = await bandwidth.inbound(to=SHOP, from_=CALLER, url=url, far_end=far_end)
        await bandwidth.run_until_idle()

    assert bandwidth.assert_dialled_once(ivr_menu.SALES).parent_call_id == call.call_id


async def test_the_menu_gives_up(bandwidth: Emulator) -> None:
    """A caller who presses nothing hears the menu twice, and a goodbye."""
    async with served(load("ivr_menu").webhooks) as url:
        call = await bandwidth.inbound(to=SHOP, from_=CALLER, url=url)
        await bandwidth.run_until_idle()

    assert call.transcript().count("For sales, press 1.") == 2
    call.assert_heard("goodbye")


async def test_a_whisper_before_calls_are_joined(bandwidth: Emulator) -> None:
    """Only the agent hears who calls. The caller is told when the agent has left."""
    whisper = load("whisper")
    bandwidth.far_end(whisper.AGENTS[0], FarEnd().answer(after=9))
    bandwidth.far_end(whisper.AGENTS[1], FarEnd().answer(after=3).hear("a call from").say("Hello").hang_up(after=5))
    async with served(whisper.webhooks) as url:
        call = await bandwidth.inbound(to=SHOP, from_=CALLER, url=url)
        await bandwidth.run_until_idle()

    agent = bandwidth.assert_dialled_once(whisper.AGENTS[1])
    agent.assert_heard(f"A call from {CALLER}.")
    call.assert_never_heard("a call from")
    call.assert_heard("Goodbye")


@pytest.mark.parametrize(
    ("number", "heard"), [(CALLER, "Hello. Your parcel"), ("+12015550120", "Your parcel comes tomorrow")]
)
async def test_a_machine_hears_something_else_than_a_person(
    bandwidth: Emulator, number: str, heard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a person is greeted."""
    example = load("machine_detection")
    async with served(example.webhooks) as url:
        environ = {
            "BW_ACCOUNT_ID": bandwidth.account_id,
            "BW_CLIENT_ID": bandwidth.client_id,
            "BW_CLIENT_SECRET": bandwidth.client_secret,
            "BW_VOICE_URL": bandwidth.base_url,
            "BW_TOKEN_URL": bandwidth.token_url,
            "BW_TO": number,
            "BW_HOOK_URL": url,
        }
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        await example.place(web.Application())
        await bandwidth.run_until_idle()

    call = bandwidth.assert_dialled_once(number)
    call.assert_heard(heard)
    if number != CALLER:
        call.assert_never_heard("Hello")
