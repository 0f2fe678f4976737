"""The calls, and what became of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.calls.streams import CallStream, find_stream
from bandwidth_calls.emulator.calls.timeline import Entry, as_text, nearest, transcript, was_heard
from bandwidth_calls.emulator.simulation.clock import utc_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class Changes:
    """Tells every listener that something changed, such as the live page. Without listeners it costs nothing."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[Call | None, Entry | None], None]] = []

    def tell(self, call: Call | None = None, entry: Entry | None = None) -> None:
        """Call each listener: with a call and its new entry, or with neither for any other change."""
        for listener in self.listeners:
            listener(call, entry)


@attrs.define(kw_only=True, eq=False)
class Call:
    """The current state of a call. Read it, but do not change it. Times are milliseconds since 1970.

    `request` is the body of createCall by the API's names. Defaults are filled in, unknown fields are left out.
    It is empty for an inbound call and for the B-leg of a transfer. The `parent_call_id` of a B-leg is the A-leg.
    `callback_timeout` is that of its webhooks, in seconds: 15 by default, as documented.
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
    streams: tuple[CallStream, ...] = attrs.field(default=(), init=False, repr=False)
    # None until the call is added to `Calls`.
    changes: Changes | None = attrs.field(default=None, repr=False)

    @property
    def enqueued_time(self) -> int | None:
        """When the call was placed; None for a call that no API request placed, since only those are queued."""
        return self.created if self.direction == "outbound" and self.parent_call_id is None else None

    @property
    def answer_url(self) -> str | None:
        """The URL of the answer event."""
        url = self.request.get("answerUrl")
        return None if url is None else str(url)

    def ended(self) -> bool:
        """Whether the call has ended."""
        return self.end_time is not None

    def ring(self, now: int) -> None:
        """Start the call: the callee is being called."""
        self.state = "initiated"
        self.start_time = self.last_update = now

    def answer(self, now: int) -> None:
        """Mark the call as answered."""
        self.state = "answered"
        self.answer_time = self.last_update = now

    def update(self, now: int) -> None:
        """Note that an API request changed the call."""
        self.last_update = now

    def set_tag(self, tag: str | None) -> None:
        """Set the tag; an empty one clears it."""
        self.tag = tag or None

    def end(self, now: int, cause: str, message: str | None) -> None:
        """End the call."""
        self.state = "disconnected"
        self.end_time = self.last_update = now
        self.disconnect_cause = cause
        self.error_message = message
        # The service's errors have an id that a person can quote to its support.
        self.error_id = None if message is None else self.call_id[-12:]

    def note(self, time: int, kind: str, text: str = "", detail: Mapping[str, object] | None = None) -> None:
        """Add a step to the timeline."""
        self.add(Entry(time, kind, text, detail))

    def add(self, entry: Entry) -> None:
        """Add an entry to the timeline."""
        self.entries.append(entry)
        if self.changes is not None:
            self.changes.tell(self, entry)

    def forget_steps(self) -> None:
        """Replace the timeline by one entry that says so: only the newest `keep_timelines` timelines are kept.

        The streams go with it.
        """
        self.streams = ()
        time = self.entries[-1].time
        self.entries = [
            Entry(time, "forgotten", f"{len(self.entries)} steps, as keep_timelines of later calls are kept")
        ]

    def stream(self, name: str | None = None) -> CallStream:
        """Return the media stream of a name, without a name the only one; `LookupError` if it has not started.

        It is the same object each time, also after the call.
        """
        return find_stream(self.streams, name)

    def timeline(self) -> str:
        """Return what happened, one line for each entry, with the seconds since the call was created."""
        title = f"{self.call_id} {self.direction} {self.from_} -> {self.to}: {self.state}"
        return as_text(self.entries, self.created, f"{title} ({self.disconnect_cause})" if self.ended() else title)

    def transcript(self) -> str:
        """Return what was said, played and pressed, one line each, in order."""
        return transcript(self.entries)

    def assert_heard(self, phrase: str) -> None:
        """Raise an `AssertionError` with the timeline unless the far end heard the phrase. Case is ignored."""
        if not was_heard(self.entries, phrase):
            near = nearest(self.entries, phrase)
            closest = "nothing like it was said" if near is None else f"what comes nearest is {near!r}"
            raise AssertionError(f"{phrase!r} was not heard; {closest}\n{self.timeline()}")

    def assert_never_heard(self, phrase: str) -> None:
        """Raise an `AssertionError` with the timeline if the far end heard the phrase. Case is ignored."""
        if was_heard(self.entries, phrase):
            raise AssertionError(f"{phrase!r} was heard\n{self.timeline()}")

    def as_state(self) -> dict[str, object]:
        """Return the answer of getCallState."""
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


@attrs.frozen(eq=False)
class Filter:
    """The filters of listCalls; None lets every call pass. Both bounds are inclusive, in milliseconds since 1970."""

    to: str | None
    from_: str | None
    cause: str | None
    min_start_time: int | None
    max_start_time: int | None

    def matches(self, to: str, from_: str, cause: str | None) -> bool:
        """Whether a call with these values passes. Its times are not looked at."""
        return self.to in (None, to) and self.from_ in (None, from_) and self.cause in (None, cause)

    def covers(self, start: int) -> bool:
        """Whether a call that started at this time passes."""
        after_min = self.min_start_time is None or self.min_start_time <= start
        return after_min and (self.max_start_time is None or start <= self.max_start_time)


class Calls:
    """All calls, in the order of creation."""

    def __init__(self, changes: Changes) -> None:
        self.changes = changes
        self._calls: list[Call] = []
        self._indices: dict[str, int] = {}
        # Counted, so that the limit of concurrent calls does not walk over all calls for each createCall.
        self._ended = 0

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)

    @property
    def concurrent(self) -> int:
        """The number of calls that have not ended."""
        return len(self._calls) - self._ended

    def add(self, call: Call) -> None:
        """Add a new call."""
        self._indices[call.call_id] = len(self._calls)
        self._calls.append(call)
        call.changes = self.changes
        self.changes.tell()

    def newest(self, most: int) -> list[Call]:
        """Return the newest calls, at most so many, oldest first."""
        return self._calls[-most:]

    def get(self, call_id: str) -> Call | None:
        """Return the call with this id, however old."""
        index = self._indices.get(call_id)
        return None if index is None else self._calls[index]

    def find(self, call_id: str, ended_after: int) -> Call | None:
        """Return the call with this id, unless it ended at `ended_after` or before."""
        call = self.get(call_id)
        return call if call is not None and _is_kept(call, ended_after) else None

    def end(self, call: Call, now: int, cause: str, message: str | None) -> None:
        """End a call, and count it as ended."""
        self._ended += 1
        call.end(now, cause, message)
        self.changes.tell()

    def clear(self) -> None:
        """Remove every call."""
        self._calls.clear()
        self._indices.clear()
        self._ended = 0
        self.changes.tell()

    def select(self, wanted: Filter, after: int, ended_after: int, created_before: int) -> Iterator[int]:
        """Yield the indices above `after` of the calls that pass the filter, oldest first.

        Calls that ended at `ended_after` or before, or that were created later than `created_before`, are left out.
        """
        for index in range(max(after + 1, 0), len(self._calls)):
            call = self._calls[index]
            if call.created > created_before:  # the calls are in the order of creation
                return
            if _is_wanted(call, wanted) and _is_kept(call, ended_after):
                yield index

    def json(self, index: int) -> str:
        """Return the state of the call at an index as JSON."""
        return json.dumps(self._calls[index].as_state())


def _text(time: int | None) -> str | None:
    return None if time is None else utc_text(time)


def _is_kept(call: Call, ended_after: int) -> bool:
    return call.end_time is None or call.end_time > ended_after


def _is_wanted(call: Call, wanted: Filter) -> bool:
    # A call in the queue has not started. It is filtered by the time when it was placed: a choice.
    start = call.created if call.start_time is None else call.start_time
    return wanted.covers(start) and wanted.matches(call.to, call.from_, call.disconnect_cause)
