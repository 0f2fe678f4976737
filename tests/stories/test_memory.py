"""What the emulator holds of a call that is over."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from support.application import Application

from bandwidth_calls.emulator import FarEnd
from bandwidth_calls.emulator.engine.lines import Line
from bandwidth_calls.emulator.simulation.process import Process

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bandwidth_calls.emulator import Call, Emulator

    Place = Callable[..., Awaitable[Call]]

GATHER = '<Response><StartGather dtmfUrl="/"/><Gather gatherUrl="/" maxDigits="1"/></Response>'


async def test_a_call_that_is_over_is_free_without_the_garbage_collector(bandwidth: Emulator, place: Place) -> None:
    """Its line and its processes refer to each other only while it is up."""
    bandwidth.far_end("*", FarEnd().press("1").press("2"))
    gc.collect()
    gc.disable()
    try:
        async with Application(answer=GATHER, gather="<Response><Hangup/></Response>") as application:
            for _ in range(3):
                await place(application)
            await bandwidth.run_until_idle()
        left = [one for one in gc.get_objects() if isinstance(one, Line | Process)]
    finally:
        gc.enable()

    assert left == []
    assert all(call.state == "disconnected" for call in bandwidth.calls)
