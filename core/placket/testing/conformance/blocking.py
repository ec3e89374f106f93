"""Calls that hold up the event loop, and with it every other call: refused where a provider makes them."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from ...interfaces import current_call
from .violation import Violation

_STREAMS = (socket.AF_INET, socket.AF_INET6)


@contextmanager
def refuse_blocking() -> Iterator[None]:
    """Raise Violation where a provider's call sleeps, or connects a socket that waits, on the event loop.

    These are certain, and no clock is asked: a slow machine is never taken for a slow provider. In threads, both are
    allowed. What a provider catches is raised again at the end.
    """
    seen: list[Violation] = []

    def refuse(what: str, instead: str) -> None:
        call = current_call.get()
        if call is None or not _on_an_event_loop():
            return
        violation = Violation(
            f"{call.operation} holds up the event loop, and every other call with it: {what}; use {instead}, or "
            "asyncio.to_thread"
        )
        seen.append(violation)
        raise violation

    def sleep(seconds: Any, sleep: Callable[[Any], None] = time.sleep) -> None:
        if seconds:
            refuse(f"time.sleep({seconds!r})", "the sleep of context.clock")
        sleep(seconds)

    def guarded(method: str) -> Callable[..., Any]:
        original = getattr(socket.socket, method)

        def connect(self: socket.socket, address: Any) -> Any:
            if self.gettimeout() != 0 and self.family in _STREAMS and self.type == socket.SOCK_STREAM:
                try:
                    refuse(f"a client that is not async connects to {address[0]}:{address[1]}", "context.http")
                except Violation:
                    self.close()  # clients do it for an OSError alone
                    raise
            return original(self, address)

        return connect

    with (
        patch.object(time, "sleep", sleep),
        patch.object(socket.socket, "connect", guarded("connect")),
        patch.object(socket.socket, "connect_ex", guarded("connect_ex")),
    ):
        try:
            yield
        except Exception:
            if seen:
                raise seen[0] from None
            raise
    if seen:
        raise seen[0]


def _on_an_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
