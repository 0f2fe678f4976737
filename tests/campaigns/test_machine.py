"""The statements under Hypothesis: takes, answers, crashes, sweeps, webhooks, listings and cancels in any order."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from support.campaign import Rows, call

from bandwidth_calls.campaigns import Job, Pace
from bandwidth_calls.campaigns.database import Database
from bandwidth_calls.campaigns.journal import Journal
from bandwidth_calls.campaigns.settle import Settler
from bandwidth_calls.campaigns.turn import Result, Taken, Turn
from bandwidth_calls.webhooks import parse_event

T = TypeVar("T")
KEYS = st.integers(0, 3)
WORKERS = st.integers(0, 1)


class Campaign(RuleBasedStateMachine):
    """Two workers and four keys. `dials` counts the requests that left and were processed."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{Path(self.folder.name) / 'journal.db'}"
        self.runner = asyncio.Runner()
        self.journal = Journal(Database(self.url), "1", "june")
        self.do(self.journal.open())
        self.settler = Settler(self.journal)
        self.settler.loop = self.runner.get_loop()
        self.rows = Rows(self.url)
        self.held: list[list[Taken]] = [[], []]  # what each worker took, and has not sent
        self.out: list[list[Result]] = [[], []]  # what each worker has to write
        self.dials: Counter[str] = Counter()
        self.doubted: set[str] = set()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine."""
        return self.runner.run(work)

    @rule(key=KEYS)
    def add(self, key: int) -> None:
        """A key that is there stays as it is."""
        self.do(self.journal.add([Job(f"key-{key}", call(key))]))

    @rule(worker=WORKERS, lost=st.booleans())
    def take(self, worker: int, lost: bool) -> None:
        """The answer of the commit may be lost: then the worker does not know what it took."""
        taken = self.do(self._take())
        if not lost:
            self.held[worker] += taken

    async def _take(self) -> list[Taken]:
        async with self.journal.database.transaction() as connection:
            turn = Turn(self.journal, connection)
            found = await turn.take(await turn.places(Pace(per_second=None), 2, 0.0), None, None)
        return [one for one in found if isinstance(one, Taken)]

    @precondition(lambda self: any(self.held))
    @rule(worker=WORKERS, state=st.sampled_from(["placed", "refused", "waiting", "unknown"]), processed=st.booleans())
    def send(self, worker: int, state: Any, processed: bool) -> None:
        """A request leaves, and its answer comes, or is lost whether it was processed or not."""
        if self.held[worker]:
            taken = self.held[worker].pop()
            if state == "placed" or (state == "unknown" and processed):
                self.dials[taken.key] += 1
            call_id = f"c-{taken.key}" if state == "placed" else None
            self.out[worker].append(Result(taken, state, call_id, None if state == "placed" else "why"))

    @rule(worker=WORKERS, lost=st.booleans())
    def write(self, worker: int, lost: bool) -> None:
        """What came is written; where the answer of the commit is lost, it is written again later."""
        self.do(self._write(self.out[worker]))
        if not lost:
            self.out[worker] = []

    async def _write(self, results: list[Result]) -> None:
        async with self.journal.database.transaction() as connection:
            await Turn(self.journal, connection).write(results, one_by_one=False)

    @rule(worker=WORKERS)
    def crash(self, worker: int) -> None:
        """A worker forgets what it took and what it heard."""
        self.held[worker], self.out[worker] = [], []

    @rule()
    def sweep(self) -> None:
        """Long after: what is still being sent is in doubt."""
        self.do(self.rows.age(1000))
        self.do(self._sweep())

    async def _sweep(self) -> None:
        async with self.journal.database.transaction() as connection:
            await Turn(self.journal, connection).sweep(100)

    @rule(key=KEYS)
    def webhook(self, key: int) -> None:
        """A call that was dialled sends an event."""
        if self.dials[f"key-{key}"]:
            event = parse_event({"eventType": "answer", "callId": f"c-key-{key}", "tag": f"june/key-{key}"})
            self.do(self.settler.settle(event))

    @rule(key=KEYS)
    def cancel(self, key: int) -> None:
        """What waits is cancelled."""
        self.do(self.journal.cancel([f"key-{key}"]))

    @invariant()
    def nobody_is_dialled_twice(self) -> None:
        """No key has left twice."""
        assert max(self.dials.values(), default=0) <= 1

    @invariant()
    def doubt_leads_to_no_second_dial(self) -> None:
        """A key that was unknown stays so or is placed; what is placed was dialled."""
        states = self.do(self.rows.states())
        for key, state in states.items():
            if state in ("unknown", "absent"):
                self.doubted.add(key)
            assert key not in self.doubted or state in ("unknown", "absent", "placed")
            assert state != "placed" or self.dials[key] == 1

    def teardown(self) -> None:
        """Close the journal."""
        self.do(self.journal.database.close())
        self.runner.close()
        self.folder.cleanup()


TestCampaign = Campaign.TestCase
TestCampaign.settings = settings(max_examples=25, stateful_step_count=25)
