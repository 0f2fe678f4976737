"""Prints each step of every call on standard error, and never waits for who reads it."""

from __future__ import annotations

import os
import queue
import threading
from typing import TYPE_CHECKING

from bandwidth_calls.emulator.simulation.clock import utc_text

if TYPE_CHECKING:
    from bandwidth_calls.emulator.calls.calls import Call
    from bandwidth_calls.emulator.calls.timeline import Entry

_STANDARD_ERROR = 2
_MOST_WAITING = 10_000  # lines
_LAST_LINES = 1.0  # seconds in which they are printed at the end, if somebody reads


class StepPrinter:
    """Prints in a thread of its own. A pipe that nobody reads would else stop the emulator.

    What does not fit any more is dropped, and a line says how much that was.
    """

    def __init__(self, descriptor: int = _STANDARD_ERROR) -> None:
        self._descriptor = descriptor
        self._lines: queue.Queue[str | None] = queue.Queue(_MOST_WAITING)
        self._dropped = 0
        self._thread = threading.Thread(target=self._print, daemon=True)
        self._thread.start()

    def __call__(self, call: Call, entry: Entry) -> None:
        """Print a step, or drop it."""
        try:
            self._lines.put_nowait(step_line(call, entry))
        except queue.Full:
            self._dropped += 1

    def close(self) -> None:
        """Print what waits, unless nobody reads it."""
        try:
            self._lines.put_nowait(None)
        except queue.Full:
            return
        self._thread.join(_LAST_LINES)

    def _print(self) -> None:
        while (line := self._lines.get()) is not None:
            if self._dropped:
                line, self._dropped = f"{self._dropped} steps were not printed, as nobody read them\n{line}", 0
            # Not by `print`: its lock would be held while nobody reads, also when the program ends.
            rest = f"{line}\n".encode()
            try:
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError:  # the reader is gone for good
                return


def step_line(call: Call, entry: Entry) -> str:
    """Return a step of a call as one line: time of day, end of the call's id, what happened."""
    step = " ".join(f"{entry.kind}: {entry.text}".strip(": ").split())
    # What a far end says may hold escape sequences, which would steer the terminal.
    harmless = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in step)
    return f"{utc_text(entry.time)[11:-1]}  {call.call_id[-8:]}  {harmless}"
