"""The nine operations on conferences, their members and their recordings.

Only a conference that has members can be changed. Any other is 404, as 409 is not declared for these operations.
An unknown conference has an empty list of recordings, as an unknown call has: a choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.api import bodies, listing
from bandwidth_calls.emulator.api.messages import ApiError, HttpRequest, HttpResponse, json_response, need_type
from bandwidth_calls.emulator.api.recordings import media_response
from bandwidth_calls.emulator.api.routes import Route
from bandwidth_calls.emulator.engine.program import Script
from bandwidth_calls.emulator.simulation.clock import utc_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bandwidth_calls.emulator.api.routes import Account
    from bandwidth_calls.emulator.calls.audio import Audio
    from bandwidth_calls.emulator.engine.verbs.conference import Member, Room

_LARGEST_PAGE = 1_000
_MEMBER = "/conferences/{conference_id}/members/{member_id}"
_RECORDING = "/conferences/{conference_id}/recordings/{recording_id}"
_FILTERS = ("name", "minCreatedTime", "maxCreatedTime", "pageSize")


def list_conferences(account: Account, request: HttpRequest) -> HttpResponse:
    """Answer with a page of conferences, and a `Link` to the next page if there is one."""
    query = request.query
    size = listing.read_page_size(query.get("pageSize"), _LARGEST_PAGE)
    after = listing.read_token(query.get("pageToken"))
    first = listing.read_time(query, "minCreatedTime", round_up=True)
    last = listing.read_time(query, "maxCreatedTime", round_up=False)
    wanted = [
        (number, room)
        for number, room in enumerate(account.engine.conferences)
        if number > after
        and query.get("name") in (None, room.name)
        and (first is None or first <= room.created)
        and (last is None or room.created <= last)
    ]
    headers = {}
    if len(wanted) > size:
        given = {name: query[name] for name in _FILTERS if name in query}
        headers["Link"] = listing.link(account.url(request, "conferences"), given, wanted[size - 1][0])
    return json_response([_facts(room) for _, room in wanted[:size]], headers=headers)


def get_conference(account: Account, request: HttpRequest, conference_id: str) -> HttpResponse:
    """Answer with a conference and its members."""
    room = _find(account, conference_id)
    members = [_member_facts(account, request, room, member) for member in room.members]
    return json_response({**_facts(room), "activeMembers": members})


def update_conference(account: Account, request: HttpRequest, conference_id: str) -> HttpResponse:
    """Ask for a document to play in a conference, or end it."""
    need_type(request, "application/json")
    update = bodies.update_conference(request)
    room = _find_live(account, conference_id)
    if update.redirect is None:
        room.complete()
    else:
        room.tell("conferenceRedirect", room.members[0].line, update.redirect)
    return HttpResponse(204)


def update_conference_bxml(account: Account, request: HttpRequest, conference_id: str) -> HttpResponse:
    """Play a document in a conference, after those that it plays already."""
    need_type(request, "application/xml")
    document = bodies.read_bxml(request, "conference")
    _find_live(account, conference_id).enqueue(Script(document, ""))
    return HttpResponse(204)


def get_conference_member(account: Account, request: HttpRequest, conference_id: str, member_id: str) -> HttpResponse:
    """Answer with a member of a conference."""
    room = _find(account, conference_id)
    return json_response(_member_facts(account, request, room, _member(room, member_id)))


def update_conference_member(
    account: Account, request: HttpRequest, conference_id: str, member_id: str
) -> HttpResponse:
    """Mute a member, put it on hold, or let it coach."""
    need_type(request, "application/json")
    update = bodies.update_member(request)
    room = _find_live(account, conference_id)
    room.change(_member(room, member_id), update)
    return HttpResponse(204)


def list_conference_recordings(account: Account, request: HttpRequest, conference_id: str) -> HttpResponse:
    """Answer with the recordings of a conference."""
    kept = _recordings(account, conference_id)
    return json_response([_recording_facts(account, request, room, audio) for room, audio in kept])


def get_conference_recording(
    account: Account, request: HttpRequest, conference_id: str, recording_id: str
) -> HttpResponse:
    """Answer with the metadata of a recording."""
    room, audio = _find_recording(account, conference_id, recording_id)
    return json_response(_recording_facts(account, request, room, audio))


def download_conference_recording(
    account: Account, _: HttpRequest, conference_id: str, recording_id: str
) -> HttpResponse:
    """Answer with the media of a recording."""
    _room, audio = _find_recording(account, conference_id, recording_id)
    return media_response(audio)


def _recordings(account: Account, conference_id: str) -> Iterator[tuple[Room, Audio]]:
    """Yield the recordings that can be read now, in the order in which they ended."""
    for room in account.engine.conferences:
        if room.conference_id == conference_id:
            yield from ((room, audio) for audio in room.recorder.kept(account.clock.now()))


def _find_recording(account: Account, conference_id: str, recording_id: str) -> tuple[Room, Audio]:
    for room, audio in _recordings(account, conference_id):
        if audio.recording_id == recording_id:
            return room, audio
    raise ApiError(404, f"Recording [{recording_id}] not found")


def _find(account: Account, conference_id: str) -> Room:
    for room in account.engine.conferences:
        if room.conference_id == conference_id:
            return room
    raise ApiError(404, f"Conference [{conference_id}] not found")


def _find_live(account: Account, conference_id: str) -> Room:
    room = _find(account, conference_id)
    if not room.members:
        raise ApiError(404, f"Conference [{conference_id}] is over")
    return room


def _member(room: Room, member_id: str) -> Member:
    for member in room.members:
        if member.line.call.call_id == member_id:
            return member
    raise ApiError(404, f"Member [{member_id}] not found")


def _facts(room: Room) -> dict[str, object]:
    endpoint = None if room.hook is None else room.hook.place
    return {
        "id": room.conference_id,
        "name": room.name,
        "createdTime": utc_text(room.created),
        "completedTime": None if room.completed is None else utc_text(room.completed),
        "conferenceEventUrl": None if endpoint is None else endpoint.url,
        "conferenceEventMethod": "POST" if endpoint is None else endpoint.method,
        "tag": room.tag,
    }


def _member_facts(account: Account, request: HttpRequest, room: Room, member: Member) -> dict[str, object]:
    call_id = member.line.call.call_id
    return {
        "callId": call_id,
        "conferenceId": room.conference_id,
        "memberUrl": account.url(request, "conferences", room.conference_id, "members", call_id),
        "mute": member.mute,
        "hold": member.hold,
        "callIdsToCoach": sorted(member.coaches) or None,
    }


def _recording_facts(account: Account, request: HttpRequest, room: Room, audio: Audio) -> dict[str, object]:
    """Return the answer of getConferenceRecording. It has no `recordingName`, because nothing sets one."""
    url = account.url(request, "conferences", room.conference_id, "recordings", audio.recording_id)
    return {
        "accountId": account.account_id,
        "conferenceId": room.conference_id,
        "name": room.name,
        **audio.facts(),
        **audio.state(url),
    }


ROUTES = (
    Route("GET", "/conferences", "listConferences", list_conferences),
    Route("GET", "/conferences/{conference_id}", "getConference", get_conference),
    Route("POST", "/conferences/{conference_id}", "updateConference", update_conference),
    Route("PUT", "/conferences/{conference_id}/bxml", "updateConferenceBxml", update_conference_bxml),
    Route("GET", _MEMBER, "getConferenceMember", get_conference_member),
    Route("PUT", _MEMBER, "updateConferenceMember", update_conference_member),
    Route("GET", "/conferences/{conference_id}/recordings", "listConferenceRecordings", list_conference_recordings),
    Route("GET", _RECORDING, "getConferenceRecording", get_conference_recording),
    Route("GET", f"{_RECORDING}/media", "downloadConferenceRecording", download_conference_recording),
)
