"""The bodies of webhooks, as https://dev.bandwidth.com/docs/voice/webhooks says.

A property is null here, or left out, exactly where it is so there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.simulation.clock import utc_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.emulator.calls.calls import Call

# The groups of properties that an event has beside the common ones, where they are not the times alone. A letter names
# a group: t(imes), q(ueued time), s(tart time), e(nd time), l(eg), c(ause), p(rivacy and name of the caller).
_TIMES = "t"
_GROUPS = {
    "initiate": "sp",
    "answer": "tp",
    "disconnect": "tec",
    "transferDisconnect": "telc",
    **dict.fromkeys(("gather", "redirect", "recordComplete", "transferAnswer", "dtmf"), "tl"),
    **dict.fromkeys(("recordingAvailable", "transcriptionAvailable"), "ql"),
}


def make(name: str, call: Call, calls_url: str, now: int, more: Mapping[str, object]) -> dict[str, object]:
    """Return the event of a call: the common properties, those of its type, and `more`."""
    event: dict[str, object] = {
        "eventType": name,
        "eventTime": utc_text(now),
        "accountId": call.account_id,
        "applicationId": call.application_id,
        "from": call.from_,
        "to": call.to,
        "direction": call.direction,
        "callId": call.call_id,
        "callUrl": f"{calls_url}/{call.call_id}",
    }
    for group in _GROUPS.get(name, _TIMES):
        event.update(_group(group, call))
    if call.tag and name != "initiate":  # documented: initiate has no tag
        event["tag"] = call.tag
    return {**event, **more}


def _group(group: str, call: Call) -> dict[str, object]:
    match group:
        case "t":
            times = {"enqueuedTime": call.enqueued_time, "startTime": call.start_time, "answerTime": call.answer_time}
            return {name: utc_text(time) for name, time in times.items() if time is not None}
        case "q" if call.enqueued_time is not None:
            return {"enqueuedTime": utc_text(call.enqueued_time)}
        case "s":
            return {"startTime": utc_text(call.start_time or call.created)}
        case "e":
            return {"endTime": utc_text(call.end_time or call.created)}
        case "l" if call.parent_call_id is not None:
            leg = {"transferCallerId": call.from_, "transferTo": call.to}
            return {"parentCallId": call.parent_call_id, **leg}
        case "p":
            # An inbound call was not asked for by createCall: it hides nothing and has no name.
            asked = call.request
            return {"privacy": asked.get("privacy") is True, "callerDisplayName": asked.get("displayName") or ""}
        case "c":
            cause = {"cause": call.disconnect_cause}
            return {**cause, "errorMessage": call.error_message, "errorId": call.error_id}
    return {}
