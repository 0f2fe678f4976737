"""Conference: calls that hear each other, with events of their own and documents that all members hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.bxml.reader import InvalidBxml, read_document
from bandwidth_calls.emulator.engine.audio import seconds_of
from bandwidth_calls.emulator.engine.lines import Ended
from bandwidth_calls.emulator.engine.program import Script
from bandwidth_calls.emulator.engine.verbs.conference_recording import Recorder
from bandwidth_calls.emulator.engine.verbs.speech import audio_of, speech_seconds
from bandwidth_calls.emulator.far_end.listener import Speech
from bandwidth_calls.emulator.simulation.clock import utc_text
from bandwidth_calls.emulator.simulation.process import Process, Wait

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.delivery.courier import Outcome, Webhook
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.program import Frame
    from bandwidth_calls.emulator.engine.requests import MemberUpdate
    from bandwidth_calls.emulator.engine.world import World
    from bandwidth_calls.emulator.simulation.process import Steps

# Documented: at most 20 calls.
_MOST_MEMBERS = 20


@attrs.define(eq=False)
class Member:
    """A call in a conference. With `mute` it is not heard, with `hold` it hears nothing.

    With `coaches` only the calls with these ids hear it.
    """

    line: Line
    mute: bool = False
    hold: bool = False
    coaches: frozenset[str] = frozenset()

    def is_heard_by(self, other: Member) -> bool:
        """Whether another member hears what this one says."""
        if self is other or self.mute or other.hold:
            return False
        return not self.coaches or other.line.call.call_id in self.coaches


class Conference:
    """A conference. Its webhook and its tag are those of the verb that created it, to the end."""

    def __init__(self, world: World, name: str, hook: Webhook | None, tag: str | None) -> None:
        self.conference_id = world.make_id("conf")
        self.name = name
        self.hook = hook
        self.tag = tag
        self.created = world.clock.now()
        self.completed: int | None = None
        self.members: list[Member] = []
        self.recorder = Recorder(world, self.conference_id, name, hook, self.event)
        self._world = world
        # Documented: documents queue up without overlapping.
        self._queue: list[Script] = []
        self._player: Process[None] | None = None
        self._speech: tuple[str, Speech] | None = None
        # Whoever leaves during a speech has heard a part of it.
        self._hearing: list[Line] = []

    def enter(self, member: Member) -> None:
        """Add a member."""
        self.members.append(member)
        self._update_hearing()
        self.tell("conferenceMemberJoin", member.line)

    def leave(self, member: Member) -> None:
        """Remove a member. The conference is completed when the last one leaves."""
        self.members.remove(member)
        member.line.bridged_with.clear()
        if member.line in self._hearing:
            self._hearing.remove(member.line)
            self._finish_speech(member.line)
        self._update_hearing()
        self.tell("conferenceMemberExit", member.line)
        if not self.members:
            if self._player is not None:
                self._player.stop()
            self.recorder.stop()
            self.completed = self._world.clock.now()
            self.tell("conferenceCompleted", member.line, wants_bxml=False)

    def complete(self) -> None:
        """End the conference. Its members go on with their next verb."""
        for member in list(self.members):  # they leave meanwhile
            member.line.signal("conference over")

    def has_other_coach(self, member: Member) -> bool:
        """Whether another member coaches: documented, a conference has one coach at a time."""
        return any(other.coaches for other in self.members if other is not member)

    def change(self, member: Member, update: MemberUpdate) -> None:
        """Change what a member hears and who hears it. A value of None changes nothing."""
        member.mute = member.mute if update.mute is None else update.mute
        member.hold = member.hold if update.hold is None else update.hold
        member.coaches = member.coaches if update.call_ids_to_coach is None else update.call_ids_to_coach
        self._update_hearing()

    def tell(self, name: str, line: Line, hook: Webhook | None = None, *, wants_bxml: bool = True) -> None:
        """Send an event of the conference. It is noted on the timeline of the call that caused it."""
        hook = hook or self.hook
        if hook is None:
            return
        event = self.event(name)
        # Documented: only events about a member name a call.
        if name.startswith("conferenceMember"):
            call = line.call
            event.update({"from": call.from_, "to": call.to, "callId": call.call_id})
        reply = (lambda outcome: self._reply(line, outcome)) if wants_bxml else None
        self._world.outbox.send(event, line.call, hook, reply)

    def event(self, name: str) -> dict[str, object]:
        """Return the properties that every event of the conference has."""
        event: dict[str, object] = {
            "eventType": name,
            "eventTime": utc_text(self._world.clock.now()),
            "conferenceId": self.conference_id,
            "name": self.name,
        }
        return {**event, "tag": self.tag} if self.tag else event

    def enqueue(self, script: Script) -> None:
        """Play a document to all members, after the documents that are already in the queue."""
        script.report(self._world.outbox, self.members[0].line.call)
        self._queue.append(script)
        if self._player is None:
            self._player = Process(self._world.scheduler, self._play(), lambda _: None)
            self._player.start()

    def _update_hearing(self) -> None:
        """Recompute who hears whom."""
        for member in self.members:
            member.line.bridged_with[:] = [other.line for other in self.members if member.is_heard_by(other)]

    def _reply(self, line: Line, outcome: Outcome) -> None:
        """Play the document of a reply. A document with a verb that conferences do not allow is rejected as a whole."""
        last = outcome.last
        if not last.is_good or not self.members:  # the conference may be over when the reply comes
            return
        try:
            document = read_document(last.body, "conference")
        except InvalidBxml as error:
            url = last.endpoint.url
            self._world.outbox.problem(f"{url} answered with BXML that is invalid in a conference: {error}", line.call)
            return
        if document.verbs:
            self.enqueue(Script(document, last.endpoint.url))

    def _play(self) -> Steps[None]:
        while self._queue:
            script = self._queue.pop(0)
            for verb in script.document.verbs:
                if not self.members:  # what was heard last made the last member leave
                    return
                if verb.name in ("SpeakSentence", "PlayAudio"):
                    yield from self._play_sound(script, verb)
                else:
                    self.recorder.play(script, verb, self.members[0].line)
        self._player = None

    def _play_sound(self, script: Script, verb: Verb) -> Steps[None]:
        try:
            kind, text, seconds = yield from self._sound(script, verb)
        except Ended as error:  # documented: after an error in one verb the next one is played
            self._world.outbox.problem(str(error.message), self.members[0].line.call)
            return
        if not seconds or not self.members:  # the file is missing, or all left while it was fetched
            return
        speech = Speech(text, self._world.clock.micros(), seconds, is_audio=kind == "played")
        self._speech = kind, speech
        self._hearing = [member.line for member in self.members if not member.hold]
        for line in self._hearing:
            line.start_hearing(speech)
        yield Wait(seconds)
        while self._hearing:
            self._finish_speech(self._hearing.pop(0))

    def _sound(self, script: Script, verb: Verb) -> Steps[tuple[str, str, float]]:
        """Return the timeline kind of a sound, its text or URL, and its seconds."""
        if verb.name == "SpeakSentence":
            return "said", verb.text, speech_seconds(verb, self._world.settings)
        audio, player = audio_of(verb, script.url), self._player
        assert player is not None  # noqa: S101 - for the type checker: it is playing this
        seconds = yield from seconds_of(self._world, player, self.members[0].line.call, audio)
        return "played", audio.url, seconds if isinstance(seconds, float) else 0.0

    def _finish_speech(self, line: Line) -> None:
        if self._speech is not None:
            line.finish_speech(*self._speech)


class Conferences:
    """All conferences, in the order of creation, and the player of the verb."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._all: list[Conference] = []
        self._active: dict[str, Conference] = {}

    def __iter__(self) -> Iterator[Conference]:
        return iter(self._all)

    def join(self, frame: Frame, verb: Verb) -> Steps[None]:
        """Stay in the conference until it is completed, or the call ends."""
        line = frame.line
        conference = self._active.get(verb.text) or self._create(frame, verb)
        if len(conference.members) == _MOST_MEMBERS:
            raise Ended("application-error", f"conference {conference.name} has {_MOST_MEMBERS} members already")
        coached = (verb.word("callIdsToCoach") or "").split(",")
        member = Member(line, verb.flag("mute"), verb.flag("hold"), frozenset(filter(None, map(str.strip, coached))))
        if member.coaches and conference.has_other_coach(member):
            raise Ended("application-error", f"conference {conference.name} has a coach already")
        line.note("conference", f"joined {conference.name}")
        conference.enter(member)
        try:
            yield Wait(None, ("conference over",))
        finally:
            line.note("conference", f"left {conference.name}")
            conference.leave(member)
            if conference.completed is not None:
                del self._active[conference.name]

    def clear(self) -> None:
        """Remove every conference."""
        self._all.clear()
        self._active.clear()

    def _create(self, frame: Frame, verb: Verb) -> Conference:
        hook = frame.hook(verb, "conferenceEvent")
        timeout = verb.number_or_none("callbackTimeout")
        if hook is not None and timeout is not None:
            hook = attrs.evolve(hook, seconds=timeout)
        conference = self._active[verb.text] = Conference(self._world, verb.text, hook, verb.word("tag"))
        self._all.append(conference)
        conference.tell("conferenceCreated", frame.line)
        return conference
