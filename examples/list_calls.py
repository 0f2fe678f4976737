"""Stream a listing to standard output, and resume where it stopped: python examples/list_calls.py [CURSOR_FILE]

If the listing fails, its cursor is saved in a file. The next run resumes there, and neither loses nor repeats a call.
"""

import asyncio
import sys
from pathlib import Path

from bandwidth_calls import BandwidthClient, BandwidthError


async def main(cursor: str | None) -> str | None:
    """Print every call from the cursor on; return the cursor to resume from, None at the end."""
    listed = 0
    async with BandwidthClient.from_env() as client:
        try:
            async for call in client.calls.list_calls(cursor=cursor):
                print(call.call_id, call.start_time, call.to, call.disconnect_cause)
                listed += 1
        except BandwidthError as error:
            print(f"stopped after {listed} calls: {error}", file=sys.stderr)
            return error.cursor
    return None


if __name__ == "__main__":
    kept = Path(sys.argv[1] if len(sys.argv) > 1 else "calls.cursor")
    if left := asyncio.run(main(kept.read_text() if kept.exists() else None)):
        kept.write_text(left)
    else:
        kept.unlink(missing_ok=True)
