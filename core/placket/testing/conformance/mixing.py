"""Check: calls that run at once get their own answers."""

from __future__ import annotations

import asyncio
from typing import Any

from msgspec.structs import replace

from ...errors import PlacketError
from ...field_names import field_names
from ...interfaces import Effect, operations_of
from ...record import Claim
from ..faults import FaultKind
from .answers import parts_of
from .samples import usable_operations
from .stand import Stand, Subject
from .violation import NotApplicable, Violation, require

DIFFERENT = 8
"""So many different questions are asked, each of them several times at once."""


async def keeps_apart(subject: Subject, operation: str) -> None:
    """Calls at once (64, where the samples say nothing else) are answered as they are one after another."""
    at_once = subject.samples.at_once
    async with subject.open() as stand:
        different = min(DIFFERENT, at_once)
        questions = [await subject.samples.arguments(operation, stand, number) for number in range(different)]
        expected = [_said(await stand.perform(operation, question)) for question in questions]
        if len({str(each) for each in expected}) < 2:
            raise NotApplicable(f"{operation} is answered alike whatever is asked: have the server answer by its input")
        if stand.place.server is not None:
            # Some answers come late, so that they overtake one another.
            stand.place.server.faults.add(FaultKind.LATENCY, seconds=3.0, rate=0.3)
            stand.place.server.faults.add(FaultKind.LATENCY, seconds=1.0, rate=0.3)
        answers = await asyncio.gather(
            *(_answer(stand, operation, questions[number % different]) for number in range(at_once))
        )
        for number, answer in enumerate(answers):
            require(
                answer == expected[number % different],
                f"{at_once} calls of {operation} at once: one got {answer}, and alone it gets "
                f"{expected[number % different]}",
            )
        if stand.place.server is not None:
            stand.place.server.faults.clear()
        await subject.samples.clean_up(stand)


async def _answer(stand: Stand, operation: str, question: tuple[Any, ...]) -> Any:
    try:
        return _said(await stand.perform(operation, question))
    except PlacketError as error:
        raise Violation(f"of many calls of {operation} at once, one failed with {error}") from error


def _said(result: Any) -> Any:
    """What an answer says, without when and in which exchange."""
    said = []
    for part in parts_of(result):
        if isinstance(part, Claim):
            said.append(replace(part, source=replace(part.source, request_id=""), observed_at=None).id)
        elif isinstance(part, str | int | float):
            said.append(str(part))
        elif not isinstance(part, list | tuple | dict) and not field_names(part):
            said.append(repr(part))
        elif hasattr(part, "provider") and hasattr(part, "kind"):
            said.append(str(part))
    return sorted(said)


def reading_operations(kind: Any, interface: Any) -> list[str]:
    """The operations whose answers can be compared: they change nothing, and hand out one thing."""
    declared = operations_of(interface)
    return [
        name
        for name in usable_operations(kind, interface)
        if (declared[name].effect is Effect.READ or name == "tag") and not declared[name].streams
    ]
