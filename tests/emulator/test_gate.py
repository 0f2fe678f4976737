"""The gate: by which names, and from which pages, the emulator may be asked for anything."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from support.emulator_http import NOW, ask, calls_url

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import ClientSession

TOKEN, CALLS = "/api/v1/oauth2/token", "/api/v2/accounts/9900000/calls"
# Of control one GET, one POST, and what is no endpoint; the API, its tokens and the page.
PLACES = [
    ("GET", "/_emulator/requests"),
    ("POST", "/_emulator/reset"),
    ("GET", "/_emulator/calls/c-1/timeline"),
    ("GET", "/_emulator/nothing"),
    ("POST", TOKEN),
    ("POST", CALLS),
    ("GET", CALLS),
    ("OPTIONS", CALLS),
    ("GET", "/"),
    ("GET", "/_emulator/events"),
    ("GET", "/elsewhere"),
]
FOREIGN_HOSTS = ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0"]
FOREIGN_ORIGINS = ["http://evil.example", "https://evil.example", "null", ""]


def url(emulator: Emulator, place: str) -> str:
    """Return the URL of a place in the emulator."""
    return emulator.page_url.removesuffix("/") + place


@pytest.fixture
async def exposed() -> AsyncIterator[Emulator]:
    """An emulator that others may reach."""
    async with Emulator(host="0.0.0.0", clock=lambda: NOW) as emulator:
        yield emulator


@pytest.mark.parametrize(("method", "place"), PLACES)
@pytest.mark.parametrize("host", FOREIGN_HOSTS)
async def test_another_name_for_this_machine_is_refused(
    host: str, method: str, place: str, emulator: Emulator, http: ClientSession
) -> None:
    """On loopback a page could give this machine a name of its own, so each request must name it as we do."""
    await ask(http, "GET", calls_url(emulator))

    reply = await ask(http, method, url(emulator, place), headers={"Host": host})

    assert (reply.status, reply.json()["type"], len(emulator.requests)) == (403, "authorization-error", 1)


async def test_a_refusal_says_which_host_and_what_to_set(emulator: Emulator, http: ClientSession) -> None:
    """The description names the host that was refused, and the flag."""
    reply = await ask(http, "GET", url(emulator, "/_emulator/calls"), headers={"Host": "emulator:8080"})

    said = reply.json()["description"]
    assert "emulator:8080" in said
    assert "--allow-host emulator" in said


@pytest.mark.parametrize(("method", "place"), PLACES)
@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
async def test_a_foreign_page_is_refused(
    origin: str, method: str, place: str, emulator: Emulator, http: ClientSession
) -> None:
    """A page of another origin may ask nothing, and nothing happens."""
    await ask(http, "GET", calls_url(emulator))

    reply = await ask(http, method, url(emulator, place), headers={"Origin": origin})

    assert (reply.status, len(emulator.requests)) == (403, 1)
    assert f"Origin {origin} " in reply.json()["description"]


async def test_a_page_whose_name_leads_here_is_refused(emulator: Emulator, http: ClientSession) -> None:
    """Host and Origin that agree are still another name than loopback."""
    headers = {"Host": "evil.example:8080", "Origin": "http://evil.example:8080"}

    reply = await ask(http, "GET", url(emulator, "/_emulator/requests"), headers=headers)

    assert reply.status == 403


@pytest.mark.parametrize(("method", "place"), PLACES[:2])
@pytest.mark.parametrize(
    "host", ["127.0.0.1:1", "127.8.8.8", "localhost:8080", "LOCALHOST", "app.localhost", "[::1]:80"]
)
async def test_a_local_name_is_welcome(
    host: str, method: str, place: str, emulator: Emulator, http: ClientSession
) -> None:
    """Every loopback name may ask, and so may a page of that origin."""
    address = url(emulator, place)

    replies = [
        await ask(http, method, address, headers={"Host": host, **origin})
        for origin in ({}, {"Origin": f"http://{host}"})
    ]

    assert [reply.status for reply in replies] == [200, 200]


@pytest.mark.parametrize(
    "host",
    ["voice.bandwidth.com", "API.bandwidth.com:443", "id.bandwidth.com.", "app.test", "App.Test:81", "[fd00::1]:8"],
)
async def test_a_name_of_bandwidth_or_an_allowed_one_is_welcome(host: str, http: ClientSession) -> None:
    """Names that are redirected here for clients, and those of `--allow-host`, whatever their port and case."""
    async with Emulator(clock=lambda: NOW, allow_host=["app.TEST", "[FD00::1]"]) as emulator:
        reply = await ask(http, "GET", calls_url(emulator), headers={"Host": host})

    assert reply.status == 200


@pytest.mark.parametrize("name", ["app.test:80", "http://app.test", "", "a b"])
def test_what_is_no_host_name_cannot_be_allowed(name: str) -> None:
    """The error names the setting."""
    with pytest.raises(ValueError, match="allow_host"):
        Emulator(allow_host=[name])


async def test_a_refused_body_is_not_read(emulator: Emulator) -> None:
    """The answer comes before the body, and the connection ends with it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(emulator.page_url.split(":")[2].strip("/")))
    writer.write(f"POST {CALLS} HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1000000\r\n\r\n".encode())

    async with asyncio.timeout(5):  # aiohttp would read on for ten seconds
        answer = await reader.read()
    writer.close()

    assert answer.startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(("method", "place"), PLACES[:2])
@pytest.mark.parametrize("host", ["0.0.0.0:80", "emulator:8080", "192.0.2.7"])
async def test_an_emulator_that_others_may_reach_takes_any_name(
    host: str, method: str, place: str, exposed: Emulator, http: ClientSession
) -> None:
    """Whoever listens on an address that is not loopback has said that others may ask, such as another container."""
    reply = await ask(http, method, url(exposed, place), headers={"Host": host})

    assert reply.status == 200


@pytest.mark.parametrize(("method", "place"), PLACES)
async def test_an_emulator_that_others_may_reach_refuses_foreign_pages(
    method: str, place: str, exposed: Emulator, http: ClientSession
) -> None:
    """A page of another origin is refused, under whatever name it asks."""
    headers = {"Host": "emulator:8080", "Origin": "http://evil.example"}

    reply = await ask(http, method, url(exposed, place), headers=headers)

    assert (reply.status, reply.json()["type"]) == (403, "authorization-error")


async def test_the_page_of_an_exposed_emulator_can_be_opened(exposed: Emulator, http: ClientSession) -> None:
    """The live page is served under the name that a browser in another container uses."""
    reply = await ask(http, "GET", exposed.page_url, headers={"Host": "emulator:8080"})

    assert (reply.status, reply.headers["Content-Type"].partition(";")[0]) == (200, "text/html")
