"""The Dialler: many calls, each person dialled at most once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bandwidth_calls import checks
from bandwidth_calls.campaigns.attempt import Prepare
from bandwidth_calls.campaigns.database import Database
from bandwidth_calls.campaigns.hours import Hours
from bandwidth_calls.campaigns.journal import Journal
from bandwidth_calls.campaigns.reconcile import ABSENT_AFTER, SKEW, Reconciler
from bandwidth_calls.campaigns.run import Row, Rows, Run, batches
from bandwidth_calls.campaigns.settle import Settler
from bandwidth_calls.campaigns.values import Job, Outcome, Pace, Progress, State, check_campaign, check_key
from bandwidth_calls.campaigns.worker import Settings, Worker
from bandwidth_calls.errors import ClientClosedError
from bandwidth_calls.models.calls import CreateCall
from bandwidth_calls.transport.retry import RetryPolicy

if TYPE_CHECKING:
    from bandwidth_calls.client import BandwidthClient
    from bandwidth_calls.webhooks import Event, Webhooks

_BATCH = 5_000  # rows that are added by one statement
_CLOSED = "the Dialler is closed, or was not opened by `async with`; its keys stay in the journal"
_UNREAD = 10  # times `at_once` outcomes that nobody has read yet: then no more keys are taken


class Dialler:
    """Places the calls of a campaign: `async with Dialler(client, "sqlite:///june.db", campaign="june") as dialler`.

    Each key is dialled at most once, whatever crashes, since the journal notes it before its request leaves. `journal`
    is `sqlite:///PATH`, for the processes of one machine, or `postgresql://USER:PASSWORD@HOST/DATABASE`, for any number
    of machines. Tables are made where they are missing. A `campaign` has 1 to 64 letters, digits, `.`, `_` and `-`.

    `prepare(key, call)` returns the call as it is sent, with passwords; it must keep `to` and `tag`. `hours` are
    calling hours: then each job needs a zone. `at_once` is how many requests of this process are out at most. A wrong
    value is a ValueError that names it. JournalError tells that the database is away for longer than two minutes.
    """

    def __init__(
        self,
        client: BandwidthClient,
        journal: str,
        *,
        campaign: str,
        pace: Pace = Pace(),  # noqa: B008 - a frozen value
        prepare: Prepare | None = None,
        hours: Hours | None = None,
        at_once: int = 100,
    ) -> None:
        checks.model("pace", pace, Pace)
        if hours is not None:
            checks.model("hours", hours, Hours)
        checks.whole("at_once", at_once, 1)
        self._client, self._hours, self._at_once = client, hours, at_once
        self._journal = Journal(Database(journal), client.account_id, check_campaign(campaign))
        once = client.with_options(retry=RetryPolicy(attempts=1))  # what is sent again is the journal's decision
        settings = Settings(once.calls.create_call, client.timeout.total, pace, prepare, hours, at_once)
        self._pace, self._worker = pace, Worker(self._journal, settings, self)
        self._settler = Settler(self._journal)
        self._waiters: dict[str, list[asyncio.Future[Outcome]]] = {}
        self._run: Run | None = None
        self._is_open = False

    async def __aenter__(self) -> Self:
        try:
            await self._journal.open(concurrent=self._pace.concurrent is not None)
        except BaseException:
            await self._journal.database.close()
            raise
        self._settler.loop = asyncio.get_running_loop()
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_open = False
        await self._worker.stop()
        self._fail_waiters(ClientClosedError(_CLOSED))
        await self._journal.database.close()

    async def add(self, rows: Rows) -> int:
        """Add rows, `(key, call)` or `Job`, and return how many are new. A key that is there stays as it is.

        They are read as they are added, some thousands at a time, so memory stays flat. A wrong row is a ValueError,
        and those before it are added.
        """
        added = 0
        async for batch in batches(rows, _BATCH):
            jobs, error = self._checked(batch)
            added += await asyncio.shield(self._journal.add(jobs))  # a batch is added as a whole
            self._worker.nudge()
            if error is not None:
                raise error
        return added

    async def run(self, rows: Rows | None = None) -> AsyncGenerator[Outcome]:
        """Place calls, and yield what came of the keys that this process handled; `rows` are added meanwhile.

        It ends when no key of the campaign waits or is being sent, so it stays while one waits for tomorrow's hours,
        or while the campaign is paused. Leaving it takes no more keys, gives back those that did not leave, and waits
        for those that did. It raises what concerns the account, such as AuthenticationError: all keys wait then.
        """
        self._check_open()
        if self._run is not None:
            raise ValueError("run: runs already in this Dialler")
        run = self._run = Run(self._worker, _UNREAD * self._at_once)
        try:
            if rows is not None:
                run.add(asyncio.create_task(self.add(rows)))
            self._worker.takes_all = True
            self._worker.start()
            async for outcome in run.outcomes():
                yield outcome
        finally:
            self._worker.takes_all = False
            await run.stop_adding()
            await self._worker.drain()
            self._run = None

    async def dial(
        self,
        key: str,
        call: CreateCall,
        *,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        zone: str | None = None,
    ) -> Outcome:
        """Place the call of one key, and wait until it has ended; of a key that has, return the outcome at once.

        Whoever else has the key, in this process or another, nobody is dialled twice: a job that a task queue delivers
        again waits for the first one's outcome. It raises what `run` raises.
        """
        job = self._job(Job(key, call, not_before=not_before, not_after=not_after, zone=zone))
        await self._journal.add([job])
        found = await self._journal.database.keep_trying(lambda: self._journal.find(key))
        assert found is not None  # noqa: S101 - it was added just now
        row, outcome = found
        if outcome is not None:
            return outcome
        self._check_open()
        return await self._wait_for(row, key)

    async def outcome(self, key: str) -> Outcome | None:
        """Return what came of a key; None where nothing has yet, and where there is no such key."""
        found = await self._journal.find(check_key(key))
        return None if found is None else found[1]

    def outcomes(self, state: State | None = None) -> AsyncIterator[Outcome]:
        """Iterate over what came of the keys that have ended, or of those in one state, in the order of adding."""
        return self._journal.outcomes(state)

    async def progress(self) -> Progress:
        """Count the keys in each state. It reads the whole campaign, so do not call it in a loop."""
        return await self._journal.progress()

    async def pause(self) -> None:
        """Let all processes take no more keys, within a second."""
        await self._journal.set_state("paused")

    async def resume(self) -> None:
        """Let all processes go on."""
        await self._journal.set_state("running")

    async def cancel(self, keys: Iterable[str] | None = None) -> int:
        """Cancel keys that wait, all of them by default, and return how many."""
        return await self._journal.cancel(keys)

    def attach(self, webhooks: Webhooks) -> None:
        """Let the events of calls settle their keys: a call that sends webhooks was placed."""
        webhooks.watch(self._settler.observe)

    async def settle(self, event: Event) -> bool:
        """Settle the key of an event's call, and return whether that changed something."""
        return await self._settler.settle(event)

    async def reconcile(self, *, absent_after: float = ABSENT_AFTER, skew: float = SKEW) -> int:
        """Settle the unknown keys by the listing of calls, and return how many were settled.

        A key whose call is listed is `placed`. One whose call is not listed `absent_after` seconds after it was sent is
        `absent`: no proof, and a webhook that comes later is believed. `skew` is by how many seconds the clocks may
        differ. Calls are listed for 7 days, so reconcile before.
        """
        checks.number("absent_after", absent_after, 0)
        checks.number("skew", skew, 0)
        return await Reconciler(self._journal, self._client, absent_after=absent_after, skew=skew).run()

    async def _wait_for(self, row: int, key: str) -> Outcome:
        """Let the worker take a key, and wait until it has ended."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(key, []).append(future)
        self._worker.wanted.add(row)
        self._worker.start()
        try:
            return await future
        finally:
            waiting = self._waiters.get(key, [])
            if future in waiting:
                waiting.remove(future)
            if not waiting:
                self._waiters.pop(key, None)
                self._worker.wanted.discard(row)

    def _checked(self, rows: list[Row]) -> tuple[list[Job], ValueError | None]:
        """Return the rows as jobs, up to the first that is wrong, and what is wrong with it."""
        jobs: list[Job] = []
        for row in rows:
            try:
                jobs.append(self._job(row))
            except ValueError as error:
                return jobs, error
        return jobs, None

    def _job(self, row: Row) -> Job:
        if not isinstance(row, Job):
            if not isinstance(row, tuple) or len(row) != 2:
                raise ValueError(f"rows: each must be (key, call) or a Job, not {type(row).__name__}")
            row = Job(*row)
        if self._hours is not None and row.zone is None:
            raise ValueError(f"zone: is needed where a campaign has calling hours (key {checks.shown(row.key)})")
        return row

    def _check_open(self) -> None:
        if not self._is_open:
            raise ClientClosedError(_CLOSED)

    def _fail_waiters(self, error: Exception) -> None:
        for future in [future for waiting in self._waiters.values() for future in waiting if not future.done()]:
            future.set_exception(error)

    # What the worker tells.

    def ended(self, outcome: Outcome) -> None:
        """Hand out what came of a key, to whom waits for it and to the run."""
        for future in self._waiters.pop(outcome.key, []):
            if not future.done():
                future.set_result(outcome)
        if self._run is not None:
            self._run.put(outcome)

    def turned(self) -> None:
        """End the run where nothing is left, and all who wait where the worker ended by an error."""
        worker = self._worker
        if worker.error is not None and worker.has_ended:
            self._fail_waiters(worker.error)
        if self._run is not None:
            self._run.look()

    def is_full(self) -> bool:
        """Whether outcomes wait that nobody reads."""
        return self._run is not None and self._run.is_full
