"""The nine operations on conferences, their members and their recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.api import bodies, listing
from bandwidth_calls.emulator.api.messages import ApiError, HttpRequest, HttpResponse, json_response, need_type
from bandwidth_calls.emulator.api.recordings import media_response
from bandwidth_calls.emulator.delivery.courier import webhook_of
from bandwidth_calls.emulator.engine.program import Script
from bandwidth_calls.emulator.simulation.clock import utc_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bandwidth_calls.emulator.api.operations import Target
    from bandwidth_calls.emulator.calls.audio import Audio
    from bandwidth_calls.emulator.engine.engine import Engine
    from bandwidth_calls.emulator.engine.verbs.conference import Conference, Member
    from bandwidth_calls.emulator.simulation.clock import Clock

CONFERENCE_OPERATIONS = (
    *("listConferences", "getConference", "updateConference", "updateConferenceBxml"),
    *("getConferenceMember", "updateConferenceMember"),
    *("listConferenceRecordings", "getConferenceRecording", "downloadConferenceRecording"),
)

_LARGEST_PAGE = 1_000
_FILTERS = ("name", "minCreatedTime", "maxCreatedTime", "pageSize")


def find_conference(below: list[str]) -> tuple[str, str, str, Mapping[str, str]]:
    """Where a path below the account's conferences leads: to a conference, a member, a recording, and the operation of
    each method.
    """
    match below:
        case []:
            return "", "", "", {"GET": "listConferences"}
        case [conference_id] if conference_id:
            return conference_id, "", "", {"GET": "getConference", "POST": "updateConference"}
        case [conference_id, "bxml"] if conference_id:
            return conference_id, "", "", {"PUT": "updateConferenceBxml"}
        case [conference_id, "members", member_id] if conference_id and member_id:
            return conference_id, member_id, "", {"GET": "getConferenceMember", "PUT": "updateConferenceMember"}
        case [conference_id, "recordings"] if conference_id:
            return conference_id, "", "", {"GET": "listConferenceRecordings"}
        case [conference_id, "recordings", recording_id] if conference_id and recording_id:
            return conference_id, "", recording_id, {"GET": "getConferenceRecording"}
        case [conference_id, "recordings", recording_id, "media"] if conference_id and recording_id:
            return conference_id, "", recording_id, {"GET": "downloadConferenceRecording"}
    return "", "", "", {}


class ConferenceOperations:
    """Answers requests that concern conferences. `url` makes the URL of the account's conferences for a request.

    Only a conference that is going on can be changed; any other is 404, as 409 is not declared for these operations.
    The recordings of one that nobody knows are an empty list, as those of such a call are: a choice.
    """

    def __init__(self, engine: Engine, clock: Clock, url: Callable[[HttpRequest], str]) -> None:
        self._engine = engine
        self._clock = clock
        self._url = url
        self.handlers = {
            "listConferences": self._list,
            "getConference": self._get,
            "updateConference": self._update,
            "updateConferenceBxml": self._update_bxml,
            "getConferenceMember": self._get_member,
            "updateConferenceMember": self._update_member,
            "listConferenceRecordings": self._list_recordings,
            "getConferenceRecording": self._get_recording,
            "downloadConferenceRecording": self._download_recording,
        }

    def _list(self, incoming: HttpRequest, _: Target) -> HttpResponse:
        query = incoming.query
        size = listing.read_page_size(query.get("pageSize"), _LARGEST_PAGE)
        after = listing.read_token(query.get("pageToken"))
        first = listing.read_time(query, "minCreatedTime", round_up=True)
        last = listing.read_time(query, "maxCreatedTime", round_up=False)
        fitting = [
            (number, room)
            for number, room in enumerate(self._engine.conferences)
            if number > after
            and query.get("name") in (None, room.name)
            and (first is None or first <= room.created)
            and (last is None or room.created <= last)
        ]
        headers = {}
        if len(fitting) > size:
            given = {name: query[name] for name in _FILTERS if name in query}
            headers["Link"] = listing.link(f"{incoming.origin}{incoming.path}", given, fitting[size - 1][0])
        return json_response([_facts(room) for _, room in fitting[:size]], headers=headers)

    def _get(self, incoming: HttpRequest, target: Target) -> HttpResponse:
        room = self._find(target)
        members = [self._member_facts(incoming, room, member) for member in room.members]
        return json_response({**_facts(room), "activeMembers": members})

    def _update(self, incoming: HttpRequest, target: Target) -> HttpResponse:
        need_type(incoming, "application/json")
        update = bodies.update_conference(incoming)
        room = self._find_live(target)
        hook = webhook_of(update, "redirect", 15.0)
        if hook is None:
            room.complete()
        else:
            room.tell("conferenceRedirect", room.members[0].line, hook)
        return HttpResponse(204)

    def _update_bxml(self, incoming: HttpRequest, target: Target) -> HttpResponse:
        need_type(incoming, "application/xml")
        document = bodies.read_bxml(incoming, "conference")
        self._find_live(target).enqueue(Script(document, ""))
        return HttpResponse(204)

    def _get_member(self, incoming: HttpRequest, target: Target) -> HttpResponse:
        room = self._find(target)
        return json_response(self._member_facts(incoming, room, _member(room, target)))

    def _update_member(self, incoming: HttpRequest, target: Target) -> HttpResponse:
        need_type(incoming, "application/json")
        update = bodies.update_member(incoming)
        room = self._find_live(target)
        room.change(_member(room, target), update)
        return HttpResponse(204)

    def _list_recordings(self, incoming: HttpRequest, target: Target) -> HttpResponse:
        kept = self._recordings(target)
        return json_response([self._recording_facts(incoming, room, audio) for room, audio in kept])

    def _get_recording(self, incoming: HttpRequest, target: Target) -> HttpResponse:
        return json_response(self._recording_facts(incoming, *self._find_recording(target)))

    def _download_recording(self, _: HttpRequest, target: Target) -> HttpResponse:
        _room, audio = self._find_recording(target)
        return media_response(audio)

    def _recordings(self, target: Target) -> Iterator[tuple[Conference, Audio]]:
        """Those that can be read now, in the order in which they ended."""
        for room in self._engine.conferences:
            if room.conference_id == target.conference_id:
                yield from ((room, audio) for audio in room.recorder.kept(self._clock.now()))

    def _find_recording(self, target: Target) -> tuple[Conference, Audio]:
        for room, audio in self._recordings(target):
            if audio.recording_id == target.recording_id:
                return room, audio
        raise ApiError(404, f"Recording [{target.recording_id}] not found")

    def _find(self, target: Target) -> Conference:
        for room in self._engine.conferences:
            if room.conference_id == target.conference_id:
                return room
        raise ApiError(404, f"Conference [{target.conference_id}] not found")

    def _find_live(self, target: Target) -> Conference:
        room = self._find(target)
        if not room.members:
            raise ApiError(404, f"Conference [{target.conference_id}] is over")
        return room

    def _recording_facts(self, incoming: HttpRequest, room: Conference, audio: Audio) -> dict[str, object]:
        """The answer of getConferenceRecording. There is no `recordingName`: nothing sets it."""
        return {
            "accountId": self._engine.world.settings.account_id,
            "conferenceId": room.conference_id,
            "name": room.name,
            **audio.facts(),
            **audio.state(f"{self._url(incoming)}/{room.conference_id}/recordings/{audio.recording_id}"),
        }

    def _member_facts(self, incoming: HttpRequest, room: Conference, member: Member) -> dict[str, object]:
        call_id = member.line.call.call_id
        return {
            "callId": call_id,
            "conferenceId": room.conference_id,
            "memberUrl": f"{self._url(incoming)}/{room.conference_id}/members/{call_id}",
            "mute": member.mute,
            "hold": member.hold,
            "callIdsToCoach": sorted(member.coaches) or None,
        }


def _facts(room: Conference) -> dict[str, object]:
    place = None if room.hook is None else room.hook.endpoint
    return {
        "id": room.conference_id,
        "name": room.name,
        "createdTime": utc_text(room.created),
        "completedTime": None if room.completed is None else utc_text(room.completed),
        "conferenceEventUrl": None if place is None else place.url,
        "conferenceEventMethod": "POST" if place is None else place.method,
        "tag": room.tag,
    }


def _member(room: Conference, target: Target) -> Member:
    for member in room.members:
        if member.line.call.call_id == target.member_id:
            return member
    raise ApiError(404, f"Member [{target.member_id}] not found")
