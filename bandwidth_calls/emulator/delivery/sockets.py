"""The WebSocket of a media stream: it is opened, frames of text go both ways, and either side closes it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp

from bandwidth_calls.emulator.delivery.network import NotCalledError, unreached

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bandwidth_calls.emulator.delivery.courier import Endpoint
    from bandwidth_calls.emulator.delivery.network import Network

# Real seconds, both choices: until a destination must have answered on a running clock, and until it must have
# answered the closing frame. On a moved clock the scheduler's patience bounds the first.
_OPENING = 15.0
_CLOSING = 1.0
# Codes with which an application ends a stream on purpose; 0 and 1005 stand for none.
_WILFUL = {0, 1000, 1001, 1005}
_LOST = 1006


class NoStreamError(Exception):
    """Raised where no WebSocket came about; `refused_by` is the host and port where nothing listens."""

    def __init__(self, text: str, refused_by: str | None = None) -> None:
        super().__init__(text)
        self.refused_by = refused_by


class StreamSocket:
    """An open WebSocket. `inbox` has what came and was not taken: text, or bytes, which no stream may send.

    `ended` is true when no more can come, and `ended_by` says why if the application did not just close it. `patience`
    is the number of real seconds after which an application that does not read has lost the connection.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, network: Network, patience: float) -> None:
        self._socket = socket
        self._patience = patience
        self._sending = asyncio.Lock()
        self._ponged = asyncio.Event()
        self.inbox: list[str | bytes] = []
        self.ended = False
        self.ended_by: str | None = None
        network.keep(asyncio.get_running_loop().create_task(self._read()))

    async def send(self, frames: Iterable[str]) -> None:
        """Send frames. Of a connection that is lost the reader tells."""
        try:
            async with asyncio.timeout(self._patience), self._sending:
                for frame in frames:
                    await self._socket.send_str(frame)
        except TimeoutError:
            self.ended, self.ended_by = True, f"the application has not read for {self._patience:g} s"
            await self.close()
        except ConnectionError:
            return

    async def settle(self) -> None:
        """Send a ping, and wait for its pong: what the application sent before it is in the inbox then."""
        self._ponged.clear()
        try:
            await self._socket.ping()
        except ConnectionError:
            return
        if not self.ended:
            await self._ponged.wait()

    async def close(self) -> None:
        """Close the connection, also if the other side does not answer."""
        try:
            async with asyncio.timeout(_CLOSING):
                await self._socket.close()
        except TimeoutError:  # aiohttp has dropped the connection
            return

    async def _read(self) -> None:
        try:
            while await self._receive():
                pass
        finally:
            self.ended = True
            self._ponged.set()
            await self.close()

    async def _receive(self) -> bool:
        """Receive one message. Return False after the last one."""
        message = await self._socket.receive()
        match message.type:
            case aiohttp.WSMsgType.TEXT | aiohttp.WSMsgType.BINARY:
                self.inbox.append(message.data)
            case aiohttp.WSMsgType.PING:
                await self._socket.pong(message.data)
            case aiohttp.WSMsgType.PONG:
                self._ponged.set()
            case _:
                self.ended_by = self.ended_by or _why(self._socket.close_code or 0)
                return False
        return True


def _why(code: int) -> str | None:
    """Return what went wrong if a connection ends with this code; None if nothing did."""
    if code in _WILFUL:
        return None
    return "the connection was lost" if code == _LOST else f"the application closed it with {code}"


async def connect(network: Network, destination: Endpoint, patience: float, *, timeout_is_real: bool) -> StreamSocket:
    """Open the WebSocket of a stream. Raise `NoStreamError` where that fails."""
    try:
        url = network.local(destination.url)
        async with asyncio.timeout(_OPENING if timeout_is_real else None):
            # The credentials go at once, not upon a challenge, as was recorded on real calls. A message may be of any
            # length: applications send minutes of sound at once.
            socket = await network.websockets.ws_connect(url, headers=destination.login, autoping=False, max_msg_size=0)
            return StreamSocket(socket, network, patience)
    except NotCalledError as error:
        raise NoStreamError(str(error)) from None
    except TimeoutError:
        raise NoStreamError(f"no answer within {_OPENING:g} s") from None
    except aiohttp.WSServerHandshakeError as error:
        raise NoStreamError(f"the upgrade was answered with {error.status}: {error.message}") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        why = unreached(error)
        raise NoStreamError(why.text, why.refused_by) from None
