"""What all calls share."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from bandwidth_calls.emulator.calls.calls import Call, Calls
from bandwidth_calls.emulator.calls.ids import Ids
from bandwidth_calls.emulator.calls.recordings import Recordings
from bandwidth_calls.emulator.delivery.outbox import Outbox
from bandwidth_calls.emulator.far_end.numbers import Numbers

if TYPE_CHECKING:
    from bandwidth_calls.emulator.calls.transcriptions import LiveTranscription
    from bandwidth_calls.emulator.settings import Settings
    from bandwidth_calls.emulator.simulation.clock import Clock
    from bandwidth_calls.emulator.simulation.scheduler import Scheduler


class World:
    """The settings, the clock, the outbox, the ids and the records that all calls share."""

    def __init__(self, settings: Settings, clock: Clock, scheduler: Scheduler, calls: Calls) -> None:
        self.settings = settings
        self.clock = clock
        self.scheduler = scheduler
        self.calls = calls
        self.recordings = Recordings()
        self.transcriptions: dict[str, LiveTranscription] = {}
        self.numbers = Numbers()
        self.outbox = Outbox(settings, clock, scheduler, calls.changes)
        self._ids = Ids(settings.seed)
        self._ended: deque[Call] = deque()

    def new_call(self, **fields: object) -> Call:
        """Return a new call with these fields, created now. It is not yet among the calls."""
        now = self.clock.now()
        return Call(
            call_id=self._ids.make("c"),
            account_id=self.settings.account_id,
            created=now,
            last_update=now,
            **fields,  # type: ignore[arg-type]  # the fields of Call
        )

    def make_id(self, kind: str) -> str:
        """Return the next id of a kind, such as `s` for a stream."""
        return self._ids.make(kind)

    def keep_timeline(self, call: Call) -> None:
        """Keep the timeline of a call that ended, and drop the oldest one above `keep_timelines`."""
        self._ended.append(call)
        if len(self._ended) > self.settings.keep_timelines:
            self._ended.popleft().forget_steps()

    def reset(self) -> None:
        """Remove all records but the calls, all timers, far ends, faults and problems, and start the ids again."""
        self.transcriptions.clear()
        self.recordings.clear()
        self._ended.clear()
        self._ids.reset()
        self.scheduler.clear()
        self.numbers.clear()
        self.outbox.reset()
