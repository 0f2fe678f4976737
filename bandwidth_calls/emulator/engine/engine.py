"""Plays calls: from the queue to the hang-up, both ends of each."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.calls.calls import Call, Calls
from bandwidth_calls.emulator.calls.ids import Ids
from bandwidth_calls.emulator.calls.recordings import Recordings
from bandwidth_calls.emulator.delivery.courier import Place, Webhook
from bandwidth_calls.emulator.delivery.outbox import Post
from bandwidth_calls.emulator.engine import programs as lives
from bandwidth_calls.emulator.engine.lines import Line
from bandwidth_calls.emulator.engine.program import Ended, Script
from bandwidth_calls.emulator.engine.queue import Queue
from bandwidth_calls.emulator.engine.verbs import recording, streaming
from bandwidth_calls.emulator.far_end.numbers import Numbers
from bandwidth_calls.emulator.simulation.process import Process

if TYPE_CHECKING:
    from bandwidth_calls.emulator.api.transcriptions import LiveTranscription
    from bandwidth_calls.emulator.bxml.reader import Document, Verb
    from bandwidth_calls.emulator.engine.requests import CallRequest
    from bandwidth_calls.emulator.engine.verbs.conference import Room
    from bandwidth_calls.emulator.far_end.script import FarEnd
    from bandwidth_calls.emulator.settings import Settings
    from bandwidth_calls.emulator.simulation.clock import Clock
    from bandwidth_calls.emulator.simulation.process import Steps
    from bandwidth_calls.emulator.simulation.scheduler import Scheduler

# Verbs that do not answer an inbound call: the first two and a silent Ring by the documentation, the others by choice.
_NOT_ANSWERING = {"Hangup", "Forward", "Redirect", "Tag"}


class Engine:
    """Knows every call, and the live ones as lines."""

    def __init__(self, settings: Settings, clock: Clock, scheduler: Scheduler, calls: Calls) -> None:
        self.settings = settings
        self.clock = clock
        self.scheduler = scheduler
        self.calls = calls
        self.recordings = Recordings()
        self.numbers = Numbers()
        self.post = Post(settings, clock, scheduler, calls.changes)
        self.queue = Queue(scheduler, settings.dequeue_rate, self.begin)
        self._ids = Ids(settings.seed)
        self.rooms: dict[str, Room] = {}
        self.conferences: list[Room] = []
        self.transcriptions: dict[str, LiveTranscription] = {}
        self._lines: dict[str, Line] = {}
        self._kept: deque[Call] = deque()

    # How a call comes to be

    def place(self, request: CallRequest) -> Call:
        """Place a call. Where calls are not played it is answered at once."""
        call = self.new_call(
            to=request.to,
            from_=request.from_,
            application_id=request.application_id,
            request=request.body,
            callback_timeout=request.callback_timeout,
            tag=request.tag,
        )
        if self.settings.plays:
            line = self.connect(call, self.numbers.find(call.to))
            if request.disconnect is not None:
                line.farewell = "disconnect", request.disconnect
            self.queue.put(line, request.priority, lives.outbound(line, request))
        else:
            self.calls.add(call)
            call.state, call.start_time, call.answer_time = "answered", call.created, call.created
        return call

    def ring_in(self, call: Call, far_end: FarEnd, hook: Webhook) -> None:
        """Let somebody call an application."""
        line = self.connect(call, far_end)
        if self.settings.status_url is not None:
            line.farewell = "disconnect", Webhook(Place(self.settings.status_url))
        if far_end.gives_up is not None:
            self.scheduler.after(far_end.gives_up, lambda: self._give_up(line))
        self.begin(line, lives.inbound(line, hook))

    def new_call(self, **fields: object) -> Call:
        """A call that begins now."""
        now = self.clock.now()
        return Call(
            call_id=self._ids.make("c"),
            account_id=self.settings.account_id,
            created=now,
            last_update=now,
            **fields,  # type: ignore[arg-type]  # the fields of Call
        )

    def make_id(self, kind: str) -> str:
        """The next id of a kind, such as `s` for a stream."""
        return self._ids.make(kind)

    def begin(self, line: Line, life: Steps[None]) -> None:
        """Let a call live so from now on, whatever it was doing."""
        if line.program is not None:
            line.program.stop()
            line.leave("hangup")
        ended: list[Ended] = []
        line.program = Process(self.scheduler, _until_ended(life, ended), lambda _: self.end(line, ended[0]))
        line.program.start()

    def connect(self, call: Call, far_end: FarEnd) -> Line:
        """Take in a call that is to be played."""
        self.calls.add(call)
        line = Line(self, call, far_end)
        self._lines[call.call_id] = line
        line.note(call.state, f"{call.from_} -> {call.to}")
        return line

    # What happens to it

    def answered(self, line: Line) -> None:
        """The far end answered, or the application did."""
        call = line.call
        call.state = "answered"
        call.answer_time = call.last_update = self.clock.now()
        line.note("answered")
        line.begin()

    def answer_before(self, line: Line, verb: Verb) -> None:
        """Answer an inbound call that a verb answers."""
        silent_ring = verb.name == "Ring" and not verb.flag("answerCall")
        if line.call.answer_time is None and verb.name not in _NOT_ANSWERING and not silent_ring:
            self.answered(line)

    def far_end_hangs_up(self, line: Line) -> None:
        """The person at the far end goes."""
        line.note("far end", "hung up")
        self.end(line, Ended("hangup" if line.call.answer_time is not None else "cancel"))

    def _give_up(self, line: Line) -> None:
        if line.call.answer_time is None and not line.call.ended():
            self.far_end_hangs_up(line)

    def end(self, line: Line, ended: Ended) -> None:
        """End a call, and tell the application."""
        call = line.call
        if call.ended():
            return
        del self._lines[call.call_id]
        self.calls.end(call, self.clock.now(), ended.cause, ended.message)
        line.stop()
        line.note("disconnected", f"{ended.cause}{f': {ended.message}' if ended.message else ''}")
        streaming.stop_all(line)
        recording.stop_all(line)
        self._keep_timeline(call)
        if line.farewell is not None:
            name, hook = line.farewell
            self.post.deliver(call, name, {}, hook)
        line.leave(ended.cause)

    def _keep_timeline(self, call: Call) -> None:
        self._kept.append(call)
        if len(self._kept) > self.settings.keep_timelines:
            self._kept.popleft().forget_steps()

    # What the API does to it

    def find_line(self, call_id: str) -> Line | None:
        """The line of a call that is up."""
        return self._lines.get(call_id)

    def gave_away(self, call: Call) -> bool:
        """Whether a Forward took a call out of the application's hands."""
        line = self.find_line(call.call_id)
        return line is not None and line.given_away

    def complete(self, call: Call) -> None:
        """End a call, whatever it is doing."""
        line = self.find_line(call.call_id)
        if line is None:
            self.calls.end(call, self.clock.now(), "hangup", None)
            return
        line.note("updateCall", "completed")
        self.end(line, Ended(_cause_of_completing(call)))

    def redirect(self, call: Call, hook: Webhook, tag: str | None) -> None:
        """Break off what is played, and ask for another document. An empty tag removes the tag of the call."""
        call.last_update = self.clock.now()
        if tag is not None:
            call.tag = tag or None
        line = self.find_line(call.call_id)
        if line is not None:
            hook = attrs.evolve(hook, seconds=call.callback_timeout)
            line.note("updateCall", f"redirected to {hook.place.url}")
            self.begin(line, lives.redirected(line, hook))

    def replace(self, call: Call, document: Document) -> None:
        """Break off what is played, and play a document."""
        call.last_update = self.clock.now()
        line = self.find_line(call.call_id)
        if line is not None:
            line.note("updateCallBxml")
            self.begin(line, lives.playing(line, Script(document, "")))

    # What its webhooks need to know

    def set_tag(self, call: Call, verb: Verb) -> None:
        """Take over the tag of a verb."""
        tag = verb.word("tag")
        if tag is not None:
            call.tag = tag or None

    def reset(self) -> None:
        """Forget everything."""
        for line in list(self._lines.values()):  # a call that stops may end its legs
            line.stop()
        self._lines.clear()
        self.rooms.clear()
        self.conferences.clear()
        self.transcriptions.clear()
        self.queue.clear()
        self._kept.clear()
        self.recordings.clear()
        self._ids.reset()
        self.scheduler.clear()
        self.numbers.clear()
        self.post.reset()


def _cause_of_completing(call: Call) -> str:
    if call.answer_time is not None:
        return "hangup"
    return "rejected" if call.direction == "inbound" else "cancel"


def _until_ended(life: Steps[None], ended: list[Ended]) -> Steps[None]:
    """Live, and note how it ended; where the verbs ran out, that is a hang-up."""
    try:
        yield from life
        ended.append(Ended("hangup"))
    except Ended as end:
        ended.append(end)
