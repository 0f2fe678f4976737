"""Every document that an application may send ends in a documented way."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.application import Application
from support.bxml_help import documents

from bandwidth_calls.bxml import Bxml, Forward, Response
from bandwidth_calls.emulator import Call, Emulator, FarEnd

CAUSES = {"hangup", "rejected", "invalid-bxml", "application-error", "callback-error"}
REPLIES = (
    *("gather", "redirect", "recordComplete", "transferAnswer", "transferComplete", "bridgeComplete"),
    *("bridgeTargetComplete", "referComplete", "conferenceMemberJoin", "conferenceCreated"),
)


async def play(document: Response | Bxml, keys: str, after: float) -> list[Call]:
    """Play a document to a caller who presses keys and hangs up at last. Return all calls."""
    again = "<Response><SpeakSentence>And so on</SpeakSentence></Response>"
    async with (
        Application(initiate=document.to_bxml(), **dict.fromkeys(REPLIES, again)) as application,
        Emulator(moved_clock=True, map=[f"https://app.example={application.url.removesuffix('/hook')}"]) as emulator,
    ):
        emulator.far_end("*", FarEnd().press("5", after=1).hang_up(after=200))
        far_end = FarEnd().press(keys, after=after).hang_up(after=100_000)
        await emulator.inbound(to="+19195554321", from_="+19195551234", url=application.url, far_end=far_end)
        await emulator.run_until_idle(within=30 * 86_400)
        return emulator.calls


@given(documents(), st.text("0123456789*#", min_size=1, max_size=5), st.sampled_from([0, 0.5, 3, 30]))
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_whatever_is_played_ends(document: Response | Bxml, keys: str, after: float) -> None:
    """Each call ends with a documented cause."""
    calls = asyncio.run(play(document, keys, after))

    for call in calls:
        assert call.disconnect_cause in CAUSES | {"busy", "timeout", "error", "cancel"}, call.timeline()
    forwarded = any(isinstance(verb, Forward) for verb in document.children)  # such a call ends as its callee does
    causes = CAUSES | {"cancel", "error"} | ({"timeout", "busy"} if forwarded else set())
    assert calls[0].disconnect_cause in causes, calls[0].timeline()
