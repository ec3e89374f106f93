"""The strategies: which targets of a route are asked, when the next one is, and what the replies come to.

A strategy decides and never calls anybody: `placket.routing.route` does the calling. Each is a run mode, the order of
the targets, what (if anything) to ask a target given the replies so far, whether to go on after a reply, and a pure
final decision.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from attrs import evolve, field, frozen

from ..errors import AllProvidersFailed, InvalidInput, Unsupported
from ..interfaces.findings import Findings
from ..interfaces.operation import Combine
from ..record.claim import Claim
from .fusion import fuse
from .request import Reply, Request
from .target import Target

UNSTATED_CONFIDENCE = 0.6
"""What a claim without a confidence counts as against a floor; the merge policies take the same."""


class RunMode(StrEnum):
    """How the targets of a route are asked."""

    IN_ORDER = "in order"
    TOGETHER = "together"
    FIRST_WINS = "together, the first good answer wins"
    FIRST_ANSWERS = "the first answers, the others run beside it"


@frozen
class Strategy:
    """The base: ask in order until one succeeds. Subclasses say where they differ."""

    name = "first"
    mode = RunMode.IN_ORDER

    def order(self, targets: Sequence[Target], request: Request) -> Sequence[Target]:  # noqa: ARG002
        """The targets in the order in which they are asked."""
        return targets

    def question(self, target: Target, request: Request, replies: Sequence[Reply]) -> Request | None:  # noqa: ARG002
        """What to ask a target, given the replies so far; None to leave it out."""
        return request

    def goes_on(self, reply: Reply, request: Request) -> bool:  # noqa: ARG002
        """Whether the next target is considered after this reply."""
        return reply.error is not None and not reply.is_final

    def decide(self, request: Request, replies: Sequence[Reply]) -> Reply:
        """What the replies come to: a value, or the failure of all."""
        return next((reply for reply in replies if reply.error is None), None) or failure(request, replies)

    def explain(self, targets: Sequence[str]) -> Iterable[str]:
        """For each target, when it is asked: what ``placket plan`` prints."""
        for position, _ in enumerate(targets):
            yield "always" if position == 0 else f"if {targets[position - 1]} fails"


@frozen
class First(Strategy):
    """In order, until one succeeds. Only classified failures move on: bad input and unknown outcomes do not."""


@frozen
class Complete(Strategy):
    """In order; the next is asked only for the fields that are still missing or below ``min_confidence``.

    ``fields`` are the fields wanted; None wants every field that any target declares.
    """

    name = "complete"
    min_confidence: float = 0.0
    fields: tuple[str, ...] | None = None

    def question(self, target: Target, request: Request, replies: Sequence[Reply]) -> Request | None:
        """Ask for what is missing and the target can tell; leave it out when that is nothing."""
        garment = request.garment
        if garment is None:
            return request
        asked_for = self.fields if self.fields is not None else garment.wanted
        able = _declared(target)
        missing = (able if asked_for is None else able & set(asked_for)) - self.settled(replies)
        if not missing:
            return None
        return request.derived(arguments=(evolve(garment, wanted=frozenset(missing)), *request.arguments[1:]))

    def settled(self, replies: Sequence[Reply]) -> set[str]:
        """The fields that somebody has answered surely enough."""
        best: dict[str, float] = {}
        for claim in _claims(replies):
            if claim.is_evidence:
                best[claim.name] = max(best.get(claim.name, 0.0), _sureness(claim))
        return {name for name, confidence in best.items() if confidence >= self.min_confidence}

    def goes_on(self, reply: Reply, request: Request) -> bool:
        """Until the targets are used up; where answers do not combine, until one succeeds."""
        if request.operation.combine is Combine.FINDINGS:
            return not reply.is_final
        return Strategy.goes_on(self, reply, request)

    def decide(self, request: Request, replies: Sequence[Reply]) -> Reply:
        """All that was found, together."""
        return combined(request, replies)

    def explain(self, targets: Sequence[str]) -> Iterable[str]:
        """The next only for what is missing."""
        unsure = f" or below {self.min_confidence:g}" if self.min_confidence else ""
        for position, _ in enumerate(targets):
            yield "always" if position == 0 else f"only for fields still missing{unsure}"


@frozen
class All(Strategy):
    """Together; whatever arrives before the deadline is combined, if at least ``min_success`` succeed."""

    name = "all"
    mode = RunMode.TOGETHER
    min_success: int = 1

    def decide(self, request: Request, replies: Sequence[Reply]) -> Reply:
        """All that arrived, together."""
        succeeded = sum(reply.error is None for reply in replies)
        return combined(request, replies) if succeeded >= self.min_success else failure(request, replies)

    def explain(self, targets: Sequence[str]) -> Iterable[str]:
        """Everybody."""
        return ("always, together" for _ in targets)


@frozen
class Race(Strategy):
    """Together; the first good answer wins and the others are cancelled.

    An answer is good when it says something, of which at least one thing is as sure as ``min_confidence``.
    """

    name = "race"
    mode = RunMode.FIRST_WINS
    min_confidence: float = 0.0

    def goes_on(self, reply: Reply, request: Request) -> bool:  # noqa: ARG002
        """Until somebody says something."""
        return reply.error is not None or _says_nothing(reply.value, self.min_confidence)

    def decide(self, request: Request, replies: Sequence[Reply]) -> Reply:
        """The answer that says something; else one that says nothing; else the failure of all."""
        winner = next((reply for reply in replies if not self.goes_on(reply, request)), None)
        return winner or Strategy.decide(self, request, replies)

    def explain(self, targets: Sequence[str]) -> Iterable[str]:
        """Everybody, until one wins."""
        return ("always, together; cancelled when another answers first" for _ in targets)


@frozen
class Balance(Strategy):
    """One target, chosen by weight among the healthy ones; the others, in turn, when it fails."""

    name = "balance"
    weights: Mapping[str, float] = field(factory=dict)
    choices: random.Random = field(factory=random.Random)

    def order(self, targets: Sequence[Target], request: Request) -> Sequence[Target]:
        """A weighted shuffle of those that can be asked now, then those that cannot."""
        healthy = [target for target in targets if self._can_be_asked(target, request)]
        rest = [target for target in targets if target not in healthy]
        ordered = []
        while healthy:
            weights = [self.weights.get(target.name, 1.0) for target in healthy]
            if not any(weights):
                break
            chosen = self.choices.choices(healthy, weights)[0]
            healthy.remove(chosen)
            ordered.append(chosen)
        return [*ordered, *healthy, *rest]

    @staticmethod
    def _can_be_asked(target: Target, request: Request) -> bool:
        return any(one.obstacle(request.interface, request.operation.name) is None for one in target.providers())

    def explain(self, targets: Sequence[str]) -> Iterable[str]:
        """By chance."""
        total = sum(self.weights.get(target, 1.0) for target in targets) or 1.0
        for target in targets:
            yield f"first in {self.weights.get(target, 1.0) / total:.0%} of calls, else if the others fail"


@frozen
class Shadow(Strategy):
    """The first target answers the caller; the others run beside it, and how their answers differ is recorded."""

    name = "shadow"
    mode = RunMode.FIRST_ANSWERS

    def goes_on(self, reply: Reply, request: Request) -> bool:  # noqa: ARG002 - the shadows never stand in
        """Never."""
        return False

    def explain(self, targets: Sequence[str]) -> Iterable[str]:
        """The first counts."""
        for position, _ in enumerate(targets):
            yield "always" if position == 0 else "always, beside it; its answer is compared and not used"


def combined(request: Request, replies: Sequence[Reply]) -> Reply:
    """The successful replies as one, in the operation's own way."""
    succeeded = [reply for reply in replies if reply.error is None]
    if not succeeded:
        return failure(request, replies)
    if len(succeeded) == 1 or request.operation.combine is Combine.SINGLE:
        return succeeded[0]
    values = {reply.target: reply.value for reply in succeeded}
    name = "+".join(values)
    if request.operation.combine is Combine.RANKED:
        return Reply(name, fuse(values))
    claims = tuple(claim for found in values.values() for claim in found.claims)
    return Reply(name, Findings(claims, {target: found.raw for target, found in values.items()}))


