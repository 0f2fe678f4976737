"""Ids in the form that the service uses."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter


class Ids:
    """Makes ids such as `c-15ac29a2-...`. Without a seed they are random.

    With a seed an id depends on the seed, its kind (`c`, `r`, ...) and the number of ids of this kind before it.
    """

    def __init__(self, seed: int | None) -> None:
        self._seed = seed
        self._made: Counter[str] = Counter()

    def make(self, kind: str) -> str:
        """Return the next id of a kind."""
        self._made[kind] += 1
        if self._seed is None:
            digits = secrets.token_hex(20)
        else:
            digits = hashlib.sha256(f"{self._seed} {kind} {self._made[kind]}".encode()).hexdigest()[:40]
        # The third group begins with a UUID's version, the fourth with its variant.
        variant = "89ab"[int(digits[23], 16) % 4]
        groups = digits[:8], digits[8:16], digits[16:20], f"4{digits[20:23]}", f"{variant}{digits[24:27]}", digits[28:]
        return "-".join([kind, *groups])

    def reset(self) -> None:
        """Start again: with a seed the same ids follow."""
        self._made.clear()
