"""The moderator of a conference: a program that changes its members, speaks to them and ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.application import Application
from support.program import run_example

from bandwidth_calls.emulator import Call, Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Place = Callable[..., Awaitable[Call]]

ROOM = "<Response><Conference>support</Conference></Response>"


class Moderator:
    """Runs the program on the conference `support` of two calls."""

    def __init__(self, bandwidth: Emulator, calls: list[Call]) -> None:
        self.bandwidth = bandwidth
        self.one, self.two = calls

    async def __call__(self, *command: str, name: str = "support", code: int = 0) -> str:
        """Run a command, and return what it printed, each call by its letter."""
        exit_code, out, error = await run_example(
            "moderate_conference.py", name, *command, base_url=self.bandwidth.base_url
        )
        assert exit_code == code, error
        return (out or error).replace(self.one.call_id, "A").replace(self.two.call_id, "B")


@pytest.fixture
async def moderate(bandwidth: Emulator, place: Place) -> AsyncIterator[Moderator]:
    """A conference with two members, and its moderator."""
    async with Application(answer=ROOM) as application:
        calls = [await place(application, to=number) for number in ("+14155551231", "+14155551232")]
        await bandwidth.advance(5)
        yield Moderator(bandwidth, calls)


async def test_members_are_muted_and_held(moderate: Moderator) -> None:
    """The list tells who is muted and who is on hold, until both are undone."""
    await moderate("mute", moderate.one.call_id)
    await moderate("hold", moderate.two.call_id)
    changed = await moderate("list")
    await moderate("unmute", moderate.one.call_id)
    await moderate("resume", moderate.two.call_id)
    undone = await moderate("list")

    assert [line.rstrip() for line in changed.splitlines()] == ["A muted", "B  on hold"]
    assert [line.rstrip() for line in undone.splitlines()] == ["A", "B"]


async def test_a_coach_may_be_followed_by_another(moderate: Moderator) -> None:
    """A second coach is refused with the service's words, until the first one ends."""
    await moderate("coach", moderate.one.call_id, moderate.two.call_id)
    refused = await moderate("coach", moderate.two.call_id, moderate.one.call_id, code=1)
    await moderate("coach", moderate.one.call_id)
    await moderate("coach", moderate.two.call_id, moderate.one.call_id)

    assert "coach" in refused


async def test_all_members_hear_an_announcement(moderate: Moderator) -> None:
    """It is spoken to both, as text: markup in it is no verb."""
    await moderate("announce", "We close <soon>")
    await moderate.bandwidth.advance(5)

    moderate.one.assert_heard("We close <soon>")
    moderate.two.assert_heard("We close <soon>")


async def test_a_conference_is_ended_once(moderate: Moderator) -> None:
    """After that, no conference of the name is live, though the list has it still."""
    await moderate("end")
    await moderate.bandwidth.run_until_idle()
    again = await moderate("end", code=1)

    assert again == "no conference 'support' is live\n"
    assert moderate.one.ended()


async def test_an_unknown_command_shows_the_usage(moderate: Moderator) -> None:
    """So does a command without its arguments."""
    assert "Moderate a conference" in await moderate("mute", code=1)
    assert "Moderate a conference" in await moderate("sing", code=1)
