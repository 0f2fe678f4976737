"""What goes into a campaign and comes out of it: jobs, outcomes, progress and pace."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import attrs

from bandwidth_calls import checks
from bandwidth_calls.models.calls import CreateCall

State = Literal["waiting", "sending", "placed", "refused", "unknown", "absent", "cancelled"]
EndState = Literal["placed", "refused", "unknown", "absent", "cancelled"]
STATES: tuple[State, ...] = ("waiting", "sending", "placed", "refused", "unknown", "absent", "cancelled")
ENDED: tuple[EndState, ...] = ("placed", "refused", "unknown", "absent", "cancelled")

MOST_KEY = 256
_CAMPAIGN = re.compile(r"[A-Za-z0-9._-]{1,64}")


@attrs.frozen
class Job:
    """A call for one key, which is your own word for a person, of 1 to 256 characters.

    It is not placed before `not_before`, and after `not_after` it is cancelled; both are aware. `zone` is an IANA name
    such as `America/New_York`, by whose clock `Hours` are read. The call has no `tag`, since the tag is the campaign's,
    and no password, since it is stored: `prepare` adds passwords. A wrong value is a ValueError that names the field.
    """

    key: str
    call: CreateCall
    not_before: datetime | None = attrs.field(default=None, kw_only=True)
    not_after: datetime | None = attrs.field(default=None, kw_only=True)
    zone: str | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_key(self.key)
        checks.model("call", self.call, CreateCall)
        if self.call.tag is not None:
            raise ValueError("call.tag: must be None, since the tag of a campaign's call is the campaign and the key")
        _check_no_password(self.call)
        for field in ("not_before", "not_after"):
            if (value := getattr(self, field)) is not None:
                checks.aware(field, value)
        if self.not_before is not None and self.not_after is not None and self.not_after <= self.not_before:
            raise ValueError("not_after: must be later than not_before")
        if self.zone is not None:
            check_zone(self.zone)


@attrs.frozen
class Outcome:
    """What came of a key: its state, the id of its call where one was placed, and the reason where none was."""

    key: str
    state: EndState
    call_id: str | None = None
    reason: str | None = None


@attrs.frozen
class Progress:
    """How many keys of a campaign are in each state."""

    waiting: int = 0
    sending: int = 0
    placed: int = 0
    refused: int = 0
    unknown: int = 0
    absent: int = 0
    cancelled: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """The number of keys by the name of their state."""
        return attrs.asdict(self)

    @property
    def total(self) -> int:
        """How many keys the campaign has."""
        return sum(attrs.astuple(self))

    @property
    def ended(self) -> int:
        """How many keys neither wait nor are being sent."""
        return self.total - self.waiting - self.sending


@attrs.frozen
class Pace:
    """How fast calls are placed, by all processes of an account that share a journal.

    `per_second` is the account's limit; 5 is Bandwidth's default, None is no limit. Calls keep a distance of
    `(1 + margin) / per_second` seconds. `concurrent` limits how many calls of the campaign are up at once. It needs
    webhooks that tell the end of each call. A call whose end is not told counts for `longest_call` seconds.
    """

    per_second: float | None = 5.0
    concurrent: int | None = attrs.field(default=None, kw_only=True)
    margin: float = attrs.field(default=0.1, kw_only=True)
    longest_call: float = attrs.field(default=3600.0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.per_second is not None:
            checks.positive("per_second", self.per_second)
        if self.concurrent is not None:
            checks.whole("concurrent", self.concurrent, 1)
        checks.number("margin", self.margin, 0)
        checks.positive("longest_call", self.longest_call)

    @property
    def interval(self) -> float:
        """The seconds between two calls."""
        return 0.0 if self.per_second is None else (1 + self.margin) / self.per_second


def check_key(key: object) -> str:
    """Check the key of a person."""
    return checks.plain("key", key, most=MOST_KEY)


def check_campaign(name: object) -> str:
    """Check the name of a campaign."""
    checks.matching("campaign", name, _CAMPAIGN, "1 to 64 letters, digits, `.`, `_` and `-`")
    return str(name)


def check_zone(zone: object) -> ZoneInfo:
    """Check that a zone is known on this machine, and return it."""
    name = checks.plain("zone", zone)
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise ValueError(f"zone: no such IANA zone: {checks.shown(zone)}") from None


def _check_no_password(call: CreateCall) -> None:
    for holder in (call, call.machine_detection):
        for field in ("password", "fallback_password"):
            if holder is not None and getattr(holder, field) is not None:
                raise ValueError(f"call.{field}: is not stored; add it by `prepare`, right before the call is placed")
