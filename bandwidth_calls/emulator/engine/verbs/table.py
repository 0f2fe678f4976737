"""The table of verbs: the name of each, and the function that plays it. Each family of verbs has its own rows.

The engine adds Conference. A verb that is not in the table ends the call, with the problem that it is not emulated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.engine.verbs import (
    bridge,
    digits,
    handover,
    recording,
    speech,
    streaming,
    transcription,
    transfer,
)

if TYPE_CHECKING:
    from bandwidth_calls.emulator.engine.program import Verbs

VERBS: Verbs = {
    **bridge.PLAYERS,
    **digits.PLAYERS,
    **handover.PLAYERS,
    **recording.PLAYERS,
    **speech.PLAYERS,
    **streaming.PLAYERS,
    **transcription.PLAYERS,
    **transfer.PLAYERS,
}
