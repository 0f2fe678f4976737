"""The settings of a client that stand in environment variables."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from bandwidth_calls import checks
from bandwidth_calls.auth import BasicCredentials, ClientCredentials
from bandwidth_calls.wire import BaseUrl

# Before `voice.` and `api.bandwidth.com`. No document promises the hosts of `test` and `uat`; Bandwidth's own CLI has
# them in its code.
_PREFIXES = {"prod": "", "test": "test.", "uat": "test."}
_VOICE_PATH = "/api/v2"
_TOKEN_PATH = "/api/v1/oauth2/token"  # noqa: S105 - an address, not a credential


@attrs.frozen
class Settings:
    """What a client needs to know, read and checked."""

    account_id: str
    auth: ClientCredentials | BasicCredentials
    base_url: str
    allow_http: bool


def read_environment(environ: Mapping[str, str]) -> Settings | ValueError:
    """Return the settings, or the error for what is missing or wrong.

    The error is returned, since a traceback from here would show the environment to tools that print local variables.
    """
    try:
        return _settings(environ)
    except ValueError as error:
        return ValueError(str(error))


def _settings(environ: Mapping[str, str]) -> Settings:
    by_username = not environ.get("BW_CLIENT_ID") and environ.get("BW_USERNAME")
    login = ("BW_USERNAME", "BW_PASSWORD") if by_username else ("BW_CLIENT_ID", "BW_CLIENT_SECRET")
    needed = ("BW_ACCOUNT_ID", *login)
    if missing := [name for name in needed if not environ.get(name)]:
        raise ValueError(f"{', '.join(missing)}: not set in the environment")
    account_id, name, secret = (environ[name] for name in needed)
    environment = environ.get("BW_ENVIRONMENT") or "prod"
    checks.one_of("BW_ENVIRONMENT", environment, tuple(_PREFIXES))
    prefix, allow_http = _PREFIXES[environment], environ.get("BW_ALLOW_HTTP") == "1"
    auth: ClientCredentials | BasicCredentials
    if by_username:
        auth = BasicCredentials(name, secret)
    else:
        auth = ClientCredentials(name, secret, token_url=_token_url(environ, prefix, allow_http))
    return Settings(account_id, auth, _voice_url(environ, prefix, allow_http), allow_http)


def _voice_url(environ: Mapping[str, str], prefix: str, allow_http: bool) -> str:
    value = environ.get("BW_VOICE_URL") or f"https://{prefix}voice.bandwidth.com"
    base = BaseUrl.parse("BW_VOICE_URL", value, allow_http=allow_http)
    return base.origin + (base.path or _VOICE_PATH)


def _token_url(environ: Mapping[str, str], prefix: str, allow_http: bool) -> str:
    if url := environ.get("BW_TOKEN_URL"):
        BaseUrl.parse("BW_TOKEN_URL", url, allow_http=allow_http)
        return url
    value = environ.get("BW_API_URL") or f"https://{prefix}api.bandwidth.com"
    base = BaseUrl.parse("BW_API_URL", value, allow_http=allow_http)
    if base.path:
        raise ValueError("BW_API_URL: must be an origin such as https://api.bandwidth.com, without a path")
    return base.origin + _TOKEN_PATH
