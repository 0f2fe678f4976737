"""An API on loopback: a test scripts its answers, and it records all requests."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Self

import attrs
from aiohttp import web
from multidict import CIMultiDictProxy

from bandwidth_calls import BandwidthClient

MakeClient = Callable[..., BandwidthClient]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
REFUSED = {"type": "authentication-error", "description": "The credentials provided were invalid"}


def refuse(*tokens: str) -> Handler:
    """Make an API that refuses some tokens."""

    async def answer(request: web.Request) -> web.Response:
        refused = request.headers["Authorization"].removeprefix("Bearer ") in tokens
        return web.json_response(REFUSED, status=401) if refused else web.json_response([])

    return answer


@attrs.frozen
class Seen:
    """A request that arrived."""

    method: str
    path: str
    query: str
    headers: CIMultiDictProxy[str]
    body: bytes


class ScriptedApi:
    """Answers with what is next in `answers`, then with `otherwise`; hands out tokens `token-1`, `token-2`..."""

    def __init__(self) -> None:
        self.answers: deque[web.Response | Handler] = deque()
        self.otherwise: Handler = _empty
        self.token_answers: deque[web.Response | Handler] = deque()
        self.requests: list[Seen] = []
        self.token_requests: list[Seen] = []
        self.expires_in: Any = 3600

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/oauth2/token", self._token)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.base_url, self.token_url = f"{self.origin}/api/v2", f"{self.origin}/oauth2/token"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def authorizations(self) -> list[str]:
        """The Authorization headers that arrived at the API."""
        return [seen.headers.get("Authorization", "") for seen in self.requests]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(await _seen(request))
        answer = self.answers.popleft() if self.answers else self.otherwise
        return answer if isinstance(answer, web.Response) else await answer(request)

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self.token_requests.append(await _seen(request))
        if self.token_answers:
            answer = self.token_answers.popleft()
            return answer if isinstance(answer, web.Response) else await answer(request)
        token = f"token-{len(self.token_requests)}"
        return web.json_response({"access_token": token, "token_type": "Bearer", "expires_in": self.expires_in})


async def _empty(_: web.Request) -> web.Response:
    return web.json_response([])


async def _seen(request: web.Request) -> Seen:
    return Seen(request.method, request.path, request.raw_path.partition("?")[2], request.headers, await request.read())
