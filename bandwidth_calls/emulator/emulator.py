"""The emulator: its parts, and how it starts and stops. What a test can ask of it is in stage.py."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

import attrs
from aiohttp import web

from bandwidth_calls.emulator.api.credentials import Credentials, Login
from bandwidth_calls.emulator.api.faults import Faults
from bandwidth_calls.emulator.api.gate import Gate
from bandwidth_calls.emulator.api.journal import Journal
from bandwidth_calls.emulator.api.limits import Limits
from bandwidth_calls.emulator.api.operations import FALLIBLE, Operations
from bandwidth_calls.emulator.api.routes import BASE_PATH, TOKEN_PATH, Account
from bandwidth_calls.emulator.calls.calls import Calls, Changes
from bandwidth_calls.emulator.calls.past import PastCalls
from bandwidth_calls.emulator.control.control import Control
from bandwidth_calls.emulator.control.page.page import PAGE_PATH, Page
from bandwidth_calls.emulator.control.page.requests import PageRequests
from bandwidth_calls.emulator.control.page.snapshot import Snapshot
from bandwidth_calls.emulator.engine.engine import Engine
from bandwidth_calls.emulator.first_steps import environment, export_lines, inbound_curl
from bandwidth_calls.emulator.hosts import host_and_port, outside_address
from bandwidth_calls.emulator.options import Options
from bandwidth_calls.emulator.server import Server
from bandwidth_calls.emulator.settings import Settings
from bandwidth_calls.emulator.simulation.clock import SECOND, Clock
from bandwidth_calls.emulator.simulation.scheduler import Scheduler
from bandwidth_calls.emulator.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

# Seconds. A request handler may sleep for an hour because of a fault, so it is cancelled soon.
_SHUTDOWN_TIMEOUT = 0.1
# 2026-01-01T00:00:00Z: a moved clock starts at a fixed time, so that the same test gives the same timeline on any day.
_FIRST_DAY = 1_767_225_600.0
# The options that decide how a call goes. A call that is exported as a test takes them along.
_PLAYED_WITH = (
    "map",
    "status_url",
    "send_credentials",
    "no_fallback_on_error",
    "characters_per_second",
    "audio_seconds",
    "end_on_missing_audio",
    "partial_results",
)


@attrs.define(kw_only=True, eq=False, slots=False)
class Emulator(Options, Stage):
    """An emulator of Bandwidth's calls API on this machine, for use with `async with`.

    The arguments are the flags of `python -m bandwidth_calls.emulator`; its `--help` explains them. `port=0` picks a
    free port. `clock` returns the time in seconds since 1970. Raises `ValueError` or `TypeError` for a senseless
    value, and `OSError` on entering if the port is in use.
    """

    clock: Callable[[], float] | None = None

    def __attrs_post_init__(self) -> None:
        if (self.forbidden_username is None) != (self.forbidden_password is None):
            raise ValueError("forbidden_username and forbidden_password: either both or neither")
        clock = Clock(self._make_source(), self.speed)
        scheduler = Scheduler(clock, moved=self.moved_clock, barrier=self.barrier, patience=self.patience)
        changes = Changes()
        engine = Engine(self._make_settings(), clock, scheduler, Calls(changes))
        Stage.__init__(
            self,
            engine=engine,
            faults=Faults(FALLIBLE, changes),
            journal=Journal(self.keep_requests, self.keep_request_bytes, changes),
            limits=Limits(clock, engine.queue, self.calls_per_second, self.concurrent_calls),
            credentials=self._make_credentials(clock),
        )
        self._origin: str | None = None
        self._past = PastCalls(self.past_calls, self.account, self._clock.now())
        self._page = Page(self._make_snapshot().read, changes)
        self._server = self._make_server()

    if not TYPE_CHECKING:  # type checkers refuse `with` by themselves

        def __enter__(self):
            raise TypeError("write `async with Emulator(...)`, or `with BlockingEmulator(...)` in a synchronous test")

        __exit__ = __enter__  # `with` looks for both before it calls one

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(self._server.protocol(), shutdown_timeout=_SHUTDOWN_TIMEOUT)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self.port).start()
        host = outside_address(self.host)
        port = self._runner.addresses[0][1]
        self._origin = f"http://{host_and_port(host, port)}"
        self._outbox.network.own = (host, port)
        self._outbox.account_url = f"{self.base_url}/accounts/{self.account}"
        await self._outbox.network.open()
        self._page.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # Calls stop first: a call that went on would send webhooks through a session that is closed.
        self._engine.reset()
        await self._scheduler.close()
        await self._outbox.network.close()
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
        """The URL of the live page, which shows the calls as they are played."""
        return f"{self._started()}{PAGE_PATH}"

    @property
    def account_id(self) -> str:
        """The id of the only account that exists."""
        return self.account

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
            patience=self.patience,
            plays=not self.no_webhooks,
            seed=0 if self.seed is None and self.moved_clock else self.seed,
            keep_timelines=self.keep_timelines,
            dequeue_rate=self.dequeue_rate,
            characters_per_second=self.characters_per_second,
            audio_seconds=self.audio_seconds,
            end_on_missing_audio=self.end_on_missing_audio,
            partial_results=self.partial_results,
            inbound_url=self.inbound_url,
            status_url=self.status_url,
            challenge_first=not self.send_credentials,
            fallback_on_error=not self.no_fallback_on_error,
            maps=dict(pair.split("=", 1) for pair in self.map),
        )

    def _make_credentials(self, clock: Clock) -> Credentials:
        users = [Login(self.username, self.password)]
        clients = [Login(self.client_id, self.client_secret)]
        if self.forbidden_username is not None and self.forbidden_password is not None:
            forbidden = Login(self.forbidden_username, self.forbidden_password, forbidden=True)
            users.append(forbidden)
            clients.append(forbidden)
        return Credentials(clock, self.token_lifetime, users, clients)

    def _make_snapshot(self) -> Snapshot:
        return Snapshot(
            clock=self._clock,
            moved=self.moved_clock,
            faults=self._faults,
            calls=self._calls,
            journal=self._journal,
            outbox=self._outbox,
        )

    def _make_server(self) -> Server:
        return Server(
            operations=self._make_operations(),
            credentials=self._credentials,
            gate=Gate(self.host, self.allow_host),
            control=Control(self),
            page=self._page,
            page_requests=self._make_page_requests(),
            faults=self._faults,
            journal=self._journal,
            clock=self._clock,
            compress=self.compress,
        )

    def _make_page_requests(self) -> PageRequests:
        return PageRequests(
            world=self._engine.world,
            faults=self._faults,
            past=self._past,
            start=lambda: {"exports": export_lines(environment(self)), "curl": inbound_curl(self)},
            options=self._played_with,
        )

    def _played_with(self) -> dict[str, object]:
        """Return the options that decide how a call goes, without those that have their defaults."""
        defaults = Options()
        options = {name: getattr(self, name) for name in _PLAYED_WITH}
        return {name: value for name, value in options.items() if value != getattr(defaults, name)}

    def _make_operations(self) -> Operations:
        account = Account(
            account_id=self.account,
            lag=round(self.lag * SECOND),
            completed_with_redirect=self.completed_with_redirect,
            clock=self._clock,
            limits=self._limits,
            past=self._past,
            calls=self._calls,
            engine=self._engine,
        )
        return Operations(account, self._credentials)
