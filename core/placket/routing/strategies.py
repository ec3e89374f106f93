"""The strategies: which targets of a route are asked, when the next one is, and what the replies come to.

A strategy decides and never calls anybody: `placket.routing.route` does the calling. Each is a run mode, the
operations that it can serve, the order of the targets, what (if anything) to ask a target given the replies so far,
whether to go on after a reply, and a pure final decision.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from attrs import field, frozen
from msgspec.structs import replace

from ..errors import AllProvidersFailed, InvalidInput, Unsupported
from ..interfaces.findings import Findings
from ..interfaces.operation import Combine, Operation
from ..merge import MergePolicy
from ..record.claim import Claim
from .fusion import fuse
from .request import Reply, Request
from .target import Target

_DEFAULT_RULES = MergePolicy()


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

    def serving(self, operation: Operation) -> Strategy:  # noqa: ARG002
        """The strategy that serves an operation on this strategy's routes: `IN_ORDER` where this one cannot."""
        return self

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
        for reply in replies:
            if reply.error is None:
                return reply
        return self.failure(request, replies)

    def failure(self, request: Request, replies: Sequence[Reply]) -> Reply:
        """The failure of all: the one that no other provider could have changed, or the group of every cause."""
        what = f"{request.interface}.{request.operation.name}"
        causes = [reply.error for reply in replies if reply.error is not None]
        final = [reply.error for reply in replies if reply.error is not None and reply.is_final]
        # In order, a final reply was the last one. Together, what is bad input for one may be good for another.
        bad_for_all = self.mode is RunMode.IN_ORDER or len(final) == len(causes)
        for error in final:
            if bad_for_all or not isinstance(error, InvalidInput):
                return Reply(what, error=error)
        if not causes:
            return Reply(what, error=Unsupported(f"{what}: nobody on the route declares a field that is wanted"))
        if all(isinstance(cause, Unsupported) for cause in causes):
            return Reply(what, error=Unsupported(f"{what}: {'; '.join(str(cause) for cause in causes)}"))
        count = f"all {len(causes)} providers" if len(causes) > 1 else "the only provider"
        if len(causes) < len(replies):
            count = f"{len(causes)} of {len(replies)} providers"
        return Reply(what, error=AllProvidersFailed(f"{what}: {count} failed", causes))

    def explain(self, targets: Sequence[Target], interface: str, operation: Operation) -> Iterable[str]:  # noqa: ARG002
        """For each target, when it is asked: what ``placket plan`` prints."""
        for position, _ in enumerate(targets):
            yield "always" if position == 0 else f"if {targets[position - 1].name} fails"


@frozen
class First(Strategy):
    """In order, until one succeeds. Only classified failures move on: bad input and unknown outcomes do not."""


IN_ORDER: Strategy = First()

_NO_FIELD = {"extra"}


@frozen
class Complete(Strategy):
    """In order; the next is asked only for the fields that are still missing or below ``min_confidence``.

    ``fields`` are the fields wanted; None wants every field that any target declares, though nobody is asked for the
    sake of ``extra`` alone: every vendor has something more to say. A claim is as sure as a merge by ``rules`` takes it
    for, be it calibrated or stated without a confidence.
    """

    name = "complete"
    min_confidence: float = 0.0
    fields: tuple[str, ...] | None = None
    rules: MergePolicy = _DEFAULT_RULES

    def serving(self, operation: Operation) -> Strategy:
        """Only findings have fields to complete."""
        return self if operation.combine is Combine.FINDINGS else IN_ORDER

    def question(self, target: Target, request: Request, replies: Sequence[Reply]) -> Request | None:
        """Ask for what is missing and the target can tell; leave it out when that is nothing."""
        garment = request.garment
        if garment is None:
            return request
        missing = self._wanted_of(target, request.interface, garment.wanted) - self.settled(replies)
        if not self._reasons(missing, garment.wanted):
            return None
        return request.with_argument(0, replace(garment, wanted=frozenset(missing)))

    def settled(self, replies: Sequence[Reply]) -> set[str]:
        """The fields that somebody has answered surely enough, and their parts, as in ``measurements.waist``."""
        return {
            name
            for reply in replies
            if isinstance(reply.value, Findings)
            for claim in reply.value.claims
            if claim.is_evidence and _sureness(claim, self.rules) >= self.min_confidence
            for name in (claim.name, claim.field)
        }

    def _wanted_of(self, target: Target, interface: str, wanted: frozenset[str] | None) -> set[str]:
        able = _declared(target, interface)
        limits = [names for names in (self.fields, wanted) if names is not None]
        if not limits:
            return able
        return {name for name in set(limits[0]).intersection(*limits) if name.partition(".")[0] in able}

    def _reasons(self, missing: set[str], wanted: frozenset[str] | None) -> set[str]:
        """What of the missing is worth asking for: not what has no field, unless somebody wants it by name."""
        return missing - _NO_FIELD if self.fields is None and wanted is None else missing

    def goes_on(self, reply: Reply, request: Request) -> bool:  # noqa: ARG002
        """Until the targets are used up."""
        return not reply.is_final

    def decide(self, request: Request, replies: Sequence[Reply]) -> Reply:
        """All that was found, together."""
        return combined(request, replies) or self.failure(request, replies)

    def explain(self, targets: Sequence[Target], interface: str, operation: Operation) -> Iterable[str]:  # noqa: ARG002
        """The next only for what is missing."""
        unsure = f" or below {self.min_confidence:g}" if self.min_confidence else ""
        first = True
        for target in targets:
            if not self._reasons(self._wanted_of(target, interface, None), None):
                yield "never: it declares none of the fields to complete"
            else:
                yield "always" if first else f"only for fields still missing{unsure}"
                first = False


