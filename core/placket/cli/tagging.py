"""Tagging pictures for the command line: several at a time, results in the order of the pictures."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from ..app import open as open_router
from ..errors import InvalidInput, PlacketError
from ..interfaces import Attempt, Image
from ..jobs.router import CONCURRENCY
from .text import amount

if TYPE_CHECKING:
    from ..config import Config
    from ..routing import Router, Tagged

AHEAD = 4
"""How many times as many as are tagged at a time may be finished before the first of them: a slow one does not hold up
the others at once."""

STDIN = "-"


def nothing_piped() -> bool:
    """Whether stdin is a terminal, or closed."""
    return sys.stdin is None or sys.stdin.isatty()


def image_of(photo: str) -> Image:
    """The picture that an argument names: a path, a URL, or ``-`` for stdin."""
    if photo != STDIN:
        return Image.of(photo)
    if nothing_piped():
        raise InvalidInput("- reads a picture from stdin, and nothing is piped into it: placket tag - < photo.jpg")
    return Image.of(sys.stdin.buffer)


async def tag_each(
    config: str | Config | None, photos: Sequence[str], known: Mapping[str, Any], concurrency: int = CONCURRENCY
) -> AsyncGenerator[tuple[str, Tagged | PlacketError]]:
    """Give each picture with what it was tagged as, or with why not; raises ConfigError before the first one."""
    if photos.count(STDIN) > 1:
        raise InvalidInput("- stands for stdin, which can be read once")
    async with open_router(config) as router:
        running: deque[tuple[str, asyncio.Task[Tagged | PlacketError]]] = deque()
        gate = asyncio.Semaphore(concurrency)
        waiting = iter(photos)
        try:
            while True:
                while len(running) < AHEAD * concurrency and (photo := next(waiting, None)) is not None:
                    running.append((photo, asyncio.ensure_future(_tag(router, photo, known, gate))))
                if not running:
                    return
                photo, task = running[0]
                tagged = await task
                running.popleft()
                yield photo, tagged
        finally:
            for _, task in running:
                task.cancel()
            await asyncio.gather(*(task for _, task in running), return_exceptions=True)


async def tag_one(config: str | None, photo: str) -> Tagged:
    """Tag one picture; raises what stands in the way."""
    async with aclosing(tag_each(config, [photo], {})) as results:
        _, tagged = await anext(results)
    if isinstance(tagged, PlacketError):
        raise tagged
    return tagged


async def _tag(router: Router, photo: str, known: Mapping[str, Any], gate: asyncio.Semaphore) -> Tagged | PlacketError:
    async with gate:
        try:
            return await router.tag_with_evidence(image_of(photo), known=known)
        except PlacketError as error:
            return error


def attempt_to_json(attempt: Attempt) -> dict[str, Any]:
    """One attempt as JSON; times in seconds, the cost as text so that no digit is lost."""
    document: dict[str, Any] = {
        "provider": attempt.provider,
        "interface": attempt.interface,
        "operation": attempt.operation,
        "outcome": attempt.outcome.value,
        "started_after": round(attempt.started_after, 6),
        "seconds": round(attempt.seconds, 6),
        "waited": round(attempt.waited, 6),
        "exchanges": attempt.exchanges,
        "retries": attempt.retries,
        "request_ids": list(attempt.request_ids),
    }
    if attempt.cost is not None:
        document["cost"] = amount(attempt.cost)
    if attempt.error_type:
        document["error"] = {"type": attempt.error_type, "message": attempt.error}
    return document
