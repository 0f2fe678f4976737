"""Token stores: what they share, what of them is used, and what happens when one fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from support.moved_clock import MovedClock
from support.scripted_api import MakeClient, ScriptedApi, refuse

from bandwidth_calls import (
    ClientCredentials,
    MemoryTokenStore,
    Token,
)

PATH = "/accounts/9900000/calls"


async def test_clients_with_one_store_share_a_token(api: ScriptedApi, make_client: MakeClient) -> None:
    """The second worker finds the token of the first."""
    auth = ClientCredentials("client-id", "secret", token_url=api.token_url, store=MemoryTokenStore())
    first, second = make_client(auth=auth), make_client(auth=auth)

    await first.request("GET", PATH)
    await second.request("GET", PATH)

    assert len(api.token_requests) == 1
    assert api.authorizations == ["Bearer token-1"] * 2


async def test_a_refused_token_is_never_taken_from_the_store_again(api: ScriptedApi, make_client: MakeClient) -> None:
    """The store still holds the token that the API refused; a new one is fetched all the same, and put there."""
    store = MemoryTokenStore()
    auth = ClientCredentials("client-id", "secret", token_url=api.token_url, store=store)
    client = make_client(auth=auth)
    await client.request("GET", PATH)
    api.otherwise = refuse("token-1")

    await client.request("GET", PATH)

    kept = await store.get(auth.store_key)
    assert kept is not None
    assert kept.value == "token-2"
    assert api.authorizations == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize("seconds", [-1, 0])
async def test_an_expired_token_of_the_store_is_passed_by(
    api: ScriptedApi, make_client: MakeClient, moved: MovedClock, seconds: int
) -> None:
    """A token of the store that has expired is not used."""
    store = MemoryTokenStore()
    auth = ClientCredentials("client-id", "secret", token_url=api.token_url, store=store)
    await store.put(auth.store_key, Token("old", moved.clock.now() + timedelta(seconds=seconds)))

    await make_client(auth=auth).request("GET", PATH)

    assert api.authorizations == ["Bearer token-1"]


class _BrokenStore:
    async def get(self, key: str) -> Token | None:
        raise ConnectionError("secret of the store")

    async def put(self, key: str, token: Token) -> None:
        raise ConnectionError("secret of the store")


class _OddStore:
    async def get(self, key: str) -> Any:
        return "no token at all"

    async def put(self, key: str, token: Token) -> None:
        """Lose it."""


@pytest.mark.parametrize("store", [_BrokenStore(), _OddStore()], ids=["raises", "returns no token"])
async def test_a_store_that_fails_is_logged_and_passed_by(
    api: ScriptedApi, make_client: MakeClient, store: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """No request fails by a store, and the log says that it was of no use without telling what it said."""
    auth = ClientCredentials("client-id", "secret", token_url=api.token_url, store=store)

    answer = await make_client(auth=auth).request("GET", PATH)

    assert answer.status == 200
    assert "token store" in caplog.text
    assert "secret of the store" not in caplog.text
