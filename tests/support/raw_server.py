"""Servers that speak no proper HTTP, and handlers that never answer."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from support.moved_clock import pass_time


async def listen(answer: Any, **options: Any) -> tuple[asyncio.Server, int]:
    """Start a server on loopback that handles each connection with a function of reader and writer."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0, **options)
    return server, server.sockets[0].getsockname()[1]


async def never_in_a_minute(_: web.Request) -> web.Response:
    """Take a request, let a minute pass, and do not answer it."""
    pass_time(60)
    await asyncio.Event().wait()
    raise AssertionError


async def never(_: web.Request) -> web.Response:
    """Take a request and do not answer it."""
    await asyncio.Event().wait()
    raise AssertionError
