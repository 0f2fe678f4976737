"""Processes, and the scheduler that runs them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bandwidth_calls.emulator.simulation.clock import Clock
from bandwidth_calls.emulator.simulation.process import Process, Wait
from bandwidth_calls.emulator.simulation.scheduler import Scheduler

if TYPE_CHECKING:
    from bandwidth_calls.emulator.simulation.process import Steps


@pytest.fixture
def scheduler() -> Scheduler:
    """Return a scheduler on a moved clock, at zero."""
    return Scheduler(Clock(lambda: 0.0), moved=True)


async def finish(scheduler: Scheduler) -> None:
    """Play until no timer is left."""
    await scheduler.play(None, lambda: False)


async def test_a_process_waits_and_is_told_what_came(scheduler: Scheduler) -> None:
    """A wait ends by its time or by a signal of its kinds, and the result is given at the end."""
    told: list[object] = []

    def program() -> Steps[str]:
        told.append((yield Wait(1)))
        signal = yield Wait(None, ("key",))
        told.append(signal and signal.value)
        return "end"

    process = Process(scheduler, program(), told.append)
    process.start()
    early = process.signal("key", "1")
    await finish(scheduler)
    other, right, late = process.signal("speech"), process.signal("key", "2"), process.signal("key", "3")

    assert told == [None, "2", "end"]
    assert (early, other, right, late, process.alive) == (False, False, True, False, False)


async def test_a_signal_ends_the_timer_of_its_wait(scheduler: Scheduler) -> None:
    """The timer of a wait that a signal ended does not fire."""
    told: list[object] = []

    def program() -> Steps[None]:
        yield Wait(5, ("key",))
        told.append((yield Wait(None, ("never",))))

    process = Process(scheduler, program(), told.append)
    process.start()
    process.signal("key")
    await finish(scheduler)

    assert (told, process.alive) == ([], True)


async def test_a_process_that_is_stopped_is_closed(scheduler: Scheduler) -> None:
    """Its `finally` runs, it gets no more signals, and it has no result."""
    told: list[object] = []

    def program() -> Steps[None]:
        try:
            yield Wait(1, ("key",))
        finally:
            told.append("closed")

    process = Process(scheduler, program(), lambda _: told.append("ended"))
    process.start()
    process.stop()
    await finish(scheduler)

    assert (told, process.signal("key")) == (["closed"], False)


async def test_a_process_may_stop_itself(scheduler: Scheduler) -> None:
    """What it yields after that is not waited for, and its result is lost."""
    told: list[object] = []
    processes: list[Process[None]] = []

    def going_on() -> Steps[None]:
        processes[0].stop()
        try:
            yield Wait(1)
            told.append("went on")
        finally:
            told.append("closed")

    def returning() -> Steps[None]:
        processes[1].stop()
        yield from ()

    for steps in (going_on(), returning()):
        processes.append(Process(scheduler, steps, lambda _: told.append("ended")))
        processes[-1].start()
    await finish(scheduler)

    assert told == ["closed"]


async def test_what_comes_while_a_process_acts_is_not_lost(scheduler: Scheduler) -> None:
    """A signal that comes while the generator runs is there for its next wait."""
    told: list[object] = []
    processes: list[Process[None]] = []

    def program() -> Steps[None]:
        processes[0].signal("speech")
        processes[0].signal("key", "1")
        signal = yield Wait(None, ("key",))
        told.append(signal and signal.value)

    processes.append(Process(scheduler, program(), told.append))
    processes[0].start()

    assert told == ["1", None]


async def test_things_happen_in_the_order_of_time_and_asking(scheduler: Scheduler) -> None:
    """Timers fire in the order of time and of asking. A cancelled timer does not fire."""
    told: list[str] = []
    scheduler.after(2, lambda: told.append("c"))
    scheduler.after(1, lambda: told.append("a"))
    scheduler.after(1, lambda: told.append("b"))
    scheduler.after(1.5, lambda: told.append("never")).cancel()

    await finish(scheduler)

    assert (told, scheduler.next_due) == (["a", "b", "c"], None)


async def test_work_that_fails_fails_the_one_who_plays(scheduler: Scheduler) -> None:
    """An exception in work is raised by `play`."""

    async def fail() -> object:
        raise ZeroDivisionError

    scheduler.work("what fails", fail)  # type: ignore[arg-type]  # it returns nothing

    with pytest.raises(ZeroDivisionError):
        await finish(scheduler)


async def test_work_that_fails_on_a_running_clock_is_told_to_the_loop() -> None:
    """Nobody awaits it there, so the event loop reports it."""
    told: list[object] = []
    failed = asyncio.Event()

    def handle(_: object, context: dict[str, object]) -> None:
        told.append(type(context["exception"]))
        failed.set()

    asyncio.get_running_loop().set_exception_handler(handle)
    scheduler = Scheduler(Clock(lambda: 0.0), moved=False)

    async def fail() -> object:
        raise ZeroDivisionError

    scheduler.work("what fails", fail)  # type: ignore[arg-type]  # it returns nothing
    await failed.wait()

    assert told == [ZeroDivisionError]


async def test_closing_waits_for_work_to_be_broken_off(scheduler: Scheduler) -> None:
    """No task is left over."""
    running = Scheduler(Clock(lambda: 0.0), moved=False)
    never = asyncio.Event()
    before = asyncio.all_tasks()
    running.work("what takes long", never.wait)  # type: ignore[arg-type]  # it never returns
    running.after(1, lambda: None)
    await asyncio.sleep(0)

    await running.close()

    assert asyncio.all_tasks() == before
