"""Webhooks behind real servers: aiohttp, and Uvicorn with nothing, Starlette and FastAPI before them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import uvicorn
from aiohttp import web
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Route

from bandwidth_calls.bxml import Response, SpeakSentence
from bandwidth_calls.webhooks import AnswerEvent, Webhooks

ANSWER = {"eventType": "answer", "callId": "c-1", "from": "+19195551234"}
REPLY = Response([SpeakSentence("Hello +19195551234")]).to_bxml()
AUTH = {"Authorization": aiohttp.encode_basic_auth("user", "hush")}


def make_webhooks() -> Webhooks:
    """Return a receiver that greets, requires credentials, and accepts up to 1,000 bytes."""
    webhooks = Webhooks("user", "hush", max_body=1000)

    @webhooks.on(AnswerEvent)
    async def greet(event: AnswerEvent) -> Response:
        return Response([SpeakSentence(f"Hello {event.from_}")])

    return webhooks


@asynccontextmanager
async def on_aiohttp() -> AsyncIterator[str]:
    """Serve the webhooks on aiohttp."""
    app = web.Application()
    app.router.add_route("*", "/hooks", make_webhooks().aiohttp_handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hooks"
    await runner.cleanup()


@asynccontextmanager
async def on_uvicorn(app: Any, path: str = "/hooks") -> AsyncIterator[str]:
    """Serve an ASGI application by Uvicorn, in this loop."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
        serving = asyncio.create_task(server.serve([listening]))
        while not server.started:  # noqa: ASYNC110 - Uvicorn has no event for it
            await asyncio.sleep(0.001)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}{path}"
        server.should_exit = True
        await serving


def on_starlette() -> Any:
    """Serve the webhooks on a route of Starlette."""
    return on_uvicorn(Starlette(routes=[Route("/hooks", make_webhooks().asgi)]))


def on_fastapi() -> Any:
    """Serve the webhooks mounted in FastAPI, which redirects the path without its slash."""
    app = FastAPI()
    app.mount("/hooks", make_webhooks().asgi)
    return on_uvicorn(app, "/hooks/")


SERVERS = {
    "aiohttp": on_aiohttp,
    "uvicorn": lambda: on_uvicorn(make_webhooks().asgi),
    "starlette": on_starlette,
    "fastapi": on_fastapi,
}
