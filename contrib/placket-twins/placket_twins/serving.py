"""Serving an aiohttp application on this machine, at a given port or at one that the system chooses."""

from __future__ import annotations

import ipaddress
import logging
from typing import Any

from aiohttp import web
from aiohttp.http import HttpProcessingError

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


def is_from_here(request: web.Request) -> bool:
    """Whether a request comes from this machine, and not by a foreign name that points to it (DNS rebinding)."""
    try:
        host = request.url.host or ""
    except ValueError:
        # The header Host may be anything.
        return False
    return is_loopback(request.remote or "") and is_loopback(host)


class _ServerLog(logging.LoggerAdapter[logging.Logger]):
    """The log of aiohttp's server. What is no HTTP, and who goes in the middle of it, is no fault with a traceback."""

    def exception(self, msg: object, *args: object, exc_info: Any = True, **more: Any) -> None:
        if isinstance(exc_info, HttpProcessingError | ConnectionError):
            self.debug(f"{msg}: {type(exc_info).__name__}", *args)
        else:
            super().exception(msg, *args, exc_info=exc_info, **more)


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
        self._runner = web.AppRunner(
            self._app,
            access_log=None,
            shutdown_timeout=1.0,
            logger=_ServerLog(logging.getLogger("aiohttp.server")),
        )
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
