"""A token and first replies that processes share: one of them makes what is missing, and the others wait for it."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

import attrs

from bandwidth_calls.auth import Token
from bandwidth_calls.webhooks import Reply

T = TypeVar("T")

_WAIT = 4.0  # seconds for what another process makes; a client gives a store 5
_PAUSE = 0.05  # seconds between two looks
_MARGIN, _MOST_MARGIN = 0.1, 60.0  # a part of a token's life, and seconds: then clients renew it, one of them first
_KEPT = 600.0  # seconds that a reply is kept; Bandwidth repeats an event within some minutes


class Shelf(Protocol):
    """Texts by key, which expire, and claims: of all who claim a key, one gets it."""

    async def read(self, key: str) -> str | None:
        """Return the text of a key, None where there is none or it has expired."""
        ...

    async def write(self, key: str, value: str, seconds: float) -> None:
        """Store a text for some seconds, and end the claim of the key."""
        ...

    async def claim(self, key: str, seconds: float) -> bool:
        """Claim a key for some seconds; False where somebody else has it."""
        ...


async def _find(shelf: Shelf, key: str, read: Callable[[str], T], is_good: Callable[[T], bool]) -> T | None:
    """Return what is stored; wait for it where another process makes it. Where this one is to make it, return None."""
    until, is_mine = time.monotonic() + _WAIT, False
    while True:
        text = await shelf.read(key)
        found = None if text is None else read(text)
        if is_mine or (found is not None and is_good(found)) or time.monotonic() > until:
            return found
        if is_mine := await shelf.claim(key, _WAIT):
            continue  # it may have been made, and its claim been ended, since it was read
        await asyncio.sleep(_PAUSE)


@attrs.frozen
class SharedTokens:
    """A `TokenStore`. Of many processes that need a token at once, one requests it."""

    _shelf: Shelf

    async def get(self, key: str) -> Token | None:
        """Return the token that was stored last. It waits for a process that is about to store one."""
        found = await _find(self._shelf, key, _kept_token, lambda kept: not kept.is_due)
        return None if found is None else found.token

    async def put(self, key: str, token: Token) -> None:
        """Store a token until it expires."""
        seconds = token.expires_at.timestamp() - time.time()
        text = json.dumps([token.value, token.expires_at.isoformat(), time.time()])
        await self._shelf.write(key, text, max(1.0, seconds))


@attrs.frozen
class _KeptToken:
    token: Token
    stored_at: float

    @property
    def is_due(self) -> bool:
        """Whether it is to be renewed."""
        expires = self.token.expires_at.timestamp()
        return time.time() > expires - min(_MOST_MARGIN, _MARGIN * (expires - self.stored_at))


def _kept_token(text: str) -> _KeptToken:
    value, expires_at, stored_at = json.loads(text)
    return _KeptToken(Token(value, datetime.fromisoformat(expires_at)), stored_at)


@attrs.frozen
class SharedReplies:
    """A `Dedupe`. An event that several processes get is handled by one of them, and the others repeat its reply."""

    _shelf: Shelf

    async def get(self, key: str) -> Reply | None:
        """Return the first reply to an event. It waits for a process that makes it now, for four seconds at most."""
        return await _find(self._shelf, key, _kept_reply, lambda reply: True)

    async def put(self, key: str, reply: Reply) -> None:
        """Store the first reply for ten minutes."""
        text = json.dumps([reply.status, dict(reply.headers), base64.b64encode(reply.body).decode()])
        await self._shelf.write(key, text, _KEPT)


def _kept_reply(text: str) -> Reply:
    status, headers, body = json.loads(text)
    return Reply(status, headers, base64.b64decode(body))
