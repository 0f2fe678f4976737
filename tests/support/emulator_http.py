"""What the tests of the emulator share: plain HTTP requests, and a minimal body of each kind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
from aiohttp import encode_basic_auth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import ClientSession
    from yarl import URL

    from bandwidth_calls.emulator import Emulator

NOW = 1_790_000_000.0
NOW_TEXT = "2026-09-21T14:13:20.000Z"
USER = {"Authorization": encode_basic_auth("user", "password")}
CALL = {
    "to": "+19195551234",
    "from": "+19195554321",
    "applicationId": "04e88489-df02-4e34-a0ee-27a91849555f",
    "answerUrl": "https://app.example/answer",
}
BXML = b"<Bxml><Hangup/></Bxml>"
BXML_TYPE = {"Content-Type": "application/xml"}


@attrs.frozen
class Reply:
    """A response with its whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body, decoded as JSON."""
        return json.loads(self.body)


async def ask(http: ClientSession, method: str, url: str | URL, **more: Any) -> Reply:
    """Send one request. Redirects are not followed."""
    async with http.request(method, url, allow_redirects=False, **more) as answer:
        return Reply(answer.status, answer.headers, await answer.read())


def calls_url(emulator: Emulator, *rest: str) -> str:
    """Return the URL of the account's calls, or of a path below it."""
    return "/".join([f"{emulator.base_url}/accounts/{emulator.account_id}/calls", *rest])


def control_url(emulator: Emulator, name: str) -> str:
    """Return the URL of a control endpoint."""
    return emulator.base_url.replace("/api/v2", f"/_emulator/{name}")


async def place(http: ClientSession, emulator: Emulator, **changes: object) -> Reply:
    """Send createCall, with these fields changed or added."""
    return await ask(http, "POST", calls_url(emulator), json={**CALL, **changes})


async def place_call(http: ClientSession, emulator: Emulator, **changes: object) -> str:
    """Place a call, and return its id."""
    reply = await place(http, emulator, **changes)
    assert reply.status == 201, reply.body
    return str(reply.json()["callId"])


async def list_pages(http: ClientSession, url: str, **query: str) -> list[list[dict[str, Any]]]:
    """Return every page of a listing, by following its links."""
    pages = []
    reply = await ask(http, "GET", url, params=query)
    while True:
        assert reply.status == 200, reply.body
        pages.append(reply.json())
        if "Link" not in reply.headers:
            return pages
        link = reply.headers["Link"]
        assert link.startswith("<")
        assert link.endswith('>; rel="next"')
        reply = await ask(http, "GET", link[1:].partition(">")[0])


async def get_token(http: ClientSession, emulator: Emulator, client: str = "client-id:client-secret") -> str:
    """Fetch a token."""
    headers = {"Authorization": encode_basic_auth(*client.split(":"))}
    form = {"grant_type": "client_credentials"}
    reply = await ask(http, "POST", emulator.token_url, data=form, headers=headers)
    return str(reply.json()["access_token"])
