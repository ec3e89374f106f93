"""Who speaks about one field, how surely and with what weight: what a policy decides from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Hashable, Sequence
from itertools import compress
from operator import not_
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import define, field

from ..record.claim import Claim
from ..record.fields import RecordField
from ..record.record import Resolution
from .odds import agreement, logit, probability

if TYPE_CHECKING:
    from .policy import FieldPolicy, MergePolicy

Row = tuple[float, float, float, str, str, Claim, Hashable, str, float]
"""One voter as the merge itself keeps it, for speed: the five parts of the rank, claim, key, voice, contribution."""


class Columns(NamedTuple):
    """The parts of `Row`, each over all voters. Going through them takes half the time of going through voters.

    Weights and confidences are negative, so that the best comes first where rows are sorted.
    """

    weights: tuple[float, ...]
    confidences: tuple[float, ...]
    ages: tuple[float, ...]
    providers: tuple[str, ...]
    paths: tuple[str, ...]
    claims: tuple[Claim, ...]
    keys: tuple[Any, ...]
    voices: tuple[str, ...]
    contributions: tuple[float, ...]


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

    @classmethod
    def of(cls, row: Row) -> Voter:
        """Give the voter in a row."""
        weight, confidence, age, provider, path, claim, key, voice, _ = row
        odds = logit(-confidence)
        return cls((weight, confidence, age, provider, path), claim, key, voice, -weight, -confidence, odds)


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
    columns: Columns
    outranked: Sequence[Voter]
    settings: FieldPolicy
    rules: MergePolicy
    _voters: Sequence[Voter] | None = field(default=None, init=False, repr=False)

    @property
    def voters(self) -> Sequence[Voter]:
        """Those that decide."""
        if self._voters is None:
            self._voters = [Voter.of(row) for row in zip(*self.columns, strict=True)]
        return self._voters

    def weights(self, voters: Sequence[Voter]) -> list[float]:
        """Give the weight of each of these voters: 1 / (1 + (k - 1) * correlation) of its own, if its voice has k.

        So k claims of one voice come to k / (1 + (k - 1) * correlation) together: about one.
        """
        voices = [voter.voice for voter in voters]
        if len(set(voices)) == len(voices):
            return [voter.weight for voter in voters]
        correlation = self.rules.lineage_correlation
        return [voter.weight / (1.0 + (voices.count(voter.voice) - 1) * correlation) for voter in voters]

    def shares(self) -> list[float]:
        """Give `weights` of all voters."""
        voices = self.columns.voices
        if len(set(voices)) == len(voices):
            return [-weight for weight in self.columns.weights]
        return self.weights(self.voters)

    def contributions(self) -> Sequence[float]:
        """Give what each voter adds to what it says, in log-odds: its share times its odds."""
        voices = self.columns.voices
        if len(set(voices)) == len(voices):
            return self.columns.contributions
        return [weight * voter.odds for weight, voter in zip(self.weights(self.voters), self.voters, strict=True)]

    def score_of(self, places: Sequence[int]) -> float:
        """Give the `score` of the voters at these places."""
        voices, contributions = self.columns.voices, self.columns.contributions
        if len(places) > 1 and len({voices[place] for place in places}) < len(places):
            return self.score([self.voters[place] for place in places])
        return probability(agreement([contributions[place] for place in places]))

    def score(self, agreeing: Sequence[Voter]) -> float:
        """How sure these voters make what they all say, when nobody speaks against it: 0..1."""
        if len(agreeing) == 1:
            return probability(agreeing[0].weight * agreeing[0].odds)
        weights = self.weights(agreeing)
        return probability(agreement([weight * voter.odds for weight, voter in zip(weights, agreeing, strict=True)]))

    def resolution(
        self,
        value: Any,
        score: float,
        agreeing: Container[Hashable],
        *,
        conflict: bool | None = None,
        opposing: Collection[str] = (),
    ) -> Resolution:
        """State the decision, with every claim sorted into support and dissent, the best first.

        ``agreeing`` holds the keys of the values that are support, ``opposing`` voices that dissent all the same.
        Unless told, it is a conflict when a voter dissents whose voice no supporting voter has. Outranked claims
        never make one: the question they raise is answered.
        """
        claims, keys, voices = self.columns.claims, self.columns.keys, self.columns.voices
        agrees = list(map(agreeing.__contains__, keys))
        if opposing:
            agrees = [holds and voice not in opposing for holds, voice in zip(agrees, voices, strict=True)]
        support = tuple(compress(claims, agrees))
        dissent: tuple[Claim, ...] = ()
        if len(support) < len(claims):
            differs = list(map(not_, agrees))
            dissent = tuple(compress(claims, differs))
            if conflict is None:
                conflict = not set(compress(voices, differs)).issubset(compress(voices, agrees))
        if self.outranked:
            support += tuple([voter.claim for voter in self.outranked if voter.key in agreeing])
            dissent += tuple([voter.claim for voter in self.outranked if voter.key not in agreeing])
        return Resolution(value, score, bool(conflict), self.policy, support, dissent)


Policy = Callable[[Evidence], Resolution]
"""Decides one field. Pure: the same evidence gives the same resolution."""
