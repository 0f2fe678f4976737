"""What a person needs to begin with the emulator: the environment of an application, and a request that calls it."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

# Where the examples take calls, for an emulator that was started without `inbound_url`.
_INBOUND_URL = "http://127.0.0.1:3000/webhooks"
# Numbers that nobody has: 555-0100 to 555-0199 are reserved for fiction.
_NUMBERS = {"to": "+19195550100", "from": "+19195550123"}


class Running(Protocol):
    """A running emulator, as far as a person needs to know it."""

    client_id: str
    client_secret: str
    inbound_url: str | None

    @property
    def account_id(self) -> str:
        """The id of the only account."""

    @property
    def base_url(self) -> str:
        """The API's base URL."""

    @property
    def token_url(self) -> str:
        """The URL of the token endpoint."""

    @property
    def page_url(self) -> str:
        """The URL of the live page."""


def environment(emulator: Running) -> dict[str, str]:
    """Return the variables by which `BandwidthClient.from_env` and an application reach a running emulator."""
    return {
        "BW_ACCOUNT_ID": emulator.account_id,
        "BW_CLIENT_ID": emulator.client_id,
        "BW_CLIENT_SECRET": emulator.client_secret,
        "BW_VOICE_URL": emulator.base_url,
        "BW_TOKEN_URL": emulator.token_url,
    }


def export_lines(variables: Mapping[str, str]) -> str:
    """Return the variables as lines for a shell."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())


def inbound_curl(emulator: Running) -> str:
    """Return a line for a shell that makes somebody call the application."""
    body = json.dumps({**_NUMBERS, "url": emulator.inbound_url or _INBOUND_URL})
    return f"curl {emulator.page_url}_emulator/inbound -d {shlex.quote(body)}"
