"""A token and first replies that processes share in Redis."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import attrs
from redis.asyncio import Redis

from bandwidth_calls.stores.shared import SharedReplies, SharedTokens

_TIMEOUT = 3.0  # seconds of one command


class RedisStore:
    """What processes share in Redis: `async with RedisStore("redis://localhost") as store`. It needs the extra `redis`.

    `store.tokens` is a `TokenStore` for `ClientCredentials`, `store.dedupe` a `Dedupe` for `Webhooks`. Keys begin with
    `prefix`. A token gives access to the account, so protect the server. It belongs to one event loop.
    """

    def __init__(self, url: str, *, prefix: str = "bandwidth_calls:") -> None:
        self._redis = Redis.from_url(
            url, decode_responses=True, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT
        )
        self.tokens = SharedTokens(_RedisShelf(self._redis, f"{prefix}token:"))
        self.dedupe = SharedReplies(_RedisShelf(self._redis, f"{prefix}reply:"))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._redis.aclose()


@attrs.frozen
class _RedisShelf:
    """Texts and claims under keys that expire."""

    _redis: Redis
    _prefix: str

    async def read(self, key: str) -> str | None:
        """Return the text of a key."""
        value = await self._redis.get(self._prefix + key)
        return None if value is None else str(value)  # text, since the client decodes

    async def write(self, key: str, value: str, seconds: float) -> None:
        """Store a text, and end the claim of the key."""
        async with self._redis.pipeline(transaction=True) as both:
            both.set(self._prefix + key, value, px=int(seconds * 1000))
            both.delete(self._claim(key))
            await both.execute()

    async def claim(self, key: str, seconds: float) -> bool:
        """Claim a key, unless somebody else has it."""
        return bool(await self._redis.set(self._claim(key), "1", nx=True, px=int(seconds * 1000)))

    def _claim(self, key: str) -> str:
        return f"{self._prefix}{key}:claim"
