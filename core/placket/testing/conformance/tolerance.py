"""Check: a vendor that changes its answers on a Friday does not bring the provider down."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from ...errors import PlacketError
from ...interfaces import Effect, operations_of
from .answers import claims_in, examine
from .changes import EVERYWHERE, ONE_BY_ONE, Path, paths_of
from .stand import Stand, Subject
from .violation import NotApplicable, Violation, require

MOST = 120
"""So many places of an answer are changed, one at a time."""


async def tolerates(subject: Subject, operation: str, change: str) -> None:
    """An operation copes with one kind of change in the vendor's answers."""
    async with subject.open() as stand:
        if change in EVERYWHERE:
            await _unnoticed(subject, stand, operation, change)
        else:
            await _no_crash(subject, stand, operation, change)
        await subject.samples.clean_up(stand)


async def _unnoticed(subject: Subject, stand: Stand, operation: str, change: str) -> None:
    arguments = await subject.samples.arguments(operation, stand, 1)
    proper = await stand.perform(operation, arguments)
    arguments = await subject.samples.arguments(operation, stand, 2)
    with _rewriting(stand, EVERYWHERE[change]):
        try:
            changed = await stand.perform(operation, arguments)
        except Exception as error:
            raise Violation(f"{operation} with {change}: raises {type(error).__name__}: {error}") from error
    examine(stand, operation, changed)
    lost = {claim.field for claim in claims_in(proper)} - {claim.field for claim in claims_in(changed)}
    require(not lost, f"{operation} with {change}: nothing is said any more about {', '.join(sorted(lost))}")


async def _no_crash(subject: Subject, stand: Stand, operation: str, change: str) -> None:
    places: dict[Path, None] = {}

    def collect(document: Any) -> Any:
        places.update(dict.fromkeys(paths_of(document)))
        return document

    arguments = await subject.samples.arguments(operation, stand, 1)
    with _rewriting(stand, collect):
        await stand.perform(operation, arguments)
    if not places:
        raise NotApplicable(f"{operation} is answered without JSON objects")
    declared = operations_of(stand.interface)[operation]
    looks_up = declared.effect is Effect.READ and (declared.by_ref or declared.streams)
    for number, place in enumerate(list(places)[:MOST], 2):
        # What is already there can be looked up again; a list must not grow with each look at it.
        if not looks_up:
            arguments = await subject.samples.arguments(operation, stand, number)
        with _rewriting(stand, _at(place, ONE_BY_ONE[change])):
            try:
                result = await stand.perform(operation, arguments)
            except PlacketError:
                continue
            except Exception as error:
                where = ".".join(place)
                raise Violation(
                    f"{operation} with {change} at {where}: raises {type(error).__name__}: {error}; take the answer as "
                    "it comes, or raise answer.protocol_error(...)"
                ) from error
        examine(stand, operation, result)


def _at(place: Path, change: Callable[[Any, Path], Any]) -> Callable[[Any], Any]:
    return lambda document: change(document, place)


@contextmanager
def _rewriting(stand: Stand, change: Callable[[Any], Any]) -> Any:
    def rewrite(_request: Any, document: Any) -> Any:
        return change(document)

    stand.server.rewrites.append(rewrite)
    try:
        yield
    finally:
        stand.server.rewrites.remove(rewrite)
