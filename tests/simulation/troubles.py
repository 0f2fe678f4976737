"""The table of troubles, and which of them a seed meets."""

from __future__ import annotations

from collections.abc import Callable, Collection
from random import Random

Randoms = Callable[[str], Random]

TROUBLES: dict[str, str] = {
    # the network
    "slow_network": "bytes and connections take up to seconds",
    "fragments": "bytes arrive in small pieces",
    "cut_request": "a connection is reset at a random byte of what the client writes",
    "cut_answer": "a connection ends, is reset or falls silent at a random byte of what the service writes",
    "refused": "a connection is refused",
    "unreachable": "a connection is never made",
    "no_such_host": "a host name is not found, or the look-up takes long",
    "tls": "a TLS handshake fails or hangs, or the certificate is not to be trusted",
    "full_window": "the peer stops reading, for a while or for ever",
    # the service
    "slow": "an answer takes up to 40 seconds",
    "hang": "an answer never comes",
    "refusal": "any 4xx with any Retry-After; nothing was processed",
    "failure": "any 5xx with any Retry-After; it was processed or not",
    "timeout_answer": "408 to a request; it was processed or not",
    "redirect": "any 3xx; it was processed or not",
    "odd_success": "another 2xx than the documented one",
    "drop_before": "the connection ends before the request is processed",
    "drop_after": "the connection ends after the request was processed",
    "cut_body": "a body ends early",
    "stuck_body": "a body stops coming while the connection stays open",
    "html": "HTML in the place of JSON",
    "garbled": "an answer without its head, or with garbage before it",
    "echo": "an error that repeats the credentials",
    "drip": "a body in pieces, seconds apart",
    "close_after": "a kept connection is closed a moment after its answer",
    "close_idle": "an idle connection is closed after a while",
    "unasked_408": "408 on an idle connection, which may cross a request",
    "stray_answer": "a success on an idle connection that nobody asked for",
    "short_tokens": "tokens live for seconds",
    "revoked_tokens": "a token is refused before its time",
    # the users
    "cancel": "a user is cancelled at a random instant",
    "close": "the client is closed while it is used",
    "close_session": "the owner closes a borrowed session while it is used",
    "few_connections": "a pool of one to three connections",
    "short_total": "a total shorter than many answers take",
    "short_read": "a read timeout shorter than many answers take",
    "short_connect": "a connect timeout shorter than many connections take",
    "pauses": "a reader of a listing pauses between items",
    "eager": "users ask without a pause on few connections, and have a short total",
    # media
    "cut_media": "media break off behind their head",
    "media_only": "users read nothing but media and the list of recordings",
}

# Troubles that are no excuse for an error, and in how many seeds they are met: eager users take much time.
_HARMLESS = {
    "few_connections": 0.3,
    "pauses": 0.3,
    "eager": 0.03,
    "fragments": 0.1,
    "short_tokens": 0.1,
    "media_only": 0.15,
}
_LIKELY = {**_HARMLESS, "cut_media": 0.5}
# Troubles of kept connections: a GET that may be sent again survives them.
_OF_KEPT = ("close_after", "close_idle", "unasked_408", "stray_answer")
# Which share of the other troubles, and of those of kept connections, a seed meets: many, few or none.
_SHARES = ((0.0, 0.0), (0.0, 0.4), (0.1, 0.1), (0.2, 0.2), (0.2, 0.2), (0.3, 0.3), (0.4, 0.4), (0.4, 0.4))


def source(seed: int, name: str) -> Random:
    """Make the source of randomness of one part of a seed, so that no part disturbs another."""
    return Random(f"{seed} {name}")


class Troubles:
    """The troubles of one seed, each with its probability. Every seed meets a random few of them."""

    def __init__(self, random: Random, without: Collection[str] = ()) -> None:
        share, of_kept = random.choice(_SHARES)
        self.probability: dict[str, float] = {}
        for name in TROUBLES:
            likely = _LIKELY.get(name, of_kept if name in _OF_KEPT else share)
            met, probability = random.random() < likely, random.choice((0.05, 0.2, 0.5))
            self.probability[name] = probability if met and name not in without else 0.0

    def happens(self, name: str, random: Random) -> bool:
        """Whether a trouble happens now. One number is drawn in any case, so a switch moves no other choice."""
        return random.random() < self.probability[name]

    def met(self, name: str) -> bool:
        """Whether the seed meets this trouble at all."""
        return self.probability[name] > 0

    @property
    def harmless(self) -> bool:
        """Whether nothing hinders the service from answering in time."""
        return all(name in _HARMLESS for name in TROUBLES if self.met(name))

    @property
    def harmless_for_reads(self) -> bool:
        """Whether nothing hinders the service from answering a GET that is sent again within its total."""
        return not self.met("eager") and all(
            name in _HARMLESS or name in _OF_KEPT for name in TROUBLES if self.met(name)
        )

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:g}" for name, value in self.probability.items() if value) or "none"
