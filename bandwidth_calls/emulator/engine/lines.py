"""The lines: the calls that are up, each with the program that the service runs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.calls.timeline import CUT_OFF
from bandwidth_calls.emulator.far_end.listener import Listener, Speech
from bandwidth_calls.emulator.simulation.process import Process, Wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from bandwidth_calls.emulator.calls.calls import Call
    from bandwidth_calls.emulator.delivery.courier import Webhook
    from bandwidth_calls.emulator.engine.media import ActiveCallRecording, MediaFeed
    from bandwidth_calls.emulator.engine.world import World
    from bandwidth_calls.emulator.far_end.script import FarEnd
    from bandwidth_calls.emulator.simulation.process import Signal, Steps


class Ended(Exception):  # noqa: N818 - it is no error
    """Raised in a program when the call is over."""

    def __init__(self, cause: str, message: str | None = None) -> None:
        super().__init__(cause, message)
        self.cause = cause
        self.message = message


class Line:
    """A call that is up.

    `program` is what the service runs on it. `person` is what the far end does by its script, and `side_tasks` are
    what it was asked to do besides. The lines in `bridged_with` hear what the far end says.

    `disconnect_hook` is the event that is sent at the end, and its webhook. `on_leave` gets the cause when the call
    leaves its program, because it ends or another program begins. `feeds` and `recordings` are what goes on beside
    the program, each with the function that stops it. A Forward takes a call that is `given_away` out of the
    application's control. What the far end said last began at `spoke_since`, and ends or ended at `silent_since`, both
    in microseconds since 1970.
    """

    def __init__(self, lines: Lines, call: Call, far_end: FarEnd) -> None:
        self.lines = lines
        self.world = lines.world
        self.call = call
        self.far_end = far_end
        self.program: Process[Ended] | None = None
        self.person: Process[None] | None = None
        self.side_tasks: list[Process[None]] = []
        self.bridged_with: list[Line] = []
        self.disconnect_hook: tuple[str, Webhook] | None = None
        self.on_leave: Callable[[str], None] | None = None
        self.feeds: dict[MediaFeed, Callable[[], object]] = {}
        self.recordings: dict[ActiveCallRecording, Callable[[], object]] = {}
        self.given_away = False
        self.listener = Listener()
        self.on_key: Callable[[str], None] | None = None
        self.gathering = False
        self.spoke_since = self.silent_since = 0

    def speaks_at(self, time: int) -> bool:
        """Whether the far end speaks at a time, in microseconds since 1970, that is not long past."""
        return self.spoke_since <= time < self.silent_since

    def note(self, kind: str, text: str = "", detail: dict[str, object] | None = None) -> None:
        """Add an entry to the call's timeline."""
        self.call.note(self.world.clock.now(), kind, text, detail)

    # The program

    def begin(self, program: Steps[None]) -> None:
        """Run a program in place of the present one. The call ends when the program returns or raises `Ended`."""
        if self.program is not None:
            self.program.stop()
            # A bridged call or a parent sees a leg that is redirected as one that hung up.
            self.leave("hangup")
        self.program = Process(self.world.scheduler, _until_ended(program), self.end)
        self.program.start()

    def signal(self, kind: str, value: object = None) -> None:
        """Send a signal to the program. It is lost unless the program waits for it."""
        if self.program is not None:
            self.program.signal(kind, value)

    def leave(self, cause: str) -> None:
        """Call `on_leave`, once."""
        # Reset first, since the function may end the call, and so lead here again.
        on_leave, self.on_leave = self.on_leave, None
        if on_leave is not None:
            on_leave(cause)

    def stop(self) -> None:
        """Stop the program and everything that the far end does.

        They refer back to the line. So it drops them, and its memory is free without the cyclic garbage collector.
        """
        for process in (self.program, self.person, *self.side_tasks):
            if process is not None:
                process.stop()
        self.program = self.person = self.on_key = None
        self.side_tasks.clear()

    def end(self, ended: Ended) -> None:
        """End the call, and send its disconnect event. Do nothing if it has ended."""
        call, world = self.call, self.world
        if call.ended():
            return
        # First of all the call is over, since to stop its program may lead here again.
        self.lines.remove(self)
        world.calls.end(call, world.clock.now(), ended.cause, ended.message)
        self.stop()
        self.note("disconnected", f"{ended.cause}{f': {ended.message}' if ended.message else ''}")
        # Their last events are sent before the disconnect event: a choice.
        for stop in (*self.feeds.values(), *self.recordings.values()):
            stop()
        world.keep_timeline(call)
        if self.disconnect_hook is not None:
            name, hook = self.disconnect_hook
            world.outbox.deliver(call, name, {}, hook)
        self.leave(ended.cause)

    # What the far end hears

    def play(self, kind: str, text: str, seconds: float, until: tuple[str, ...] = ()) -> Steps[Signal | None]:
        """Play speech or audio to the far end. Return the signal that cut it short, if one did."""
        speech = Speech(text, self.world.clock.micros(), seconds, is_audio=kind == "played")
        self.start_hearing(speech)
        try:  # also when the program is stopped in the middle, the timeline shows what was heard
            return (yield Wait(seconds, until))
        finally:
            self.finish_speech(kind, speech)

    def start_hearing(self, speech: Speech) -> None:
        """Start a speech that the far end hears."""
        self.listener.begin(speech)
        self._wake_person()

    def stop_hearing(self, heard: str) -> None:
        """Stop the speech that the far end hears; `heard` is what was said of it."""
        self.listener.end(heard, self.world.clock.micros())
        self._wake_person()

    def hear_sound(self, micros: int) -> None:
        """Let the far end hear sound of a stream, of so many microseconds until now."""
        self.listener.hear_sound(micros)
        self._wake_person()

    def finish_speech(self, kind: str, speech: Speech) -> None:
        """Note what the far end heard of a speech that is over or cut off, and stop it."""
        self.stop_hearing(self.note_speech(kind, speech))

    def note_speech(self, kind: str, speech: Speech) -> str:
        """Note what has been said of a speech by now, and return it."""
        said = speech.said_by(self.world.clock.micros())
        self.note(kind, said if said == speech.text else f"{said}{CUT_OFF}")
        return said

    def _wake_person(self) -> None:
        if self.person is not None:
            self.person.signal("speech")

    def bridge(self, other: Line) -> None:
        """Bridge two calls: their far ends hear each other."""
        for line, partner in ((self, other), (other, self)):
            line.bridged_with.append(partner)
            line.note("joined", f"with {partner.call.call_id}")

    def unbridge(self, other: Line) -> None:
        """Undo `bridge`. Do nothing if the calls are not bridged."""
        for line, partner in ((self, other), (other, self)):
            if partner in line.bridged_with:
                line.bridged_with.remove(partner)
                line.note("parted", f"from {partner.call.call_id}")


class Lines:
    """The calls that are up, by their ids."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lines: dict[str, Line] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def connect(self, call: Call, far_end: FarEnd) -> Line:
        """Add a new call that is to be played, and return its line."""
        self.world.calls.add(call)
        line = self._lines[call.call_id] = Line(self, call, far_end)
        line.note(call.state, f"{call.from_} -> {call.to}")
        return line

    def find(self, call_id: str) -> Line | None:
        """Return the line of a call that is up."""
        return self._lines.get(call_id)

    def gave_away(self, call: Call) -> bool:
        """Whether a Forward took a call out of the application's control."""
        line = self.find(call.call_id)
        return line is not None and line.given_away

    def remove(self, line: Line) -> None:
        """Remove the line of a call that ends."""
        del self._lines[line.call.call_id]

    def clear(self) -> None:
        """Stop and remove every line."""
        for line in list(self._lines.values()):  # a call that stops may end its legs
            line.stop()
        self._lines.clear()


def _until_ended(program: Steps[None]) -> Steps[Ended]:
    """Run a program, and return how it ended. The end of the last document is a hang-up, as documented."""
    try:
        yield from program
    except Ended as ended:
        return ended
    return Ended("hangup")
