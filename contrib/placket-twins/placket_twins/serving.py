"""Serving an aiohttp application on loopback, at a port that the system chooses."""

from __future__ import annotations

from aiohttp import web

LOOPBACK = "127.0.0.1"


class LoopbackSite:
    """One application at one port of this machine, reachable from nowhere else."""

    def __init__(self, app: web.Application) -> None:
        self._app = app
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def authority(self) -> str:
        """``127.0.0.1:PORT``, once started."""
        if self._runner is None:
            raise RuntimeError("nothing is served yet: enter the context manager first")
        return f"{LOOPBACK}:{self._port}"

    async def start(self) -> None:
        """Begin to serve."""
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, 0)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop serving; connections still open are cut after a second."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
