"""Fetches the files of PlayAudio, so that a wrong URL is seen and a file takes its real length."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import attrs

from bandwidth_calls.emulator.calls.wav import HEAD, wav_seconds
from bandwidth_calls.emulator.delivery.network import nobody_listens, refused_by

if TYPE_CHECKING:
    from bandwidth_calls.emulator.delivery.courier import Endpoint
    from bandwidth_calls.emulator.delivery.network import Network

# Real seconds on a running clock: a choice. On a moved clock the scheduler's patience bounds the request.
_PATIENCE = 15.0


@attrs.frozen
class Audio:
    """What a URL of PlayAudio led to: a `failure`, or a file. `seconds` is None if the file is no WAV.

    `refused_by` is the host and port where nothing listens.
    """

    seconds: float | None = None
    failure: str | None = None
    refused_by: str | None = None


async def fetch(network: Network, audio: Endpoint, *, timeout_is_real: bool) -> Audio:
    """Fetch a file of this machine. Its credentials are sent upon a challenge, as those of webhooks are."""
    try:
        async with asyncio.timeout(_PATIENCE if timeout_is_real else None):
            found = await _get(network, audio, {})
            if found.failure == "401" and (audio.username is not None or audio.password is not None):
                login = aiohttp.encode_basic_auth(audio.username or "", audio.password or "")
                found = await _get(network, audio, {"Authorization": login})
            return found
    except TimeoutError:
        return Audio(failure=f"no reply within {_PATIENCE:g} s")
    except aiohttp.ClientConnectorError as error:
        address = refused_by(error)
        return Audio(failure=nobody_listens(address) if address else str(error), refused_by=address)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return Audio(failure=f"{type(error).__name__}: {error}")


async def _get(network: Network, audio: Endpoint, headers: dict[str, str]) -> Audio:
    url = network.mapped(audio.url)
    async with network.http.get(url or audio.url, headers=headers, allow_redirects=False) as response:
        if not 200 <= response.status < 300:
            return Audio(failure=str(response.status))
        head, size = b"", 0
        async for piece in response.content.iter_any():
            size += len(piece)
            head += piece[: HEAD - len(head)]
    return Audio(wav_seconds(head, size))
