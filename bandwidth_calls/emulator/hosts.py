"""Names and addresses of this machine."""

from __future__ import annotations

import ipaddress
import re
import socket

_WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to
# Addresses for documentation (RFC 5737, RFC 3849): no packet is sent to them.
_ELSEWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}


def is_loopback(host: str) -> bool:
    """Return whether a host, as a URL names it, is this machine by its loopback interface, in any spelling."""
    host = host.lower().removesuffix(".")
    if re.fullmatch(r"(.+\.)?localhost", host):
        return True
    address = _address(host)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address is not None and address.is_loopback


def is_wildcard(host: str) -> bool:
    """Return whether a host is the address of every interface. Who connects to it connects to this machine."""
    address = _address(host)
    return address is not None and address.is_unspecified


def outside_address(host: str) -> str:
    """Return the address by which other machines reach what listens on a wildcard; any other host is itself.

    It is that of the interface to other networks. Without one, it is the loopback address.
    """
    if host not in _WILDCARDS:
        return host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((_ELSEWHERE[family], 9))  # of a datagram socket this only chooses the interface
            found: str = probe.getsockname()[0]
        except OSError:
            return "::1" if family == socket.AF_INET6 else "127.0.0.1"
    return found


def host_and_port(host: str, port: int | None) -> str:
    """Return both as a URL has them, such as `[::1]:8080`. For aiohttp a port may be None, which no URL's is."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))  # such as 127.1, which connects too
    except (OSError, ValueError):
        return None
