"""Names and addresses of this machine, in every spelling."""

from __future__ import annotations

import socket

import pytest

from bandwidth_calls.emulator.hosts import is_loopback, is_wildcard, outside_address


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "app.localhost",
        "localhost.",
        "127.0.0.1",
        "127.9.9.9",
        "127.1",
        "0x7f.1",
        "::1",
        "[::1]",
    ],
)
def test_loopback_in_every_spelling(host: str) -> None:
    """Whatever a connection to it reaches is this machine."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "localhost.example", "10.0.0.1", "0.0.0.0", "::", "evil", "1.1.1.1."])
def test_what_is_not_loopback(host: str) -> None:
    """Neither other names nor other addresses are."""
    assert not is_loopback(host)


@pytest.mark.parametrize(("host", "expected"), [("0.0.0.0", True), ("::", True), ("0", True), ("127.0.0.1", False)])
def test_wildcards(host: str, expected: bool) -> None:
    """Who connects to a wildcard reaches this machine."""
    assert is_wildcard(host) is expected


def test_a_wildcard_has_an_address_for_others() -> None:
    """It is an address that can be connected to; any other host is itself."""
    assert not is_wildcard(outside_address("0.0.0.0"))
    assert outside_address("localhost") == "localhost"


@pytest.mark.parametrize(("host", "expected"), [("0.0.0.0", "127.0.0.1"), ("::", "::1")])
def test_without_a_network_only_loopback_is_left(host: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any other interface has no way to other networks."""

    def unreachable(*_: object) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", unreachable)

    assert outside_address(host) == expected
