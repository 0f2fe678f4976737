"""The operation on the account's statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.api.messages import HttpRequest, HttpResponse, json_response
from bandwidth_calls.emulator.api.routes import Route

if TYPE_CHECKING:
    from bandwidth_calls.emulator.api.routes import Account


def get_statistics(account: Account, _: HttpRequest) -> HttpResponse:
    """Answer with the size and the capacity of the queue."""
    queue = account.engine.queue
    return json_response({"currentCallQueueSize": len(queue), "maxCallQueueSize": queue.capacity})


ROUTES = (Route("GET", "/statistics", "getStatistics", get_statistics),)
