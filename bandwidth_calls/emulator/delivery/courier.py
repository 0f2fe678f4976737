"""Delivers webhooks by real HTTP, as https://dev.bandwidth.com/docs/voice/webhooks says.

One delivery may be several requests. They are the answer to a challenge, one retry when no connection came about,
and the fallback URL. A delivery ends in an `Outcome`; it never raises.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp
import attrs

from bandwidth_calls.emulator.calls.timeline import WebhookEntry
from bandwidth_calls.emulator.delivery.faults import NONE
from bandwidth_calls.emulator.delivery.network import NotCalledError, unreached

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.emulator.delivery.faults import WebhookFault, WebhookFaults
    from bandwidth_calls.emulator.delivery.network import Network
    from bandwidth_calls.emulator.settings import Settings

# More than BXML may have, so that the reader refuses what is larger. The rest of a reply is not read.
_MOST_READ = 65_537
_SECONDS = 15.0  # the default of createCall's `callbackTimeout`


@attrs.frozen
class Endpoint:
    """A URL that takes webhooks, with its method and credentials."""

    url: str
    method: str = "POST"
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)

    @property
    def login(self) -> dict[str, str]:
        """The header with the credentials; nothing without them."""
        if self.username is None and self.password is None:
            return {}
        return {"Authorization": aiohttp.encode_basic_auth(self.username or "", self.password or "")}


@attrs.frozen(eq=False)
class Webhook:
    """The endpoint of an event, its fallback, and the timeout in seconds of a request to either."""

    endpoint: Endpoint
    fallback: Endpoint | None = None
    seconds: float = _SECONDS


@attrs.frozen(kw_only=True, eq=False)
class Exchange:
    """One request and its answer. There is a `status` or a `failure`. `cost` is its duration in virtual seconds.

    `refused_by` is the host and port where nothing listens. `headers` are those of the answer, and `milliseconds` are
    real ones.
    """

    endpoint: Endpoint
    status: int | None = None
    body: bytes = b""
    media_type: str = ""
    failure: str | None = None
    connected: bool = True
    refused_by: str | None = None
    challenge: bool = False
    cost: float = 0.0
    headers: tuple[tuple[bytes, bytes], ...] = ()
    milliseconds: int = 0

    @property
    def is_good(self) -> bool:
        """Whether the application accepted the event: any 2xx."""
        return self.status is not None and 200 <= self.status < 300

    def __str__(self) -> str:
        return f"{self.endpoint.method} {self.endpoint.url} -> {self.failure or self.status}"

    def entry(self, time: int, kind: str, detail: Mapping[str, object]) -> WebhookEntry:
        """Return what the timeline keeps. It holds no other object, so that a finished call is cheap to keep."""
        endpoint = self.endpoint
        return WebhookEntry(
            time,
            kind,
            str(self),
            detail,
            endpoint.url,
            endpoint.method,
            endpoint.username,
            endpoint.password,
            self.status,
            self.failure,
            self.headers,
            self.milliseconds,
        )


@attrs.frozen(eq=False, repr=False)
class Outcome:
    """The exchanges of one delivery, in order."""

    exchanges: tuple[Exchange, ...]

    @property
    def last(self) -> Exchange:
        """The exchange that decides whether the delivery worked."""
        return self.exchanges[-1]

    @property
    def cost(self) -> float:
        """The duration of the delivery in virtual seconds."""
        return sum(exchange.cost for exchange in self.exchanges)


class Courier:
    """Sends events to applications."""

    def __init__(self, settings: Settings, network: Network, faults: WebhookFaults) -> None:
        self._settings = settings
        self._network = network
        self._faults = faults

    async def deliver(self, event: Mapping[str, object], hook: Webhook) -> Outcome:
        """Deliver an event: to its endpoint, and after a failure to the fallback, if there is one."""
        exchanges = await self._try(event, hook.endpoint, hook.seconds, self._take_fault(event, hook.endpoint))
        if hook.fallback is not None and self._needs_fallback(exchanges[-1]):
            fault = self._take_fault(event, hook.fallback)
            exchanges += await self._try(event, hook.fallback, hook.seconds, fault)
        return Outcome(tuple(exchanges))

    def _needs_fallback(self, exchange: Exchange) -> bool:
        if exchange.is_good:
            return False
        return exchange.status is None or self._settings.fallback_on_error

    async def send_again(self, event: Mapping[str, object], endpoint: Endpoint) -> Exchange:
        """Send an event besides a call: no fault is used up, and no fallback is tried."""
        return (await self._try(event, endpoint, _SECONDS, NONE))[-1]

    def _take_fault(self, event: Mapping[str, object], endpoint: Endpoint) -> WebhookFault:
        return self._faults.take_prompt(event, endpoint.url)

    async def _try(
        self, event: Mapping[str, object], endpoint: Endpoint, seconds: float, fault: WebhookFault
    ) -> list[Exchange]:
        """Send to one endpoint: once more without a connection, and with credentials after a challenge."""
        has_login = bool(endpoint.login)
        sent_first = has_login and not self._settings.challenge_first
        exchanges = [await self._send(event, endpoint, seconds, fault, login=sent_first)]
        # Documented: one more try if no connection came about.
        if not exchanges[-1].connected:
            exchanges.append(await self._send(event, endpoint, seconds, fault, login=sent_first))
        if exchanges[-1].challenge and has_login and not sent_first:
            exchanges.append(await self._send(event, endpoint, seconds, fault, login=True))
        if fault.duplicate:
            exchanges.append(await self._send(event, endpoint, seconds, NONE, login=has_login))
        return exchanges

    async def _send(
        self, event: Mapping[str, object], endpoint: Endpoint, seconds: float, fault: WebhookFault, *, login: bool
    ) -> Exchange:
        if fault.drop:
            return Exchange(endpoint=endpoint, failure="the connection broke, as was asked for", connected=False)
        try:
            url = self._network.local(endpoint.url)
        except NotCalledError as error:
            return Exchange(endpoint=endpoint, failure=str(error))
        try:
            # On a moved clock no real time passes: there the scheduler's patience bounds the request.
            async with asyncio.timeout(seconds if self._settings.timeouts_are_real else None):
                exchange = await self._request(event, endpoint, url, login=login)
        except TimeoutError:
            return Exchange(endpoint=endpoint, failure=f"no reply within {seconds:g} s")
        except aiohttp.ClientPayloadError as error:  # it had connected, so it is not sent again
            return Exchange(endpoint=endpoint, failure=f"the reply cannot be read: {error}")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            why = unreached(error)
            return Exchange(endpoint=endpoint, failure=why.text, connected=False, refused_by=why.refused_by)
        if fault.delay >= seconds:
            return Exchange(endpoint=endpoint, failure=f"no reply within {seconds:g} s", cost=seconds)
        return attrs.evolve(exchange, cost=fault.delay) if fault.delay else exchange

    async def _request(self, event: Mapping[str, object], endpoint: Endpoint, url: str, *, login: bool) -> Exchange:
        headers, body = dict(endpoint.login) if login else {}, None
        if endpoint.method == "GET":
            # Parameters after a fragment would be part of the fragment, which is not sent.
            url = url.partition("#")[0]
            url = f"{url}{'&' if '?' in url else '?'}{_query(event)}"
        else:
            headers["Content-Type"] = "application/json"
            body = json.dumps(event).encode()
        begun = time.perf_counter()
        async with self._network.http.request(
            endpoint.method, url, data=body, headers=headers, allow_redirects=False
        ) as response:
            reply = await _read(response.content)
            challenge = response.status == 401 and "basic" in response.headers.get("WWW-Authenticate", "").lower()
            return Exchange(
                endpoint=endpoint,
                status=response.status,
                body=reply,
                media_type=response.content_type,
                challenge=challenge,
                headers=response.raw_headers,
                milliseconds=round(1000 * (time.perf_counter() - begun)),
            )


async def _read(content: aiohttp.StreamReader) -> bytes:
    """Read a reply to its end, in however many pieces it comes, or to the most that is read."""
    reply = bytearray()
    while len(reply) < _MOST_READ and (piece := await content.read(_MOST_READ - len(reply))):
        reply += piece
    return bytes(reply)


def _query(event: Mapping[str, object]) -> str:
    """Return the properties as query parameters. Objects are sent as JSON, since no form is documented for them."""
    pairs = {name: value if isinstance(value, str) else json.dumps(value) for name, value in event.items()}
    return urlencode({name: value for name, value in pairs.items() if event[name] is not None})
