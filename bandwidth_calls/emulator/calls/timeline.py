"""The timeline of a call: what happened, step by step, for people to read and for tests to check."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.far_end.script import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\]):\d+")
# The kinds of entries that the other side hears, or could hear.
_AUDIBLE = {"said", "played", "sent keys", "pressed", "far end said"}
HEARD = {"said", "played"}
CUT_OFF = "... (cut off)"  # ends a speech that was not said to its end


@attrs.frozen
class Entry:
    """One step. `time` is in milliseconds since 1970. `detail` has the event and the reply of a webhook."""

    time: int
    kind: str
    text: str
    detail: Mapping[str, object] | None = None


@attrs.frozen(eq=False, repr=False)  # as an `Entry` does, since what it adds differs from run to run
class WebhookEntry(Entry):
    """The step of a webhook, with its request and the answer. There is a `status` or a `failure`.

    `headers` are those of the answer, and `milliseconds` are real ones.
    """

    url: str = ""
    method: str = "POST"
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)
    status: int | None = None
    failure: str | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()
    milliseconds: int = 0


def as_text(entries: Iterable[Entry], start: int, title: str) -> str:
    """Return one line for each entry, with the seconds since `start`. Ports are masked, since each run has others."""
    lines = [f"{(entry.time - start) / 1000:10.3f}  {f'{entry.kind}: {entry.text}'.strip(': ')}" for entry in entries]
    return _LOOPBACK.sub(r"\1:*", "\n".join([title, *lines]))


def transcript(entries: Iterable[Entry]) -> str:
    """Return what could be heard, one line each, in order."""
    return "\n".join(f"{entry.kind}: {entry.text}" for entry in entries if entry.kind in _AUDIBLE)


def was_heard(entries: Iterable[Entry], phrase: str) -> bool:
    """Whether the far end heard the phrase. Case and punctuation are ignored."""
    heard = " ".join(words_of(entry.text) for entry in entries if entry.kind in HEARD)
    return f" {words_of(phrase)} " in f" {heard} "


def nearest(entries: Iterable[Entry], phrase: str) -> str | None:
    """Return what was heard that is most like the phrase; None if nothing is like it."""
    heard = [entry.text for entry in entries if entry.kind in HEARD]
    # Half of the usual cutoff: a poor hint helps more than none.
    found = get_close_matches(phrase, heard, n=1, cutoff=0.3)
    return found[0] if found else None
