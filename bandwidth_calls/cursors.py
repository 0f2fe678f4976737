"""A place in a listing, as an opaque text to go on from later: pure."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from typing import TypeVar

import attrs
import msgspec

T = TypeVar("T")

_QUERY = re.compile(r"[!\"$-~]*")  # visible ASCII but `#`, which would end the query


class _Written(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """What a cursor's text holds. The filters and the page size are in the query, as the service wrote it."""

    account_id: str
    query: str
    handed: int
    last: str | None


@attrs.frozen
class Place:
    """A page, by the query that asks for it, and how many of its items were handed out, the last one's id with them.

    No origin and no path is kept: a cursor can lead to the account's own listing only.
    """

    account_id: str
    query: str
    handed: int = 0
    last: str | None = None

    @property
    def cursor(self) -> str:
        """Write the place as text."""
        written = msgspec.json.encode(_Written(self.account_id, self.query, self.handed, self.last))
        return base64.urlsafe_b64encode(_checksum(written) + written).decode("ascii").rstrip("=")

    def after(self, items: list[T], identify: Callable[[T], str]) -> Place:
        """Give the place that counts these items of the page too."""
        if not items:
            return self
        return Place(self.account_id, self.query, self.handed + len(items), identify(items[-1]))

    def rest(self, items: list[T], identify: Callable[[T], str]) -> list[T]:
        """Give the items of the page that were not handed out yet.

        They are found by the last id, not by number: items may have left the page since. Where that id itself is gone,
        all that remains is given, since to lose a record is worse than to see one twice.
        """
        if not self.handed:
            return items
        ids = [identify(item) for item in items]
        return items[ids.index(self.last) + 1 :] if self.last in ids else items


def read_cursor(cursor: str, account_id: str) -> Place:
    """Read a cursor; ValueError where it is malformed, changed, or of another account."""
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"==")
        place = msgspec.json.decode(raw[8:], type=_Written)
    except (ValueError, AttributeError, msgspec.DecodeError) as error:
        reason = type(error).__name__
    else:
        found = Place(place.account_id, place.query, place.handed, place.last)
        # Written again it must be the same text: base64 passes by what is no part of it.
        if found.cursor == cursor and _QUERY.fullmatch(found.query) and found.handed >= 0:
            if found.account_id != account_id:
                raise ValueError(f"cursor: belongs to account {found.account_id}, not {account_id}")
            return found
        reason = "it was changed"
    raise ValueError(f"cursor: not one that this package wrote ({reason})")


def _checksum(written: bytes) -> bytes:
    return hashlib.sha256(written).digest()[:8]
