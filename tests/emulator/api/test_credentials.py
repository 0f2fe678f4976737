from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from aiohttp import encode_basic_auth
from support.emulator_http import NOW, ask, calls_url, get_token

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from aiohttp import ClientSession

FORM = {"grant_type": "client_credentials"}
CLIENT = {"Authorization": encode_basic_auth("client-id", "client-secret")}


async def test_a_token_is_issued_to_a_client_with_basic(emulator: Emulator, anonymous: ClientSession) -> None:
    """The response has a token, its type and its lifetime, and must not be stored."""
    reply = await ask(anonymous, "POST", emulator.token_url, data=FORM, headers=CLIENT)

    token = reply.json()
    assert (reply.status, token["token_type"], token["expires_in"]) == (200, "Bearer", 3600)
    assert reply.headers["Cache-Control"] == "no-store"
    assert sorted(token) == ["access_token", "expires_in", "token_type"]


async def test_a_token_is_issued_to_a_client_in_the_form(emulator: Emulator, anonymous: ClientSession) -> None:
    """RFC 6749 allows the credentials in the form, too."""
    form = {**FORM, "client_id": "client-id", "client_secret": "client-secret"}

    reply = await ask(anonymous, "POST", emulator.token_url, data=form)

    assert reply.status == 200


async def test_a_token_opens_the_account(emulator: Emulator, anonymous: ClientSession) -> None:
    """The name of the scheme may be in any case."""
    token = await get_token(anonymous, emulator)

    reply = await ask(anonymous, "GET", calls_url(emulator), headers={"Authorization": f"bearer {token}"})

    assert reply.status == 200


async def test_each_token_is_another(emulator: Emulator, anonymous: ClientSession) -> None:
    """Two requests get two tokens, and both are valid."""
    tokens = [await get_token(anonymous, emulator) for _ in range(2)]

    replies = [
        await ask(anonymous, "GET", calls_url(emulator), headers={"Authorization": f"Bearer {token}"})
        for token in tokens
    ]

    assert len(set(tokens)) == 2
    assert [reply.status for reply in replies] == [200, 200]


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic dXNlcg==",
        "Basic /w==",
        "Bearer",
        "Bearer unknown",
        "Digest dXNlcjpwYXNzd29yZA==",
        encode_basic_auth("user", "wrong"),
        encode_basic_auth("nobody", "password"),
        encode_basic_auth("client-id", "client-secret"),
        encode_basic_auth("", ""),
        "Basic \u00e9",
    ],
)
async def test_other_credentials_are_refused(authorization: str, emulator: Emulator, anonymous: ClientSession) -> None:
    """Invalid credentials get a 401 with the documented body."""
    reply = await ask(anonymous, "GET", calls_url(emulator), headers={"Authorization": authorization})

    assert (reply.status, reply.json()) == (
        401,
        {"type": "authentication-error", "description": "The credentials provided were invalid", "id": None},
    )
    assert reply.headers["WWW-Authenticate"] == 'Basic realm="Bandwidth"'


async def test_no_credentials_are_refused(emulator: Emulator, anonymous: ClientSession) -> None:
    """A request without credentials gets a 401."""
    reply = await ask(anonymous, "GET", calls_url(emulator))

    assert reply.status == 401


async def test_a_token_expires(anonymous: ClientSession) -> None:
    """A token is valid until its lifetime has passed, by the emulator's clock."""
    async with Emulator(token_lifetime=10, clock=lambda: NOW) as emulator:
        headers = {"Authorization": f"Bearer {await get_token(anonymous, emulator)}"}

        await emulator.advance(9.999)
        before = await ask(anonymous, "GET", calls_url(emulator), headers=headers)
        await emulator.advance(0.001)
        after = await ask(anonymous, "GET", calls_url(emulator), headers=headers)

    assert (before.status, after.status) == (200, 401)


async def test_a_revoked_token_is_refused(emulator: Emulator, anonymous: ClientSession) -> None:
    """Revoking makes every earlier token invalid, but no later one."""
    old = await get_token(anonymous, emulator)

    emulator.revoke()
    new = await get_token(anonymous, emulator)

    statuses = [
        (await ask(anonymous, "GET", calls_url(emulator), headers={"Authorization": f"Bearer {token}"})).status
        for token in (old, new)
    ]
    assert statuses == [401, 200]


