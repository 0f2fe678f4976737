"""Serves the applications of a test on loopback, in its event loop."""

from __future__ import annotations

import asyncio
import inspect
import socket
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

if TYPE_CHECKING:
    from types import TracebackType

# Real seconds for requests that are still under way at the end of a test: a choice.
_SHUTDOWN_TIMEOUT = 0.1
_MISSING = "an ASGI application is served by uvicorn and websockets: pip install uvicorn websockets"


class Applications:
    """The applications that are served, until the end of an `async with`."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._urls: list[tuple[object, str]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def serve(self, application: object) -> str:
        """Serve an ASGI or aiohttp application, and return its URL without a slash at the end.

        An application that is served already is not served again. Raise `TypeError` for anything else, `ImportError`
        where uvicorn or websockets is missing, and `RuntimeError` if the start of an ASGI application fails.
        """
        for served, url in self._urls:
            if served is application:
                return url
        port = await self._start(application)
        self._urls.append((application, f"http://127.0.0.1:{port}"))
        return self._urls[-1][1]

    async def _start(self, application: object) -> int:
        if isinstance(application, web.Application):
            return await self._start_aiohttp(application)
        if not _is_asgi(application):
            kind = type(application).__name__
            raise TypeError(f"bandwidth_serve takes an ASGI or an aiohttp application, not {kind}")
        return await self._start_asgi(application)

    async def _start_aiohttp(self, application: web.Application) -> int:
        runner = web.AppRunner(application, shutdown_timeout=_SHUTDOWN_TIMEOUT)
        self._stack.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port: int = runner.addresses[0][1]
        return port

    async def _start_asgi(self, application: Any) -> int:
        try:
            import uvicorn
            import websockets  # noqa: F401 - uvicorn loads it, and would only answer 404 without it
        except ImportError:
            raise ImportError(_MISSING) from None
        config = uvicorn.Config(application, log_level="warning", timeout_graceful_shutdown=1)
        listening = socket.create_server(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        # The steps of its `serve` without the handlers of signals, which are pytest's.
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        try:
            await server.startup(sockets=[listening])
        except SystemExit:  # in older versions `should_exit` is set instead
            server.should_exit = True
        if server.should_exit:
            listening.close()
            raise RuntimeError("the lifespan of the ASGI application has failed at its start")
        ticking = asyncio.get_running_loop().create_task(server.main_loop())
        self._stack.push_async_callback(_stop, server, ticking, listening)
        return port


async def _stop(server: Any, ticking: asyncio.Task[None], listening: socket.socket) -> None:
    server.should_exit = True
    await ticking
    await server.shutdown(sockets=[listening])


def _is_asgi(application: object) -> bool:
    call = getattr(application, "__call__", None)  # noqa: B004 - of an object, to see whether it is a coroutine function
    return inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(call)
