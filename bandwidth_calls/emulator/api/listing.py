"""listCalls: its filters, its pages, and the links between them."""

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
    from collections.abc import Iterator, Mapping

    from bandwidth_calls.emulator.calls.calls import Calls
    from bandwidth_calls.emulator.calls.past import PastCalls

_FILTERS = ("to", "from", "minStartTime", "maxStartTime", "disconnectCause", "pageSize")
_PAGE_SIZE = re.compile(r"[0-9]{1,5}")
_LARGEST_PAGE = 10_000
_DEFAULT_PAGE = 1_000


@attrs.frozen
class Query:
    """The query of a listCalls request; `after` is the number of the last call already handed out."""

    filter: Filter
    page_size: int
    after: int
    given: Mapping[str, str]


def read_query(query: Mapping[str, str]) -> Query:
    """Read the query; raises 400. Unknown parameters are ignored."""
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
    query: Query, past: PastCalls, placed: Calls, kept_since: int, started_by: int
) -> tuple[bytes, int | None]:
    """The page as a JSON array, and the number of its last call if more follow.

    Calls are numbered in the order of creation, past ones first, and a page goes on after a number. So it stays
    right while calls are added.
    """
    first_placed = len(past)
    numbers: Iterator[int] = chain(
        past.select(query.filter, query.after, kept_since),
        (first_placed + n for n in placed.select(query.filter, query.after - first_placed, kept_since, started_by)),
    )
    page = list(islice(numbers, query.page_size + 1))
    more = len(page) > query.page_size
    page = page[: query.page_size]
    states = (past.json(n) if n < first_placed else placed.json(n - first_placed) for n in page)
    return f"[{','.join(states)}]".encode(), page[-1] if more else None


def read_time(query: Mapping[str, str], name: str, *, round_up: bool) -> int | None:
    """A time of the query in milliseconds; None where it is not given. Raises 400."""
    text = query.get(name)
    if text is None:
        return None
    try:
        return parse_time(text, round_up=round_up)
    except ValueError:
        raise ApiError(400, f"Invalid {name}: must be an ISO 8601 time") from None


def read_page_size(text: str | None, largest: int) -> int:
    """How many a page is to hold; a thousand where nothing is said. Raises 400."""
    if text is None:
        return _DEFAULT_PAGE
    if not _PAGE_SIZE.fullmatch(text) or not 1 <= int(text) <= largest:
        raise ApiError(400, f"Invalid pageSize: must be between 1 and {largest}")
    return int(text)


def link(url: str, given: Mapping[str, str], after: int) -> str:
    """The header `Link` to the page of a listing that goes on after a number, with every filter that was given."""
    token = base64.urlsafe_b64encode(json.dumps({"after": after}).encode()).decode()
    query = urlencode({**given, "pageToken": token})
    return f'<{url}?{query}>; rel="next"'


def read_token(text: str | None) -> int:
    """The number after which a page is to go on, -1 without a token. Raises 400."""
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
