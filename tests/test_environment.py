"""Clients made of environment variables: what is read, what is missing, and what is never shown."""

from __future__ import annotations

import traceback

import pytest
from support.scripted_api import ScriptedApi

from bandwidth_calls import BandwidthClient, BasicCredentials, ClientCredentials
from bandwidth_calls.emulator import Emulator
from bandwidth_calls.environment import Settings, read_environment

ENVIRONMENT = {"BW_ACCOUNT_ID": "9900000", "BW_CLIENT_ID": "client-id", "BW_CLIENT_SECRET": "client-secret"}


def settings(**variables: str) -> Settings:
    """Read an environment that is complete, with these variables added."""
    read = read_environment({**ENVIRONMENT, **variables})
    assert isinstance(read, Settings)
    return read


def urls(**variables: str) -> tuple[str, str]:
    """Return the base URL and the token URL of an environment that is complete, with these variables added."""
    read = settings(**variables)
    assert isinstance(read.auth, ClientCredentials)
    return read.base_url, read.auth.token_url


async def test_a_client_can_be_made_of_the_environment(api: ScriptedApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables say account, credentials and addresses."""
    for name, value in {**ENVIRONMENT, "BW_VOICE_URL": api.base_url, "BW_TOKEN_URL": api.token_url}.items():
        monkeypatch.setenv(name, value)

    async with BandwidthClient.from_env() as client:
        await client.request("GET", "/accounts/9900000/calls")

    assert api.authorizations == ["Bearer token-1"]


async def test_two_origins_are_enough_for_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """`BW_VOICE_URL` and `BW_API_URL` may be the origins that Bandwidth's own CLI takes."""
    async with Emulator(no_webhooks=True) as emulator:
        origin = emulator.base_url.removesuffix("/api/v2")
        for name, value in {**ENVIRONMENT, "BW_VOICE_URL": origin, "BW_API_URL": origin}.items():
            monkeypatch.setenv(name, value)

        async with BandwidthClient.from_env() as client:
            listed = [call async for call in client.calls.list_calls()]

    assert listed == []


def test_the_environment_may_hold_a_username() -> None:
    """Without a client id, username and password serve."""
    environ = {"BW_ACCOUNT_ID": "1", "BW_CLIENT_ID": "", "BW_USERNAME": "u", "BW_PASSWORD": "p"}

    read = read_environment(environ)

    assert read == Settings("1", BasicCredentials("u", "p"), "https://voice.bandwidth.com/api/v2", allow_http=False)


def test_plain_http_is_allowed_by_a_variable() -> None:
    """`BW_ALLOW_HTTP=1` permits plain http beyond loopback hosts."""
    environ = {**ENVIRONMENT, "BW_VOICE_URL": "http://gateway.example", "BW_TOKEN_URL": "http://gateway.example/token"}

    client = BandwidthClient.from_env({**environ, "BW_ALLOW_HTTP": "1"})

    assert repr(client) == "<BandwidthClient of account 9900000 at http://gateway.example>"


@pytest.mark.parametrize(("environment", "prefix"), [("", ""), ("prod", ""), ("test", "test."), ("uat", "test.")])
def test_an_environment_has_its_hosts(environment: str, prefix: str) -> None:
    """Production is the default; `test` and `uat` share their hosts."""
    assert urls(BW_ENVIRONMENT=environment) == (
        f"https://{prefix}voice.bandwidth.com/api/v2",
        f"https://{prefix}api.bandwidth.com/api/v1/oauth2/token",
    )


def test_the_default_hosts_are_those_of_a_client() -> None:
    """An environment without addresses leads to where a client without settings leads."""
    base_url, token_url = urls()

    client = BandwidthClient("9900000", ClientCredentials("client-id", "client-secret"), base_url=base_url)

    assert repr(client) == repr(BandwidthClient("9900000", BasicCredentials("u", "p")))
    assert token_url == ClientCredentials("client-id", "client-secret").token_url


@pytest.mark.parametrize(
    ("voice_url", "base_url"),
    [
        ("https://gateway.example", "https://gateway.example/api/v2"),
        ("https://gateway.example/", "https://gateway.example/api/v2"),
        ("https://gateway.example:8443", "https://gateway.example:8443/api/v2"),
        ("https://gateway.example/voice/api/v2/", "https://gateway.example/voice/api/v2"),
    ],
)
def test_a_voice_url_without_a_path_gets_that_of_the_api(voice_url: str, base_url: str) -> None:
    """An origin alone gets `/api/v2`; a path that is there stays."""
    assert urls(BW_VOICE_URL=voice_url)[0] == base_url


@pytest.mark.parametrize(
    ("variables", "token_url"),
    [
        ({"BW_API_URL": "https://api.example"}, "https://api.example/api/v1/oauth2/token"),
        ({"BW_API_URL": "https://api.example:8443/"}, "https://api.example:8443/api/v1/oauth2/token"),
        ({"BW_API_URL": "https://api.example", "BW_ENVIRONMENT": "test"}, "https://api.example/api/v1/oauth2/token"),
        ({"BW_API_URL": "https://api.example", "BW_TOKEN_URL": "https://t.example/x"}, "https://t.example/x"),
    ],
)
def test_an_address_wins_over_what_says_less(variables: dict[str, str], token_url: str) -> None:
    """`BW_TOKEN_URL` wins over `BW_API_URL`, and both over `BW_ENVIRONMENT`."""
    assert urls(**variables)[1] == token_url


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"BW_ENVIRONMENT": "staging"}, "BW_ENVIRONMENT: must be one of prod, test, uat"),
        ({"BW_ENVIRONMENT": "PROD"}, "BW_ENVIRONMENT"),
        ({"BW_VOICE_URL": "voice.bandwidth.com"}, "BW_VOICE_URL"),
        ({"BW_VOICE_URL": "http://gateway.example"}, "BW_VOICE_URL: must use https.*BW_ALLOW_HTTP=1"),
        ({"BW_API_URL": "https://api.example/api/v1"}, "BW_API_URL: must be an origin"),
        ({"BW_API_URL": "http://api.example"}, "BW_API_URL: must use https"),
        ({"BW_TOKEN_URL": "http://api.example/token"}, "BW_TOKEN_URL: must use https"),
        ({"BW_ACCOUNT_ID": "../x"}, "account_id"),
        ({"BW_CLIENT_SECRET": "hush\n"}, "client_secret"),
    ],
)
def test_a_variable_that_makes_no_sense_is_named(variables: dict[str, str], named: str) -> None:
    """A wrong value is a ValueError that names where it is wrong."""
    with pytest.raises(ValueError, match=f"^{named}"):
        BandwidthClient.from_env({**ENVIRONMENT, **variables})


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({}, "BW_ACCOUNT_ID, BW_CLIENT_ID, BW_CLIENT_SECRET"),
        ({"BW_ACCOUNT_ID": ""}, "BW_ACCOUNT_ID, BW_CLIENT_ID, BW_CLIENT_SECRET"),
        ({"BW_ACCOUNT_ID": "1"}, "BW_CLIENT_ID, BW_CLIENT_SECRET"),
        ({"BW_ACCOUNT_ID": "1", "BW_CLIENT_ID": "a"}, "BW_CLIENT_SECRET"),
        ({"BW_ACCOUNT_ID": "1", "BW_USERNAME": "a"}, "BW_PASSWORD"),
        ({"BW_USERNAME": "a"}, "BW_ACCOUNT_ID, BW_PASSWORD"),
        ({"BW_CLIENT_SECRET": "a"}, "BW_ACCOUNT_ID, BW_CLIENT_ID"),
        ({"BW_ACCOUNT_ID": "1", "BW_CLIENT_ID": "a", "BW_USERNAME": "u", "BW_PASSWORD": "p"}, "BW_CLIENT_SECRET"),
    ],
)
def test_all_variables_that_are_missing_are_named_at_once(environ: dict[str, str], missing: str) -> None:
    """What is not set is told by its name, everything in one error."""
    with pytest.raises(ValueError, match=f"^{missing}: not set"):
        BandwidthClient.from_env(environ)


@pytest.mark.parametrize("variables", [{}, {**ENVIRONMENT, "BW_CLIENT_SECRET": "hush\n"}], ids=["missing", "wrong"])
@pytest.mark.parametrize("passed", [True, False], ids=["passed", "not passed"])
def test_a_traceback_with_locals_does_not_print_the_environment(
    variables: dict[str, str], passed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tools that print the local variables of a failure find no variable of the environment there."""
    environ = {**variables, "DATABASE_PASSWORD": "hush"}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ValueError, match=r"BW_|client_secret") as caught:
        BandwidthClient.from_env(environ if passed else None)

    _, *ours = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
    assert ours
    assert "hush" not in repr([frame.locals for frame in ours])
