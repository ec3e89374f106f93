"""A route: a strategy over targets, which are providers or other routes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from attrs import define, frozen

from ..interfaces.findings import Findings
from ..interfaces.operation import Combine
from ..record.claim import Claim
from .request import Reply, Request
from .strategies import First, RunMode, Strategy
from .target import ProviderTarget, Target

IN_ORDER: Strategy = First()


@frozen
class Difference:
    """How a shadow's answer differs from the one that the caller got: the fields on which they disagree."""

    operation: str
    answered: str
    shadow: str
    fields: tuple[str, ...]
    error: str = ""


@define(eq=False)
class Route:
    """Calls its targets the way its strategy says. ``deadline`` (seconds) can only shorten the call's own."""

    name: str
    strategy: Strategy
    targets: Sequence[Target]
    deadline: float | None = None
    spawn: Callable[[Coroutine[Any, Any, None]], None] | None = None
    """Keeps a task alive that outlives the call: shadows run in it."""
    on_difference: Callable[[Difference], None] | None = None

    def providers(self) -> Sequence[ProviderTarget]:
        """Every provider that could be asked, in order."""
        return tuple(provider for target in self.targets for provider in target.providers())

    async def ask(self, request: Request) -> Reply:
        """Ask by the strategy. Bad input and unknown outcomes come back as they are, other failures as a group."""
        if self.deadline is not None:
            request = request.derived(deadline=request.deadline.sooner(self.deadline))
        strategy = self.strategy
        targets = strategy.order(self.targets, request)
        if strategy.mode is RunMode.TOGETHER and request.operation.combine is not Combine.SINGLE:
            replies = await self._together(targets, request)
        elif strategy.mode is RunMode.FIRST_WINS and request.may_fan_out:
            replies = await self._race(targets, request)
        elif strategy.mode is RunMode.FIRST_ANSWERS and request.may_fan_out:
            return await self._beside(targets, request)
        else:
            in_order = strategy if strategy.mode is RunMode.IN_ORDER else IN_ORDER
            replies = await self._in_order(in_order, targets, request)
            return in_order.decide(request, replies)
        return strategy.decide(request, replies)

    async def _in_order(self, strategy: Strategy, targets: Sequence[Target], request: Request) -> list[Reply]:
        replies: list[Reply] = []
        for target in targets:
            question = strategy.question(target, request, replies)
            if question is None:
                continue
            reply = await target.ask(question)
            replies.append(reply)
            if not strategy.goes_on(reply, request):
                break
        return replies

    async def _together(self, targets: Sequence[Target], request: Request) -> Sequence[Reply]:
        return await asyncio.gather(*(target.ask(request) for target in targets))

    async def _race(self, targets: Sequence[Target], request: Request) -> list[Reply]:
        running = [asyncio.ensure_future(target.ask(request)) for target in targets]
        replies: list[Reply] = []
        try:
            for finished in asyncio.as_completed(running):
                replies.append(await finished)
                if not self.strategy.goes_on(replies[-1], request):
                    break
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        return replies

    async def _beside(self, targets: Sequence[Target], request: Request) -> Reply:
        first, *shadows = targets
        answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        for shadow in shadows:
            if self.spawn is not None:
                self.spawn(self._compare(shadow, request, answered))
        try:
            reply = await first.ask(request)
        except BaseException:
            answered.cancel()
            raise
        answered.set_result(reply)
        return self.strategy.decide(request, [reply])

    async def _compare(self, shadow: Target, request: Request, answered: asyncio.Future[Reply]) -> None:
        # A list of its own: the caller's attempts are handed out before a slow shadow is done.
        aside = request.derived()
        aside.attempts = []
        reply = await shadow.ask(aside)
        if answered.cancelled():
            return
        first = await asyncio.shield(answered)
        if self.on_difference is not None:
            self.on_difference(
                Difference(
                    request.operation.name,
                    first.target,
                    reply.target,
                    _differing_fields(first.value, reply.value),
                    str(reply.error) if reply.error is not None else "",
                )
            )


def _differing_fields(first: Any, second: Any) -> tuple[str, ...]:
    if not isinstance(first, Findings) or not isinstance(second, Findings):
        return () if first == second else ("*",)
    ours, theirs = _values(first.claims), _values(second.claims)
    return tuple(sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)))


def _values(claims: Sequence[Claim]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for claim in claims:
        if claim.is_evidence:
            found.setdefault(claim.field, []).append(repr(claim.value))
    return {name: sorted(values) for name, values in found.items()}
