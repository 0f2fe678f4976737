"""The same two jobs, read a listing and place calls, done with each of what a user might pick."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from benchmarks.answers import ACCOUNT, CALL

_HEADERS = {"Authorization": "Bearer benchmark"}


class Peer(NamedTuple):
    """`read` reads a listing of pages of a size and gives the number of calls; `create` places calls, some at once."""

    read: Callable[[str, int], Awaitable[int]]
    create: Callable[[str, int, int], Awaitable[None]]


async def _repeat(count: int, at_once: int, once: Callable[[], Awaitable[Any]]) -> None:
    async def work() -> None:
        for _ in range(count // at_once):
            await once()

    await asyncio.gather(*(work() for _ in range(at_once)))


def _first(base_url: str, size: int) -> str:
    return f"{base_url}/accounts/{ACCOUNT}/calls?pageSize={size}"


def _client(base_url: str) -> Any:
    from bandwidth_calls import BandwidthClient, ClientCredentials

    parts = urlsplit(base_url)
    credentials = ClientCredentials("id", "secret", token_url=f"{parts.scheme}://{parts.netloc}/token")
    return BandwidthClient(ACCOUNT, credentials, base_url=base_url)


async def _ours_read(base_url: str, size: int) -> int:
    count = 0
    async with _client(base_url) as client:
        async for _ in client.calls.list_calls(page_size=size):
            count += 1
    return count


async def _ours_create(base_url: str, count: int, at_once: int) -> None:
    from bandwidth_calls import CreateCall

    async with _client(base_url) as client:
        await _repeat(
            count,
            at_once,
            lambda: client.calls.create_call(
                CreateCall(
                    to=CALL["to"],
                    from_=CALL["from"],
                    application_id=CALL["applicationId"],
                    answer_url=CALL["answerUrl"],
                )
            ),
        )


async def _raw_read_with(loads: Callable[[bytes], Any], base_url: str, size: int) -> int:
    import aiohttp

    count, url = 0, _first(base_url, size)
    async with aiohttp.ClientSession(headers=_HEADERS) as session:
        while url:
            async with session.get(url) as response:
                for _ in loads(await response.read()):
                    count += 1
                following = response.links.get("next")
                url = str(following["url"]) if following else ""
    return count


async def _raw_read(base_url: str, size: int) -> int:
    import orjson

    return await _raw_read_with(orjson.loads, base_url, size)


async def _struct_read(base_url: str, size: int) -> int:
    import msgspec

    from benchmarks.structs import Call

    return await _raw_read_with(msgspec.json.Decoder(list[Call]).decode, base_url, size)


async def _raw_create(base_url: str, count: int, at_once: int) -> None:
    import aiohttp
    import orjson

    body, url = orjson.dumps(CALL), f"{base_url}/accounts/{ACCOUNT}/calls"
    headers = {**_HEADERS, "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def once() -> Any:
            async with session.post(url, data=body) as response:
                return orjson.loads(await response.read())

        await _repeat(count, at_once, once)


async def _httpx_read(base_url: str, size: int) -> int:
    import httpx
    import orjson

    count, url = 0, _first(base_url, size)
    async with httpx.AsyncClient(headers=_HEADERS) as client:
        while url:
            response = await client.get(url)
            for _ in orjson.loads(response.content):
                count += 1
            url = response.links.get("next", {}).get("url", "")
    return count


async def _httpx_create(base_url: str, count: int, at_once: int) -> None:
    import httpx
    import orjson

    async with httpx.AsyncClient(headers=_HEADERS) as client:
        url = f"{base_url}/accounts/{ACCOUNT}/calls"

        async def once() -> Any:
            return orjson.loads((await client.post(url, json=CALL)).content)

        await _repeat(count, at_once, once)


def _official(base_url: str) -> Any:
    """Make the official SDK's API object, and point it at the base URL, since its hosts are constants."""
    import bandwidth

    api = bandwidth.CallsApi(bandwidth.ApiClient(bandwidth.Configuration(access_token="benchmark")))
    call_api = api.api_client.call_api
    its_own = "https://voice.bandwidth.com/api/v2"
    api.api_client.call_api = lambda method, url, *args, **kwargs: call_api(
        method, url.replace(its_own, base_url), *args, **kwargs
    )
    return api


async def _official_read(base_url: str, size: int) -> int:
    def read() -> int:
        api, count, token = _official(base_url), 0, None
        while True:
            response = api.list_calls_with_http_info(ACCOUNT, page_size=size, page_token=token)
            for _ in response.data:
                count += 1
            _, found, rest = response.headers.get("Link", "").partition("pageToken=")
            if not found:
                return count
            token = rest.partition(">")[0]

    return await asyncio.to_thread(read)


async def _official_create(base_url: str, count: int, at_once: int) -> None:
    def work() -> None:
        from bandwidth.models import CreateCall

        api = _official(base_url)
        for _ in range(count // at_once):
            api.create_call(ACCOUNT, CreateCall.from_dict(CALL))

    await asyncio.gather(*(asyncio.to_thread(work) for _ in range(at_once)))


PEERS = {
    "ours": Peer(_ours_read, _ours_create),
    "aiohttp + orjson": Peer(_raw_read, _raw_create),
    "aiohttp + msgspec.Struct": Peer(_struct_read, _raw_create),
    "httpx + orjson": Peer(_httpx_read, _httpx_create),
    "official SDK": Peer(_official_read, _official_create),
}
