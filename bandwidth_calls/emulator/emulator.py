"""The emulator's Python face; its settings are the flags of the command line too."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

import attrs
from aiohttp import web
from attrs import field
from attrs.validators import and_, ge, instance_of, le, lt, matches_re, optional

from bandwidth_calls.emulator.calls import PlacedCall, PlacedCalls
from bandwidth_calls.emulator.clock import SECOND, Clock
from bandwidth_calls.emulator.control import Control
from bandwidth_calls.emulator.credentials import Credentials, Login
from bandwidth_calls.emulator.faults import Faults
from bandwidth_calls.emulator.journal import Journal, RecordedRequest
from bandwidth_calls.emulator.limits import Limits
from bandwidth_calls.emulator.operations import BASE_PATH, TOKEN_PATH, Operations
from bandwidth_calls.emulator.past import PastCalls
from bandwidth_calls.emulator.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

# A handler that sleeps on behalf of a fault is not worth waiting for.
_SHUTDOWN_TIMEOUT = 0.1
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to

_text = and_(instance_of(str), matches_re(r"[^\x00-\x1f]+"))
# A colon in a name could not be told from the one that ends it (RFC 7617, 2).
_name = and_(instance_of(str), matches_re(r"[^:\x00-\x1f]+"))


def _whole(least: int, most: int) -> Callable[[object, attrs.Attribute[int], int], None]:
    return and_(instance_of(int), ge(least), le(most))


def _flag(text: str, kind: type = str, **more: object) -> dict[str, object]:
    """What the command line needs to know of a setting."""
    return {"help": text, "type": kind, **more}


@attrs.define(kw_only=True, eq=False, slots=False)
class Emulator:
    """Bandwidth's calls API on this machine, to be used with `async with`.

    Each argument is the flag of the same name of `python -m bandwidth_calls.emulator`, which explains them; `port=0`
    picks a free one. `clock` gives the time in seconds since 1970. Senseless values are a `ValueError` or a
    `TypeError`; a port in use is an `OSError` when it is entered.

    Nobody is called: a placed call is answered at once and stays so until it is completed, whatever `no_webhooks` is.
    """

    host: str = field(default="127.0.0.1", validator=_text, metadata=_flag("address to listen on"))
    port: int = field(
        default=0, validator=_whole(0, 65535), metadata=_flag("port to listen on; 0 picks one", int, default=8080)
    )
    account: str = field(
        default="9900000",
        validator=and_(instance_of(str), matches_re(r"[A-Za-z0-9_-]+")),
        metadata=_flag("the account that exists; any other is 403"),
    )
    client_id: str = field(default="client-id", validator=_name, metadata=_flag("OAuth2 client id"))
    client_secret: str = field(
        default="client-secret", repr=False, validator=_text, metadata=_flag("OAuth2 client secret")
    )
    username: str = field(default="user", validator=_name, metadata=_flag("user of Basic authentication"))
    password: str = field(
        default="password", repr=False, validator=_text, metadata=_flag("password of Basic authentication")
    )
    forbidden_username: str | None = field(
        default=None,
        validator=optional(_name),
        metadata=_flag("user, and client id, that is valid but gets 403 for every account"),
    )
    forbidden_password: str | None = field(
        default=None, repr=False, validator=optional(_text), metadata=_flag("password of the forbidden user")
    )
    past_calls: int = field(
        default=0,
        alias="calls",
        validator=_whole(0, 100_000_000),
        metadata=_flag("so many past calls can be listed", int),
    )
    lag: float = field(
        default=0.0,
        validator=[instance_of((int, float)), ge(0), lt(1e9)],
        metadata=_flag("seconds for which a new call cannot be read, though it can be updated", float),
    )
    token_lifetime: int = field(
        default=3600, validator=_whole(1, 10**9), metadata=_flag("seconds for which a token is valid", int)
    )
    no_webhooks: bool = field(
        default=False,
        validator=instance_of(bool),
        metadata=_flag("answer calls at once and call nobody, as it is done in any case for now", bool),
    )
    calls_per_second: int | None = field(
        default=None,
        validator=optional(_whole(1, 10**9)),
        metadata=_flag("so many calls may be created within a second; no limit", int),
    )
    concurrent_calls: int | None = field(
        default=None,
        validator=optional(_whole(1, 10**9)),
        metadata=_flag("so many calls may be up at once; no limit", int),
    )
    keep_requests: int = field(
        default=10_000, validator=_whole(1, 10**9), metadata=_flag("so many requests are kept to look at", int)
    )
    compress: bool = field(
        default=False,
        validator=instance_of(bool),
        metadata=_flag("compress answers of listCalls for clients that accept it", bool),
    )
    clock: Callable[[], float] = time.time

    def __attrs_post_init__(self) -> None:
        if (self.forbidden_username is None) != (self.forbidden_password is None):
            raise ValueError("forbidden_username and forbidden_password: either both or neither")
        self._origin: str | None = None
        self._clock = Clock(self.clock)
        self._faults = Faults()
        self._journal = Journal(self.keep_requests)
        self._placed = PlacedCalls(self.account)
        self._limits = Limits(self._clock, self.calls_per_second, self.concurrent_calls)
        self._credentials = self._make_credentials()
        self._server = Server(
            operations=self._make_operations(),
            credentials=self._credentials,
            control=Control(self, self._faults),
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
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
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
    def calls(self) -> list[PlacedCall]:
        """The calls placed through the API, in order, as they stand now; also those too old to be read."""
        return list(self._placed)

    def fault(self, operation: str, times: int = 1, **what: object) -> None:
        """Let the next requests of an operation fail, `times` times.

        `operation` is an operationId, `token` for the token endpoint, or `*` for any request. `what` is `status` with
        `headers`, `body` and `process`; `drop` (`"before"` or `"after"` processing); `delay` in seconds; `truncate` in
        bytes. A `ValueError` names what makes no sense. See docs/emulator.md for what each does.
        """
        self._faults.add(operation, times, what)

    async def advance(self, seconds: float) -> None:
        """Move the clock ahead, and return when all that is due by then has happened."""
        self._clock.advance(seconds)

    def revoke(self) -> None:
        """Make every token issued so far invalid."""
        self._credentials.revoke()

    def reset(self) -> None:
        """Forget the requests, the placed calls and the faults, and move the clock back. Tokens stay valid."""
        self._clock.reset()
        self._faults.clear()
        self._journal.clear()
        self._placed.clear()
        self._limits.reset()

    def _started(self) -> str:
        if self._origin is None:
            raise RuntimeError("the emulator has not started: use it in `async with`")
        return self._origin

    def _make_credentials(self) -> Credentials:
        users = [Login(self.username, self.password)]
        clients = [Login(self.client_id, self.client_secret)]
        if self.forbidden_username is not None and self.forbidden_password is not None:
            forbidden = Login(self.forbidden_username, self.forbidden_password, forbidden=True)
            users.append(forbidden)
            clients.append(forbidden)
        return Credentials(self._clock, self.token_lifetime, users, clients)

    def _make_operations(self) -> Operations:
        return Operations(
            account_id=self.account,
            lag=round(self.lag * SECOND),
            clock=self._clock,
            credentials=self._credentials,
            limits=self._limits,
            past=PastCalls(self.past_calls, self.account, self._clock.now()),
            placed=self._placed,
        )
