"""The route table of the emulated API: which handler answers a method and a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bandwidth_calls.emulator.api.limits import Limits
    from bandwidth_calls.emulator.api.messages import HttpRequest, HttpResponse
    from bandwidth_calls.emulator.calls.calls import Calls
    from bandwidth_calls.emulator.calls.past import PastCalls
    from bandwidth_calls.emulator.engine.engine import Engine
    from bandwidth_calls.emulator.simulation.clock import Clock

    # Called with the account, the request, and each id of the path by its name.
    Handler = Callable[..., HttpResponse]

TOKEN_PATH = "/api/v1/oauth2/token"  # noqa: S105 - a path, no password
BASE_PATH = "/api/v2"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Account:
    """The account that the handlers read and change.

    A new call cannot be read for `lag` milliseconds. With `completed_with_redirect` a redirectUrl is ignored where the
    state is `completed`.
    """

    account_id: str
    lag: int
    completed_with_redirect: bool
    clock: Clock
    limits: Limits
    past: PastCalls
    calls: Calls
    engine: Engine

    def url(self, request: HttpRequest, *path: str) -> str:
        """Return the absolute URL of a resource of the account, on the host that the request named; raises 400."""
        return "/".join((f"{request.origin}{BASE_PATH}/accounts/{self.account_id}", *path))


@attrs.frozen(eq=False, repr=False)
class Route:
    """An operation of the API. The path is below the account's; its `{call_id}` is an argument of the handler."""

    method: str
    path: str
    operation: str
    handler: Handler


@attrs.frozen(eq=False, repr=False)
class Target:
    """What a request is for.

    `account_id` is None outside all accounts. `ids` are the other ids of the path, by name. `methods` are those that
    the path has; without any it leads nowhere. `route` is None where the path does not have the request's method.
    """

    account_id: str | None = None
    ids: Mapping[str, str] = attrs.field(factory=dict)
    methods: Sequence[str] = ()
    route: Route | None = None

    @property
    def operation(self) -> str | None:
        """Return the operationId, or None."""
        return None if self.route is None else self.route.operation


class RouteTable:
    """All routes. The methods of a path keep the order of the table, which `Allow` shows."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._paths: dict[tuple[str, ...], dict[str, Route]] = {}
        for route in routes:
            self._paths.setdefault(tuple(route.path.split("/")[1:]), {})[route.method] = route

    @property
    def operations(self) -> tuple[str, ...]:
        """Return every operationId."""
        return tuple(route.operation for routes in self._paths.values() for route in routes.values())

    def find(self, request: HttpRequest) -> Target:
        """Find what a request is for."""
        match request.segments:
            case ["api", "v2", "accounts", account_id, *below]:
                for template, routes in self._paths.items():
                    ids = _match(template, below)
                    if ids is not None:
                        return Target(account_id, ids, tuple(routes), routes.get(request.method))
                return Target(account_id)
        return Target()


def _match(template: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    """Return the ids by name, or None where the path is another. An id is never empty."""
    if len(template) != len(segments):
        return None
    ids = {}
    for part, segment in zip(template, segments, strict=True):
        if part.startswith("{") and segment:
            ids[part[1:-1]] = segment
        elif part != segment:
            return None
    return ids