def failure(request: Request, replies: Sequence[Reply]) -> Reply:
    """The failure of all: the one that no other provider could have changed, or the group of every cause."""
    what = f"{request.interface}.{request.operation.name}"
    causes = [reply.error for reply in replies if reply.error is not None]
    final = [reply.error for reply in replies if reply.is_final]
    if final and (len(final) == len(causes) or not isinstance(final[0], InvalidInput)):
        return Reply(what, error=final[0])
    if not causes:
        return Reply(what, error=Unsupported(f"{what}: nobody on the route declares that it can say what is wanted"))
    count = f"all {len(causes)} providers" if len(causes) > 1 else "the only provider"
    return Reply(what, error=AllProvidersFailed(f"{what}: {count} asked failed", causes, request.attempts))


def _claims(replies: Sequence[Reply]) -> Iterable[Claim]:
    return (claim for reply in replies if isinstance(reply.value, Findings) for claim in reply.value.claims)


def _declared(target: Target) -> set[str]:
    return {
        name for provider in target.providers() for name, level in provider.capabilities.fields.items() if level.usable
    }


def _sureness(claim: Claim) -> float:
    return UNSTATED_CONFIDENCE if claim.confidence is None else claim.confidence


def _says_nothing(value: Any, min_confidence: float) -> bool:
    if isinstance(value, Findings):
        return not any(claim.is_evidence and _sureness(claim) >= min_confidence for claim in value.claims)
    return not getattr(value, "hits", True)
