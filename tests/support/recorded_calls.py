"""What the tests of recordings share: a recorded call, and short requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.emulator_http import CALL, ask, calls_url, place_call

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from bandwidth_calls.emulator import Emulator
    from support.application import Application


async def play(
    http: ClientSession, bandwidth: Emulator, application: Application, verb: str, seconds: float = 5, **changes: str
) -> str:
    """Play a call with a recording verb and a pause to its end; return the URL of its recording."""
    application.replies["answer"] = f'<Response>{verb}<Pause duration="{seconds}"/></Response>'
    call_id = await place_call(http, bandwidth, **{**CALL, "answerUrl": application.url, **changes})
    await bandwidth.run_until_idle()
    (recording,) = (await ask(http, "GET", calls_url(bandwidth, call_id, "recordings"))).json()
    return calls_url(bandwidth, call_id, "recordings", recording["recordingId"])


def account_url(bandwidth: Emulator) -> str:
    """Return the URL of the account's recordings."""
    return calls_url(bandwidth).replace("/calls", "/recordings")


async def status(http: ClientSession, method: str, url: str) -> int:
    """Send a request without a body, or with `{}` if it is a POST; return the status."""
    return (await ask(http, method, url, json={} if method == "POST" else None)).status
