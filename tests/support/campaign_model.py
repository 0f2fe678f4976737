"""A model of one key of a campaign: two workers, a sweep, webhooks, a listing and crashes, in any order.

`effects` says what each statement does to the row, which test_model.py compares with the real ones. `steps` says what
may happen next. The number of dials is counted where a request leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

# What a worker may write of a request, and whether the person was dialled by it.
ANSWERS = {
    "placed": (True,),
    "refused": (False,),
    "waiting": (False,),  # provably not processed: not sent, 429, 401
    "unknown": (True, False),  # doubt
}
FRESH, SWEPT = 0, 1  # how long ago the key was taken: past twice the total it may be swept
UNSETTLED = ("sending", "unknown", "absent")


@attrs.frozen
class Worker:
    """Where a worker is: it took an attempt, its request is out, or it has a result to write."""

    phase: str = "idle"  # idle, taken, out, answered
    attempt: int = 0
    result: str = ""


@attrs.frozen
class World:
    """The row, both workers, and what truly happened."""

    state: str = "waiting"
    attempt: int = 0
    age: int = FRESH
    workers: tuple[Worker, Worker] = (Worker(), Worker())
    dials: int = 0

    def worker(self, index: int, **changes: Any) -> World:
        """Change a worker."""
        changed, other = attrs.evolve(self.workers[index], **changes), self.workers[1 - index]
        return attrs.evolve(self, workers=(changed, other) if index == 0 else (other, changed))


def effects(statement: str, state: str, same_attempt: bool = True) -> str:
    """Return the state of a row after a statement."""
    settles = state in UNSETTLED
    match statement:
        case "take" if state == "waiting":
            return "sending"
        case "write placed" if same_attempt and settles:
            return "placed"
        case "write refused" | "write waiting" | "write unknown" if same_attempt and state == "sending":
            return statement.removeprefix("write ")
        case "sweep" if state == "sending":
            return "unknown"
        case "webhook" if settles:
            return "placed"
        case "listed" if state == "unknown":
            return "placed"
        case "not listed" if state == "unknown":
            return "absent"
        case "cancel" if state == "waiting":
            return "cancelled"
    return state


def steps(world: World) -> Iterator[tuple[str, World]]:
    """Yield what may happen next, and the world after it."""
    for index, worker in enumerate(world.workers):
        yield from _of_worker(world, index, worker)
    if world.state == "sending" and world.age < SWEPT:
        yield "time passes", attrs.evolve(world, age=world.age + 1)
    if world.age == SWEPT:
        yield "sweep", _written(world, "sweep")
    if world.dials:
        yield "webhook", _written(world, "webhook")
        yield "listed", _written(world, "listed")
    yield "not listed", _written(world, "not listed")  # a call may be listed late
    yield "cancel", _written(world, "cancel")


def _of_worker(world: World, index: int, worker: Worker) -> Iterator[tuple[str, World]]:
    name = f"worker {index}"
    if worker.phase != "idle":
        yield f"{name} is killed", world.worker(index, phase="idle", attempt=0, result="")
    if worker.phase == "idle" and world.state == "waiting":
        taken = attrs.evolve(_written(world, "take"), attempt=world.attempt + 1, age=FRESH)
        yield f"{name} takes", taken.worker(index, phase="taken", attempt=taken.attempt)
        yield f"{name} takes, and the commit's answer is lost", taken
    if worker.phase == "taken":
        yield f"{name} sends", world.worker(index, phase="out")  # however late: a machine may be suspended just before
        yield f"{name} gives back", world.worker(index, phase="answered", result="waiting")
    if worker.phase == "out":
        for result, dialled in ANSWERS.items():
            for was in dialled:
                after = attrs.evolve(world, dials=world.dials + was)
                yield f"{name} hears {result}, dialled: {was}", after.worker(index, phase="answered", result=result)
        killed = attrs.evolve(world, dials=world.dials + 1)
        yield f"{name} is killed after it dialled", killed.worker(index, phase="idle", attempt=0, result="")
    if worker.phase == "answered":
        written = _written(world, f"write {worker.result}", worker.attempt)
        yield f"{name} writes", written.worker(index, phase="idle", attempt=0, result="")
        yield f"{name} writes, and the commit's answer is lost", written


def _written(world: World, statement: str, attempt: int | None = None) -> World:
    same = attempt is None or attempt == world.attempt
    state = effects(statement, world.state, same)
    return attrs.evolve(world, state=state, age=world.age if state == "sending" else FRESH)


def explore(most_attempts: int) -> dict[World, list[tuple[str, World]]]:
    """Return every world that can be reached, breadth first, with what may happen in it."""
    reached: dict[World, list[tuple[str, World]]] = {}
    front = [World()]
    while front:
        found: list[World] = []
        for world in front:
            if world in reached:
                continue
            reached[world] = [(name, after) for name, after in steps(world) if after.attempt <= most_attempts]
            found += [after for _, after in reached[world] if after not in reached]
        front = found
    return reached
