"""What happened on a call, step by step: to be read by a person, and to be held against what was expected."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.far_end.script import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\]):\d+")
# What the other side hears, or could.
_AUDIBLE = {"said", "played", "sent keys", "pressed", "far end said"}
HEARD = {"said", "played"}


@attrs.frozen
class Entry:
    """One step: when (milliseconds since 1970), of what kind, and what; `detail` is what a webhook sent and got."""

    time: int
    kind: str
    text: str
    detail: Mapping[str, object] | None = None


def as_text(entries: Iterable[Entry], start: int, title: str) -> str:
    """One line a step, with the seconds since the call was placed; ports, which change from run to run, are masked."""
    lines = [f"{(entry.time - start) / 1000:10.3f}  {f'{entry.kind}: {entry.text}'.strip(': ')}" for entry in entries]
    return _LOOPBACK.sub(r"\1:*", "\n".join([title, *lines]))


def transcript(entries: Iterable[Entry]) -> str:
    """What could be heard, in order, one line each."""
    return "\n".join(f"{entry.kind}: {entry.text}" for entry in entries if entry.kind in _AUDIBLE)


def was_heard(entries: Iterable[Entry], phrase: str) -> bool:
    """Whether the far end heard the phrase, in any case of letters and whatever the punctuation."""
    heard = " ".join(words_of(entry.text) for entry in entries if entry.kind in HEARD)
    return f" {words_of(phrase)} " in f" {heard} "


def nearest(entries: Iterable[Entry], phrase: str) -> str | None:
    """What was heard and comes nearest to the phrase."""
    heard = [entry.text for entry in entries if entry.kind in HEARD]
    found = get_close_matches(phrase, heard, n=1, cutoff=0.3)
    return found[0] if found else None
