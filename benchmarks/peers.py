"""The same two jobs, read a listing and place calls, done with each of what a user might pick.

`read` reads a listing of a number of pages of a size and returns the number of calls; `create` places calls, some at
once. A peer imports what it needs when it is made, so that each is measured alone.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

from benchmarks.answers import ACCOUNT, CALL

_PIECE = 64 * 1024
_HEADERS = {"Authorization": "Bearer benchmark"}


class Peer(Protocol):
    """What does the jobs, at a base URL."""

    async def read(self, size: int, pages: int) -> int:
        """Read a listing."""
        ...

    async def create(self, count: int, at_once: int) -> None:
        """Place calls."""
        ...

    async def close(self) -> None:
        """Close what was opened."""
        ...


@runtime_checkable
class Saves(Protocol):
    """What saves media of some MiB in a file."""

    async def save(self, size: int, path: Path) -> None:
        """Download media."""
        ...


async def _repeat(count: int, at_once: int, once: Callable[[], Awaitable[Any]]) -> None:
    async def work() -> None:
        for _ in range(count // at_once):
            await once()

    await asyncio.gather(*(work() for _ in range(at_once)))


def _calls_url(base_url: str) -> str:
    return f"{base_url}/accounts/{ACCOUNT}/calls"


def _first(base_url: str, size: int, pages: int) -> str:
    return f"{_calls_url(base_url)}?pageSize={size}&disconnectCause={pages}"


class Ours:
    """This package."""

    def __init__(self, base_url: str) -> None:
        from bandwidth_calls import BandwidthClient, ClientCredentials, CreateCall

        parts = urlsplit(base_url)
        credentials = ClientCredentials("id", "secret", token_url=f"{parts.scheme}://{parts.netloc}/token")
        self._client = BandwidthClient(ACCOUNT, credentials, base_url=base_url)
        self._model = CreateCall

    async def read(self, size: int, pages: int) -> int:
        count = 0
        async for _ in self._client.calls.list_calls(page_size=size, disconnect_cause=str(pages)):
            count += 1
        return count

    async def create(self, count: int, at_once: int) -> None:
        await _repeat(count, at_once, self._create)

    async def _create(self) -> None:
        await self._client.calls.create_call(
            self._model(
                to=CALL["to"],
                from_=CALL["from"],
                application_id=CALL["applicationId"],
                answer_url=CALL["answerUrl"],
            )
        )

    async def save(self, size: int, path: Path) -> None:
        await self._client.recordings.download_call_recording("c-1", str(size)).save(path)

    async def close(self) -> None:
        await self._client.close()


class Aiohttp:
    """aiohttp as it comes, and orjson: dicts, no retries, no token."""

    def __init__(self, base_url: str) -> None:
        import aiohttp
        import orjson

        self._session = aiohttp.ClientSession(headers=_HEADERS)
        self._base_url, self._loads, self._load_page = base_url, orjson.loads, orjson.loads
        self._body = orjson.dumps(CALL)

    async def read(self, size: int, pages: int) -> int:
        count, url = 0, _first(self._base_url, size, pages)
        while url:
            async with self._session.get(url) as response:
                for _ in self._load_page(await response.read()):
                    count += 1
                following = response.links.get("next")
                url = str(following["url"]) if following else ""
        return count

    async def create(self, count: int, at_once: int) -> None:
        url, headers = _calls_url(self._base_url), {"Content-Type": "application/json"}

        async def once() -> Any:
            async with self._session.post(url, data=self._body, headers=headers) as response:
                return self._loads(await response.read())

        await _repeat(count, at_once, once)

    async def save(self, size: int, path: Path) -> None:
        url = f"{_calls_url(self._base_url)}/c-1/recordings/{size}/media"
        async with self._session.get(url) as response:
            with path.open("wb") as file:
                async for piece in response.content.iter_chunked(_PIECE):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())  # as ours does: what is on the disk may be deleted at the service

    async def close(self) -> None:
        await self._session.close()


class Struct(Aiohttp):
    """aiohttp, and msgspec with a struct of one's own: the fastest that is typed."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url)
        import msgspec

        from benchmarks.structs import Call

        self._load_page = msgspec.json.Decoder(list[Call]).decode


class Httpx:
    """httpx and orjson."""

    def __init__(self, base_url: str) -> None:
        import httpx
        import orjson

        self._client = httpx.AsyncClient(headers=_HEADERS)
        self._base_url, self._loads = base_url, orjson.loads

    async def read(self, size: int, pages: int) -> int:
        count, url = 0, _first(self._base_url, size, pages)
        while url:
            response = await self._client.get(url)
            for _ in self._loads(response.content):
                count += 1
            url = response.links.get("next", {}).get("url", "")
        return count

    async def create(self, count: int, at_once: int) -> None:
        url = _calls_url(self._base_url)

        async def once() -> Any:
            return self._loads((await self._client.post(url, json=CALL)).content)

        await _repeat(count, at_once, once)

    async def close(self) -> None:
        await self._client.aclose()


class Official:
    """Bandwidth's own SDK, which is not async: in threads. Its hosts are constants, so they are replaced."""

    def __init__(self, base_url: str) -> None:
        import bandwidth

        self._models = bandwidth.models
        self._api = bandwidth.CallsApi(bandwidth.ApiClient(bandwidth.Configuration(access_token="benchmark")))
        call_api, its_own = self._api.api_client.call_api, "https://voice.bandwidth.com/api/v2"
        self._api.api_client.call_api = lambda method, url, *args, **kwargs: call_api(
            method, url.replace(its_own, base_url), *args, **kwargs
        )

    async def read(self, size: int, pages: int) -> int:
        return await asyncio.to_thread(self._read, size, pages)

    def _read(self, size: int, pages: int) -> int:
        count, token = 0, None
        while True:
            response = self._api.list_calls_with_http_info(
                ACCOUNT, page_size=size, page_token=token, disconnect_cause=str(pages)
            )
            for _ in response.data:
                count += 1
            _, found, rest = response.headers.get("Link", "").partition("pageToken=")
            if not found:
                return count
            token = rest.partition(">")[0]

    async def create(self, count: int, at_once: int) -> None:
        def work() -> None:
            for _ in range(count // at_once):
                self._api.create_call(ACCOUNT, self._models.CreateCall.from_dict(CALL))

        await asyncio.gather(*(asyncio.to_thread(work) for _ in range(at_once)))

    async def close(self) -> None:
        pass


RAW = "aiohttp + orjson"  # what the others are compared with
PEERS: dict[str, Callable[[str], Peer]] = {
    "ours": Ours,
    RAW: Aiohttp,
    "aiohttp + msgspec.Struct": Struct,
    "httpx + orjson": Httpx,
    "official SDK": Official,
}
