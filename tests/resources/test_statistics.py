"""The statistics: numbers, also where they come as text."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import AccountStatistics, BasicCredentials


@pytest.mark.parametrize(
    ("current", "most", "read"),
    [(0, 900, (0, 900)), ("0", "900", (0, 900)), (None, 900, (None, 900)), ("many", True, (None, None))],
)
async def test_numbers_are_read(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, current: Any, most: Any, read: Any
) -> None:
    """The documentation of queues shows texts, and the service sends numbers."""
    api.answers.append(web.json_response({"currentCallQueueSize": current, "maxCallQueueSize": most}))

    statistics = await make_client(auth=basic).statistics.get_statistics()

    assert isinstance(statistics, AccountStatistics)
    assert (statistics.current_call_queue_size, statistics.max_call_queue_size) == read
    assert [seen.path for seen in api.requests] == ["/api/v2/accounts/9900000/statistics"]
