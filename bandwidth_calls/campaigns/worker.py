"""The loop of a worker: in each turn it writes what ended, and takes what may leave next."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from contextlib import suppress
from typing import Protocol

import attrs
from sqlalchemy import exc

from bandwidth_calls.campaigns.attempt import Place, Prepare, attempt, call_of, prepared, tag_of
from bandwidth_calls.campaigns.database import JournalError, Trouble
from bandwidth_calls.campaigns.hours import Hours
from bandwidth_calls.campaigns.journal import Journal
from bandwidth_calls.campaigns.turn import HORIZON, Glance, Result, Taken, Turn
from bandwidth_calls.campaigns.values import Outcome, Pace

_TOGETHER = 0.01  # seconds after a request ended, so that others come along into the same transaction
_LOOK = 0.5  # seconds between two looks at what other workers did: a pause is seen within a second
_LATE = 0.1  # seconds: a request that is later than its place by more would crowd a second of the pace
_MOST_LEAD = 1.0  # seconds that a commit is expected to take at most
_AWAY = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds between two tries while the network is away


@attrs.frozen
class Settings:
    """What a worker is told: how fast, when, and how a call is placed within `total` seconds."""

    place: Place
    total: float
    pace: Pace
    prepare: Prepare | None
    hours: Hours | None
    at_once: int


class Listener(Protocol):
    """Who hears of a worker: of each key that it wrote the end of, and of each turn."""

    def ended(self, outcome: Outcome) -> None:
        """Take what came of a key."""

    def turned(self) -> None:
        """Look at the worker after a turn, and when it has ended."""

    def is_full(self) -> bool:
        """Whether so many outcomes wait that no more keys are to be taken."""


class Worker:
    """Takes keys and sends them, until it is stopped and all that is out has ended.

    `wanted` are keys that somebody waits for, by their ids. With `takes_all` any key is taken, without only those. An
    `error` of the account or the database ends the worker; `start` begins anew.
    """

    def __init__(self, journal: Journal, settings: Settings, listener: Listener) -> None:
        self._journal, self._settings, self._listener = journal, settings, listener
        self.wanted: set[int] = set()
        self.takes_all = False
        self.glance: Glance | None = None  # what the last turn saw
        self.error: Exception | None = None
        self._stopping = False
        self._ready: deque[tuple[Taken, float, float]] = deque()  # taken ahead, while others are out
        self._out: dict[int, asyncio.Task[None]] = {}
        self._results: deque[Result] = deque()
        self._wake, self._has_turned = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._one_by_one = False
        self._lead, self._held_until, self._swept_at = 0.01, 0.0, 0.0
        self._away = 0

    def start(self) -> None:
        """Begin to take keys, unless the worker runs. One that ends by an error tells all who wait then."""
        if self.has_ended:
            self._stopping, self.error = False, None
            self._task = asyncio.create_task(self._run(), name="bandwidth_calls campaign")
        self._wake.set()

    async def stop(self) -> None:
        """Take no more, give back what did not leave, and wait for what is out."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await asyncio.wait([self._task])

    async def drain(self) -> None:
        """Wait until nothing is out that nobody wants, and what came of it is written."""
        while not self.has_ended and (self._held() - self.wanted or self._results):
            self._has_turned.clear()
            self._wake.set()
            await self._has_turned.wait()

    @property
    def has_ended(self) -> bool:
        """Whether the worker runs no more."""
        return self._task is None or self._task.done()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is out, and nothing that ended is still to be written."""
        return not self._out and not self._ready and not self._results

    def nudge(self) -> None:
        """Look again now: something was added or is wanted."""
        self._wake.set()

    async def _run(self) -> None:
        try:
            await self._turns()
        except asyncio.CancelledError:  # the event loop ends: what is out was cancelled too, and is still written
            self._stopping = True
            await self._turns()
            raise
        except Exception as error:  # whoever runs the campaign is told
            self._fail(error)
        finally:
            asyncio.get_running_loop().call_soon(self._tell)

    async def _turns(self) -> None:
        trouble = Trouble()
        while not (self._stopping and self.is_idle):
            try:
                wait = await self._turn()
                trouble = Trouble()
            except exc.IntegrityError:
                self._one_by_one = True
                continue
            except JournalError as error:
                if not await self._is_patient(trouble, error):
                    return
                continue
            self._tell()
            await self._pause(wait)

    def _tell(self) -> None:
        self._has_turned.set()
        self._listener.turned()

    async def _is_patient(self, trouble: Trouble, error: JournalError) -> bool:
        """Wait for a database that is away. In the end, give up what was not written: others will sweep it."""
        try:
            await trouble.pause(error)
        except JournalError:
            self._fail(error)
            if self._out:
                await asyncio.wait(self._out.values())
            self._results.clear()
            return False
        return True

    async def _turn(self) -> float:
        """Do one turn, and return the seconds until the next one is due."""
        results = list(self._results)
        began = time.monotonic()
        if not results and (wait := await self._look()) > 0:
            return wait
        async with self._journal.database.transaction() as connection:
            turn = Turn(self._journal, connection)
            outcomes = await turn.write(results, one_by_one=self._one_by_one)
            if began - self._swept_at > _LOOK:
                outcomes += await turn.sweep(2 * self._settings.total)
                self._swept_at = began
            places = await turn.places(self._settings.pace, self._room(), self._lead)
            at, wall = time.monotonic(), time.time()
            only = None if self.takes_all else self.wanted - self._held()
            taken = await turn.take(places, only, self._settings.hours) if places.count and only != set() else []
            self.glance = await turn.glance()
        self._committed(len(results), time.monotonic() - at)
        for one in taken:
            if isinstance(one, Taken):
                self._ready.append((one, at, wall))
            else:
                outcomes.append(one)
        self._send_ready()
        for outcome in outcomes:
            self._listener.ended(outcome)
        return self._next_turn()

    def _committed(self, written: int, took: float) -> None:
        for _ in range(written):
            self._results.popleft()
        self._one_by_one = False
        self._lead = min(_MOST_LEAD, max(0.005, 0.8 * self._lead, 1.5 * took))

    async def _look(self) -> float:
        """Look at the journal without a lock, and return the seconds until a turn is worth while."""
        async with self._journal.database.reading() as connection:
            turn = Turn(self._journal, connection)
            self.glance = await turn.glance()
            elsewhere = self.wanted - self._held()
            ended = await turn.ended(elsewhere) if elsewhere else []
        for outcome in ended:
            self._listener.ended(outcome)
        return self._next_turn()

    def _next_turn(self) -> float:
        glance = self.glance
        if glance is None or self._results:
            return 0.0
        sweeps = glance.sending and time.monotonic() - self._swept_at > _LOOK
        if sweeps and not self._stopping:
            return 0.0
        if self.is_idle and not self.takes_all and not self.wanted:
            return math.inf
        if not (glance.running and glance.waiting and self._room() > 0):
            return _LOOK
        return min(_LOOK, max(glance.next_key, glance.next_place - self._lead - HORIZON, self._away_for()))

    def _room(self) -> int:
        """Return how many keys may be taken now."""
        if self._stopping or self._listener.is_full() or self._away_for() > 0:
            return 0
        held = len(self._out) + len(self._ready)
        if self._away:
            return 1 - held
        # Without a pace, as many again are taken ahead, so that requests leave while a turn is committed.
        ahead = 2 if self._settings.pace.per_second is None and self._settings.pace.concurrent is None else 1
        return ahead * self._settings.at_once - held

    def _held(self) -> set[int]:
        """Return the keys that this worker has taken."""
        return {*self._out, *(taken.id for taken, _, _ in self._ready)}

    def _away_for(self) -> float:
        return max(0.0, self._held_until - time.monotonic())

    async def _pause(self, seconds: float) -> None:
        """Wait for the next turn, or until a request has ended and others had a moment to come along."""
        if not self._results:
            with suppress(TimeoutError):
                async with asyncio.timeout(None if seconds == math.inf else seconds):
                    await self._wake.wait()
        self._wake.clear()
        if self._out and not self._stopping and seconds > 0:
            await asyncio.sleep(min(_TOGETHER, seconds))

    def _send_ready(self) -> None:
        """Let keys that were taken leave, as many at once as may be out."""
        while self._ready and len(self._out) < self._settings.at_once:
            taken, at, wall = self._ready.popleft()
            self._out[taken.id] = asyncio.create_task(self._send(taken, at, wall))

    async def _send(self, taken: Taken, at: float, wall: float) -> None:
        """Wait for a key's place, send its call, and keep the result for the next turn."""
        result = Result(taken, "waiting")
        try:
            await asyncio.sleep(at + taken.delay - time.monotonic())
            if self._may_leave(taken, at, wall):
                result = await self._place(taken)
        finally:
            del self._out[taken.id]
            self._results.append(result)
            self._learn(result)
            self._send_ready()
            self._wake.set()

    async def _place(self, taken: Taken) -> Result:
        try:
            call = call_of(taken.request, tag_of(self._journal.campaign, taken.key))
        except (ValueError, TypeError, KeyError) as error:
            return Result(taken, "refused", None, f"the stored request cannot be read: {error}")
        try:
            call = prepared(taken.key, call, self._settings.prepare)
        except Exception as error:  # it is the user's own: the key waits, and the run raises it
            return Result(taken, "waiting", error=error)
        return await attempt(taken, call, self._settings.place)

    def _may_leave(self, taken: Taken, at: float, wall: float) -> bool:
        """Whether a key that was taken may still leave: it is not late, and the worker was not frozen meanwhile."""
        now = time.monotonic()
        if self._stopping or self._away_for() > 0 or not (self.takes_all or taken.id in self.wanted):
            return False
        if max(now - at, time.time() - wall) > self._settings.total / 2:
            return False
        late = now - at - taken.delay
        return self._settings.pace.per_second is None or late <= max(_LATE, self._settings.pace.margin)

    def _learn(self, result: Result) -> None:
        """Hold back after a 429 and while the network is away; end after an error that concerns the account."""
        now = time.monotonic()
        if result.error is not None:
            self._fail(result.error)
        if result.hold is not None:
            self._held_until = max(self._held_until, now + result.hold)
        if result.away:
            self._held_until = max(self._held_until, now + _AWAY[min(self._away, len(_AWAY) - 1)])
            self._away += 1
        elif result.state in ("placed", "refused"):
            self._away = 0

    def _fail(self, error: Exception) -> None:
        self.error = self.error or error
        self._stopping = True
