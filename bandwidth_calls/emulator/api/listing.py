"""Pages of a listing: filters, page sizes, and the links to the next page."""

from __future__ import annotations

import base64
import json
import re
from itertools import chain, islice
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import attrs

from bandwidth_calls.emulator.api.messages import ApiError, read_json
from bandwidth_calls.emulator.calls.calls import Filter
from bandwidth_calls.emulator.simulation.clock import parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.emulator.calls.calls import Calls
    from bandwidth_calls.emulator.calls.past import PastCalls

_FILTERS = ("to", "from", "minStartTime", "maxStartTime", "disconnectCause", "pageSize")
_PAGE_SIZE = re.compile(r"[0-9]{1,5}")
_LARGEST_PAGE = 10_000
_DEFAULT_PAGE = 1_000


@attrs.frozen(eq=False, repr=False)
class Query:
    """The query of a listCalls request. The page begins after the call with the number `after`."""

    filter: Filter
    page_size: int
    after: int
    given: Mapping[str, str]


def read_query(query: Mapping[str, str]) -> Query:
    """Read the query of a listCalls request; raises 400. Unknown parameters are ignored."""
    return Query(
        filter=Filter(
            to=query.get("to"),
            from_=query.get("from"),
            cause=query.get("disconnectCause"),
            min_start_time=read_time(query, "minStartTime", round_up=True),
            max_start_time=read_time(query, "maxStartTime", round_up=False),
        ),
        page_size=read_page_size(query.get("pageSize"), _LARGEST_PAGE),
        after=read_token(query.get("pageToken")),
        given={name: query[name] for name in _FILTERS if name in query},
    )


def read_page(
    query: Query, past: PastCalls, placed: Calls, ended_after: int, created_before: int
) -> tuple[bytes, int | None]:
    """Return the page as a JSON array, and the number of its last call if more calls follow.

    Calls are numbered in the order of creation, past calls first, and a page begins after a number. So a listing
    stays complete while calls are added.
    """
    first_placed = len(past)
    past_numbers = past.select(query.filter, query.after, ended_after)
    selected = placed.select(query.filter, query.after - first_placed, ended_after, created_before)
    page = list(islice(chain(past_numbers, (first_placed + n for n in selected)), query.page_size + 1))
    more = len(page) > query.page_size
    page = page[: query.page_size]
    states = (past.json(n) if n < first_placed else placed.json(n - first_placed) for n in page)
    return f"[{','.join(states)}]".encode(), page[-1] if more else None


def read_time(query: Mapping[str, str], name: str, *, round_up: bool) -> int | None:
    """Read a time in milliseconds since 1970, or None if it is not given; raises 400."""
    text = query.get(name)
    if text is None:
        return None
    try:
        return parse_time(text, round_up=round_up)
    except ValueError:
        raise ApiError(400, f"Invalid {name}: must be an ISO 8601 time") from None


def read_page_size(text: str | None, largest: int) -> int:
    """Read the number of items on a page (default: 1,000); raises 400."""
    if text is None:
        return _DEFAULT_PAGE
    if not _PAGE_SIZE.fullmatch(text) or not 1 <= int(text) <= largest:
        raise ApiError(400, f"Invalid pageSize: must be between 1 and {largest}")
    return int(text)


def link(url: str, given: Mapping[str, str], after: int) -> str:
    """Return the `Link` header to the page after the item with this number. It keeps every filter that was given."""
    token = base64.urlsafe_b64encode(json.dumps({"after": after}).encode()).decode()
    query = urlencode({**given, "pageToken": token})
    return f'<{url}?{query}>; rel="next"'


def read_token(text: str | None) -> int:
    """Read the number after which a page begins, or -1 without a token; raises 400."""
    if text is None:
        return -1
    try:
        position = read_json(base64.b64decode(text, altchars=b"-_", validate=True))
    except ValueError:
        position = None
    after = position.get("after") if isinstance(position, dict) else None
    if type(after) is not int or after < 0:
        raise ApiError(400, "Invalid pageToken")
    return after
