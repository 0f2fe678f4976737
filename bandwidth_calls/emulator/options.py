"""The emulator's settings: keywords in Python, flags on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs
from attrs import field
from attrs.validators import and_, deep_iterable, instance_of, optional

from bandwidth_calls.emulator import rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from bandwidth_calls.emulator.rules import Rule

    Validator = Callable[[Any, attrs.Attribute[Any], Any], None]

# A larger value is surely a mistake: 10**9 seconds are 31 years.
_LARGEST = 10**9
_HTTP = ("http", "https")
_WEBSOCKET = ("ws", "wss")


def _obeys(rule: Rule) -> Validator:
    """Return a validator that raises a `ValueError` with the name of the setting."""

    def validate(_: object, attribute: attrs.Attribute[object], value: object) -> None:
        rules.read_named(attribute.alias or attribute.name, rule, value)

    return validate


def _origins(value: object) -> str:
    """A rule: two origins joined by `=`, both for HTTP or both for WebSockets."""
    pair = rules.text()(value)
    origins = pair.split("=")
    if len(origins) != 2 or not any(all(_is_origin(origin, of) for origin in origins) for of in (_HTTP, _WEBSOCKET)):
        raise ValueError(
            "must be like https://app.example.com=http://127.0.0.1:8000 or wss://app.example.com=ws://127.0.0.1:8000: "
            f"{pair!r}"
        )
    return pair


def _is_origin(text: str, schemes: tuple[str, ...]) -> bool:
    parts = urlsplit(text)
    return parts.scheme in schemes and text == f"{parts.scheme}://{parts.netloc}" and bool(parts.hostname)


def _whole(least: int, most: int) -> Validator:
    return and_(instance_of(int), _obeys(rules.whole(least, most)))


def _number(rule: Rule) -> Validator:
    return and_(instance_of((int, float)), _obeys(rule))


def _matching(pattern: str, what: str) -> Validator:
    return and_(instance_of(str), _obeys(rules.matching(pattern, what)))


def _flag(text: str, kind: type = str, **more: object) -> dict[str, object]:
    """Return what the command line needs to know about a setting."""
    return {"help": text, "type": kind, **more}


_text = _matching(r"[^\x00-\x1f]+", "text without control characters")
# The first colon ends the name in Basic authentication (RFC 7617, 2).
_name = _matching(r"[^:\x00-\x1f]+", "text without colons and control characters")
_count = _whole(1, _LARGEST)
_seconds = _number(rules.number(0, _LARGEST))
_factor = _number(rules.positive(_LARGEST))
_boolean = instance_of(bool)


@attrs.define(kw_only=True, eq=False, slots=False)
class Options:
    """The settings. `python -m bandwidth_calls.emulator --help` explains each."""

    host: str = field(default="127.0.0.1", validator=_text, metadata=_flag("address to listen on"))
    allow_host: list[str] = field(
        factory=list,
        validator=deep_iterable(
            _matching(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", "a host name without a port"), instance_of(list)
        ),
        metadata=_flag(
            "NAME by which requests may call this emulator, beside loopback names and Bandwidth's own; may be repeated "
            "(default: none)",
            action="append",
        ),
    )
    port: int = field(
        default=0,
        validator=_whole(0, 65535),
        metadata=_flag("port to listen on; 0 picks a free one", int, default=8080),
    )
    account: str = field(
        default="9900000",
        validator=_matching(r"[A-Za-z0-9_-]+", "letters, digits, hyphens and underscores"),
        metadata=_flag("id of the only account; any other gets 403"),
    )
    client_id: str = field(default="client-id", validator=_name, metadata=_flag("client id for OAuth2"))
    client_secret: str = field(
        default="client-secret", repr=False, validator=_text, metadata=_flag("client secret for OAuth2")
    )
    username: str = field(default="user", validator=_name, metadata=_flag("username for Basic authentication"))
    password: str = field(
        default="password", repr=False, validator=_text, metadata=_flag("password for Basic authentication")
    )
    forbidden_username: str | None = field(
        default=None,
        validator=optional(_name),
        metadata=_flag("valid username and client id that get 403 for every account (default: none)"),
    )
    forbidden_password: str | None = field(
        default=None,
        repr=False,
        validator=optional(_text),
        metadata=_flag("password of the forbidden username (default: none)"),
    )
    past_calls: int = field(
        default=0,
        alias="calls",
        validator=_whole(0, 100_000_000),
        metadata=_flag("number of past calls that can be listed", int),
    )
    lag: float = field(
        default=0.0,
        validator=_seconds,
        metadata=_flag("seconds until a new call can be read; it can be updated before", float),
    )
    token_lifetime: int = field(
        default=3600, validator=_count, metadata=_flag("seconds for which a token is valid", int)
    )
    no_webhooks: bool = field(
        default=False,
        validator=_boolean,
        metadata=_flag("answer each call at once, play nothing, and send no webhooks", bool),
    )
    calls_per_second: int | None = field(
        default=None,
        validator=optional(_count),
        metadata=_flag("most calls created per second (default: no limit)", int),
    )
    dequeue_rate: float | None = field(
        default=None,
        validator=optional(_factor),
        metadata=_flag(
            "calls that leave the queue per second; the queue holds 300 s of them (default: each leaves at once)", float
        ),
    )
    concurrent_calls: int | None = field(
        default=None,
        validator=optional(_count),
        metadata=_flag("most calls that are up at the same time (default: no limit)", int),
    )
    keep_requests: int = field(
        default=10_000, validator=_count, metadata=_flag("number of newest requests that are kept", int)
    )
    keep_request_bytes: int = field(
        default=2**24, validator=_count, metadata=_flag("memory of the requests that are kept, in bytes, about", int)
    )
    keep_timelines: int = field(
        default=10_000, validator=_count, metadata=_flag("number of ended calls whose timelines are kept", int)
    )
    compress: bool = field(
        default=False,
        validator=_boolean,
        metadata=_flag("compress responses to listCalls for clients that accept it", bool),
    )
    moved_clock: bool = field(
        default=False,
        validator=_boolean,
        metadata=_flag("start the clock at 2026-01-01 and stop it; only a test moves it", bool),
    )
    speed: float = field(
        default=1.0, validator=_factor, metadata=_flag("factor by which the clock runs faster than real time", float)
    )
    seed: int | None = field(
        default=None,
        validator=optional(instance_of(int)),
        metadata=_flag("seed of the ids, for the same ids in each run (default: random; 0 with a moved clock)", int),
    )
    inbound_url: str | None = field(
        default=None,
        validator=optional(_text),
        metadata=_flag("URL where the application takes inbound calls (default: none)"),
    )
    status_url: str | None = field(
        default=None,
        validator=optional(_text),
        metadata=_flag("URL for the disconnect events of inbound calls (default: none)"),
    )
    map: list[str] = field(
        factory=list,
        validator=deep_iterable(_obeys(_origins), instance_of(list)),
        metadata=_flag(
            "PUBLIC=LOCAL, two origins: call the second for URLs of the first, https://...=http://... for webhooks and "
            "audio, wss://...=ws://... for media streams; may be repeated (default: only loopback hosts are called)",
            action="append",
        ),
    )
    send_credentials: bool = field(
        default=False,
        validator=_boolean,
        metadata=_flag("send the credentials of webhooks at once, not only after a 401 challenge", bool),
    )
    no_fallback_on_error: bool = field(
        default=False,
        validator=_boolean,
        metadata=_flag("use fallback URLs only if no reply comes, not for an error status", bool),
    )
    completed_with_redirect: bool = field(
        default=False,
        validator=_boolean,
        metadata=_flag("take a redirectUrl together with the state completed, and ignore it, instead of a 400", bool),
    )
    characters_per_second: float = field(
        default=15.0, validator=_factor, metadata=_flag("speed of speech, in characters per second", float)
    )
    audio_seconds: float = field(
        default=5.0,
        validator=_seconds,
        metadata=_flag("duration of a PlayAudio that is no WAV, or that is not on this machine, in seconds", float),
    )
    end_on_missing_audio: bool = field(
        default=False,
        validator=_boolean,
        metadata=_flag("end a call whose PlayAudio cannot be fetched, instead of going on with a problem", bool),
    )
    partial_results: bool = field(
        default=False,
        validator=_boolean,
        metadata=_flag("send a partialGather event for each word that the far end says to a Gather", bool),
    )
    barrier: bool = field(
        default=False,
        validator=_boolean,
        metadata=_flag("with a moved clock, send webhooks of the same moment together: same order, but faster", bool),
    )
    patience: float = field(
        default=5.0,
        validator=_factor,
        metadata=_flag(
            "longest wait for a reply with a moved clock, and for a media stream to be read, in real seconds", float
        ),
    )
