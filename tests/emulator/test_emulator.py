from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.emulator_http import NOW, ask, calls_url, place_call

from bandwidth_calls.emulator import Emulator
from bandwidth_calls.emulator.hosts import outside_address

if TYPE_CHECKING:
    from aiohttp import ClientSession


async def test_the_emulator_says_where_it_is(emulator: Emulator) -> None:
    """The URLs are those of the API, on this machine."""
    root = emulator.base_url.removesuffix("/api/v2")

    assert root.startswith("http://127.0.0.1:")
    assert emulator.token_url == f"{root}/api/v1/oauth2/token"
    assert emulator.account_id == "9900000"


def test_an_emulator_that_has_not_started_says_so() -> None:
    """Reading a URL before the start is a `RuntimeError`."""
    emulator = Emulator()

    with pytest.raises(RuntimeError, match="async with"):
        _ = emulator.base_url


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("0.0.0.0", f"http://{outside_address('0.0.0.0')}:"),
        ("::1", "http://[::1]:"),
        ("localhost", "http://localhost:"),
    ],
)
async def test_the_url_can_be_connected_to(host: str, shown: str, http: ClientSession) -> None:
    """A wildcard becomes an address by which others reach it too, and an IPv6 address gets brackets."""
    async with Emulator(host=host, clock=lambda: NOW) as emulator:
        reply = await ask(http, "GET", calls_url(emulator))

    assert emulator.base_url.startswith(shown)
    assert reply.status == 200


async def test_a_port_in_use_is_an_error(emulator: Emulator) -> None:
    """A port in use is an `OSError`, and nothing is left open."""
    port = int(emulator.base_url.split(":")[2].partition("/")[0])

    with pytest.raises(OSError, match="address already in use"):
        async with Emulator(port=port):
            pass  # pragma: no cover - never entered


async def test_calls_are_shown_as_they_stand(emulator: Emulator, http: ClientSession) -> None:
    """A call that was read earlier shows its present state."""
    call_id = await place_call(http, emulator, tag="t")

    (before,) = emulator.calls
    state = before.state
    await ask(http, "POST", calls_url(emulator, call_id), json={"state": "completed"})
    (after,) = emulator.calls

    assert (state, after.state, after.disconnect_cause) == ("answered", "disconnected", "hangup")
    assert (before.call_id, before.to, before.from_) == (call_id, "+19195551234", "+19195554321")
    assert (before.application_id, before.answer_url) == (
        "04e88489-df02-4e34-a0ee-27a91849555f",
        "https://app.example/answer",
    )
    assert (before.tag, before.request["callTimeout"]) == ("t", 30.0)


async def test_the_settings_say_who_may_enter(http: ClientSession) -> None:
    """Account, user and client are settings."""
    settings: dict[str, Any] = {"account": "7", "username": "u", "password": "p", "clock": lambda: NOW}
    async with Emulator(**settings) as emulator:
        own = await ask(http, "GET", calls_url(emulator), headers={"Authorization": "Basic dTpw"})
        other = await ask(http, "GET", calls_url(emulator))

    assert (own.status, other.status) == (200, 401)


@pytest.mark.parametrize(
    "settings",
    [
        {"port": 65536},
        {"port": -1},
        {"calls": -1},
        {"calls": 100_000_001},
        {"lag": -0.1},
        {"lag": float("nan")},
        {"lag": float("inf")},
        {"token_lifetime": 0},
        {"calls_per_second": 0},
        {"concurrent_calls": 0},
        {"keep_requests": 0},
        {"account": ""},
        {"account": "a/b"},
        {"username": "a:b"},
        {"client_id": "a:b"},
        {"host": ""},
        {"forbidden_username": "guest"},
        {"forbidden_password": "secret"},
    ],
)
def test_senseless_settings_are_refused(settings: dict[str, Any]) -> None:
    """A `ValueError` names the setting."""
    with pytest.raises(ValueError, match=next(iter(settings))):
        Emulator(**settings)


@pytest.mark.parametrize("settings", [{"port": "80"}, {"calls": 1.5}, {"no_webhooks": "no"}, {"account": 9900000}])
def test_settings_of_the_wrong_type_are_refused(settings: dict[str, Any]) -> None:
    """A `TypeError` names the setting."""
    with pytest.raises(TypeError, match=next(iter(settings))):
        Emulator(**settings)


def test_secrets_are_not_shown() -> None:
    """The text of an emulator has no password in it."""
    emulator = Emulator(
        password="hidden-1", client_secret="hidden-2", forbidden_username="g", forbidden_password="hidden-3"
    )

    assert "hidden" not in repr(emulator)
