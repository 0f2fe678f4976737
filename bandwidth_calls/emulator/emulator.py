"""The emulator's Python face."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

import attrs
from aiohttp import web

from bandwidth_calls.emulator.api.credentials import Credentials, Login
from bandwidth_calls.emulator.api.faults import Faults
from bandwidth_calls.emulator.api.journal import Journal, RecordedRequest
from bandwidth_calls.emulator.api.limits import Limits
from bandwidth_calls.emulator.api.operations import FALLIBLE, Operations
from bandwidth_calls.emulator.api.routes import BASE_PATH, TOKEN_PATH, Account
from bandwidth_calls.emulator.calls.calls import Call, Calls, Changes
from bandwidth_calls.emulator.calls.past import PastCalls
from bandwidth_calls.emulator.control.control import Control
from bandwidth_calls.emulator.control.page.page import PAGE_PATH, Page
from bandwidth_calls.emulator.control.page.snapshot import Standing
from bandwidth_calls.emulator.engine.engine import Engine
from bandwidth_calls.emulator.options import Options
from bandwidth_calls.emulator.server import Server
from bandwidth_calls.emulator.settings import Settings
from bandwidth_calls.emulator.simulation.clock import SECOND, Clock
from bandwidth_calls.emulator.simulation.scheduler import Scheduler
from bandwidth_calls.emulator.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from bandwidth_calls.emulator.calls.timeline import Entry

# A handler that sleeps on behalf of a fault is not worth waiting for.
_SHUTDOWN_TIMEOUT = 0.1
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to
_FIRST_DAY = 1_767_225_600.0  # 2026-01-01T00:00:00Z


@attrs.define(kw_only=True, eq=False, slots=False)
class Emulator(Options, Stage):
    """A Bandwidth on this machine, to be used with `async with`.

    Each argument is the flag of the same name of `python -m bandwidth_calls.emulator`, which explains them; `port=0`
    picks a free one. `clock` gives the time in seconds since 1970. Senseless values are a `ValueError` or a
    `TypeError`; a port in use is an `OSError` when it is entered.
    """

    clock: Callable[[], float] | None = None

    def __attrs_post_init__(self) -> None:
        if (self.forbidden_username is None) != (self.forbidden_password is None):
            raise ValueError("forbidden_username and forbidden_password: either both or neither")
        self._origin: str | None = None
        self._clock = Clock(self._make_source(), self.speed)
        self._scheduler = Scheduler(self._clock, moved=self.moved_clock, barrier=self.barrier, patience=self.patience)
        self._faults = Faults(FALLIBLE)
        self._changes = Changes()
        self._journal = Journal(self.keep_requests, self._changes)
        self._calls = Calls(self._changes)
        self._engine = Engine(self._make_settings(), self._clock, self._scheduler, self._calls)
        self._limits = Limits(self._clock, self._engine.queue, self.calls_per_second, self.concurrent_calls)
        self._credentials = self._make_credentials()
        standing = Standing(self._clock, self.moved_clock, self._calls, self._journal, self._engine)
        self._page = Page(standing, self._changes)
        self._server = Server(
            operations=self._make_operations(),
            credentials=self._credentials,
            control=Control(self, self._faults, self._calls, self._engine),
            page=self._page,
            faults=self._faults,
            journal=self._journal,
            clock=self._clock,
            compress=self.compress,
        )

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self._server.application(), access_log=None, shutdown_timeout=_SHUTDOWN_TIMEOUT)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self.port).start()
        host = _WILDCARDS.get(self.host, self.host)
        port = self._runner.addresses[0][1]
        self._origin = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._engine.world.outbox.account_url = f"{self.base_url}/accounts/{self.account}"
        await self._engine.world.outbox.courier.open()
        self._page.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._engine.reset()
        await self._scheduler.close()
        await self._engine.world.outbox.courier.close()
        self._page.close()
        await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        """The API's base URL, such as `http://127.0.0.1:8080/api/v2`."""
        return f"{self._started()}{BASE_PATH}"

    @property
    def token_url(self) -> str:
        """The URL of the token endpoint."""
        return f"{self._started()}{TOKEN_PATH}"

    @property
    def page_url(self) -> str:
        """Where a browser shows the calls as they are played."""
        return f"{self._started()}{PAGE_PATH}"

    @property
    def account_id(self) -> str:
        """The account that exists."""
        return self.account

    @property
    def requests(self) -> list[RecordedRequest]:
        """What arrived, in order, control requests left out; the newest `keep_requests` of them."""
        return list(self._journal)

    @property
    def requests_dropped(self) -> int:
        """How many requests arrived before those in `requests`."""
        return self._journal.dropped

    @property
    def calls(self) -> list[Call]:
        """The calls, in order: those placed through the API, inbound ones and legs; also those too old to be read."""
        return list(self._calls)

    def watch(self, listener: Callable[[Call, Entry], None]) -> None:
        """Have each step of every call told, as it happens."""

        def listen(call: Call | None, entry: Entry | None) -> None:
            if call is not None and entry is not None:
                listener(call, entry)

        self._changes.listeners.append(listen)

    def fault(self, operation: str, times: int = 1, **what: object) -> None:
        """Let the next requests of an operation fail, `times` times.

        `operation` is an operationId, `token` for the token endpoint, or `*` for any request. `what` is `status` with
        `headers`, `body` and `process`; `drop` (`"before"` or `"after"` processing); `delay` in seconds; `truncate` in
        bytes. A `ValueError` names what makes no sense. See docs/emulator.md for what each does.
        """
        self._faults.add(operation, times, what)

    def revoke(self) -> None:
        """Make every token issued so far invalid."""
        self._credentials.revoke()

    def reset(self) -> None:
        """Forget requests, calls, far ends and faults, and move the clock back. Tokens stay valid."""
        self._clock.reset()
        self._faults.clear()
        self._journal.clear()
        self._engine.reset()
        self._calls.clear()
        self._limits.reset()

    def _started(self) -> str:
        if self._origin is None:
            raise RuntimeError("the emulator has not started: use it in `async with`")
        return self._origin

    def _make_source(self) -> Callable[[], float]:
        if not self.moved_clock:
            return self.clock or time.time
        start = _FIRST_DAY if self.clock is None else self.clock()
        return lambda: start

    def _make_settings(self) -> Settings:
        return Settings(
            account_id=self.account,
            timeouts_are_real=not self.moved_clock,
            plays=not self.no_webhooks,
            seed=0 if self.seed is None and self.moved_clock else self.seed,
            keep_timelines=self.keep_timelines,
            dequeue_rate=self.dequeue_rate,
            characters_per_second=self.characters_per_second,
            audio_seconds=self.audio_seconds,
            inbound_url=self.inbound_url,
            status_url=self.status_url,
            challenge_first=not self.send_credentials,
            fallback_on_error=not self.no_fallback_on_error,
            maps=dict(pair.split("=", 1) for pair in self.map),
        )

    def _make_credentials(self) -> Credentials:
        users = [Login(self.username, self.password)]
        clients = [Login(self.client_id, self.client_secret)]
        if self.forbidden_username is not None and self.forbidden_password is not None:
            forbidden = Login(self.forbidden_username, self.forbidden_password, forbidden=True)
            users.append(forbidden)
            clients.append(forbidden)
        return Credentials(self._clock, self.token_lifetime, users, clients)

    def _make_operations(self) -> Operations:
        account = Account(
            account_id=self.account,
            lag=round(self.lag * SECOND),
            clock=self._clock,
            limits=self._limits,
            past=PastCalls(self.past_calls, self.account, self._clock.now()),
            calls=self._calls,
            engine=self._engine,
        )
        return Operations(account, self._credentials)
