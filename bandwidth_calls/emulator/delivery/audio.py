"""Fetches the files of PlayAudio, so that a wrong URL is seen and a file takes its real length."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import attrs

from bandwidth_calls.emulator.calls.wav import HEAD, wav_seconds
from bandwidth_calls.emulator.delivery.network import unreached

if TYPE_CHECKING:
    from bandwidth_calls.emulator.delivery.courier import Endpoint
    from bandwidth_calls.emulator.delivery.network import Network

# Real seconds on a running clock: a choice. On a moved clock the scheduler's patience bounds the request.
_PATIENCE = 15.0


@attrs.frozen(eq=False)
class Audio:
    """What a URL of PlayAudio led to: a `failure`, or a file. `seconds` is None if the file is no WAV.

    `refused_by` is the host and port where nothing listens.
    """

    seconds: float | None = None
    failure: str | None = None
    refused_by: str | None = None


async def fetch(network: Network, url: str, audio: Endpoint, *, timeout_is_real: bool) -> Audio:
    """Fetch a file from its URL on this machine. Its credentials go upon a challenge, as those of webhooks do."""
    try:
        async with asyncio.timeout(_PATIENCE if timeout_is_real else None):
            found = await _get(network, url, {})
            return await _get(network, url, audio.login) if found.failure == "401" and audio.login else found
    except TimeoutError:
        return Audio(failure=f"no reply within {_PATIENCE:g} s")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        why = unreached(error)
        return Audio(failure=why.text, refused_by=why.refused_by)


async def _get(network: Network, url: str, headers: dict[str, str]) -> Audio:
    async with network.http.get(url, headers=headers, allow_redirects=False) as response:
        if not 200 <= response.status < 300:
            return Audio(failure=str(response.status))
        head, size = b"", 0
        async for piece in response.content.iter_any():
            size += len(piece)
            head += piece[: HEAD - len(head)]
    return Audio(wav_seconds(head, size))
