"""The world of one seed: loop, network, service, client and users, played to the end and then judged."""

from __future__ import annotations

import asyncio
import base64
import gc
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from unittest.mock import patch

import aiohttp
import attrs

from bandwidth_calls import BandwidthClient, BasicCredentials, ClientCredentials, Clock, MemoryTokenStore, RetryPolicy

from .conversation import ServedConnection
from .loop import DeadlockError, EndlessError, VirtualLoop
from .network import Connection, Network
from .promises import broken
from .records import Operation, Reading, Trace
from .replay import alike, heard
from .service import ACCOUNT, CLIENT_ID, CLIENT_SECRET, PASSWORD, USERNAME, Service
from .troubles import Troubles, source
from .users import CALL_PASSWORD, User, make_timeout

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_SETTLING = 400.0  # seconds until all that is late has come: longer than any delay of the service or the network


@attrs.frozen
class Outcome:
    """What a seed came to: the promises that it broke, and the trace."""

    seed: int
    troubles: str
    broken: list[str]
    trace: list[str]

    def __str__(self) -> str:
        return f"seed {self.seed} (troubles: {self.troubles})" + "".join(f"\n  broken: {one}" for one in self.broken)


class World:
    """All that is there in one seed, and what the promises look at."""

    def __init__(self, seed: int, without: Collection[str], trace: Trace) -> None:
        self.seed, self.trace, self.random = seed, trace, partial(source, seed)
        self.troubles = Troubles(self.random("troubles"), without)
        self.loop = VirtualLoop(trace)
        trace.time = self.loop.time
        self.service = Service(self.loop.time, self.now, self.troubles, self.random("service"))
        self.network = Network(self.loop, self.troubles, self.random, self._accept, trace)
        self.loop.network = self.network
        self.loop.set_exception_handler(self._complain)
        self.users: list[User] = []
        self.closed_at: float | None = None
        self.close_took = 0.0
        self.abandoned = False  # whether somebody waited for ever
        self.left: list[str] = []
        self.logged: list[str] = []

    def date(self, time: float) -> datetime:
        """Convert the loop's time to a date."""
        return _EPOCH + timedelta(seconds=time)

    def now(self) -> datetime:
        """Return the date of this instant."""
        return self.date(self.loop.time())

    @property
    def operations(self) -> list[Operation]:
        """What all users did."""
        return [operation for user in self.users for operation in user.operations]

    @property
    def readings(self) -> list[Reading]:
        """What all users read of listings."""
        return [reading for user in self.users for reading in user.readings]

    @property
    def secrets(self) -> list[str]:
        """What no error and no log line may hold."""
        pairs = [(CLIENT_ID, CLIENT_SECRET), (USERNAME, PASSWORD)]
        logins = [base64.b64encode(f"{name}:{secret}".encode()).decode() for name, secret in pairs]
        return [CLIENT_SECRET, PASSWORD, CALL_PASSWORD, *logins, *self.service.issued]

    def play(self) -> None:
        """Play the seed to its end."""
        # aiohttp asks this clock how long a connection was kept, and no argument of it leads there.
        with patch("aiohttp.connector.monotonic", self.loop.time):
            self._play_to_end()

    def _play_to_end(self) -> None:
        try:
            self.loop.run_until_complete(self._play())
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        except (DeadlockError, EndlessError) as error:
            stuck = [str(one) for one in self.operations if one.steps and one.ended == float("inf")]
            self.left.append(f"{type(error).__name__}: {', '.join(stuck) or 'close()'} waits for ever")
            self._abandon()
        finally:
            self.loop.close()

    def _abandon(self) -> None:
        """Cancel what waits for ever, so that it does not disturb the next seed."""
        self.abandoned, self.trace.kept = True, False
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        for task in tasks:
            try:
                self.loop.run_until_complete(task)
            except (DeadlockError, EndlessError, asyncio.CancelledError):
                continue

    async def _play(self) -> None:
        choices = self.random("world")
        http = self._borrowed(choices) if choices.random() < 0.4 else None
        client = self._client(choices, http)
        tasks = [self._start(f"user {number}", client) for number in range(choices.randint(1, 6))]
        if self.troubles.met("close"):
            tasks.append(self.loop.create_task(self._close_midway(client, choices.uniform(0.0, 30.0))))
        if http is not None and self.troubles.met("close_session"):
            tasks.append(self.loop.create_task(self._close_session(http, choices.uniform(0.0, 30.0))))
        await asyncio.wait(tasks)
        await self._close(client)
        del client
        if http is not None:
            await http.close()
        await self._settle(tasks)

    def _start(self, name: str, client: BandwidthClient) -> asyncio.Task[None]:
        choices = self.random(name)
        user = User(name, client, self.service, self.troubles, choices, self.trace)
        self.users.append(user)
        task = self.loop.create_task(user.run(), name=name)
        if self.troubles.happens("cancel", choices):
            self.loop.call_later(choices.uniform(0.0, 20.0), user.cancel, task)
        return task

    async def _settle(self, tasks: list[asyncio.Task[None]]) -> None:
        """Wait until nothing can come any more, and write down what is left."""
        await asyncio.sleep(_SETTLING)
        raised = [task.exception() for task in tasks if not task.cancelled()]
        known = [operation.error for operation in self.operations]
        if unknown := [error for error in raised if error is not None and error not in known]:
            raise unknown[0]  # a fault of the simulation itself
        for user in self.users:
            user.forget_client()
        gc.collect()
        await asyncio.sleep(1.0)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            self.left.append(f"a task is left: {task.get_coro()!r}".partition(" at 0x")[0])
        for connection in self.network.connections:
            if connection.transport.open:
                self.left.append(f"connection {connection.number} is left open")

    async def _close(self, client: BandwidthClient) -> None:
        started = self.loop.time()
        self.trace("world", "the client is closed")
        if self.closed_at is None:
            self.closed_at = started
        await client.close()
        self.close_took = max(self.close_took, self.loop.time() - started)

    async def _close_midway(self, client: BandwidthClient, after: float) -> None:
        await asyncio.sleep(after)
        await self._close(client)

    async def _close_session(self, http: aiohttp.ClientSession, after: float) -> None:
        await asyncio.sleep(after)
        self.trace("world", "the borrowed session is closed by its owner")
        await http.close()

    def _borrowed(self, choices: Random) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=self._connections(choices)))

    def _connections(self, choices: Random) -> int:
        return choices.randint(1, 3) if self.troubles.met("few_connections") else 100

    def _client(self, choices: Random, http: aiohttp.ClientSession | None) -> BandwidthClient:
        origin = choices.choice(("http://127.0.0.1:8080", "https://voice.example"))
        token_origin = choices.choice((origin, origin, "https://id.example"))
        auth: ClientCredentials | BasicCredentials = BasicCredentials(USERNAME, PASSWORD)
        if choices.random() < 0.8:
            store = MemoryTokenStore() if choices.random() < 0.3 else None
            url = f"{token_origin}/api/v1/oauth2/token"
            auth = ClientCredentials(CLIENT_ID, CLIENT_SECRET, token_url=url, store=store)
        return BandwidthClient(
            ACCOUNT,
            auth,
            base_url=f"{origin}/api/v2",
            timeout=make_timeout(choices, self.troubles),
            retry=RetryPolicy(attempts=choices.choice((2, 3))),
            http=http,
            prefetch=choices.random() < 0.7,
            connections=self._connections(choices),
            clock=Clock(monotonic=self.loop.time, now=self.now, chance=self.random("chance").random),
        )

    def _accept(self, connection: Connection) -> ServedConnection:
        return ServedConnection(self.service, connection, self.loop, self.troubles)

    def log(self, line: str) -> None:
        """Keep a log line."""
        self.trace("log", line)
        self.logged.append(line)

    def _complain(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.left.append(f"the loop complains: {context.get('message')} {context.get('exception')!r}")


def play(seed: int, *, without: Collection[str] = (), traced: bool = False) -> Outcome:
    """Play one seed, without the troubles and promises that are named, and check the promises."""
    with alike(seed):
        return _judged(World(seed, without, Trace(traced)), without)


def _judged(world: World, without: Collection[str]) -> Outcome:
    with heard(world.log, world.left):
        world.play()
        gc.collect()
    return Outcome(world.seed, str(world.troubles), broken(world, without), world.trace.lines)
