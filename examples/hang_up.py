"""End a call in any state: python examples/hang_up.py CALL_ID"""

import asyncio
import sys

from bandwidth_calls import BandwidthClient, ConflictError, NotFoundError, UpdateCall


async def main(call_id: str) -> str:
    """Hang up, cancel, or remove the call from the queue; return how it ended."""
    async with BandwidthClient.from_env() as client:
        try:
            await client.calls.update_call(call_id, UpdateCall(state="completed"))
        except (ConflictError, NotFoundError) as error:
            return f"there is nothing to end: {error.description}"
        call = await client.calls.wait_for_state(call_id, "disconnected")
        return f"{call.call_id} ended at {call.end_time}: {call.disconnect_cause}"


if __name__ == "__main__":
    print(asyncio.run(main(sys.argv[1])))
