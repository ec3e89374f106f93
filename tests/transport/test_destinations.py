"""Which addresses may be asked."""

from __future__ import annotations

import pytest
from aiohttp.abc import AbstractResolver

from placket.errors import InvalidInput
from placket.transport.destination import BlockedAddressError, GuardedResolver, checked_url, is_public

PORTS = (80, 443, 8080, 8443)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "0.0.0.0",
        "0.1.2.3",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "192.88.99.1",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "::ffff:0:10.0.0.1",
        "2002:7f00:1::",
        "2002:0a00:1::1",
        "2001:0:53aa:64c:0:0:f5ff:fffe",
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "not an address",
        "",
    ],
)
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808"])
def test_addresses_that_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.0.0.1:8080/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.0.0.1./",
        "http://0/",
        "http://127。0。0。1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[fe80::1%25eth0]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://3232235777/",
        "http://8.8.8.8:25/",
        "http://example.com:6379/",
    ],
)
def test_literal_addresses_and_ports_that_are_blocked(url):
    with pytest.raises(InvalidInput, match="blocked address"):
        checked_url(url, PORTS, ())


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.com/x",
        "gopher://example.com",
        "data:text/plain,hi",
        "//example.com/x",
        "example.com/x.png",
        "http://",
        "http:///x",
        "http://[broken/",
        "http://user:hunter22@example.com/",
        "http://user@example.com/",
        "http://example.com\\@127.0.0.1/",
        "",
    ],
)
def test_addresses_that_are_not_fetched_at_all(url):
    with pytest.raises(InvalidInput) as caught:
        checked_url(url, PORTS, ())
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a.png?sig=1",
        "http://example.com:8080/",
        "https://8.8.8.8/x",
        "https://xn--bcher-kva.example/",
    ],
)
def test_ordinary_addresses(url):
    assert checked_url(url, PORTS, ()).host


def test_trusted_hosts_are_exact():
    trusted = ("media.internal", "127.0.0.1:9000")
    for url in ("http://media.internal:9999/x", "http://MEDIA.internal/x", "http://127.0.0.1:9000/x"):
        assert checked_url(url, PORTS, trusted)
    for url in ("http://127.0.0.1:9001/", "http://127.0.0.1/"):
        with pytest.raises(InvalidInput):
            checked_url(url, PORTS, trusted)


class Names(AbstractResolver):
    """A name server whose answers are set by the test, one list of addresses after the other."""

    def __init__(self, *answers):
        self.answers = list(answers)

    async def resolve(self, host, port=0, family=0):
        addresses = self.answers.pop(0)
        return [
            {"hostname": host, "host": address, "port": port, "family": family, "proto": 0, "flags": 0}
            for address in addresses
        ]

    async def close(self):
        self.answers.clear()


async def test_a_name_that_changes_its_address_is_caught_when_it_does():
    resolver = GuardedResolver((), Names(["93.184.216.34"], ["127.0.0.1"]))
    assert (await resolver.resolve("rebind.example", 80))[0]["host"] == "93.184.216.34"
    with pytest.raises(BlockedAddressError, match=r"127\.0\.0\.1"):
        await resolver.resolve("rebind.example", 80)


async def test_one_private_address_among_public_ones_is_enough():
    with pytest.raises(BlockedAddressError):
        await GuardedResolver((), Names(["93.184.216.34", "10.0.0.1"])).resolve("mixed.example", 80)


async def test_a_trusted_name_may_be_private():
    resolver = GuardedResolver({"media.internal"}, Names(["10.0.0.1"], ["10.0.0.1"]))
    assert await resolver.resolve("media.internal", 9000)
    with pytest.raises(BlockedAddressError):
        await resolver.resolve("evil.media.internal", 9000)
