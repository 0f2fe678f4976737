"""What a test can ask of the emulator in Python; tests/emulator/control asks the same over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from support.application import Application

from bandwidth_calls.emulator import Call, Emulator

GATHER = '<Response><Gather gatherUrl="/hook" maxDigits="3"/></Response>'
ACTIONS: dict[str, Callable[[Emulator, Call | str], None]] = {
    "press": lambda emulator, call: emulator.press(call, "1"),
    "say": lambda emulator, call: emulator.say(call, "Hello"),
    "hang_up": lambda emulator, call: emulator.hang_up(call),
}


@pytest.fixture
async def call(bandwidth: Emulator) -> AsyncIterator[Call]:
    """A call that has come in, and rings; its application asks for three keys."""
    async with Application(initiate=GATHER) as application:
        yield await bandwidth.inbound(to="+19195554321", from_="+19195551234", url=application.url)


async def test_the_far_end_acts_when_it_is_told(bandwidth: Emulator, call: Call) -> None:
    """It speaks and presses keys besides what its script says."""
    await bandwidth.advance(1)

    bandwidth.say(call, "Good morning")
    await bandwidth.advance(1)
    bandwidth.press(call, "12")
    await bandwidth.advance(1)

    assert call.transcript() == "far end said: Good morning\npressed: 1\npressed: 2"


async def test_the_far_end_hangs_up_when_it_is_told(bandwidth: Emulator, call: Call) -> None:
    """The call is over at once."""
    await bandwidth.advance(1)

    bandwidth.hang_up(call)

    assert (call.state, call.disconnect_cause) == ("disconnected", "hangup")


async def test_a_caller_gives_up_when_it_is_told(bandwidth: Emulator, call: Call) -> None:
    """A caller may hang up while the call rings."""
    bandwidth.hang_up(call)

    assert call.disconnect_cause == "cancel"


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_call_may_be_named_by_its_id(action: str, bandwidth: Emulator, call: Call) -> None:
    """The id does as well as the call."""
    await bandwidth.advance(1)
    before = len(call.entries)

    ACTIONS[action](bandwidth, call.call_id)
    await bandwidth.advance(1)

    assert len(call.entries) > before


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_far_end_that_has_gone_does_nothing(action: str, bandwidth: Emulator, call: Call) -> None:
    """The `RuntimeError` names the call."""
    bandwidth.hang_up(call)

    with pytest.raises(RuntimeError, match=rf"^the far end of call \[{call.call_id}\] is not on the line$"):
        ACTIONS[action](bandwidth, call)


@pytest.mark.parametrize("action", ["press", "say"])
async def test_a_caller_who_waits_only_hangs_up(action: str, bandwidth: Emulator, call: Call) -> None:
    """Nobody hears keys and words while the call rings."""
    with pytest.raises(RuntimeError, match="not on the line"):
        ACTIONS[action](bandwidth, call)


@pytest.mark.parametrize("action", ACTIONS)
async def test_an_unknown_call_is_named(action: str, bandwidth: Emulator) -> None:
    """The `LookupError` says which call there is not."""
    with pytest.raises(LookupError, match=r"^Call \[c-1\] not found$"):
        ACTIONS[action](bandwidth, "c-1")


async def test_senseless_keys_and_words_are_refused(bandwidth: Emulator, call: Call) -> None:
    """A `ValueError` says what they must be."""
    await bandwidth.advance(1)

    with pytest.raises(ValueError, match="keys must be of 0-9"):
        bandwidth.press(call, "x")
    with pytest.raises(ValueError, match="words must be text"):
        bandwidth.say(call, " ")


async def test_a_call_is_found_by_its_id(bandwidth: Emulator, call: Call) -> None:
    """It is the same object as in `calls`; an unknown id is a `LookupError`."""
    found = bandwidth.find_call(call.call_id)

    assert found is call
    with pytest.raises(LookupError, match="c-1"):
        bandwidth.find_call("c-1")
