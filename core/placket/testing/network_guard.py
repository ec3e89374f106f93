"""Tests that cannot reach the network: only this machine's own loopback is open.

For all tests of a plugin, in its ``conftest.py``; the fixture comes with Placket's pytest plugin::

    @pytest.fixture(autouse=True)
    def only_loopback(network_guard):
        pass

Whatever connects, sends or looks up a name elsewhere is refused there and then, and fails the test at its end too, so
that code which takes the refusal for an ordinary failure of the network cannot hide it.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class NetworkUsed(AssertionError):
    """A test tried to reach something beyond loopback."""


@contextmanager
def only_loopback() -> Iterator[list[str]]:
    """Refuse every connection, datagram and name lookup beyond loopback; gives the list of what was refused."""
    refused: list[str] = []

    def check(what: str, allowed: bool) -> None:
        if not allowed:
            refused.append(what)
            raise NetworkUsed(f"this test tried to {what}; tests reach nothing beyond loopback")

    def guarded(method: str, address_of: Callable[[tuple[Any, ...]], Any]) -> Callable[..., Any]:
        original = getattr(socket.socket, method)

        def call(self: socket.socket, *arguments: Any) -> Any:
            address = address_of(arguments)
            host = address[0] if isinstance(address, tuple) else address
            here = self.family not in (socket.AF_INET, socket.AF_INET6) or address is None
            check(f"{method} to {host}", here or _is_loopback(host))
            return original(self, *arguments)

        return call

    def looked_up(name: str) -> Callable[..., Any]:
        original = getattr(socket, name)

        def call(host: Any, *arguments: Any, **options: Any) -> Any:
            # An address that is one already is only read, and no packet leaves: connecting to it is what is refused.
            check(f"look up {host!r}", host in (None, "", b"") or _is_loopback(host) or _is_address(host))
            return original(host, *arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for method in ("connect", "connect_ex"):
            patch.setattr(socket.socket, method, guarded(method, lambda arguments: arguments[0]))
        patch.setattr(socket.socket, "sendto", guarded("sendto", lambda arguments: arguments[-1]))
        patch.setattr(socket.socket, "sendmsg", guarded("sendmsg", lambda given: given[3] if len(given) > 3 else None))
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            patch.setattr(socket, name, looked_up(name))
        yield refused


def guarded() -> Iterator[None]:
    """What the fixture does around a test."""
    with only_loopback() as refused:
        yield
    if refused:
        pytest.fail(f"this test tried to {', '.join(refused)}; tests reach nothing beyond loopback")


@pytest.fixture
def network_guard() -> Iterator[None]:
    """The same fixture, to be imported where the plugin is switched off."""
    yield from guarded()


def _text(host: Any) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)


def _parsed(host: Any) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(_text(host).partition("%")[0])
    except ValueError:
        return None


def _is_address(host: Any) -> bool:
    return _parsed(host) is not None


def _is_loopback(host: Any) -> bool:
    address = _parsed(host)
    if address is None:
        name = _text(host).lower().rstrip(".")
        return name == "localhost" or name.endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
