"""An emulator of Bandwidth on this machine: it answers the calls API and plays the calls, for tests and demos.

    async with Emulator(calls=2500) as emulator:
        client = BandwidthClient(
            emulator.account_id,
            ClientCredentials(emulator.client_id, emulator.client_secret, token_url=emulator.token_url),
            base_url=emulator.base_url,
        )

For programs in any language there is `python -m bandwidth_calls.emulator`; for tests that are not asynchronous,
`BlockingEmulator`. The emulator shares no code with the client: a mistake in shared code would be on both sides, and
every test would still pass.
"""

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.api.journal import RecordedRequest
from bandwidth_calls.emulator.calls.calls import Call
from bandwidth_calls.emulator.emulator import Emulator
from bandwidth_calls.emulator.far_end.script import FarEnd
from bandwidth_calls.emulator.simulation.scheduler import ClockHeldError

if TYPE_CHECKING:
    from bandwidth_calls.emulator.blocking import BlockingEmulator

__all__ = ["BlockingEmulator", "Call", "ClockHeldError", "Emulator", "FarEnd", "RecordedRequest"]


def __getattr__(name: str) -> object:
    """Import `BlockingEmulator` when it is asked for: asynchronous programs start faster without it."""
    if name == "BlockingEmulator":
        from bandwidth_calls.emulator.blocking import BlockingEmulator

        return BlockingEmulator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
