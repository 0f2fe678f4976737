"""The settings of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen(kw_only=True)
class Settings:
    """Those of the emulator's options that the engine needs. `options.py` explains each."""

    account_id: str
    plays: bool = True
    timeouts_are_real: bool = True
    keep_timelines: int = 10_000
    seed: int | None = None
    dequeue_rate: float | None = None
    characters_per_second: float = 15.0
    audio_seconds: float = 5.0
    inbound_url: str | None = None
    status_url: str | None = None
    challenge_first: bool = True
    fallback_on_error: bool = True
    maps: Mapping[str, str] = attrs.field(factory=dict)