@frozen
class All(Strategy):
    """Together; whatever arrives before the deadline is combined, if at least ``min_success`` succeed."""

    name = "all"
    mode = RunMode.TOGETHER
    min_success: int = 1

    def serving(self, operation: Operation) -> Strategy:
        """Only answers that combine can be asked of everybody."""
        return IN_ORDER if operation.combine is Combine.SINGLE else self

    def decide(self, request: Request, replies: Sequence[Reply]) -> Reply:
        """All that arrived, together."""
        answered = sum(reply.error is None for reply in replies)
        if answered >= self.min_success:
            return combined(request, replies) or self.failure(request, replies)
        if answered < len(replies):
            return self.failure(request, replies)
        what = f"{request.interface}.{request.operation.name}"
        few = f"min_success is {self.min_success}, and only {answered} of the route's targets can be asked; enable more"
        return Reply(what, error=Unsupported(f"{what}: {few}"))

    def explain(self, targets: Sequence[Target], interface: str, operation: Operation) -> Iterable[str]:  # noqa: ARG002
        """Everybody."""
        return ("always, together" for _ in targets)


@frozen
class Race(Strategy):
    """Together; the first good answer wins and the others are cancelled.

    An answer is good when it says something, of which at least one thing is as sure as ``min_confidence``; ``rules`` as
    in `Complete`.
    """

    name = "race"
    mode = RunMode.FIRST_WINS
    min_confidence: float = 0.0
    rules: MergePolicy = _DEFAULT_RULES

    def serving(self, operation: Operation) -> Strategy:
        """Nothing is written twice, nor streamed."""
        return self if operation.may_fan_out else IN_ORDER

    def goes_on(self, reply: Reply, request: Request) -> bool:  # noqa: ARG002
        """Until somebody says something."""
        return reply.error is not None or _says_nothing(reply.value, self.min_confidence, self.rules)

    def decide(self, request: Request, replies: Sequence[Reply]) -> Reply:
        """The answer that says something; else one that says nothing; else the failure of all."""
        winner = next((reply for reply in replies if not self.goes_on(reply, request)), None)
        return winner or Strategy.decide(self, request, replies)

    def explain(self, targets: Sequence[Target], interface: str, operation: Operation) -> Iterable[str]:  # noqa: ARG002
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

    def explain(self, targets: Sequence[Target], interface: str, operation: Operation) -> Iterable[str]:  # noqa: ARG002
        """By chance."""
        total = sum(self.weights.get(target.name, 1.0) for target in targets) or 1.0
        for target in targets:
            yield f"first in {self.weights.get(target.name, 1.0) / total:.0%} of calls, else if the others fail"


@frozen
class Shadow(Strategy):
    """The first target answers the caller; the others run beside it, and how their answers differ is recorded."""

    name = "shadow"
    mode = RunMode.FIRST_ANSWERS

    def order(self, targets: Sequence[Target], request: Request) -> Sequence[Target]:
        """The first, and beside it the others where nothing is written or streamed."""
        return targets if request.operation.may_fan_out else targets[:1]

    def explain(self, targets: Sequence[Target], interface: str, operation: Operation) -> Iterable[str]:  # noqa: ARG002
        """The first counts, and the others never stand in."""
        beside = "always, beside it; its answer is compared and not used"
        for position, _ in enumerate(targets):
            yield "always" if position == 0 else beside if operation.may_fan_out else "never: only the first writes"


def combined(request: Request, replies: Sequence[Reply]) -> Reply | None:
    """The successful replies as one, in the operation's own way; None when there are none."""
    succeeded = [reply for reply in replies if reply.error is None]
    if len(succeeded) < 2:
        return succeeded[0] if succeeded else None
    name = "+".join(reply.target for reply in succeeded)
    values = {reply.target: reply.value for reply in succeeded}
    if request.operation.combine is Combine.RANKED:
        return Reply(name, fuse(values, limit=getattr(request.arguments[0], "limit", None)))
    claims: list[Claim] = []
    for reply in succeeded:
        claims += reply.value.claims
    return Reply(name, Findings(tuple(claims), {target: found.raw for target, found in values.items()}))


def _declared(target: Target, interface: str) -> set[str]:
    return {
        name
        for provider in target.providers()
        for name, level in provider.capabilities.fields_of(interface).items()
        if level.usable
    }


def _sureness(claim: Claim, rules: MergePolicy) -> float:
    return rules.confidence(claim.confidence, claim.source.provider, claim.method)


def _says_nothing(value: Any, min_confidence: float, rules: MergePolicy) -> bool:
    if isinstance(value, Findings):
        return not any(claim.is_evidence and _sureness(claim, rules) >= min_confidence for claim in value.claims)
    return not getattr(value, "hits", True)
