"""Tagging in bulk: garments stream in, outcomes stream out, and memory does not grow with their number."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

from attrs import frozen
from msgspec.structs import replace

from ..errors import InvalidInput
from ..interfaces import Attempt, Garment
from ..interfaces.garment import ImageSource
from ..record import GarmentRecord
from ..routing import Tagged
from .keeping import Keeper, identity_of, in_charge

Source = Garment | ImageSource | Iterable[ImageSource]
"""What names one garment: a picture, several, or a `Garment`."""

T = TypeVar("T")

_END = object()
_NAMESPACE = uuid.UUID("5d0c6a0e-5a6f-4e4c-9d53-6f5f0c1c8a11")
"""For ids that are made from pictures; drawn at random once, and never to change."""


@frozen
class Outcome:
    """What became of one garment: a record, or the error that stood in its way.

    ``source`` is what was given, as it was given; ``id`` the garment's id, empty when what was given names none.
    """

    source: Any
    id: str
    record: GarmentRecord | None = None
    error: Exception | None = None
    attempts: tuple[Attempt, ...] = ()


Tag = Callable[[Garment], Awaitable[Tagged]]


async def tag_many(
    tag: Tag,
    garments: Iterable[Source] | AsyncIterable[Source],
    *,
    known: Mapping[str, Any] | None,
    concurrency: int,
    new_keeper: Callable[[], Keeper | None],
) -> AsyncGenerator[Outcome]:
    """Tag at most ``concurrency`` garments at a time, and give each outcome as soon as it is there.

    ``new_keeper`` makes the keeper of one garment's jobs, where they are kept. Jobs that succeeded are noted as such
    when the caller comes back for the next outcome: it has the record then.
    """
    source = _stream(garments)
    pulling: asyncio.Task[Any] | None = None
    running: dict[asyncio.Task[Outcome], Keeper | None] = {}
    ended = False
    try:
        while True:
            if pulling is None and not ended and len(running) < concurrency:
                pulling = asyncio.create_task(_pull(source))
            waiting = {*running, pulling} if pulling is not None else set(running)
            if not waiting:
                return
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if pulling in done:
                item, pulling = pulling.result(), None
                ended = item is _END
                if not ended:
                    keeper = new_keeper()
                    with in_charge(keeper):
                        running[asyncio.create_task(_outcome(tag, item, known))] = keeper
            for task in [task for task in running if task in done]:
                keeper = running.pop(task)
                yield task.result()
                if keeper is not None:
                    await keeper.delivered()
    finally:
        unfinished = [*running, *([pulling] if pulling is not None else [])]
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)


async def _stream(garments: Iterable[Source] | AsyncIterable[Source]) -> AsyncIterator[Source]:
    if isinstance(garments, AsyncIterable):
        async for garment in garments:
            yield garment
    else:
        for garment in garments:
            yield garment


async def _pull(source: AsyncIterator[Source]) -> Any:
    return await anext(source, _END)


async def _outcome(tag: Tag, source: Source, known: Mapping[str, Any] | None) -> Outcome:
    garment: Garment | None = None
    try:
        garment = await identified(source, known)
        tagged = await tag(garment)
    except Exception as error:  # one garment's failure, whatever it is, must not end the others
        attempts = getattr(error, "attempts", ())
        return Outcome(source, garment.id if garment else "", error=error, attempts=tuple(attempts))
    return Outcome(source, garment.id, tagged.record, attempts=tagged.attempts)


async def identified(source: Source, known: Mapping[str, Any] | None = None) -> Garment:
    """The garment that ``source`` names. One that has no id gets one made from its pictures.

    The same pictures get the same id in every process, so that a job submitted for them is found again.
    """
    garment = Garment.of(source, known=known)
    if isinstance(source, Garment):
        return garment
    if not garment.images:
        raise InvalidInput("a garment needs a picture or an id")
    pictures = [await identity_of(item.image) for item in garment.images]
    return replace(garment, id=str(uuid.uuid5(_NAMESPACE, "\n".join(pictures))))
