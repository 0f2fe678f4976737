"""The way out of the emulator: which URLs it may call, and the connections to them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import attrs

from bandwidth_calls.emulator.hosts import host_and_port, is_loopback, is_wildcard

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class NotCalledError(Exception):
    """Raised for a URL that the emulator does not call; the text says why."""


@attrs.frozen(eq=False)
class Unreached:
    """Why a URL was not reached. `refused_by` is the host and port where nothing listens."""

    text: str
    refused_by: str | None = None


class Network:
    """Calls the application, and nobody else. `maps` are the local origins by the public ones.

    `own` is the host and port of the emulator, which is never called.
    """

    def __init__(self, maps: Mapping[str, str]) -> None:
        self._maps = maps
        self._http: aiohttp.ClientSession | None = None
        self._websockets: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.own: tuple[str, int] | None = None

    async def open(self) -> None:
        """Open the HTTP sessions."""
        # Without aiohttp's own timeout of five minutes: whoever sends a request sets its timeout.
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout())
        # aiohttp follows the redirects of an upgrade, to any host; nothing but a trace can stop it.
        trace = aiohttp.TraceConfig()
        trace.on_request_redirect.append(_refuse_redirect)
        self._websockets = aiohttp.ClientSession(
            connector=self._http.connector,
            connector_owner=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(),
            trace_configs=[trace],
        )

    async def close(self) -> None:
        """Close the connections."""
        self.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for session in (self._websockets, self._http):
            if session is not None:
                await session.close()

    def keep(self, task: asyncio.Task[None]) -> None:
        """Keep the task of a connection. It is cancelled when the connection shall end with the emulator."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def abort(self) -> None:
        """Cancel the tasks of all connections that are open."""
        for task in self._tasks:
            task.cancel()

    @property
    def http(self) -> aiohttp.ClientSession:
        """The HTTP session for requests."""
        return _opened(self._http)

    @property
    def websockets(self) -> aiohttp.ClientSession:
        """The HTTP session for WebSockets, which follows no redirect."""
        return _opened(self._websockets)

    def mapped(self, url: str) -> str | None:
        """Return the URL on this machine for a URL whose host is loopback or mapped; None for another one."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin in self._maps:
            return self._maps[origin] + url[len(origin) :]
        return url if parts.hostname in _LOOPBACK else None

    def local(self, url: str) -> str:
        """Return the URL on this machine for a URL of the application. Raise `NotCalledError` without one."""
        found = self.mapped(url)
        if found is None:
            host = urlsplit(url).hostname
            raise NotCalledError(f"host {host} is not mapped to this machine (--map), and other hosts are not called")
        if self._is_own(found):
            raise NotCalledError("the URL leads to the emulator itself, which is not called")
        return found

    def _is_own(self, url: str) -> bool:
        if self.own is None:
            return False
        host, port = self.own
        parts = urlsplit(url)
        name = parts.hostname or ""
        if (parts.port or _PORTS.get(parts.scheme)) != port:
            return False
        return name == host or is_loopback(name) or is_wildcard(name)


async def _refuse_redirect(_: object, __: object, redirect: aiohttp.TraceRequestRedirectParams) -> None:
    raise NotCalledError(f"the upgrade was answered with {redirect.response.status}, and no redirect is followed")


def _opened(session: aiohttp.ClientSession | None) -> aiohttp.ClientSession:
    assert session is not None  # noqa: S101 - for the type checker: the emulator opens it before it plays
    return session


def unreached(error: Exception) -> Unreached:
    """Return why no answer came: mostly the application is not running."""
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionRefusedError):
        address = host_and_port(error.host, error.port)
        return Unreached(f"nothing listens on {address}: is your application running?", address)
    return Unreached(f"{type(error).__name__}: {error}")
