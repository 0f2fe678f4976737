"""The calls placed through the API, and what becomes of them."""

from __future__ import annotations

import json
import secrets
import uuid
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.clock import utc_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bandwidth_calls.emulator.listing import Filter


@attrs.frozen(kw_only=True)
class PlacedCall:
    """A call placed through the API, as it stood when it was asked for. Times are milliseconds since 1970.

    `request` is the body of createCall by the API's names, defaults filled in, unknown fields left out.
    """

    call_id: str
    account_id: str
    request: Mapping[str, object] = attrs.field(repr=False)
    tag: str | None
    state: str = "answered"
    start_time: int
    end_time: int | None = None
    last_update: int

    @property
    def to(self) -> str:
        """Whom it calls."""
        return str(self.request["to"])

    @property
    def from_(self) -> str:
        """The number that calls."""
        return str(self.request["from"])

    @property
    def application_id(self) -> str:
        """The application of the `from` number."""
        return str(self.request["applicationId"])

    @property
    def answer_url(self) -> str:
        """Where the answer event would go."""
        return str(self.request["answerUrl"])

    @property
    def disconnect_cause(self) -> str | None:
        """`hangup` once it ended: for now nothing else ends a call."""
        return None if self.end_time is None else "hangup"

    def as_state(self) -> dict[str, object]:
        """The answer of getCallState."""
        start = utc_text(self.start_time)
        return {
            "applicationId": self.application_id,
            "accountId": self.account_id,
            "callId": self.call_id,
            "parentCallId": None,
            "to": self.to,
            "from": self.from_,
            "direction": "outbound",
            "state": self.state,
            "stirShaken": None,
            "identity": None,
            "enqueuedTime": start,
            "startTime": start,
            "answerTime": start,
            "endTime": None if self.end_time is None else utc_text(self.end_time),
            "disconnectCause": self.disconnect_cause,
            "errorMessage": None,
            "errorId": None,
            "lastUpdate": utc_text(self.last_update),
        }


class PlacedCalls:
    """The placed calls, in the order of placing."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._calls: list[PlacedCall] = []
        self._places: dict[str, int] = {}
        self._ended = 0

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[PlacedCall]:
        return iter(self._calls)

    @property
    def concurrent(self) -> int:
        """How many have not ended."""
        return len(self._calls) - self._ended

    def place(self, request: Mapping[str, object], now: int) -> PlacedCall:
        """Place a call: it is answered at once."""
        tag = request["tag"]
        call = PlacedCall(
            call_id=f"c-{secrets.token_hex(4)}-{uuid.uuid4()}",
            account_id=self._account_id,
            request=request,
            tag=None if tag is None else str(tag),
            start_time=now,
            last_update=now,
        )
        self._places[call.call_id] = len(self._calls)
        self._calls.append(call)
        return call

    def find(self, call_id: str, kept_since: int) -> PlacedCall | None:
        """The call with this id, if there is one that did not end before `kept_since`."""
        place = self._places.get(call_id)
        if place is None:
            return None
        call = self._calls[place]
        return call if _is_kept(call, kept_since) else None

    def touch(self, call: PlacedCall, now: int, tag: str | None) -> None:
        """Note an update, and the tag that it sets."""
        self._replace(attrs.evolve(call, last_update=now, tag=call.tag if tag is None else tag))

    def hang_up(self, call: PlacedCall, now: int) -> None:
        """End a call."""
        self._ended += 1
        self._replace(attrs.evolve(call, state="disconnected", end_time=now, last_update=now))

    def clear(self) -> None:
        """Forget every call."""
        self._calls.clear()
        self._places.clear()
        self._ended = 0

    def select(self, wanted: Filter, after: int, kept_since: int, started_by: int) -> Iterator[int]:
        """The places above `after` of the calls that are wanted, kept, and started by then; oldest first."""
        for place in range(max(after + 1, 0), len(self._calls)):
            call = self._calls[place]
            if call.start_time > started_by:
                return
            if _is_wanted(call, wanted) and _is_kept(call, kept_since):
                yield place

    def json(self, place: int) -> str:
        """The call's state as JSON."""
        return json.dumps(self._calls[place].as_state())

    def _replace(self, call: PlacedCall) -> None:
        self._calls[self._places[call.call_id]] = call


def _is_kept(call: PlacedCall, kept_since: int) -> bool:
    return call.end_time is None or call.end_time > kept_since


def _is_wanted(call: PlacedCall, wanted: Filter) -> bool:
    started_in_time = (wanted.min_start_time is None or wanted.min_start_time <= call.start_time) and (
        wanted.max_start_time is None or call.start_time <= wanted.max_start_time
    )
    return started_in_time and wanted.matches(call.to, call.from_, call.disconnect_cause)
