"""What the benchmarks' server answers: pages and a created call, rendered once."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

ACCOUNT = "9900000"
CALL = {
    "to": "+19195551234",
    "from": "+19195554321",
    "applicationId": "04e88489-df02-4e34-a0ee-27a91849555f",
    "answerUrl": "https://app.example/answer",
}
TOKEN = json.dumps({"access_token": "benchmark", "token_type": "Bearer", "expires_in": 3600}).encode()
CREATED_ID = b"c-15ac29a2-1331029c-2cb0-4a07-b215-b22865662d85"
CREATED = json.dumps(
    {
        **CALL,
        "accountId": ACCOUNT,
        "callId": CREATED_ID.decode(),
        "callUrl": f"https://voice.bandwidth.com/api/v2/accounts/{ACCOUNT}/calls/c-15ac29a2",
        "answerMethod": "POST",
        "disconnectMethod": "POST",
        "callTimeout": 30.0,
        "callbackTimeout": 15.0,
        "enqueuedTime": "2022-06-16T13:15:07.160Z",
        "priority": 5,
    }
).encode()


@cache
def page(size: int, flavour: str) -> bytes:
    """Render a page of calls that ended, every second one inbound, as the emulator would.

    With the flavour `unknown`, each has two fields that no model knows. With `odd`, one in the middle has a time that
    cannot be read.
    """
    more = {"region": "eu-west", "legs": [{"leg": 1, "codec": "opus"}]} if flavour == "unknown" else {}
    calls = [{**_call(number), **more} for number in range(size)]
    if flavour == "odd":
        calls[size // 2]["answerTime"] = "yesterday"
    return json.dumps(calls, separators=(",", ":")).encode()


def _call(number: int) -> dict[str, Any]:
    inbound = number % 2 == 1
    signed = {"verstat": "TN-Validation-Passed", "attestationIndicator": "A", "originatingId": "abc123"}
    return {
        "callId": f"c-15ac29a2-1331029c-2cb0-4a07-b215-{number:012x}",
        "accountId": ACCOUNT,
        "applicationId": CALL["applicationId"],
        "parentCallId": None,
        "to": f"+1919{number % 10_000_000:07d}",
        "from": "+19195554321",
        "direction": "inbound" if inbound else "outbound",
        "state": "disconnected",
        "stirShaken": signed if inbound else None,
        "identity": None,
        "enqueuedTime": f"2022-06-16T13:15:07.{number % 1000:03d}Z",
        "startTime": "2022-06-16T13:15:07.160Z",
        "answerTime": "2022-06-16T13:15:18.126Z",
        "endTime": f"2022-06-16T13:{15 + number % 40}:18.314Z",
        "disconnectCause": "hangup",
        "errorMessage": None,
        "errorId": None,
        "lastUpdate": "2022-06-16T13:15:18.314Z",
    }
