"""Place one call safely: python examples/place_call.py +19195551234

If nobody can tell whether the call was placed, look for it before you dial again. Credentials come from BW_ACCOUNT_ID,
BW_CLIENT_ID and BW_CLIENT_SECRET, the caller's number and the application from the two variables below.
"""

import asyncio
import os
import sys
from datetime import timedelta

from bandwidth_calls import BandwidthClient, CallMayHaveBeenPlacedError, CreateCall, NotSentError, RefusedError


async def main(to: str) -> str:
    """Place the call and return its outcome."""
    call = CreateCall(
        to=to,
        from_=os.environ.get("BW_NUMBER", "+19195554321"),
        application_id=os.environ.get("BW_VOICE_APPLICATION_ID", "1234-qwer-5679-tyui"),
        answer_url="https://app.example/answer",
    )
    async with BandwidthClient.from_env() as client:
        try:
            placed = await client.calls.create_call(call)
        except NotSentError as error:
            return f"nothing left this machine, so it is safe to try again: {error.reason}"
        except RefusedError as error:
            return f"refused, nobody was dialled: {error.description}"
        except CallMayHaveBeenPlacedError as error:
            since = error.sent_at - timedelta(seconds=30)  # the service's clock is not ours
            found = [c.call_id async for c in client.calls.list_calls(to=to, min_start_time=since)]
            return f"in doubt; calls to {to} since then: {found or 'none that can be seen yet'}"
        return f"placed {placed.call_id}"


if __name__ == "__main__":
    print(asyncio.run(main(sys.argv[1])))
