"""Delivers webhooks by real HTTP, as https://dev.bandwidth.com/docs/voice/webhooks tells; what that leaves open is set.

One delivery may be several requests: the challenge that is answered with credentials, one retry where no connection
came about, and the fallback URL. It ends in an `Outcome`, which never raises.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import aiohttp
import attrs

from bandwidth_calls.emulator.delivery.faults import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.emulator.delivery.faults import WebhookFault, WebhookFaults
    from bandwidth_calls.emulator.settings import Settings

_LARGEST_REPLY = 2**20
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@attrs.frozen
class Place:
    """A URL that takes webhooks, and how to call it."""

    url: str
    method: str = "POST"
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)


@attrs.frozen
class Webhook:
    """Where an event goes, where it goes when that fails, and how many seconds either may take."""

    place: Place
    fallback: Place | None = None
    seconds: float = 15.0


@attrs.frozen(kw_only=True)
class Exchange:
    """One request and its answer: the `status`, or the `failure` where there was none; `cost` is in virtual seconds."""

    place: Place
    status: int | None = None
    body: bytes = b""
    failure: str | None = None
    connected: bool = True
    challenge: bool = False
    cost: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether the application took the event."""
        return self.status is not None and 200 <= self.status < 300

    def __str__(self) -> str:
        return f"{self.place.method} {self.place.url} -> {self.failure or self.status}"


@attrs.frozen
class Outcome:
    """What became of a delivery: its exchanges, the last of which counts."""

    exchanges: tuple[Exchange, ...]

    @property
    def last(self) -> Exchange:
        """What counts."""
        return self.exchanges[-1]

    @property
    def cost(self) -> float:
        """How many virtual seconds it took."""
        return sum(exchange.cost for exchange in self.exchanges)


class Courier:
    """Sends events to applications."""

    def __init__(self, settings: Settings, faults: WebhookFaults) -> None:
        self._settings = settings
        self._mishaps = faults
        self._http: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Get ready to send."""
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout())

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()

    async def deliver(self, event: Mapping[str, object], hook: Webhook) -> Outcome:
        """Deliver an event, with what is done where that fails: a retry, and the fallback if there is one."""
        exchanges = await self._try(event, hook.place, hook.seconds)
        if hook.fallback is not None and self._needs_fallback(exchanges[-1]):
            exchanges += await self._try(event, hook.fallback, hook.seconds)
        return Outcome(tuple(exchanges))

    def _needs_fallback(self, exchange: Exchange) -> bool:
        if exchange.is_good:
            return False
        return exchange.status is None or self._settings.fallback_on_error

    async def _try(self, event: Mapping[str, object], place: Place, seconds: float) -> list[Exchange]:
        """Send to one place: again where no connection came about, and with credentials where they are asked for."""
        fault = self._mishaps.take(event, place.url)
        has_login = place.username is not None or place.password is not None
        sent_first = has_login and not self._settings.challenge_first
        exchanges = [await self._send(event, place, seconds, fault, login=sent_first)]
        if not exchanges[-1].connected:
            exchanges.append(await self._send(event, place, seconds, fault, login=sent_first))
        if exchanges[-1].challenge and has_login and not sent_first:
            exchanges.append(await self._send(event, place, seconds, fault, login=True))
        if fault.duplicate:
            exchanges.append(await self._send(event, place, seconds, NONE, login=has_login))
        return exchanges

    async def _send(
        self, event: Mapping[str, object], place: Place, seconds: float, fault: WebhookFault, *, login: bool
    ) -> Exchange:
        if fault.drop:
            return Exchange(place=place, failure="the connection broke, as was asked for", connected=False)
        url = self._mapped(place.url)
        if url is None:
            reason = (
                f"host {urlsplit(place.url).hostname} is not mapped to this machine, and other hosts are not called"
            )
            return Exchange(place=place, failure=reason, connected=False)
        try:
            async with asyncio.timeout(seconds if self._settings.timeouts_are_real else None):
                exchange = await self._request(event, place, url, login=login)
        except TimeoutError:
            return Exchange(place=place, failure=f"no reply within {seconds:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            reason = f"{type(error).__name__}: {error}"
            return Exchange(place=place, failure=reason, connected=False)
        if fault.delay >= seconds:
            return Exchange(place=place, failure=f"no reply within {seconds:g} s", cost=seconds)
        return attrs.evolve(exchange, cost=fault.delay)

    async def _request(self, event: Mapping[str, object], place: Place, url: str, *, login: bool) -> Exchange:
        assert self._http is not None  # noqa: S101 - for the type checker: the emulator opens it before it plays
        headers, body = {}, None
        if login:
            headers["Authorization"] = aiohttp.encode_basic_auth(place.username or "", place.password or "")
        if place.method == "GET":
            url = url.partition("#")[0]
            url = f"{url}{'&' if '?' in url else '?'}{_query(event)}"
        else:
            headers["Content-Type"] = "application/json"
            body = json.dumps(event).encode()
        async with self._http.request(place.method, url, data=body, headers=headers, allow_redirects=False) as answer:
            reply = await answer.content.read(_LARGEST_REPLY)
            challenge = answer.status == 401 and "basic" in answer.headers.get("WWW-Authenticate", "").lower()
            return Exchange(place=place, status=answer.status, body=reply, challenge=challenge)

    def _mapped(self, url: str) -> str | None:
        """The URL on this machine that stands for it; None where there is none, for nobody else's server is called."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin in self._settings.maps:
            return self._settings.maps[origin] + url[len(origin) :]
        return url if parts.hostname in _LOOPBACK else None


def _query(event: Mapping[str, object]) -> str:
    """The properties as query parameters; objects as JSON, since nothing is documented for them."""
    pairs = {name: value if isinstance(value, str) else json.dumps(value) for name, value in event.items()}
    return urlencode({name: value for name, value in pairs.items() if event[name] is not None})
