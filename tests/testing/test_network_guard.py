from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from placket.testing.network_guard import NetworkUsed, only_loopback


def test_a_connection_beyond_loopback_is_refused_and_noted():
    with only_loopback() as refused, socket.socket() as client:
        with pytest.raises(NetworkUsed, match=r"192\.0\.2\.1"):
            client.connect(("192.0.2.1", 80))
        with pytest.raises(NetworkUsed):
            client.connect_ex(("192.0.2.1", 80))
    assert refused == ["connect to 192.0.2.1", "connect_ex to 192.0.2.1"]


@pytest.mark.parametrize("host", ["192.0.2.1", "example.com", "2001:db8::1", "::ffff:192.0.2.1"])
def test_a_datagram_beyond_loopback_is_refused(host):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with only_loopback(), socket.socket(family, socket.SOCK_DGRAM) as sender, pytest.raises(NetworkUsed):
        sender.sendto(b"hello", (host, 9))


@pytest.mark.parametrize(
    "look_up", [lambda: socket.getaddrinfo("example.com", 80), lambda: socket.gethostbyname("a.b")]
)
def test_a_name_lookup_is_refused(look_up):
    with only_loopback(), pytest.raises(NetworkUsed, match="look up"):
        look_up()


async def test_an_event_loop_is_guarded_too():
    with only_loopback() as refused:
        with pytest.raises(NetworkUsed):
            await asyncio.open_connection("example.com", 80)
        with pytest.raises(NetworkUsed):
            await asyncio.open_connection("192.0.2.1", 80)
    assert len(refused) == 2


async def test_loopback_and_unix_sockets_are_open(tmp_path):
    async def greet(_reader, writer):
        writer.write(b"hello")
        writer.close()
        await writer.wait_closed()

    with only_loopback() as refused:
        for host in ("127.0.0.1", "localhost"):
            server = await asyncio.start_server(greet, "127.0.0.1", 0)
            async with server:
                reader, writer = await asyncio.open_connection(host, server.sockets[0].getsockname()[1])
                assert await reader.read() == b"hello"
                writer.close()
                await writer.wait_closed()
        server = await asyncio.start_unix_server(greet, tmp_path / "s")
        async with server:
            reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
            assert await reader.read() == b"hello"
            writer.close()
            await writer.wait_closed()
    assert refused == []


def test_everything_is_as_before_afterwards():
    before = (socket.socket.connect, socket.getaddrinfo)
    with only_loopback():
        assert (socket.socket.connect, socket.getaddrinfo) != before
    assert (socket.socket.connect, socket.getaddrinfo) == before


def test_the_fixture_fails_a_test_that_swallows_the_refusal(tmp_path: Path):
    (tmp_path / "test_sly.py").write_text(
        "import contextlib, socket\n"
        "from placket.testing.network_guard import network_guard\n"
        "def test_sly(network_guard):\n"
        "    with contextlib.suppress(BaseException):\n"
        "        socket.create_connection(('192.0.2.1', 80))\n"
        "def test_honest(network_guard):\n"
        "    pass\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, timeout=50)
    assert done.returncode == 1
    assert "this test tried to connect to 192.0.2.1" in done.stdout
    assert "2 passed, 1 error" in done.stdout
