"""Bandwidth's calls API on this machine: for tests, for trying things out, and free of charge.

    async with Emulator(calls=2500) as emulator:
        client = BandwidthClient(
            emulator.account_id,
            ClientCredentials(emulator.client_id, emulator.client_secret, token_url=emulator.token_url),
            base_url=emulator.base_url,
        )

or, for any program in any language, `python -m bandwidth_calls.emulator`. It shares no code with the client, so that a
mistake in one does not hide behind the same mistake in the other.
"""

from bandwidth_calls.emulator.calls import PlacedCall
from bandwidth_calls.emulator.emulator import Emulator
from bandwidth_calls.emulator.journal import RecordedRequest

__all__ = ["Emulator", "PlacedCall", "RecordedRequest"]
