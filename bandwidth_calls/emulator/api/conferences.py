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
    from bandwidth_calls.emulator.engine.verbs.conference import Conference, Member

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
        (number, conference)
        for number, conference in enumerate(account.engine.conferences)
        if number > after
        and query.get("name") in (None, conference.name)
        and (first is None or first <= conference.created)
        and (last is None or conference.created <= last)
    ]
    headers = {}
    if len(wanted) > size:
        given = {name: query[name] for name in _FILTERS if name in query}
        headers["Link"] = listing.link(account.url(request, "conferences"), given, wanted[size - 1][0])
    return json_response([_facts(conference) for _, conference in wanted[:size]], headers=headers)


def get_conference(account: Account, request: HttpRequest, conference_id: str) -> HttpResponse:
    """Answer with a conference and its members."""
    conference = _find(account, conference_id)
    members = [_member_facts(account, request, conference, member) for member in conference.members]
    return json_response({**_facts(conference), "activeMembers": members})


def update_conference(account: Account, request: HttpRequest, conference_id: str) -> HttpResponse:
    """Ask for a document to play in a conference, or end it."""
    need_type(request, "application/json")
    update = bodies.update_conference(request, completed_with_redirect=account.completed_with_redirect)
    conference = _find_live(account, conference_id)
    if update.redirect is None:
        conference.complete()
    else:
        conference.tell("conferenceRedirect", conference.members[0].line, update.redirect)
    return HttpResponse(204)


def update_conference_bxml(account: Account, request: HttpRequest, conference_id: str) -> HttpResponse:
    """Play a document in a conference, after those that it plays already."""
    need_type(request, "application/xml")
    document = bodies.read_bxml(request, "conference")
    _find_live(account, conference_id).enqueue(Script(document, ""))
    return HttpResponse(204)


def get_conference_member(account: Account, request: HttpRequest, conference_id: str, member_id: str) -> HttpResponse:
    """Answer with a member of a conference."""
    conference = _find(account, conference_id)
    return json_response(_member_facts(account, request, conference, _member(conference, member_id)))


def update_conference_member(
    account: Account, request: HttpRequest, conference_id: str, member_id: str
) -> HttpResponse:
    """Mute a member, put it on hold, or let it coach. That a second coach is a 400 is a choice: an error it is."""
    need_type(request, "application/json")
    update = bodies.update_member(request)
    conference = _find_live(account, conference_id)
    member = _member(conference, member_id)
    if update.call_ids_to_coach and conference.has_other_coach(member):
        raise ApiError(400, "callIdsToCoach: the conference has a coach already")
    conference.change(member, update)
    return HttpResponse(204)


def list_conference_recordings(account: Account, request: HttpRequest, conference_id: str) -> HttpResponse:
    """Answer with the recordings of a conference."""
    kept = _recordings(account, conference_id)
    return json_response([_recording_facts(account, request, conference, audio) for conference, audio in kept])


def get_conference_recording(
    account: Account, request: HttpRequest, conference_id: str, recording_id: str
) -> HttpResponse:
    """Answer with the metadata of a recording."""
    conference, audio = _find_recording(account, conference_id, recording_id)
    return json_response(_recording_facts(account, request, conference, audio))


def download_conference_recording(
    account: Account, request: HttpRequest, conference_id: str, recording_id: str
) -> HttpResponse:
    """Answer with the media of a recording."""
    _conference, audio = _find_recording(account, conference_id, recording_id)
    return media_response(request, audio)


def _recordings(account: Account, conference_id: str) -> Iterator[tuple[Conference, Audio]]:
    """Yield the recordings that can be read now, in the order in which they ended."""
    for conference in account.engine.conferences:
        if conference.conference_id == conference_id:
            yield from ((conference, audio) for audio in conference.recorder.kept(account.clock.now()))


def _find_recording(account: Account, conference_id: str, recording_id: str) -> tuple[Conference, Audio]:
    for conference, audio in _recordings(account, conference_id):
        if audio.recording_id == recording_id:
            return conference, audio
    raise ApiError(404, f"Recording [{recording_id}] not found")


def _find(account: Account, conference_id: str) -> Conference:
    for conference in account.engine.conferences:
        if conference.conference_id == conference_id:
            return conference
    raise ApiError(404, f"Conference [{conference_id}] not found")


def _find_live(account: Account, conference_id: str) -> Conference:
    conference = _find(account, conference_id)
    if not conference.members:
        raise ApiError(404, f"Conference [{conference_id}] is over")
    return conference


def _member(conference: Conference, member_id: str) -> Member:
    for member in conference.members:
        if member.line.call.call_id == member_id:
            return member
    raise ApiError(404, f"Member [{member_id}] not found")


def _facts(conference: Conference) -> dict[str, object]:
    endpoint = None if conference.hook is None else conference.hook.endpoint
    return {
        "id": conference.conference_id,
        "name": conference.name,
        "createdTime": utc_text(conference.created),
        "completedTime": None if conference.completed is None else utc_text(conference.completed),
        "conferenceEventUrl": None if endpoint is None else endpoint.url,
        "conferenceEventMethod": "POST" if endpoint is None else endpoint.method,
        "tag": conference.tag,
    }


def _member_facts(account: Account, request: HttpRequest, conference: Conference, member: Member) -> dict[str, object]:
    call_id = member.line.call.call_id
    return {
        "callId": call_id,
        "conferenceId": conference.conference_id,
        "memberUrl": account.url(request, "conferences", conference.conference_id, "members", call_id),
        "mute": member.mute,
        "hold": member.hold,
        "callIdsToCoach": sorted(member.coaches) or None,
    }


def _recording_facts(account: Account, request: HttpRequest, conference: Conference, audio: Audio) -> dict[str, object]:
    """Return the answer of getConferenceRecording."""
    url = account.url(request, "conferences", conference.conference_id, "recordings", audio.recording_id)
    return {
        "accountId": account.account_id,
        "conferenceId": conference.conference_id,
        "name": conference.name,
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
