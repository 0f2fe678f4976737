"""The gate before every request: who may ask, by the `Host` and the `Origin` that a browser cannot hide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.api.messages import ApiError, valid_host
from bandwidth_calls.emulator.hosts import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# For clients whose hosts cannot be configured, where these names are redirected to this machine.
_BANDWIDTH = frozenset({"voice.bandwidth.com", "api.bandwidth.com", "id.bandwidth.com"})


class Gate:
    """Refuses the requests of foreign web pages, before anything of them is read.

    `host` is the address on which the emulator listens. If it is loopback, each request must name a loopback host, one
    of Bandwidth's own, or one that is `allowed`: another name leads here by DNS rebinding. Any other address says that
    others may reach the emulator, and what they call it does not matter.
    """

    def __init__(self, host: str, allowed: Iterable[str]) -> None:
        self._takes_any_host = not is_loopback(host)
        self._allowed = _BANDWIDTH | {_name(one) for one in allowed}

    def check(self, headers: Mapping[str, str]) -> None:
        """Raise 403 for a `Host` that is not taken, and for an `Origin` that is not the emulator's own.

        Browsers send both headers; programs need not.
        """
        host, origin = headers.get("Host"), headers.get("Origin")
        if host is not None and not self._takes(valid_host(host)):
            raise ApiError(403, f"Host {host} is not this emulator's: --allow-host {_name(host)} permits it")
        if origin is not None and origin.lower() != f"http://{host}".lower():
            raise ApiError(403, f"Origin {origin} is another than that of Host {host}: web pages elsewhere may not ask")

    def _takes(self, host: str) -> bool:
        return self._takes_any_host or is_loopback(_name(host)) or _name(host) in self._allowed


def _name(host: str) -> str:
    """Return the name in a `Host`, without its port, in one spelling."""
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name.lower().removesuffix(".")
