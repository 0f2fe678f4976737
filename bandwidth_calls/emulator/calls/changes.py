"""Who wants to know that something changed: the live page, and what prints each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bandwidth_calls.emulator.calls.calls import Call
    from bandwidth_calls.emulator.calls.timeline import Entry

    Listener = Callable[[Call | None, Entry | None], None]


class Changes:
    """Tells every listener; a step comes with its call, anything else with neither. Costs nothing without listeners."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []

    def tell(self, call: Call | None = None, entry: Entry | None = None) -> None:
        """Tell that something changed."""
        for listener in self.listeners:
            listener(call, entry)
