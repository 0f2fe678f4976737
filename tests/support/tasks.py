"""What a client still does in the background."""

from __future__ import annotations

import asyncio


def client_tasks() -> list[asyncio.Task[object]]:
    """Return the tasks of all clients in this event loop that have not ended."""
    return [task for task in asyncio.all_tasks() if task.get_name() == "bandwidth_calls"]
