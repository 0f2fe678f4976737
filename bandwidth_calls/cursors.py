"""A position in a listing, as an opaque text to continue from later: pure."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from itertools import takewhile
from typing import TypeVar

import attrs
import msgspec

from bandwidth_calls import checks

S = TypeVar("S", bound=msgspec.Struct)

_QUERY = re.compile(r"[!\"$-~]*")  # visible ASCII but `#`, which would end the query


class _Written(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """What a cursor's text holds. The filters and the page size are in the query, as the service wrote it."""

    path: str
    query: str
    handed: int
    last: str | None
    passed: int


@attrs.frozen
class Position:
    """A page, by the path of its listing and the query that asks for it, and how far it was read.

    `path` begins with the account. `handed` counts the records that were handed out, `last` is the id of the last of
    them that has one, and `passed` counts those behind it, which have none. There is no origin, and a cursor of another
    path is refused: it can lead to its own listing only.
    """

    path: str
    query: str
    handed: int = 0
    last: str | None = None
    passed: int = 0

    @property
    def cursor(self) -> str:
        """The position as text."""
        return write_cursor(_Written(*attrs.astuple(self)))

    def after(self, count: int, last: str) -> Position:
        """Return the position behind so many more items of the page; `last` is the id of the last of them."""
        return Position(self.path, self.query, self.handed + count, last)

    def past_record(self) -> Position:
        """Return the position behind one more record, which has no readable id."""
        return attrs.evolve(self, handed=self.handed + 1, passed=self.passed + 1)

    def count_handed(self, ids: Sequence[str | None]) -> int:
        """Return how many records of the page were handed out. The id of a record is None if it cannot be read.

        They are found by the last id, not by number, since items may have left the page in the meantime. If that id
        is gone too, no item counts: to lose a record is worse than to see one twice.
        """
        start = ids.index(self.last) + 1 if self.last is not None and self.last in ids else 0
        passed = takewhile(lambda identity: identity is None, ids[start : start + self.passed])
        return start + len(list(passed))


def read_position(cursor: str, path: str) -> Position:
    """Read a cursor of the listing at a path; ValueError when it is malformed, changed, or of another listing."""
    written = read_cursor(cursor, _Written)
    position = Position(written.path, written.query, written.handed, written.last, written.passed)
    if not _QUERY.fullmatch(position.query) or not 0 <= position.passed <= position.handed:
        raise _unknown("it was changed")
    check_path(position.path, path)
    return position


def check_path(found: str, path: str) -> None:
    """Check that a cursor of the listing at `found` belongs to the listing at a path."""
    if found != path:
        raise ValueError(f"cursor: belongs to the listing {checks.shown(found)}, not {path}")


def write_cursor(written: msgspec.Struct) -> str:
    """Return what a cursor holds as text, with a checksum."""
    encoded = msgspec.json.encode(written)
    return base64.urlsafe_b64encode(_checksum(encoded) + encoded).decode("ascii").rstrip("=")


def read_cursor(cursor: str, kind: type[S]) -> S:
    """Return what a cursor holds; ValueError when it is malformed, changed, or of another kind of listing."""
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"==")
        written = msgspec.json.decode(raw[8:], type=kind)
    except (ValueError, AttributeError, msgspec.DecodeError) as error:
        reason = type(error).__name__
    else:
        # Written again it must be the same text: base64 ignores what is no part of it.
        if write_cursor(written) == cursor:
            return written
        reason = "it was changed"
    raise _unknown(reason)


def _unknown(reason: str) -> ValueError:
    return ValueError(f"cursor: not one that this package wrote for such a listing ({reason})")


def _checksum(written: bytes) -> bytes:
    return hashlib.sha256(written).digest()[:8]
