"""Which names and which pages may ask the control endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.emulator_http import NOW, ask, calls_url, control_url

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import ClientSession

# One GET, one POST, and what is no endpoint.
CONTROLS = [("GET", "requests"), ("POST", "reset"), ("GET", "calls/c-1/timeline"), ("GET", "nothing")]
FOREIGN_HOSTS = ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0"]
FOREIGN_ORIGINS = ["http://evil.example", "https://evil.example", "null", ""]


@pytest.fixture
async def exposed() -> AsyncIterator[Emulator]:
    """An emulator that others may reach."""
    async with Emulator(host="0.0.0.0", clock=lambda: NOW) as emulator:
        yield emulator


@pytest.mark.parametrize(("method", "name"), CONTROLS)
@pytest.mark.parametrize("host", FOREIGN_HOSTS)
async def test_another_name_for_this_machine_is_refused(
    host: str, method: str, name: str, emulator: Emulator, http: ClientSession
) -> None:
    """On loopback a page could give this machine a name of its own, so each request must name it as we do."""
    await ask(http, "GET", calls_url(emulator))

    reply = await ask(http, method, control_url(emulator, name), headers={"Host": host})

    assert (reply.status, reply.json()["type"], len(emulator.requests)) == (403, "authorization-error", 1)


async def test_a_refusal_says_which_host_and_what_to_set(emulator: Emulator, http: ClientSession) -> None:
    """The description names the host that was refused, and the flag."""
    reply = await ask(http, "GET", control_url(emulator, "calls"), headers={"Host": "emulator:8080"})

    said = reply.json()["description"]
    assert "emulator:8080" in said
    assert "--host" in said


@pytest.mark.parametrize(("method", "name"), CONTROLS)
@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
async def test_a_foreign_page_is_refused(
    origin: str, method: str, name: str, emulator: Emulator, http: ClientSession
) -> None:
    """A page of another origin may ask nothing, and nothing happens."""
    await ask(http, "GET", calls_url(emulator))

    reply = await ask(http, method, control_url(emulator, name), headers={"Origin": origin})

    assert (reply.status, len(emulator.requests)) == (403, 1)
    assert f"Origin {origin} " in reply.json()["description"]


async def test_a_page_whose_name_leads_here_is_refused(emulator: Emulator, http: ClientSession) -> None:
    """Host and Origin that agree are still another name than loopback."""
    headers = {"Host": "evil.example:8080", "Origin": "http://evil.example:8080"}

    reply = await ask(http, "GET", control_url(emulator, "requests"), headers=headers)

    assert reply.status == 403


@pytest.mark.parametrize(("method", "name"), CONTROLS[:2])
@pytest.mark.parametrize(
    "host", ["127.0.0.1:1", "127.8.8.8", "localhost:8080", "LOCALHOST", "app.localhost", "[::1]:80"]
)
async def test_a_local_name_is_welcome(
    host: str, method: str, name: str, emulator: Emulator, http: ClientSession
) -> None:
    """Every loopback name may ask, and so may a page of that origin."""
    url = control_url(emulator, name)

    replies = [
        await ask(http, method, url, headers={"Host": host, **origin}) for origin in ({}, {"Origin": f"http://{host}"})
    ]

    assert [reply.status for reply in replies] == [200, 200]


@pytest.mark.parametrize(("method", "name"), CONTROLS[:2])
@pytest.mark.parametrize("host", ["0.0.0.0:80", "emulator:8080", "192.0.2.7"])
async def test_an_emulator_that_others_may_reach_takes_any_name(
    host: str, method: str, name: str, exposed: Emulator, http: ClientSession
) -> None:
    """Whoever listens on an address that is not loopback has said that others may ask, such as another container."""
    reply = await ask(http, method, control_url(exposed, name), headers={"Host": host})

    assert reply.status == 200


@pytest.mark.parametrize(("method", "name"), CONTROLS)
async def test_an_emulator_that_others_may_reach_refuses_foreign_pages(
    method: str, name: str, exposed: Emulator, http: ClientSession
) -> None:
    """A page of another origin is refused, under whatever name it asks."""
    headers = {"Host": "emulator:8080", "Origin": "http://evil.example"}

    reply = await ask(http, method, control_url(exposed, name), headers=headers)

    assert (reply.status, reply.json()["type"]) == (403, "authorization-error")


async def test_the_page_of_an_exposed_emulator_can_be_opened(exposed: Emulator, http: ClientSession) -> None:
    """The live page is served under the name that a browser in another container uses."""
    reply = await ask(http, "GET", exposed.page_url, headers={"Host": "emulator:8080"})

    assert (reply.status, reply.headers["Content-Type"].partition(";")[0]) == (200, "text/html")
