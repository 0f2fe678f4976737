"""Conference: rooms of calls that hear each other, with events of their own and documents that all members hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.bxml.reader import InvalidBxml, read_document
from bandwidth_calls.emulator.engine.program import Ended, Script
from bandwidth_calls.emulator.engine.verbs.conference_recording import Recorder
from bandwidth_calls.emulator.engine.verbs.speech import sound_of
from bandwidth_calls.emulator.far_end.listener import Speech
from bandwidth_calls.emulator.simulation.clock import utc_text
from bandwidth_calls.emulator.simulation.process import Process, Wait

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.delivery.courier import Outcome, Webhook
    from bandwidth_calls.emulator.engine.engine import Engine
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Run
    from bandwidth_calls.emulator.engine.requests import MemberUpdate
    from bandwidth_calls.emulator.simulation.process import Steps

_MOST_MEMBERS = 20


@attrs.define(eq=False)
class Member:
    """A call in a room. Who is muted is not heard, who is on hold hears nothing, and a coach is heard by some only."""

    line: Line
    mute: bool = False
    hold: bool = False
    coaches: frozenset[str] = frozenset()

    def is_heard_by(self, other: Member) -> bool:
        """Whether what this far end says reaches another."""
        if self is other or self.mute or other.hold:
            return False
        return not self.coaches or other.line.call.call_id in self.coaches


class Room:
    """A conference that is going on. Its URL and tag are those of the call that created it, for its whole life."""

    def __init__(self, engine: Engine, name: str, hook: Webhook | None, tag: str | None) -> None:
        self.engine = engine
        self.conference_id = engine.make_id("conf")
        self.name = name
        self.hook = hook
        self.tag = tag
        self.created = engine.clock.now()
        self.completed: int | None = None
        self.members: list[Member] = []
        self._queue: list[Script] = []
        self._player: Process[None] | None = None
        self._sounding: tuple[str, Speech] | None = None
        self._hearing: list[Line] = []
        self.recorder = Recorder(self)

    def enter(self, member: Member) -> None:
        """Let a call in."""
        self.members.append(member)
        self.rewire()
        self.tell("conferenceMemberJoin", member.line)

    def leave(self, member: Member) -> None:
        """A call has left; with the last the conference is over."""
        self.members.remove(member)
        member.line.partners.clear()
        if member.line in self._hearing:
            self._hearing.remove(member.line)
            self._heard(member.line)
        self.rewire()
        self.tell("conferenceMemberExit", member.line)
        if not self.members:
            if self._player is not None:
                self._player.stop()
            del self.engine.rooms[self.name]
            self.recorder.stop()
            self.completed = self.engine.clock.now()
            self.tell("conferenceCompleted", member.line, wants_bxml=False)

    def complete(self) -> None:
        """End the conference; its members go on with their next verb."""
        for member in list(self.members):
            member.line.signal("conference over")

    def change(self, member: Member, update: MemberUpdate) -> None:
        """Mute a member, put it on hold, or let it coach."""
        member.mute = member.mute if update.mute is None else update.mute
        member.hold = member.hold if update.hold is None else update.hold
        member.coaches = member.coaches if update.call_ids_to_coach is None else update.call_ids_to_coach
        self.rewire()

    def rewire(self) -> None:
        """Let everybody be heard by whom they are to be heard by."""
        for member in self.members:
            member.line.partners[:] = [other.line for other in self.members if member.is_heard_by(other)]

    def tell(self, name: str, line: Line, hook: Webhook | None = None, *, wants_bxml: bool = True) -> None:
        """Send an event of the conference, which a call brought about; its timeline tells of it."""
        hook = hook or self.hook
        if hook is None:
            return
        event = self.event(name)
        if name.startswith("conferenceMember"):
            call = line.call
            event.update({"from": call.from_, "to": call.to, "callId": call.call_id})
        self.engine.post.send(
            event, line.call, hook, (lambda outcome: self._reply(line, outcome)) if wants_bxml else None
        )

    def event(self, name: str) -> dict[str, object]:
        """What every event of the conference has."""
        event: dict[str, object] = {
            "eventType": name,
            "eventTime": utc_text(self.engine.clock.now()),
            "conferenceId": self.conference_id,
            "name": self.name,
        }
        return {**event, "tag": self.tag} if self.tag else event

    def enqueue(self, script: Script) -> None:
        """Play a document to all, after those that are being played."""
        self._queue.append(script)
        if self._player is None:
            self._player = Process(self.engine.scheduler, self._play(), lambda _: None)
            self._player.start()

    def _reply(self, line: Line, outcome: Outcome) -> None:
        """An empty reply is fine; a document with any verb that is not for conferences is rejected as a whole."""
        last = outcome.last
        if not last.is_good or not self.members:
            return
        try:
            document = read_document(last.body, "conference")
        except InvalidBxml as error:
            self.engine.post.problem(
                f"{last.place.url} answered with BXML that is invalid in a conference: {error}", line.call
            )
            return
        if document.verbs:
            self.enqueue(Script(document, last.place.url))

    def _play(self) -> Steps[None]:
        while self._queue:
            script = self._queue.pop(0)
            for verb in script.document.verbs:
                if not self.members:  # what was heard last made the last member leave
                    return
                if verb.name in ("SpeakSentence", "PlayAudio"):
                    yield from self._sound(script, verb)
                else:
                    self.recorder.play(script, verb)
        self._player = None

    def _sound(self, script: Script, verb: Verb) -> Steps[None]:
        try:
            kind, text, seconds = sound_of(verb, script.url, self.engine.settings)
        except Ended as error:  # an error in one verb leads to the next
            self.engine.post.problem(str(error.message), self.members[0].line.call)
            return
        speech = Speech(text, self.engine.clock.micros(), seconds)
        self._sounding = kind, speech
        self._hearing = [member.line for member in self.members if not member.hold]
        for line in self._hearing:
            line.hear(speech)
        yield Wait(seconds)
        while self._hearing:
            self._heard(self._hearing.pop(0))

    def _heard(self, line: Line) -> None:
        if self._sounding is not None:
            line.heard(*self._sounding)


def conference(run: Run, verb: Verb) -> Steps[None]:
    """Be in the conference until it is over, or the call is."""
    line, rooms = run.line, run.engine.rooms
    room = rooms.get(verb.text)
    if room is None:
        room = rooms[verb.text] = _create(run, verb)
        run.engine.conferences.append(room)
        room.tell("conferenceCreated", line)
    if len(room.members) == _MOST_MEMBERS:
        raise Ended("application-error", f"conference {room.name} has {_MOST_MEMBERS} members already")
    coached = (verb.word("callIdsToCoach") or "").split(",")
    member = Member(line, verb.flag("mute"), verb.flag("hold"), frozenset(filter(None, map(str.strip, coached))))
    line.note("conference", f"joined {room.name}")
    room.enter(member)
    try:
        yield Wait(None, ("conference over",))
    finally:
        line.note("conference", f"left {room.name}")
        room.leave(member)


def _create(run: Run, verb: Verb) -> Room:
    hook = run.hook(verb, "conferenceEvent")
    timeout = verb.number_or_none("callbackTimeout")
    if hook is not None and timeout is not None:
        hook = attrs.evolve(hook, seconds=timeout)
    return Room(run.engine, verb.text, hook, verb.word("tag"))
