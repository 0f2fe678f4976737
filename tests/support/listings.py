"""Reading a listing as far as it goes."""

from __future__ import annotations

from bandwidth_calls import BandwidthError, CallState, Listing


async def read_calls(listing: Listing[CallState]) -> tuple[list[str], BandwidthError | None]:
    """Read the ids of a listing to its end or its error."""
    calls: list[str] = []
    try:
        async for call in listing:
            calls.append(call.call_id)  # noqa: PERF401 - what was read before the error is the point
    except BandwidthError as error:
        return calls, error
    return calls, None
