"""Who speaks about one field, how surely and with what weight: what a policy decides from."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import define

from ..record.claim import Claim
from ..record.fields import RecordField
from ..record.record import Resolution
from .odds import agreement, probability

if TYPE_CHECKING:
    from .policy import FieldPolicy, MergePolicy


class Voter(NamedTuple):
    """One claim that is evidence, with the say it has.

    Voters sort by ``rank`` and ``claim``, the best first, and that order breaks every tie: larger weight, higher
    confidence, observed later (a naive time is read as UTC; unknown comes last), then provider, path, the source's own
    word and the claim's id. It never depends on the order in which claims arrive. ``key`` is the same for all values
    that say the same (see `key_of`). ``odds`` are the log-odds of ``confidence``, before weighing.
    """

    rank: tuple[float, float, float, str, str]
    claim: Claim
    key: Hashable
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
        """Give the weight of each of these voters: 1 / (1 + (k - 1) * correlation) of its own, if its voice has k.

        So k claims of one voice come to k / (1 + (k - 1) * correlation) together: about one.
        """
        voices = [voter.voice for voter in voters]
        if len(set(voices)) == len(voices):
            return [voter.weight for voter in voters]
        correlation = self.rules.lineage_correlation
        return [voter.weight / (1.0 + (voices.count(voter.voice) - 1) * correlation) for voter in voters]

    def score(self, agreeing: Sequence[Voter]) -> float:
        """How sure these voters make what they all say, when nobody speaks against it: 0..1."""
        if len(agreeing) == 1:
            return probability(agreeing[0].weight * agreeing[0].odds)
        if len({voter.voice for voter in agreeing}) == len(agreeing):
            return probability(agreement([voter.weight * voter.odds for voter in agreeing]))
        weights = self.weights(agreeing)
        return probability(agreement([weight * voter.odds for weight, voter in zip(weights, agreeing, strict=True)]))

    def resolution(
        self,
        value: Any,
        score: float,
        agreeing: Container[Hashable],
        *,
        conflict: bool | None = None,
        opposing: Container[str] = (),
    ) -> Resolution:
        """State the decision, with every claim sorted into support and dissent, the best first.

        ``agreeing`` holds the keys of the values that are support, ``opposing`` voices that dissent all the same.
        Unless told, it is a conflict when a voter dissents whose voice no supporting voter has. Outranked claims
        never make one: the question they raise is answered.
        """
        support: list[Claim] = []
        dissent: list[Claim] = []
        supporting: set[str] = set()
        dissenting: set[str] = set()
        for _, claim, key, voice, _, _, _ in self.voters:
            if key in agreeing:
                supporting.add(voice)
                (dissent if voice in opposing else support).append(claim)
            else:
                dissenting.add(voice)
                dissent.append(claim)
        if conflict is None:
            conflict = not dissenting <= supporting
        for voter in self.outranked:
            (support if voter.key in agreeing else dissent).append(voter.claim)
        return Resolution(value, score, conflict, self.policy, tuple(support), tuple(dissent))


Policy = Callable[[Evidence], Resolution]
"""Decides one field. Pure: the same evidence gives the same resolution."""
