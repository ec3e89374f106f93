"""Where an address given from outside may lead: never into the network that this process lives in."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from ..errors import InvalidInput, PlacketError

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""Addresses through which IPv6-only networks reach IPv4 (RFC 6052): they are judged by the IPv4 address within."""

_TUNNELS: Final = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "::/96",  # IPv4-compatible, and with it the unspecified address and loopback
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b:1::/48",  # NAT64 of a local network (RFC 8215)
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "fec0::/10",  # site-local
    )
)
_SHARED: Final = tuple(
    ipaddress.IPv4Network(network)
    for network in ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4")
)

_NUMBER_LIKE: Final = re.compile(r"(?:0x[0-9a-f]*|\d+)", re.IGNORECASE)


HOW_TO_TRUST = "an operator who trusts the host lists it in http.trusted_hosts"


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, so that nothing of ours can be behind it."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
        if any(found in network for network in _TUNNELS):
            return False
    elif any(found in network for network in _SHARED):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


class BlockedAddressError(OSError):
    """A host resolved to an address that may not be asked. An OSError, as aiohttp expects of a resolver."""


class GuardedResolver(AbstractResolver):
    """Resolves names for the connector and drops every address that is not public.

    The addresses it returns are the ones that are connected to, so a name that changes its answer between a check and
    the connection (DNS rebinding) gains nothing.
    """

    def __init__(self, trusted_hosts: Collection[str], inner: AbstractResolver | None = None) -> None:
        self._trusted = trusted_hosts
        self._inner = inner or ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        """The addresses of ``host``; `BlockedAddressError` when one of them is not public."""
        found = await self._inner.resolve(host, port, family)
        if not is_trusted(host, port, self._trusted):
            for result in found:
                if not is_public(result["host"]):
                    # One bad address spoils the name: which of them is used is not ours to choose.
                    raise BlockedAddressError(f"{host} leads to the blocked address {result['host']}; {HOW_TO_TRUST}")
        return found

    async def close(self) -> None:
        """Close the resolver within."""
        await self._inner.close()


def checked_url(url: str | URL, ports: Collection[int], trusted_hosts: Collection[str]) -> URL:
    """``url`` if it may be asked at all; `InvalidInput` says why not.

    What is checked is the object that aiohttp is given afterwards: no two parsers can read one address differently.
    """
    try:
        found = URL(url)
        host, port = found.raw_host or "", found.port or 0
    except ValueError:
        raise InvalidInput("this is not a web address") from None
    if found.scheme not in {"http", "https"} or not host:
        raise InvalidInput("only http and https addresses are fetched")
    if found.raw_user is not None or found.raw_password is not None:
        raise InvalidInput("an address with a user name or password in it is not fetched")
    if is_trusted(host, port, trusted_hosts):
        return found
    if port not in ports:
        allowed = ", ".join(map(str, ports))
        raise InvalidInput(f"port {port} of {host} is a blocked address; allowed are {allowed}; {HOW_TO_TRUST}")
    _check_literal(host)
    return found


def is_trusted(host: str, port: int, trusted_hosts: Collection[str]) -> bool:
    """Whether the operator has listed exactly this ``host``, or ``host:port``."""
    name = host.lower()
    return name in trusted_hosts or f"{name}:{port}" in trusted_hosts


def _check_literal(host: str) -> None:
    """Refuse a host written as a number: literal addresses never reach the resolver.

    The C library also reads ``2130706433``, ``0x7f.1`` and ``0177.0.0.1`` as addresses; no public site is written so,
    and they are refused for their form.
    """
    bare = host.partition("%")[0]
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        if _NUMBER_LIKE.fullmatch(bare.rstrip(".").rpartition(".")[2]):
            raise InvalidInput(f"{host} is a blocked address: numeric addresses are written as 192.0.2.1") from None
        return
    if not is_public(host):
        raise InvalidInput(f"{host} is a blocked address: it is not part of the public internet; {HOW_TO_TRUST}")


def refusal_of(error: BaseException | None) -> PlacketError | None:
    """The refusal hidden in an error of aiohttp, which wraps what a resolver raises."""
    while error is not None:
        if isinstance(error, BlockedAddressError):
            return InvalidInput(f"{error}: it is not part of the public internet; see trusted_hosts")
        error = getattr(error, "os_error", None) or error.__cause__ or error.__context__
    return None
