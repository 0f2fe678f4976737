"""`completed` with a redirectUrl: the documentation forbids it, and published samples send it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.application import Application
from support.emulator_http import ask, calls_url, place_call

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import ClientSession

ROOM = "<Response><Conference conferenceEventUrl='/hook'>room</Conference></Response>"
URLS = ["", "foo", "https://app.example/next", 5]


@pytest.fixture
async def lenient() -> AsyncIterator[Emulator]:
    """Start an emulator that takes what the samples send."""
    async with Emulator(moved_clock=True, completed_with_redirect=True) as emulator:
        yield emulator


async def meeting(emulator: Emulator, http: ClientSession, application: Application) -> str:
    """Lead a call into a conference, and return the URL of the conference."""
    await place_call(http, emulator, answerUrl=application.url)
    await emulator.advance(5)
    (created,) = application.told("conferenceCreated")
    return f"{emulator.base_url}/accounts/{emulator.account_id}/conferences/{created['conferenceId']}"


@pytest.mark.parametrize("url", URLS)
async def test_the_refusal_names_the_rule(emulator: Emulator, http: ClientSession, url: object) -> None:
    """Any redirectUrl breaks the same rule, whatever else is wrong with it."""
    call_id = await place_call(http, emulator)

    reply = await ask(http, "POST", calls_url(emulator, call_id), json={"state": "completed", "redirectUrl": url})

    assert reply.status == 400
    assert reply.json()["description"] == "Invalid redirectUrl: must be null when state is completed"


@pytest.mark.parametrize("url", URLS)
async def test_the_refusal_for_a_conference_names_the_rule(http: ClientSession, url: object) -> None:
    """The rule of a conference names its own field."""
    async with Application(answer=ROOM) as application, Emulator(moved_clock=True) as emulator:
        conference = await meeting(emulator, http, application)

        reply = await ask(http, "POST", conference, json={"status": "completed", "redirectUrl": url})

    assert reply.status == 400
    assert reply.json()["description"] == "Invalid redirectUrl: must be null when status is completed"


@pytest.mark.parametrize("url", URLS)
async def test_the_setting_takes_it(lenient: Emulator, http: ClientSession, url: object) -> None:
    """With the setting the call is completed, and nothing is asked for at the URL."""
    async with Application(answer="<Response><Pause duration='60'/></Response>") as application:
        call_id = await place_call(http, lenient, answerUrl=application.url)
        await lenient.advance(5)

        reply = await ask(http, "POST", calls_url(lenient, call_id), json={"state": "completed", "redirectUrl": url})
        await lenient.run_until_idle()

    assert reply.status == 200, reply.body
    assert (lenient.find_call(call_id).disconnect_cause, application.types) == ("hangup", ["answer"])


async def test_the_setting_takes_it_for_a_conference(lenient: Emulator, http: ClientSession) -> None:
    """With the setting the conference is completed too."""
    async with Application(answer=ROOM) as application:
        conference = await meeting(lenient, http, application)

        reply = await ask(http, "POST", conference, json={"status": "completed", "redirectUrl": "foo"})
        await lenient.run_until_idle()

    assert reply.status == 204, reply.body
    assert application.types[-1] == "conferenceCompleted"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"state": "completed", "redirectUrl": "foo", "tag": "t"}, "tag"),
        ({"state": "completed", "redirectUrl": "foo", "redirectMethod": "PUT"}, "redirectMethod"),
        ({"redirectUrl": "foo"}, "redirectUrl"),
    ],
)
async def test_the_setting_takes_nothing_else(
    lenient: Emulator, http: ClientSession, body: dict[str, object], field: str
) -> None:
    """Other wrong fields are refused, and so is a wrong URL of a redirect."""
    call_id = await place_call(http, lenient)

    reply = await ask(http, "POST", calls_url(lenient, call_id), json=body)

    assert reply.status == 400
    assert reply.json()["description"].startswith(f"Invalid {field}: ")
