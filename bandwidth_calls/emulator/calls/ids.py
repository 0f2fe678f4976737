"""Ids in the form of the service's: the same for the same seed, kind and ordinal, or random without a seed."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter


class Ids:
    """Makes ids such as `c-15ac29a2-...`; each kind (`c`, `r`, ...) is counted for itself."""

    def __init__(self, seed: int | None) -> None:
        self._seed = seed
        self._made: Counter[str] = Counter()

    def make(self, kind: str) -> str:
        """The next id of a kind."""
        self._made[kind] += 1
        if self._seed is None:
            digits = secrets.token_hex(20)
        else:
            digits = hashlib.sha256(f"{self._seed} {kind} {self._made[kind]}".encode()).hexdigest()[:40]
        variant = "89ab"[int(digits[23], 16) % 4]
        groups = digits[:8], digits[8:16], digits[16:20], f"4{digits[20:23]}", f"{variant}{digits[24:27]}", digits[28:]
        return "-".join([kind, *groups])

    def reset(self) -> None:
        """Begin again."""
        self._made.clear()