@pytest.mark.parametrize("client", ["client-id:wrong", "user:password", ":"])
async def test_a_wrong_client_gets_no_token(client: str, emulator: Emulator, anonymous: ClientSession) -> None:
    """Wrong credentials get a 401 in the shape of RFC 6749."""
    headers = {"Authorization": encode_basic_auth(*client.split(":"))}

    reply = await ask(anonymous, "POST", emulator.token_url, data=FORM, headers=headers)

    assert (reply.status, reply.json()) == (
        401,
        {"error": "invalid_client", "error_description": "The client credentials are invalid"},
    )
    assert "WWW-Authenticate" in reply.headers
    assert reply.headers["Cache-Control"] == "no-store"


async def test_a_wrong_grant_gets_no_token(emulator: Emulator, anonymous: ClientSession) -> None:
    """Any grant other than client credentials is refused."""
    reply = await ask(anonymous, "POST", emulator.token_url, data={"grant_type": "password"}, headers=CLIENT)

    assert (reply.status, reply.json()["error"]) == (400, "unsupported_grant_type")


async def test_a_token_request_must_be_a_form(emulator: Emulator, anonymous: ClientSession) -> None:
    """A JSON body is refused."""
    reply = await ask(anonymous, "POST", emulator.token_url, json=FORM, headers=CLIENT)

    assert (reply.status, reply.json()["error"]) == (400, "invalid_request")


async def test_a_token_request_must_be_a_post(emulator: Emulator, anonymous: ClientSession) -> None:
    """Another method gets a 405 that names the allowed one."""
    reply = await ask(anonymous, "GET", emulator.token_url, headers=CLIENT)

    assert (reply.status, reply.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["accounts/9900000/calls", "accounts/1/calls", "accounts/9900000/nothing", "nothing"])
async def test_the_forbidden_user_gets_403_everywhere(path: str, emulator: Emulator, anonymous: ClientSession) -> None:
    """Forbidden credentials get 403 before any 404, with Basic and with a token."""
    token = await get_token(anonymous, emulator, "guest:secret")

    replies = [
        await ask(anonymous, "GET", f"{emulator.base_url}/{path}", headers={"Authorization": authorization})
        for authorization in (encode_basic_auth("guest", "secret"), f"Bearer {token}")
    ]

    assert [reply.status for reply in replies] == [403, 403]
    assert replies[0].json() == {"type": "authorization-error", "description": "Access is denied", "id": None}


async def test_a_token_is_a_jwt(emulator: Emulator, anonymous: ClientSession) -> None:
    """It has three parts: a head, claims with whole times by the emulator's clock, and a signature."""
    reply = await ask(anonymous, "POST", emulator.token_url, data=FORM, headers=CLIENT)

    head, claims, signature = reply.json()["access_token"].split(".")
    assert read_part(head) == {"alg": "HS256", "typ": "JWT"}
    assert {name: read_part(claims)[name] for name in ("iat", "exp")} == {"iat": int(NOW), "exp": int(NOW) + 3600}
    assert signature


async def test_a_token_tells_its_times_by_a_moved_clock(anonymous: ClientSession) -> None:
    """A clock that was moved by an hour and a half second gives whole times, an hour later."""
    async with Emulator(moved_clock=True, clock=lambda: 1_000.25) as moved:
        await moved.advance(3600.5)

        reply = await ask(anonymous, "POST", moved.token_url, data=FORM, headers=CLIENT)

    claims = read_part(reply.json()["access_token"].split(".")[1])
    assert (claims["iat"], claims["exp"]) == (4_600, 8_200)


async def test_tokens_of_one_moment_differ(emulator: Emulator, anonymous: ClientSession) -> None:
    """Each request gets a token of its own."""
    first, second = await get_token(anonymous, emulator), await get_token(anonymous, emulator)

    assert first != second


async def test_the_token_endpoint_answers_as_id_bandwidth_com(emulator: Emulator, anonymous: ClientSession) -> None:
    """A client whose host is redirected to this machine gets its token."""
    headers = {**CLIENT, "Host": "id.bandwidth.com"}

    reply = await ask(anonymous, "POST", emulator.token_url, data=FORM, headers=headers)

    assert reply.status == 200


def read_part(part: str) -> dict[str, object]:
    """Return the JSON in a part of a JWT."""
    decoded: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return decoded
