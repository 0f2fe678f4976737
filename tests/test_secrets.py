"""No secret shows where Python prints values: in reprs, in help, and in the local variables of a traceback."""

from __future__ import annotations

import asyncio
import base64
import importlib
import pkgutil
import pydoc
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from support.moved_clock import until
from support.raw_server import never
from support.scripted_api import MakeClient, ScriptedApi

import bandwidth_calls
from bandwidth_calls import (
    BandwidthClient,
    BasicCredentials,
    ClientCredentials,
    CreateCall,
    Token,
    UpdateCall,
    bxml,
    emulator,
    webhooks,
)
from bandwidth_calls.emulator.delivery.courier import Endpoint, Webhook
from bandwidth_calls.emulator.engine.requests import CallRequest
from bandwidth_calls.environment import read_environment
from bandwidth_calls.transport.request import Attempt, Request
from bandwidth_calls.transport.tokens import FixedAuthorizer

PATH = "/accounts/9900000/calls"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://app.example/"
SECRET = "hush-hush"
ENCODED = base64.b64encode(f"user:{SECRET}".encode()).decode()
CLIENT, USER = ClientCredentials("user", SECRET), BasicCredentials("user", SECRET)
LOGIN: dict[str, Any] = {
    "username": "user",
    "password": SECRET,
    "fallback_username": "user",
    "fallback_password": SECRET,
}
ENVIRONMENT = {"BW_ACCOUNT_ID": "1", "BW_CLIENT_ID": "user", "BW_CLIENT_SECRET": SECRET}
CALL: dict[str, Any] = {"application_id": "a", "answer_url": URL, "answer_fallback_url": URL, **LOGIN}


def placed_call() -> CallRequest:
    """Return what the emulator reads of a createCall."""
    hook = Webhook(Endpoint(URL, username="user", password=SECRET))
    return CallRequest(
        to="+19195551234",
        from_="+19195554321",
        application_id="a",
        answer=hook,
        disconnect=hook,
        call_timeout=30.0,
        callback_timeout=15.0,
        priority=5,
        tag=None,
        detection=None,
        body=CALL,
    )


HOLDERS: dict[str, Callable[[], Any]] = {
    "client of credentials": lambda: BandwidthClient("1", CLIENT),
    "client of a user": lambda: BandwidthClient("1", USER),
    "ClientCredentials": lambda: CLIENT,
    "BasicCredentials": lambda: USER,
    "Token": lambda: Token(SECRET, NOW),
    "environment": lambda: read_environment(ENVIRONMENT),
    "FixedAuthorizer": lambda: FixedAuthorizer(USER.login),
    "Attempt": lambda: Attempt(USER.login, lambda: NOW, 1),
    "Request": lambda: Request("POST", URL, "POST /", SECRET.encode()),
    "CreateCall": lambda: CreateCall(to="+19195551234", from_="+19195554321", **CALL),
    "UpdateCall": lambda: UpdateCall(redirect_url=URL, redirect_fallback_url=URL, **LOGIN),
    "Redirect": lambda: bxml.Redirect(redirect_url=URL, **LOGIN),
    "Webhooks": lambda: webhooks.Webhooks("user", SECRET),
    "CallRequest": placed_call,
    "Emulator": lambda: emulator.Emulator(client_secret=SECRET, password=SECRET),
}
MODULES = (bandwidth_calls, bxml, emulator, webhooks)
PUBLIC = {f"{module.__name__}.{name}": getattr(module, name) for module in MODULES for name in module.__all__}
WITH_FIELDS = [thing for thing in PUBLIC.values() if isinstance(thing, type) and attrs.has(thing)]
INNER = [
    thing
    for found in pkgutil.walk_packages(bandwidth_calls.__path__, "bandwidth_calls.")
    if not found.name.endswith("__main__")
    for thing in vars(importlib.import_module(found.name)).values()
    if isinstance(thing, type) and attrs.has(thing) and thing.__module__ == found.name
]


def locals_of(error: BaseException | None) -> str:
    """Return the local variables that a traceback shows, of an error and of what led to it, but for the test's own."""
    shown = ""
    while error is not None:
        stack = traceback.TracebackException.from_exception(error, capture_locals=True).stack
        shown += repr([frame.locals for frame in stack if "/tests/" not in frame.filename])
        error = error.__cause__ or error.__context__
    return shown


@pytest.mark.parametrize("name", HOLDERS)
def test_what_holds_a_secret_does_not_show_it(name: str) -> None:
    """A secret is in no repr, text or format, neither as it is nor encoded."""
    holder = HOLDERS[name]()

    shown = f"{holder!r} {holder!s} {holder} {[holder]} {getattr(holder, '_sender', None)!r}"

    assert SECRET not in shown
    assert ENCODED not in shown


def test_every_field_of_a_secret_is_left_out_of_the_repr() -> None:
    """Of every class, public or not, whatever is named after a secret is not printed."""
    secrets = [
        (kind, field)
        for kind in {*WITH_FIELDS, *INNER}
        for field in attrs.fields(kind)
        if field.name.endswith(("password", "secret"))
    ]

    assert [f"{kind.__name__}.{field.name}" for kind, field in secrets if field.repr] == []
    assert len(secrets) > 30


def test_help_does_not_print_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No signature has the variables of the environment, which `help` would print."""
    monkeypatch.setenv("DATABASE_PASSWORD", SECRET)

    pages = {name: pydoc.render_doc(thing) for name, thing in PUBLIC.items()}

    assert [name for name, page in pages.items() if SECRET in page] == []
    assert len(pages) > 100


def test_the_header_of_a_request_shows_no_credentials() -> None:
    """A header prints as stars wherever it lies, also in the dict that `attrs.asdict` makes of its holder."""
    shown = repr([USER.login, attrs.asdict(Attempt(USER.login, lambda: NOW, 1))])

    assert shown.count("*****") == 2
    assert ENCODED not in shown


@pytest.mark.parametrize("auth", ["token", "user"])
async def test_a_request_that_is_given_up_shows_no_credentials(
    api: ScriptedApi, make_client: MakeClient, auth: str
) -> None:
    """The traceback of a timeout leads into the exchange, whose local variables have the header."""
    client = make_client(auth=USER if auth == "user" else None)
    api.otherwise = never
    waiting = asyncio.create_task(client.request("GET", PATH))
    await until(lambda: api.requests)

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await waiting

    for secret in (SECRET, ENCODED, "token-1"):
        assert secret not in locals_of(caught.value)
