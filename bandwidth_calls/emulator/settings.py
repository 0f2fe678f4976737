"""The settings of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen(kw_only=True, eq=False)
class Settings:
    """Those of the emulator's options that the engine needs. `options.py` explains each."""

    account_id: str
    plays: bool
    timeouts_are_real: bool
    patience: float
    keep_timelines: int
    seed: int | None
    dequeue_rate: float | None
    characters_per_second: float
    audio_seconds: float
    end_on_missing_audio: bool
    partial_results: bool
    inbound_url: str | None
    status_url: str | None
    challenge_first: bool
    fallback_on_error: bool
    maps: Mapping[str, str]
