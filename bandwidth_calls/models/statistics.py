"""The model of the statistics; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Statistics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen(kw_only=True, weakref_slot=False)
class AccountStatistics:
    """How many outbound calls wait in the account's queue, and how many may, before further ones are refused.

    None means: not in the answer. `extra` keeps unknown fields under their names on the wire, and what came of a field
    of a wrong type.
    """

    current_call_queue_size: int | None = None
    max_call_queue_size: int | None = None
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)
