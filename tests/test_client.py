"""The client: its settings reach the wire, its views share what they should, and bad ones are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from support.moved_clock import MovedClock
from support.raw_server import never_in_a_minute
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import (
    BandwidthClient,
    BandwidthError,
    BasicCredentials,
    ClientCredentials,
    RetryPolicy,
    Timeout,
)

PATH = "/accounts/9900000/calls"


@pytest.fixture
def client(make_client: MakeClient, basic: BasicCredentials) -> BandwidthClient:
    """A client that asks for no token."""
    return make_client(auth=basic)


@pytest.mark.parametrize("path", ["", "/", "/api/v2", "/a/b/c/"])
async def test_the_base_url_may_have_any_path(
    api: ScriptedApi, make_client: MakeClient, basic: BasicCredentials, path: str
) -> None:
    """Whatever the path of the base URL, requests go below it."""
    await make_client(auth=basic, base_url=api.origin + path).request("GET", PATH)

    assert api.requests[0].path == path.rstrip("/") + PATH


async def test_the_token_url_is_a_setting(api: ScriptedApi, make_client: MakeClient) -> None:
    """Tokens come from where the credentials say."""
    async with ScriptedApi() as other:
        auth = ClientCredentials("a", "b", token_url=other.token_url)

        await make_client(auth=auth).request("GET", PATH)

        assert (len(other.token_requests), len(api.token_requests), len(api.requests)) == (1, 0, 1)


async def test_request_sends_json(api: ScriptedApi, client: BandwidthClient) -> None:
    """`json` goes out as JSON, and what comes back can be read as JSON."""
    api.answers.append(web.json_response({"ok": True}, status=202, headers={"X-A": "b"}))

    answer = await client.request("POST", PATH, json={"a": [1, None]})

    assert (answer.status, answer.json(), answer.headers["x-a"]) == (202, {"ok": True}, "b")
    assert (api.requests[0].body, api.requests[0].headers["Content-Type"]) == (b'{"a":[1,null]}', "application/json")


@pytest.mark.parametrize("body", ["é", "é".encode()])
async def test_request_sends_a_body(api: ScriptedApi, client: BandwidthClient, body: str | bytes) -> None:
    """`body` goes out as it is, under its content type."""
    await client.request("PUT", PATH, body=body, content_type="text/plain; charset=utf-8")

    (seen,) = api.requests
    assert (seen.body, seen.headers["Content-Type"]) == ("é".encode(), "text/plain; charset=utf-8")


async def test_request_sends_parameters(api: ScriptedApi, client: BandwidthClient) -> None:
    """Parameters are encoded; times go out in UTC, and None not at all."""
    params: dict[str, Any] = {"a": "+ &", "b": 1, "c": True, "d": None, "e": datetime(2026, 1, 1, tzinfo=UTC), "f": 0.5}

    await client.request("GET", PATH, params=params)

    assert api.requests[0].query == "a=%2B+%26&b=1&c=true&e=2026-01-01T00%3A00%3A00.000Z&f=0.5"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
async def test_request_sends_each_method(api: ScriptedApi, client: BandwidthClient, method: str) -> None:
    """The methods of the API are taken."""
    await client.request(method, PATH)

    assert api.requests[0].method == method


@pytest.mark.parametrize(
    ("arguments", "options", "field"),
    [
        (("get", PATH), {}, "method"),
        (("TRACE", PATH), {}, "method"),
        (("GET", "accounts"), {}, "path"),
        (("GET", "//evil.example/x"), {}, "path"),
        (("GET", "/a//b"), {}, "path"),
        (("GET", "/a/../b"), {}, "path"),
        (("GET", "/a/%2e%2e/b"), {}, "path"),
        (("GET", "/a?b=c"), {}, "path"),
        (("GET", "/a#b"), {}, "path"),
        (("GET", "/a\\b"), {}, "path"),
        (("GET", "/a\r\nX: y"), {}, "path"),
        (("GET", None), {}, "path"),
        (("GET", "https://evil.example/"), {}, "path"),
        (("POST", PATH), {"json": {}, "body": b"x"}, "body"),
        (("POST", PATH), {"json": object()}, "json"),
        (("POST", PATH), {"json": {"a": "\ud800"}}, "json"),
        (("POST", PATH), {"body": 7}, "body"),
        (("POST", PATH), {"body": b"x", "content_type": "a\r\nb: c"}, "content_type"),
        (("GET", PATH), {"params": {"a": object()}}, "a"),
        (("GET", PATH), {"params": {"a": datetime(2026, 1, 1)}}, "a"),
        (("GET", PATH), {"params": {"a": float("nan")}}, "a"),
    ],
)
async def test_a_request_that_is_wrong_is_refused(
    api: ScriptedApi, client: BandwidthClient, arguments: Any, options: Any, field: str
) -> None:
    """A wrong argument is a ValueError that names it, and nothing is sent."""
    with pytest.raises(ValueError, match=f"^{field}: "):
        await client.request(*arguments, **options)

    assert api.requests == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"account_id": ""}, "account_id"),
        ({"account_id": "../x"}, "account_id"),
        ({"account_id": 7}, "account_id"),
        ({"auth": ("user", "password")}, "auth"),
        ({"base_url": "voice.bandwidth.com"}, "base_url"),
        ({"base_url": "http://voice.bandwidth.com/api/v2"}, "base_url"),
        ({"base_url": "https://u:p@voice.bandwidth.com"}, "base_url"),
        ({"base_url": "https://voice.bandwidth.com?x=y"}, "base_url"),
        ({"base_url": "https://voice.bandwidth.com/a/../b"}, "base_url"),
        ({"base_url": "http://127.0.0.1.evil.example"}, "base_url"),
        ({"base_url": "ftp://127.0.0.1"}, "base_url"),
        ({"timeout": 5}, "timeout"),
        ({"retry": 3}, "retry"),
        ({"max_body": 0}, "max_body"),
        ({"connections": 0}, "connections"),
        ({"prefetch": 1}, "prefetch"),
        ({"user_agent_suffix": "a\r\nb"}, "user_agent_suffix"),
        ({"auth": ClientCredentials("a", "b", token_url="http://tokens.example/x")}, "token_url"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(arguments: dict[str, Any], field: str) -> None:
    """A wrong setting is a ValueError that names it, when the client is made."""
    arguments = {"account_id": "9900000", "auth": BasicCredentials("a", "b"), **arguments}

    with pytest.raises(ValueError, match=f"^{field}: "):
        BandwidthClient(arguments.pop("account_id"), arguments.pop("auth"), **arguments)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "[::1]"])
def test_plain_http_is_for_loopback(host: str) -> None:
    """Loopback hosts need no https."""
    client = BandwidthClient("9900000", BasicCredentials("a", "b"), base_url=f"http://{host}:8080/api/v2")

    assert repr(client) == f"<BandwidthClient of account 9900000 at http://{host}:8080>"


def test_plain_http_elsewhere_must_be_allowed() -> None:
    """`allow_http` is the explicit way, for the base URL and the token URL."""
    auth = ClientCredentials("a", "b", token_url="http://gateway.example/token")

    client = BandwidthClient("9900000", auth, base_url="http://gateway.example", allow_http=True)

    assert "http://gateway.example" in repr(client)


@pytest.mark.moves_loop_time
async def test_a_view_has_its_own_account_and_limits(
    api: ScriptedApi, client: BandwidthClient, moved: MovedClock
) -> None:
    """`with_options` changes account, timeout and policy for the view alone."""
    view = client.with_options(account_id="42", timeout=Timeout(total=60), retry=RetryPolicy(attempts=1))
    api.answers.append(web.Response(status=503))

    with pytest.raises(BandwidthError):
        await view.calls.get_call_state("c-1")
    api.answers.append(web.Response(status=404))
    with pytest.raises(BandwidthError):
        await client.calls.get_call_state("c-1")

    assert [seen.path for seen in api.requests] == [
        "/api/v2/accounts/42/calls/c-1",
        "/api/v2/accounts/9900000/calls/c-1",
    ]
    api.otherwise = never_in_a_minute
    with pytest.raises(BandwidthError, match=r"within 60 s"):
        await view.request("GET", PATH)


async def test_views_share_connections_and_token(api: ScriptedApi, make_client: MakeClient) -> None:
    """A view asks for no token of its own, and closing one closes all."""
    client = make_client()
    view = client.with_options(timeout=Timeout(total=5))

    await client.request("GET", PATH)
    await view.request("GET", PATH)
    await view.close()

    assert len(api.token_requests) == 1
    with pytest.raises(BandwidthError, match="closed"):
        await client.request("GET", PATH)


@pytest.mark.parametrize(
    "options", [{"account_id": "a/b"}, {"timeout": 5}, {"retry": 5}], ids=["account_id", "timeout", "retry"]
)
def test_a_view_with_wrong_options_is_refused(options: Any) -> None:
    """Options of a view are checked like those of a client."""
    client = BandwidthClient("9900000", BasicCredentials("a", "b"))

    with pytest.raises(ValueError, match=next(iter(options))):
        client.with_options(**options)
