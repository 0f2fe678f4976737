"""Media are fetched from one origin, and from others only where the client names them."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest
from support.media import WAVE, MediaServer, cut, files, head, part, serving, whole

from bandwidth_calls import BandwidthClient, BasicCredentials, UntrustedLinkError


def redirect(location: str, status: str = "302 Found") -> bytes:
    """Return an answer that leads elsewhere."""
    return head(status, f"Location: {location}", "Content-Length: 0")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_refused(tmp_path: Path, status: str) -> None:
    """There is no file, and the other origin is not asked, though it would gladly answer."""
    async with MediaServer(whole()) as other:
        location = f"{other.base_url}/media?signature=secret"
        async with serving(redirect(location, status)) as (server, download):
            with pytest.raises(UntrustedLinkError) as caught:
                await download.save(tmp_path / "a.wav")

    assert caught.value.location == f"{other.base_url}/media"
    assert "secret" not in str(caught.value)
    assert (len(server.requests), other.requests, files(tmp_path)) == (1, [], [])


async def test_a_named_origin_is_asked_without_credentials() -> None:
    """The query arrives, and neither a login nor a cookie does."""
    async with MediaServer(whole()) as other:
        leads = redirect(f"{other.base_url}/media?signature=secret#part")
        async with serving(leads, media_origins=[other.base_url]) as (server, download):
            assert await download.read() == WAVE

    (request,) = other.requests
    assert request.startswith("GET /media?signature=secret HTTP/1.1\r\n")
    assert other.header(request, "authorization") is None
    assert server.header(server.requests[0], "authorization") is not None


async def test_a_borrowed_sessions_cookies_stay_at_home() -> None:
    """A cookie that holds for the other origin is not sent either."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with MediaServer(whole()) as other, aiohttp.ClientSession(cookie_jar=jar) as http:
        jar.update_cookies({"session": "secret"})
        leads = redirect(f"{other.base_url}/media")
        async with serving(leads, media_origins=[other.base_url], http=http) as (server, download):
            assert await download.read() == WAVE

    assert other.header(other.requests[0], "cookie") is None
    assert server.header(server.requests[0], "cookie") == "session=secret"


async def test_a_second_redirect_is_refused() -> None:
    """Media are redirected once, also within a named origin."""
    async with MediaServer(redirect("/again")) as other:
        leads = redirect(f"{other.base_url}/media")
        async with serving(leads, media_origins=[other.base_url]) as (_, download):
            with pytest.raises(UntrustedLinkError) as caught:
                await download.read()

    assert caught.value.location == f"{other.base_url}/again"
    assert len(other.requests) == 1


async def test_another_origin_is_refused_where_one_is_named() -> None:
    """A name on the list does not open the others."""
    async with MediaServer(whole()) as other:
        named = ["https://media.example"]
        async with serving(redirect(f"{other.base_url}/media"), media_origins=named) as (_, download):
            with pytest.raises(UntrustedLinkError):
                await download.read()

    assert other.requests == []


async def test_redirected_media_are_resumed() -> None:
    """The rest is asked for at the other origin."""
    async with MediaServer(cut(1000), part(1000)) as other:
        leads = redirect(f"{other.base_url}/media")
        async with serving(leads, media_origins=[other.base_url]) as (_, download):
            assert await download.read() == WAVE

    assert other.ranges == [None, "bytes=1000-"]


async def test_only_media_are_redirected() -> None:
    """Any other request to a named origin stays an error."""
    async with MediaServer(whole()) as other, MediaServer(redirect(f"{other.base_url}/x")) as server:
        login, named = BasicCredentials("a", "b"), [other.base_url]
        client = BandwidthClient("1", login, base_url=server.base_url, media_origins=named)
        async with client:
            with pytest.raises(UntrustedLinkError):
                await client.recordings.get_call_recording("c-1", "r-1")

    assert other.requests == []


@pytest.mark.parametrize(
    "location",
    ["", "ftp://media.example/x", "https://user@media.example/x", "https://[::1", "https://media.example:0/"],
)
async def test_a_location_that_leads_nowhere_is_refused(location: str) -> None:
    """What is no URL of http or https is no place to go to."""
    async with serving(redirect(location), media_origins=["https://media.example"]) as (_, download):
        with pytest.raises(UntrustedLinkError):
            await download.read()


@pytest.mark.parametrize(
    "origins",
    ["https://media.example", ["http://media.example"], ["https://media.example/x"], ["media.example"], [5], None],
)
def test_a_wrong_origin_is_refused(origins: object) -> None:
    """An origin is https, or on this machine, and has no path."""
    with pytest.raises(ValueError, match=r"^media_origins: "):
        BandwidthClient("1", BasicCredentials("a", "b"), media_origins=origins)  # type: ignore[arg-type]  # the point
