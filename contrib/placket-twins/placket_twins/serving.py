"""Serving an aiohttp application on this machine, at a given port or at one that the system chooses."""

from __future__ import annotations

import ipaddress

from aiohttp import web

from placket.errors import InvalidInput

LOOPBACK = "127.0.0.1"


def is_loopback(host: str) -> bool:
    """Whether an address or name can only be reached from this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class LoopbackSite:
    """One application at one port. Reachable from this machine only, unless ``host`` says otherwise."""

    def __init__(self, app: web.Application, host: str = LOOPBACK, port: int = 0) -> None:
        self._app = app
        self._host = host
        self._wanted = port
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def authority(self) -> str:
        """``127.0.0.1:PORT``, once started."""
        if self._runner is None:
            raise RuntimeError("nothing is served yet: enter the context manager first")
        shown = LOOPBACK if self._host in ("0.0.0.0", "::", "") else self._host  # noqa: S104 - compared, not bound
        return f"[{shown}]:{self._port}" if ":" in shown else f"{shown}:{self._port}"

    async def start(self) -> None:
        """Begin to serve; raises InvalidInput when the port is taken or the host is not of this machine."""
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=1.0)
        try:
            await self._runner.setup()
            site = web.TCPSite(self._runner, self._host, self._wanted)
            await site.start()
        except OSError as error:
            await self.stop()
            raise InvalidInput(
                f"cannot serve at {self._host}:{self._wanted}: {error.strerror or error}; choose another port or host"
            ) from error
        except BaseException:
            await self.stop()
            raise
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop serving; connections still open are cut after a second."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
