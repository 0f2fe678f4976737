"""The conferences resource: what is sent, and what is refused before."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from support.scripted_api import ScriptedApi

from bandwidth_calls import (
    BandwidthClient,
    Conference,
    ConferenceMember,
    UpdateConference,
    UpdateConferenceMember,
    bxml,
)

CONFERENCES = "/api/v2/accounts/9900000/conferences"


async def test_filters_go_out(api: ScriptedApi, client: BandwidthClient) -> None:
    """Under the names of the wire."""
    time = datetime(2026, 11, 26, tzinfo=UTC)
    listing = client.conferences.list_conferences(
        name="support", min_created_time=time, max_created_time=time, page_size=5
    )

    assert [each async for each in listing] == []

    (seen,) = api.requests
    assert seen.path == CONFERENCES
    moment = "2026-11-26T00%3A00%3A00.000Z"
    assert seen.query == f"name=support&minCreatedTime={moment}&maxCreatedTime={moment}&pageSize=5"


async def test_every_page_is_listed(api: ScriptedApi, client: BandwidthClient) -> None:
    """The link to the next page is followed."""
    link = {"Link": f'<{CONFERENCES}?pageToken=2>; rel="next"'}
    api.answers += [web.json_response([{"id": "conf-1"}], headers=link), web.json_response([{"id": "conf-2"}])]

    assert [each.id async for each in client.conferences.list_conferences()] == ["conf-1", "conf-2"]


async def test_a_conference_has_its_members(api: ScriptedApi, client: BandwidthClient) -> None:
    """A member without an id is left out, and stays in what came."""
    members = [{"callId": "c-1", "mute": True, "callIdsToCoach": ["c-2"]}, {"mute": False}]
    api.answers.append(web.json_response({"id": "conf-1", "activeMembers": members}))

    conference = await client.conferences.get_conference("conf-1")

    assert conference == Conference(
        id="conf-1",
        active_members=[ConferenceMember(call_id="c-1", mute=True, call_ids_to_coach=["c-2"])],
        extra={"activeMembers": members},
    )


@pytest.mark.parametrize(
    ("update", "sent"),
    [
        (UpdateConference(status="completed"), {"status": "completed"}),
        (UpdateConference(redirect_url="https://a.b/"), {"redirectUrl": "https://a.b/"}),
        (
            UpdateConference(
                status="active",
                redirect_url="https://a.b/",
                redirect_method="GET",
                username="u",
                password="p",
                redirect_fallback_url="https://a.b/f",
                redirect_fallback_method="POST",
                fallback_username="fu",
                fallback_password="fp",
            ),
            {
                "status": "active",
                "redirectUrl": "https://a.b/",
                "redirectMethod": "GET",
                "username": "u",
                "password": "p",
                "redirectFallbackUrl": "https://a.b/f",
                "redirectFallbackMethod": "POST",
                "fallbackUsername": "fu",
                "fallbackPassword": "fp",
            },
        ),
    ],
    ids=["completed", "redirected", "all"],
)
async def test_an_update_is_sent(
    api: ScriptedApi, client: BandwidthClient, update: UpdateConference, sent: dict[str, str]
) -> None:
    """The field is `status`, not `state` as the prose of the documentation has it."""
    api.answers.append(web.Response(status=204))

    await client.conferences.update_conference("conf-1", update)

    (seen,) = api.requests
    assert (seen.method, seen.path) == ("POST", f"{CONFERENCES}/conf-1")
    assert json.loads(seen.body) == sent


@pytest.mark.parametrize(
    "document", ["<Response/>", b"<Response/>", bxml.Response()], ids=["text", "bytes", "document"]
)
async def test_bxml_is_sent(api: ScriptedApi, client: BandwidthClient, document: Any) -> None:
    """As text, bytes or a document."""
    api.answers.append(web.Response(status=204))

    await client.conferences.update_conference_bxml("conf-1", document)

    (seen,) = api.requests
    assert (seen.method, seen.path) == ("PUT", f"{CONFERENCES}/conf-1/bxml")
    assert seen.headers["Content-Type"] == "application/xml"
    assert b"<Response" in seen.body


@pytest.mark.parametrize(
    ("update", "sent"),
    [
        (UpdateConferenceMember(mute=True), {"mute": True}),
        (UpdateConferenceMember(hold=False), {"hold": False}),
        (UpdateConferenceMember(call_ids_to_coach=["c-2"]), {"callIdsToCoach": ["c-2"]}),
        (UpdateConferenceMember(call_ids_to_coach=[]), {"callIdsToCoach": []}),
        (UpdateConferenceMember(call_ids_to_coach=("c-2", "c-3")), {"callIdsToCoach": ["c-2", "c-3"]}),
    ],
)
async def test_a_member_is_changed(
    api: ScriptedApi, client: BandwidthClient, update: UpdateConferenceMember, sent: dict[str, Any]
) -> None:
    """What is None is not sent, and an empty list is."""
    api.answers.append(web.Response(status=204))

    await client.conferences.update_conference_member("conf-1", "c-1", update)

    (seen,) = api.requests
    assert (seen.method, seen.path) == ("PUT", f"{CONFERENCES}/conf-1/members/c-1")
    assert json.loads(seen.body) == sent


@pytest.mark.parametrize("method", ["update_conference", "update_conference_member"])
async def test_another_kind_of_update_is_refused(api: ScriptedApi, client: BandwidthClient, method: str) -> None:
    """Nothing is sent."""
    ids = ("conf-1",) if method == "update_conference" else ("conf-1", "c-1")

    with pytest.raises(ValueError, match=r"^update: must be a UpdateConference"):
        await getattr(client.conferences, method)(*ids, {"status": "completed"})

    assert api.requests == []
