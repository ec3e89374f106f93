"""Who speaks about one field, how surely and with what weight: what a policy decides from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import define

from ..record.claim import Claim
from ..record.fields import RecordField
from ..record.record import Resolution
from .odds import agreement, probability, shares

if TYPE_CHECKING:
    from .policy import FieldPolicy, MergePolicy


class Voter(NamedTuple):
    """One claim that is evidence, with the say it has.

    ``rank`` orders the voters of a field, the best first, and breaks every tie: larger weight, higher confidence,
    observed later (a naive time is read as UTC; unknown comes last), then provider, path, the source's own word and
    the claim's id. It never depends on the order in which claims arrive. ``odds`` are the log-odds of ``confidence``,
    before weighing.
    """

    rank: tuple[float, float, float, str, str, Claim]
    claim: Claim
    voice: str
    weight: float
    confidence: float
    odds: float


@define(eq=False)
class Evidence:
    """Everything a policy may look at to decide one field.

    ``voters`` decide, and are listed best first; there is at least one. ``outranked`` speak as well, but a person, or
    a provider that the configuration prefers, has the word. ``settings`` are those of the field, and ``rules`` those
    of the whole merge.
    """

    path: str
    spec: RecordField[Any]
    policy: str
    voters: Sequence[Voter]
    outranked: Sequence[Voter]
    settings: FieldPolicy
    rules: MergePolicy

    def weights(self, voters: Sequence[Voter]) -> list[float]:
        """Give the weight of each of these voters, less what copies of one voice share among themselves."""
        if len(voters) == 1:
            return [voters[0].weight]
        parts = shares([voter.voice for voter in voters], self.rules.lineage_correlation)
        return [voter.weight * part for voter, part in zip(voters, parts, strict=True)]

    def score(self, agreeing: Sequence[Voter]) -> float:
        """How sure these voters make what they all say, when nobody speaks against it: 0..1."""
        weights = self.weights(agreeing)
        return probability(agreement([weight * voter.odds for weight, voter in zip(weights, agreeing, strict=True)]))

    def resolution(
        self, value: Any, score: float, agrees: Callable[[Voter], bool], *, conflict: bool | None = None
    ) -> Resolution:
        """State the decision, with every claim sorted into support and dissent, the best first.

        Unless told, it is a conflict when a voter dissents whose voice no supporting voter has. Outranked claims never
        make one: the question they raise is answered.
        """
        support: list[Voter] = []
        dissent: list[Voter] = []
        for voter in self.voters:
            (support if agrees(voter) else dissent).append(voter)
        if conflict is None:
            conflict = bool(dissent) and bool({voter.voice for voter in dissent} - {voter.voice for voter in support})
        for voter in self.outranked:
            (support if agrees(voter) else dissent).append(voter)
        return Resolution(
            value,
            score,
            conflict,
            self.policy,
            tuple([voter.claim for voter in support]),
            tuple([voter.claim for voter in dissent]),
        )


Policy = Callable[[Evidence], Resolution]
"""Decides one field. Pure: the same evidence gives the same resolution."""
