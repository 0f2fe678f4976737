"""A Bandwidth on this machine: it answers the calls API and plays the calls, for tests and for trying things out.

    async with Emulator(calls=2500) as emulator:
        client = BandwidthClient(
            emulator.account_id,
            ClientCredentials(emulator.client_id, emulator.client_secret, token_url=emulator.token_url),
            base_url=emulator.base_url,
        )

or, for any program in any language, `python -m bandwidth_calls.emulator`. It shares no code with the client, so that a
mistake in one does not hide behind the same mistake in the other.
"""

from bandwidth_calls.emulator.api.journal import RecordedRequest
from bandwidth_calls.emulator.blocking import BlockingEmulator
from bandwidth_calls.emulator.calls.calls import Call
from bandwidth_calls.emulator.emulator import Emulator
from bandwidth_calls.emulator.far_end.script import FarEnd
from bandwidth_calls.emulator.simulation.scheduler import ClockHeldError

__all__ = ["BlockingEmulator", "Call", "ClockHeldError", "Emulator", "FarEnd", "RecordedRequest"]
