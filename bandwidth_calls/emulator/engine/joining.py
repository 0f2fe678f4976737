"""Calls that are joined hear each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bandwidth_calls.emulator.engine.lines import Line


def join(one: Line, other: Line) -> None:
    """Let two calls hear each other."""
    for line, partner in ((one, other), (other, one)):
        line.partners.append(partner)
        line.note("joined", f"with {partner.call.call_id}")


def part(one: Line, other: Line) -> None:
    """Let them hear each other no longer."""
    for line, partner in ((one, other), (other, one)):
        if partner in line.partners:
            line.partners.remove(partner)
            line.note("parted", f"from {partner.call.call_id}")
