"""How often a token that is near its expiry is renewed."""

from __future__ import annotations

from aiohttp import web
from support.moved_clock import MovedClock, until
from support.scripted_api import MakeClient, ScriptedApi
from support.tasks import client_tasks

PATH = "/accounts/9900000/calls"


async def test_early_renewals_that_fail_are_a_second_apart(
    api: ScriptedApi, make_client: MakeClient, moved: MovedClock
) -> None:
    """After a failure the next one waits for half of what is left, and for one second at least."""
    client = make_client()
    api.expires_in = 100
    await client.request("GET", PATH)
    api.token_answers.extend(web.json_response({"error": "invalid_client"}, status=401) for _ in range(6))
    renewed: list[float] = []

    for tenth in range(900, 1000):
        moved.seconds = tenth / 10
        before = len(api.token_requests)
        await client.request("GET", PATH)
        await until(lambda: not client_tasks())
        if len(api.token_requests) > before:
            renewed.append(moved.seconds)

    assert renewed == [90, 95, 97.5, 98.8, 99.8]
