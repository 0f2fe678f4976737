"""Plays calls: places them, takes inbound ones, and changes those that are up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.delivery.courier import Endpoint, Webhook
from bandwidth_calls.emulator.engine import person, programs
from bandwidth_calls.emulator.engine.lines import Ended, Lines
from bandwidth_calls.emulator.engine.program import Script, play
from bandwidth_calls.emulator.engine.queue import Queue
from bandwidth_calls.emulator.engine.verbs.conference import Conferences
from bandwidth_calls.emulator.engine.verbs.table import VERBS
from bandwidth_calls.emulator.engine.world import World

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Document
    from bandwidth_calls.emulator.calls.calls import Call, Calls
    from bandwidth_calls.emulator.engine.program import Verbs
    from bandwidth_calls.emulator.engine.requests import CallRequest
    from bandwidth_calls.emulator.far_end.script import FarEnd
    from bandwidth_calls.emulator.settings import Settings
    from bandwidth_calls.emulator.simulation.clock import Clock
    from bandwidth_calls.emulator.simulation.scheduler import Scheduler


class Engine:
    """What the API and the stage do to calls."""

    def __init__(self, settings: Settings, clock: Clock, scheduler: Scheduler, calls: Calls) -> None:
        self.world = World(settings, clock, scheduler, calls)
        self.lines = Lines(self.world)
        self.conferences = Conferences(self.world)
        # Conference alone needs what all calls share, so it is no plain function of the table.
        self._verbs: Verbs = {**VERBS, "Conference": self.conferences.join}
        self.queue = Queue(scheduler, settings.dequeue_rate)

    def place(self, request: CallRequest) -> Call:
        """Place a call. If the settings say that calls are not played, it is answered at once."""
        call = self.world.new_call(
            to=request.to,
            from_=request.from_,
            application_id=request.application_id,
            request=request.body,
            callback_timeout=request.callback_timeout,
            tag=request.tag,
        )
        if self.world.settings.plays:
            line = self.lines.connect(call, self.world.numbers.find(call.to))
            if request.disconnect is not None:
                line.disconnect_hook = "disconnect", request.disconnect
            self.queue.put(line, request.priority, programs.outbound(line, request, self._verbs))
        else:
            self.world.calls.add(call)
            call.ring(call.created)
            call.answer(call.created)
        return call

    def ring_in(self, call: Call, far_end: FarEnd, hook: Webhook) -> None:
        """Start an inbound call: its initiate event goes to `hook`."""
        call.ring(call.created)
        line = self.lines.connect(call, far_end)
        status_url = self.world.settings.status_url
        if status_url is not None:
            line.disconnect_hook = "disconnect", Webhook(Endpoint(status_url))
        if far_end.gives_up is not None:
            self.world.scheduler.after(far_end.gives_up, lambda: person.give_up(line))
        line.begin(programs.inbound(line, hook, self._verbs))

    def complete(self, call: Call) -> None:
        """End a call, whatever it is doing."""
        line = self.lines.find(call.call_id)
        if line is None:  # calls that are not played have no line
            self.world.calls.end(call, self.world.clock.now(), "hangup", None)
            return
        line.note("updateCall", "completed")
        line.end(Ended(_cause_of_completing(call)))

    def redirect(self, call: Call, hook: Webhook, tag: str | None) -> None:
        """Stop the document that is played, and ask for another. None leaves the tag as it is."""
        call.update(self.world.clock.now())
        if tag is not None:
            call.set_tag(tag)
        line = self.lines.find(call.call_id)
        if line is not None:
            hook = attrs.evolve(hook, seconds=call.callback_timeout)
            line.note("updateCall", f"redirected to {hook.endpoint.url}")
            line.begin(programs.redirected(line, hook, self._verbs))

    def replace(self, call: Call, document: Document) -> None:
        """Stop the document that is played, and play another."""
        call.update(self.world.clock.now())
        # The document came with the request, so it has no URL that resolves relative ones.
        script = Script(document, "")
        script.report(self.world.outbox, call)
        line = self.lines.find(call.call_id)
        if line is not None:
            line.note("updateCallBxml")
            line.begin(play(line, script, self._verbs))

    def reset(self) -> None:
        """Stop and remove every call that is up, the queue, and all that calls share."""
        self.lines.clear()  # first, since a call that stops still adds recordings, timers and webhooks
        self.conferences.clear()
        self.queue.clear()
        self.world.reset()


def _cause_of_completing(call: Call) -> str:
    if call.answer_time is not None:
        return "hangup"
    return "rejected" if call.direction == "inbound" else "cancel"
