"""The calls, and what became of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.calls.timeline import Entry, as_text, nearest, transcript, was_heard
from bandwidth_calls.emulator.simulation.clock import utc_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bandwidth_calls.emulator.api.listing import Filter
    from bandwidth_calls.emulator.calls.changes import Changes


@attrs.define(kw_only=True, eq=False)
class Call:
    """A call as it stands now; look, but do not change it. Times are milliseconds since 1970.

    `request` is the body of createCall by the API's names, defaults filled in, unknown fields left out; it is empty for
    an inbound call, and for the B-leg of a transfer, whose `parent_call_id` is the A-leg. `callback_timeout` is the
    number of seconds that the application has for a reply.
    """

    call_id: str
    account_id: str
    application_id: str
    direction: str = "outbound"
    to: str
    from_: str
    request: Mapping[str, object] = attrs.field(factory=dict, repr=False)
    callback_timeout: float = attrs.field(default=15.0, repr=False)
    parent_call_id: str | None = None
    tag: str | None = None
    state: str = "queued"
    created: int
    start_time: int | None = None
    answer_time: int | None = None
    end_time: int | None = None
    last_update: int
    disconnect_cause: str | None = None
    error_message: str | None = None
    error_id: str | None = None
    entries: list[Entry] = attrs.field(factory=list, repr=False)
    changes: Changes | None = attrs.field(default=None, repr=False)

    @property
    def enqueued_time(self) -> int | None:
        """When it was placed; only a call that was placed through the API is queued."""
        return self.created if self.direction == "outbound" and self.parent_call_id is None else None

    @property
    def answer_url(self) -> str | None:
        """Where the answer event goes."""
        url = self.request.get("answerUrl")
        return None if url is None else str(url)

    def ended(self) -> bool:
        """Whether it is over."""
        return self.end_time is not None

    def note(self, time: int, kind: str, text: str = "", detail: Mapping[str, object] | None = None) -> None:
        """Write down what happened."""
        entry = Entry(time, kind, text, detail)
        self.entries.append(entry)
        if self.changes is not None:
            self.changes.tell(self, entry)

    def forget_steps(self) -> None:
        """Let go of what happened, and say so: the memory for the steps of calls is capped."""
        time = self.entries[-1].time
        self.entries = [
            Entry(time, "forgotten", f"{len(self.entries)} steps, as keep_timelines of later calls are kept")
        ]

    def timeline(self) -> str:
        """What happened, one line a step, each with the seconds since the call came to be."""
        title = f"{self.call_id} {self.direction} {self.from_} -> {self.to}: {self.state}"
        return as_text(self.entries, self.created, f"{title} ({self.disconnect_cause})" if self.ended() else title)

    def transcript(self) -> str:
        """What was said, played and pressed, one line each, in order."""
        return transcript(self.entries)

    def assert_heard(self, phrase: str) -> None:
        """Raise an `AssertionError` with the timeline unless the far end heard this, in any case of letters."""
        if not was_heard(self.entries, phrase):
            near = nearest(self.entries, phrase)
            closest = "nothing like it was said" if near is None else f"what comes nearest is {near!r}"
            raise AssertionError(f"{phrase!r} was not heard; {closest}\n{self.timeline()}")

    def assert_never_heard(self, phrase: str) -> None:
        """Raise an `AssertionError` with the timeline if the far end heard this, in any case of letters."""
        if was_heard(self.entries, phrase):
            raise AssertionError(f"{phrase!r} was heard\n{self.timeline()}")

    def as_state(self) -> dict[str, object]:
        """The answer of getCallState."""
        return {
            "applicationId": self.application_id,
            "accountId": self.account_id,
            "callId": self.call_id,
            "parentCallId": self.parent_call_id,
            "to": self.to,
            "from": self.from_,
            "direction": self.direction,
            "state": self.state,
            "stirShaken": None,
            "identity": None,
            "enqueuedTime": _text(self.enqueued_time),
            "startTime": _text(self.start_time),
            "answerTime": _text(self.answer_time),
            "endTime": _text(self.end_time),
            "disconnectCause": self.disconnect_cause,
            "errorMessage": self.error_message,
            "errorId": self.error_id,
            "lastUpdate": utc_text(self.last_update),
        }


class Calls:
    """The calls, in the order in which they came to be."""

    def __init__(self, changes: Changes) -> None:
        self.changes = changes
        self._calls: list[Call] = []
        self._places: dict[str, int] = {}
        self._ended = 0

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)

    @property
    def concurrent(self) -> int:
        """How many have not ended."""
        return len(self._calls) - self._ended

    def add(self, call: Call) -> None:
        """Take in a new call."""
        self._places[call.call_id] = len(self._calls)
        self._calls.append(call)
        call.changes = self.changes
        self.changes.tell()

    def newest(self, most: int) -> list[Call]:
        """The newest calls, at most so many, in order."""
        return self._calls[-most:]

    def get(self, call_id: str) -> Call | None:
        """The call with this id, however old."""
        place = self._places.get(call_id)
        return None if place is None else self._calls[place]

    def find(self, call_id: str, kept_since: int) -> Call | None:
        """The call with this id, if there is one that did not end before `kept_since`."""
        call = self.get(call_id)
        return call if call is not None and _is_kept(call, kept_since) else None

    def end(self, call: Call, now: int, cause: str, message: str | None) -> None:
        """End a call."""
        self._ended += 1
        call.state = "disconnected"
        call.end_time = call.last_update = now
        call.disconnect_cause = cause
        call.error_message = message
        # An id that a person can give to the support, as the service's errors have one.
        call.error_id = None if message is None else call.call_id[-12:]
        self.changes.tell()

    def clear(self) -> None:
        """Forget every call."""
        self._calls.clear()
        self._places.clear()
        self._ended = 0
        self.changes.tell()

    def select(self, wanted: Filter, after: int, kept_since: int, started_by: int) -> Iterator[int]:
        """The places above `after` of the calls that are wanted, kept, and started by then; oldest first."""
        for place in range(max(after + 1, 0), len(self._calls)):
            call = self._calls[place]
            if call.created > started_by:
                return
            if _is_wanted(call, wanted) and _is_kept(call, kept_since):
                yield place

    def json(self, place: int) -> str:
        """The call's state as JSON."""
        return json.dumps(self._calls[place].as_state())


def _text(time: int | None) -> str | None:
    return None if time is None else utc_text(time)


def _is_kept(call: Call, kept_since: int) -> bool:
    return call.end_time is None or call.end_time > kept_since


def _is_wanted(call: Call, wanted: Filter) -> bool:
    start = call.created if call.start_time is None else call.start_time
    started_in_time = (wanted.min_start_time is None or wanted.min_start_time <= start) and (
        wanted.max_start_time is None or start <= wanted.max_start_time
    )
    return started_in_time and wanted.matches(call.to, call.from_, call.disconnect_cause)
