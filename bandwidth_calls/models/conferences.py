"""The models of the Conferences resource; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Conferences.

Fields have the API's names in snake_case. None means: not sent, or not in the answer. The `extra` of an answer keeps
unknown fields under their names on the wire, and what came of a field of a wrong type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import attrs

from bandwidth_calls import checks
from bandwidth_calls.models.callbacks import Method, check_redirect


@attrs.frozen(kw_only=True)
class UpdateConference:
    """A change of a live conference.

    `active` (the default) asks `redirect_url`, which is then required, for BXML to play. `completed` ends the
    conference, and allows neither URL. A wrong value is a ValueError that names the field.
    """

    status: Literal["active", "completed"] | None = None
    redirect_url: str | None = None
    redirect_method: Method | None = None
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)
    redirect_fallback_url: str | None = None
    redirect_fallback_method: Method | None = None
    fallback_username: str | None = None
    fallback_password: str | None = attrs.field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        check_redirect(self, "status", "redirect_url", "redirect_fallback_url")


@attrs.frozen(kw_only=True)
class UpdateConferenceMember:
    """A change of a member of a conference; what is None stays as it is.

    A muted member hears and is not heard. A member on hold neither hears nor is heard. `call_ids_to_coach` are the
    calls that alone hear the member. An empty list ends the coaching. A wrong value, and no value at all, is a
    ValueError that names the field.
    """

    mute: bool | None = None
    hold: bool | None = None
    call_ids_to_coach: Sequence[str] | None = attrs.field(default=None, hash=False)

    def __attrs_post_init__(self) -> None:
        if self.mute is None and self.hold is None and self.call_ids_to_coach is None:
            raise ValueError("mute: set this, hold or call_ids_to_coach: nothing would change")
        for field in ("mute", "hold"):
            if (value := getattr(self, field)) is not None:
                checks.flag(field, value)
        ids = self.call_ids_to_coach
        if ids is None:
            return
        if not isinstance(ids, list | tuple):
            raise ValueError(f"call_ids_to_coach: must be a list of call ids, not {type(ids).__name__}")
        for call_id in ids:
            checks.plain("call_ids_to_coach", call_id)


@attrs.frozen(kw_only=True, weakref_slot=False)
class ConferenceMember:
    """A member of a conference, by the id of his call. `call_ids_to_coach` is None for an ordinary member."""

    call_id: str
    conference_id: str | None = None
    member_url: str | None = None
    mute: bool | None = None
    hold: bool | None = None
    call_ids_to_coach: list[str] | None = attrs.field(default=None, hash=False)
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Conference:
    """A conference. A name may be used again; each time the conference has a new id.

    Times are aware. `completed_time` is None while the conference is live. `active_members` is None in a listing: ask
    `get_conference` for them. A member without a readable `callId` is left out of it, and stays in `extra`.
    """

    id: str
    name: str | None = None
    created_time: datetime | None = None
    completed_time: datetime | None = None
    conference_event_url: str | None = None
    conference_event_method: str | None = None
    tag: str | None = None
    active_members: list[ConferenceMember] | None = attrs.field(default=None, hash=False)
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)
