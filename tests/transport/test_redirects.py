"""Answers from 300 to 399: none is a success, none is followed, and none counts by its body."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from support.listings import read_calls
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import (
    BasicCredentials,
    CreateCall,
    RetryPolicy,
    Timeout,
    UntrustedLinkError,
)

PATH = "/accounts/9900000/calls"


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 399])
@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
async def test_a_redirect_is_never_a_success(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, method: str, status: int
) -> None:
    """It is an UntrustedLinkError that names the status, and is not sent again."""
    api.answers.append(web.Response(status=status, headers={"Location": "/elsewhere"}))

    with pytest.raises(UntrustedLinkError, match=f"answered {status}"):
        await make_client(auth=basic).request(method, PATH)

    assert len(api.requests) == 1


async def test_a_call_that_is_redirected_may_have_been_placed(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, a_call: CreateCall
) -> None:
    """Nobody can say what a server did before it answered 300."""
    api.answers.append(web.Response(status=300))

    with pytest.raises(UntrustedLinkError) as caught:
        await make_client(auth=basic).calls.create_call(a_call)

    assert caught.value.may_have_taken_effect


async def test_a_listing_that_is_redirected_has_no_items(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """The body of a 300 is not read as a page, and its link is not followed."""
    body = b"[" + b",".join([b'{"callId":"c-0"}'] * 10_000) + b"]"  # so large that a page would be read in slices
    headers = {"Link": '<?pageToken=a>; rel="next"'}
    api.answers.append(web.Response(body=body, status=300, headers=headers))

    read, error = await read_calls(make_client(auth=basic).calls.list_calls())

    assert isinstance(error, UntrustedLinkError)
    assert (read, len(api.requests)) == ([], 1)


async def test_a_redirect_with_a_large_body_is_a_redirect(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials
) -> None:
    """What is no success counts without its body."""
    api.answers.append(web.Response(status=300, body=bytes(1001)))

    with pytest.raises(UntrustedLinkError):
        await make_client(auth=basic, max_body=1000).request("PUT", PATH)


@pytest.mark.parametrize("ends", ["cut", "total"])
async def test_a_redirect_without_its_whole_body_is_a_redirect(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, ends: str
) -> None:
    """The connection may break in the body, and the total may end there."""

    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=300, headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"[")
        if ends == "total":
            await asyncio.Event().wait()
        assert request.transport is not None
        request.transport.close()
        return response

    api.answers.append(half)
    client = make_client(auth=basic, timeout=Timeout(total=5 if ends == "cut" else 0.2), retry=RetryPolicy(attempts=1))

    with pytest.raises(UntrustedLinkError):
        await client.request("GET", PATH)
