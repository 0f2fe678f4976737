"""Where a listing starts: at its cursor, or at the beginning with the filters, which are checked here."""

from __future__ import annotations

from datetime import datetime

from bandwidth_calls import checks
from bandwidth_calls.cursors import Position, read_position
from bandwidth_calls.wire import query, wire_name

CURSOR_ALONE = "cursor: carries its own filters and page size, so none may be given beside it"


def start_of(path: str, cursor: str | None, most: int = 1_000, **filters: str | datetime | int | None) -> Position:
    """Return where the listing at a path starts. `most` is the largest `page_size`; times must be aware."""
    params: dict[str, str | datetime | int] = {}
    for field, value in filters.items():
        if value is None:
            continue
        if field == "page_size":
            checks.whole(field, value, 1, most)
        elif field.endswith("_time"):
            value = checks.aware(field, value)
        else:
            checks.plain(field, value)
        params[wire_name(field)] = value
    if cursor is None:
        return Position(path, query(params) if params else "")
    if params:
        raise ValueError(CURSOR_ALONE)
    return read_position(cursor, path)
