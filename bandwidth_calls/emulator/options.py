"""The emulator's settings: keywords in Python, flags on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs
from attrs import field
from attrs.validators import and_, ge, gt, instance_of, le, lt, matches_re, optional

if TYPE_CHECKING:
    from collections.abc import Callable

_text = and_(instance_of(str), matches_re(r"[^\x00-\x1f]+"))
# A colon in a name could not be told from the one that ends it (RFC 7617, 2).
_name = and_(instance_of(str), matches_re(r"[^:\x00-\x1f]+"))


def _whole(least: int, most: int) -> Callable[[object, attrs.Attribute[int], int], None]:
    return and_(instance_of(int), ge(least), le(most))


def _flag(text: str, kind: type = str, **more: object) -> dict[str, object]:
    """What the command line needs to know of a setting."""
    return {"help": text, "type": kind, **more}


def _number(least: Callable[[object, attrs.Attribute[float], float], None]) -> list[Callable[..., None]]:
    return [instance_of((int, float)), least, lt(1e9)]


def _pairs_of_origins(_: object, attribute: attrs.Attribute[list[str]], value: list[str]) -> None:
    if not isinstance(value, list):
        raise TypeError(f"{attribute.name} must be a list: {value!r}")
    for pair in value:
        if len(origins := str(pair).split("=")) != 2 or not all(map(_is_origin, origins)):
            raise ValueError(f"{attribute.name} must be like https://app.example.com=http://127.0.0.1:8000: {pair!r}")


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and text == f"{parts.scheme}://{parts.netloc}" and bool(parts.hostname)


@attrs.define(kw_only=True, eq=False, slots=False)
class Options:
    """What can be set; `python -m bandwidth_calls.emulator --help` explains each."""

    host: str = field(default="127.0.0.1", validator=_text, metadata=_flag("address to listen on"))
    port: int = field(
        default=0, validator=_whole(0, 65535), metadata=_flag("port to listen on; 0 picks one", int, default=8080)
    )
    account: str = field(
        default="9900000",
        validator=and_(instance_of(str), matches_re(r"[A-Za-z0-9_-]+")),
        metadata=_flag("the account that exists; any other is 403"),
    )
    client_id: str = field(default="client-id", validator=_name, metadata=_flag("OAuth2 client id"))
    client_secret: str = field(
        default="client-secret", repr=False, validator=_text, metadata=_flag("OAuth2 client secret")
    )
    username: str = field(default="user", validator=_name, metadata=_flag("user of Basic authentication"))
    password: str = field(
        default="password", repr=False, validator=_text, metadata=_flag("password of Basic authentication")
    )
    forbidden_username: str | None = field(
        default=None,
        validator=optional(_name),
        metadata=_flag("user, and client id, that is valid but gets 403 for every account"),
    )
    forbidden_password: str | None = field(
        default=None, repr=False, validator=optional(_text), metadata=_flag("password of the forbidden user")
    )
    past_calls: int = field(
        default=0,
        alias="calls",
        validator=_whole(0, 100_000_000),
        metadata=_flag("so many past calls can be listed", int),
    )
    lag: float = field(
        default=0.0,
        validator=[instance_of((int, float)), ge(0), lt(1e9)],
        metadata=_flag("seconds for which a new call cannot be read, though it can be updated", float),
    )
    token_lifetime: int = field(
        default=3600, validator=_whole(1, 10**9), metadata=_flag("seconds for which a token is valid", int)
    )
    no_webhooks: bool = field(
        default=False,
        validator=instance_of(bool),
        metadata=_flag("answer calls at once, and call nobody and no application", bool),
    )
    calls_per_second: int | None = field(
        default=None,
        validator=optional(_whole(1, 10**9)),
        metadata=_flag("so many calls may be created within a second; no limit", int),
    )
    dequeue_rate: float | None = field(
        default=None,
        validator=optional(_number(gt(0))),
        metadata=_flag("so many calls leave the queue a second, which holds 300 s of them; at once", float),
    )
    concurrent_calls: int | None = field(
        default=None,
        validator=optional(_whole(1, 10**9)),
        metadata=_flag("so many calls may be up at once; no limit", int),
    )
    keep_requests: int = field(
        default=10_000, validator=_whole(1, 10**9), metadata=_flag("so many requests are kept to look at", int)
    )
    keep_timelines: int = field(
        default=10_000, validator=_whole(1, 10**9), metadata=_flag("so many ended calls keep their timelines", int)
    )
    compress: bool = field(
        default=False,
        validator=instance_of(bool),
        metadata=_flag("compress answers of listCalls for clients that accept it", bool),
    )
    moved_clock: bool = field(
        default=False,
        validator=instance_of(bool),
        metadata=_flag("let time stand still but when it is advanced, from the first day of 2026 on", bool),
    )
    speed: float = field(
        default=1.0, validator=_number(gt(0)), metadata=_flag("let the clock run so many times as fast", float)
    )
    seed: int | None = field(
        default=None,
        validator=optional(instance_of(int)),
        metadata=_flag("make ids the same every time; random, but 0 with a moved clock", int),
    )
    inbound_url: str | None = field(
        default=None, validator=optional(_text), metadata=_flag("where the application takes inbound calls")
    )
    status_url: str | None = field(
        default=None,
        validator=optional(_text),
        metadata=_flag("where the application is told that an inbound call is over"),
    )
    map: list[str] = field(
        factory=list,
        validator=_pairs_of_origins,
        metadata=_flag(
            "ORIGIN=ORIGIN: call the second for the first; of others only loopback is called", action="append"
        ),
    )
    send_credentials: bool = field(
        default=False,
        validator=instance_of(bool),
        metadata=_flag("send the credentials of webhooks at once, and not only when challenged", bool),
    )
    no_fallback_on_error: bool = field(
        default=False,
        validator=instance_of(bool),
        metadata=_flag("use fallback URLs only where no reply comes, not upon a status that is an error", bool),
    )
    characters_per_second: float = field(
        default=15.0, validator=_number(gt(0)), metadata=_flag("how fast is spoken", float)
    )
    audio_seconds: float = field(
        default=5.0, validator=_number(ge(0)), metadata=_flag("how long PlayAudio takes", float)
    )
    barrier: bool = field(
        default=False,
        validator=instance_of(bool),
        metadata=_flag(
            "with a moved clock, send the webhooks of one moment together: the same order, and faster", bool
        ),
    )
    patience: float = field(
        default=5.0,
        validator=_number(gt(0)),
        metadata=_flag("how many real seconds a reply may hold the moved clock", float),
    )
